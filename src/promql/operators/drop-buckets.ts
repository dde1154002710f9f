import { detectReset, floatHistogram, type FloatHistogram, type SampleColumn } from '../../model/index.ts';

/**
 * Leaves of every native histogram in `samples` its count, sum and schema. What the buckets would have told of counter resets is put into
 * the hints first: each histogram is compared with the one before it.
 *
 * @see Prometheus `promql/histogram_stats_iterator.go` (3.14)
 */
export function dropBuckets(samples: SampleColumn): void {
  const { histograms, length } = samples;
  if (histograms === undefined) return;
  let previous: FloatHistogram | undefined;
  for (let i = 0; i < length; i++) {
    const histogram = histograms[i];
    if (histogram === undefined) continue;
    const { schema, count, sum } = histogram;
    let { counterResetHint } = histogram;
    if (counterResetHint === 'unknown' && previous !== undefined) {
      counterResetHint = detectReset(histogram, previous) ? 'reset' : 'no_reset';
    }
    histograms[i] = floatHistogram({ schema, count, sum, counterResetHint });
    previous = histogram;
  }
}

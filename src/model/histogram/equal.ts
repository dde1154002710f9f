import { sameBounds } from './custom-bounds.ts';
import { usesCustomBuckets, type FloatHistogram } from './histogram.ts';
import { sameLayout } from './side.ts';

/**
 * Whether two histograms hold the same data: same buckets, empty ones included, and every number equal bit for bit (so NaN equals NaN, and
 * 0 differs from -0). The counter reset hint does not count.
 *
 * @see Prometheus `model/histogram/float_histogram.go`, Equals (3.x)
 */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    (!usesCustomBuckets(a) || sameBounds(a.customValues, b.customValues)) &&
    sameCounts(a.positiveBuckets, b.positiveBuckets) &&
    sameCounts(a.negativeBuckets, b.negativeBuckets) &&
    sameLayout(a.positiveSpans, b.positiveSpans) &&
    sameLayout(a.negativeSpans, b.negativeSpans)
  );
}

/** Bytes Prometheus accounts for a histogram, by which a query's sample limit counts it (16 bytes are a sample). */
export function histogramSize(histogram: FloatHistogram): number {
  const { positiveSpans, negativeSpans, positiveBuckets, negativeBuckets, customValues } = histogram;
  const elements =
    positiveSpans.length + negativeSpans.length + positiveBuckets.length + negativeBuckets.length + customValues.length;
  return 168 + 8 * elements;
}

function sameCounts(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

import { exponentialBound } from './bounds.ts';
import { intersectBounds, sameBounds, sideWithBounds } from './custom-bounds.ts';
import { usesCustomBuckets, type FloatHistogram, type Span } from './histogram.ts';
import { coarserSide, sameLayout, sideOf, type Side } from './side.ts';
import { widenZeroBucket } from './zero-bucket.ts';

/**
 * Whether a counter reset lies between two samples: some bucket, the zero bucket or the count is lower in `current`, or a populated bucket
 * is missing from it. The hint of `current` decides where it says anything; the sum never counts.
 *
 * A finer schema or a narrower zero bucket needs a reset. With a coarser schema or a wider zero bucket `previous` is compared as it would
 * look under those, unless the new threshold cuts a populated bucket, which also needs a reset. Different custom bounds are compared at
 * the bounds both have.
 *
 * @see Prometheus `model/histogram/float_histogram.go`, DetectReset (3.14)
 */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.counterResetHint === 'reset') return true;
  if (current.counterResetHint === 'no_reset') return false;
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current)) {
    if (!usesCustomBuckets(previous)) return true;
    return detectCustomReset(current, previous);
  }
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  let previousZeroCount = previous.zeroCount;
  if (current.zeroThreshold !== previous.zeroThreshold) {
    const widened = widenZeroBucket(previous, undefined, current.zeroThreshold);
    if (widened.threshold !== current.zeroThreshold) return true;
    previousZeroCount = widened.count;
  }
  if (current.zeroCount < previousZeroCount) return true;
  for (const positive of [true, false]) {
    const spans = positive ? current.positiveSpans : current.negativeSpans;
    const counts = positive ? current.positiveBuckets : current.negativeBuckets;
    const previousSpans = positive ? previous.positiveSpans : previous.negativeSpans;
    const previousCounts = positive ? previous.positiveBuckets : previous.negativeBuckets;
    if (
      sameBuckets(current, previous, spans, previousSpans)
        ? anyLower(counts, previousCounts)
        : missesAny(
            sideOf(spans, counts),
            outsideZeroBucket(
              coarserSide(sideOf(previousSpans, previousCounts), previous.schema, current.schema),
              current,
            ),
          )
    ) {
      return true;
    }
  }
  return false;
}

/** Whether bucket i of one side is bucket i of the other, and none lies in the zero bucket: then the counts compare one by one. */
function sameBuckets(
  current: FloatHistogram,
  previous: FloatHistogram,
  spans: readonly Span[],
  previousSpans: readonly Span[],
): boolean {
  if (current.schema !== previous.schema || !sameLayout(spans, previousSpans)) return false;
  return spans.length === 0 || exponentialBound(spans[0]!.offset, current.schema) > current.zeroThreshold;
}

function anyLower(counts: Float64Array, previous: Float64Array): boolean {
  for (let i = 0; i < previous.length; i++) if (counts[i]! < previous[i]!) return true;
  return false;
}

/** The buckets of a side that end beyond the zero threshold of `histogram`, whose schema they have. */
function outsideZeroBucket(side: Side, histogram: FloatHistogram): Side {
  let n = 0;
  while (n < side.index.length && exponentialBound(side.index[n]!, histogram.schema) <= histogram.zeroThreshold) n++;
  return n === 0 ? side : { ...side, index: side.index.subarray(n), counts: side.counts.subarray(n) };
}

/** Whether a bucket of `previous` is lower in `current`, or populated but absent from it. */
function missesAny(current: Side, previous: Side): boolean {
  let i = 0;
  for (let j = 0; j < previous.index.length; j++) {
    const bucket = previous.index[j]!;
    while (i < current.index.length && current.index[i]! < bucket) i++;
    const present = i < current.index.length && current.index[i] === bucket;
    if (present ? current.counts[i]! < previous.counts[j]! : previous.counts[j] !== 0) return true;
  }
  return false;
}

function detectCustomReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  const side = sideOf(current.positiveSpans, current.positiveBuckets);
  const previousSide = sideOf(previous.positiveSpans, previous.positiveBuckets);
  if (sameBounds(current.customValues, previous.customValues)) {
    return sameLayout(current.positiveSpans, previous.positiveSpans)
      ? anyLower(current.positiveBuckets, previous.positiveBuckets)
      : missesAny(side, previousSide);
  }
  const bounds = intersectBounds(current.customValues, previous.customValues);
  return missesAny(
    sideWithBounds(side, current.customValues, bounds),
    sideWithBounds(previousSide, previous.customValues, bounds),
  );
}

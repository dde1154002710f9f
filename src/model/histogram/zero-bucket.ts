import { exponentialBound } from './bounds.ts';
import type { FloatHistogram } from './histogram.ts';
import { compensatedAdd, sideOf, spansOf, type Side } from './side.ts';

/** A zero bucket a histogram could have: what it would hold, with the rounding error of a compensated sum apart. */
export interface ZeroBucket {
  readonly threshold: number;
  readonly count: number;
  readonly error: number;
}

/**
 * The zero bucket of a histogram if its threshold were `threshold` or, where that cuts a populated bucket, the outer bound of that bucket.
 * The histogram stays as it is.
 *
 * @param threshold not below the histogram's own
 * @param errors rounding errors of the counts, or `undefined`
 * @see Prometheus `model/histogram/float_histogram.go`, zeroCountForLargerThreshold (3.14)
 */
export function widenZeroBucket(
  histogram: FloatHistogram,
  errors: FloatHistogram | undefined,
  threshold: number,
): ZeroBucket {
  const { schema } = histogram;
  if (threshold === histogram.zeroThreshold) {
    return { threshold, count: histogram.zeroCount, error: errors?.zeroCount ?? 0 };
  }
  const sides = [
    sideOf(histogram.positiveSpans, histogram.positiveBuckets, errors?.positiveBuckets),
    sideOf(histogram.negativeSpans, histogram.negativeBuckets, errors?.negativeBuckets),
  ];
  // 1. A threshold inside a populated bucket moves to its outer bound. The sides have the same bounds, so one more turn after the last
  //    move settles it.
  let settled = threshold;
  for (let moved = true; moved;) {
    moved = false;
    for (const side of sides) {
      const last = bucketsBelow(side, schema, settled) - 1;
      if (last < 0 || side.counts[last] === 0) continue;
      const bound = exponentialBound(side.index[last]!, schema);
      if (bound <= settled) continue;
      settled = bound;
      moved = true;
    }
  }
  // 2. Everything below it goes into the zero bucket.
  const total = new Float64Array([histogram.zeroCount]);
  const error = new Float64Array([errors?.zeroCount ?? 0]);
  for (const side of sides) {
    const n = bucketsBelow(side, schema, settled);
    for (let i = 0; i < n; i++) {
      compensatedAdd(total, error, 0, side.counts[i]!);
      if (side.errors.length > 0) compensatedAdd(total, error, 0, side.errors[i]!);
    }
  }
  return { threshold: settled, count: total[0]!, error: error[0]! };
}

/** Removes the buckets that the zero bucket has swallowed: those that begin below its threshold. */
export function dropBucketsInZeroBucket(histogram: FloatHistogram, errors: FloatHistogram | undefined): void {
  const { schema, zeroThreshold } = histogram;
  const positive = sideOf(histogram.positiveSpans, histogram.positiveBuckets);
  const p = bucketsBelow(positive, schema, zeroThreshold);
  histogram.positiveSpans = spansOf(positive.index.subarray(p));
  histogram.positiveBuckets = histogram.positiveBuckets.slice(p);
  const negative = sideOf(histogram.negativeSpans, histogram.negativeBuckets);
  const n = bucketsBelow(negative, schema, zeroThreshold);
  histogram.negativeSpans = spansOf(negative.index.subarray(n));
  histogram.negativeBuckets = histogram.negativeBuckets.slice(n);
  if (errors === undefined) return;
  errors.positiveSpans = histogram.positiveSpans;
  errors.positiveBuckets = errors.positiveBuckets.slice(p);
  errors.negativeSpans = histogram.negativeSpans;
  errors.negativeBuckets = errors.negativeBuckets.slice(n);
}

/** How many of the first buckets begin below `threshold`. */
function bucketsBelow(side: Side, schema: number, threshold: number): number {
  let n = 0;
  while (n < side.index.length && exponentialBound(side.index[n]! - 1, schema) < threshold) n++;
  return n;
}

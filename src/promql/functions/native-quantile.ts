import { bucketBound, bucketIndexAt, goMath, usesCustomBuckets, type FloatHistogram } from '../../model/index.ts';
import { isLinear, zeroBucketLower, zeroBucketUpper } from './bucket-table.ts';

/** The quantile fell beyond all buckets, among NaN observations: it is NaN. */
export const NAN_RESULT = 1;
/** NaN observations count as above all others and so raise the quantile. */
export const NAN_SKEW = 2;

/** What a call of {@link nativeQuantile} found besides the quantile; cleared by the caller. */
export interface QuantileNotes {
  notes: number;
}

/**
 * The quantile `q` of a native histogram: linear within custom buckets and the zero bucket, on a logarithmic scale within the others.
 *
 * Counts from the nearer end, so that a high quantile does not suffer from what a long sum loses; from below where NaN was observed, since
 * NaN is in the count but in no bucket.
 *
 * @see Prometheus `promql/quantile.go`, HistogramQuantile (3.14)
 */
export function nativeQuantile(q: number, histogram: FloatHistogram, notes: QuantileNotes): number {
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  if (histogram.count === 0 || Number.isNaN(q)) return NaN;
  const custom = usesCustomBuckets(histogram);
  const hasNaN = Number.isNaN(histogram.sum);
  const ascending = hasNaN || q < 0.5;
  let rank = (ascending ? q : 1 - q) * histogram.count;

  // 1. Walk until the rank is reached: bucket `at` then holds it. Without buckets `at` is -1.
  const { negativeBuckets, positiveBuckets, zeroCount } = histogram;
  const near = ascending ? negativeBuckets : positiveBuckets;
  const far = ascending ? positiveBuckets : negativeBuckets;
  let count = 0;
  let reached = false;
  let part: 'near' | 'zero' | 'far' | 'none' = 'none';
  let at = -1;
  for (let i = near.length - 1; i >= 0; i--) {
    part = 'near';
    at = i;
    if (near[i] === 0) continue;
    count += near[i]!;
    if (count >= rank) {
      reached = true;
      break;
    }
  }
  if (!reached && zeroCount > 0) {
    part = 'zero';
    count += zeroCount;
    reached = count >= rank;
  }
  if (!reached) {
    for (let i = 0; i < far.length; i++) {
      part = 'far';
      at = i;
      if (far[i] === 0) continue;
      count += far[i]!;
      if (count >= rank) break;
    }
  }
  const bucketCount = part === 'none' ? 0 : part === 'zero' ? zeroCount : part === 'near' ? near[at]! : far[at]!;

  // 2. Its bounds.
  const { zeroThreshold } = histogram;
  let lower = 0;
  let upper = 0;
  if (part === 'zero') {
    lower = -zeroThreshold;
    upper = zeroThreshold;
  } else if (part !== 'none') {
    const positive = (part === 'far') === ascending;
    const spans = positive ? histogram.positiveSpans : histogram.negativeSpans;
    const index = bucketIndexAt(spans, at);
    const outer = bucketBound(index, histogram.schema, histogram.customValues);
    let inner = bucketBound(index - 1, histogram.schema, histogram.customValues);
    if (inner > 0 && inner < zeroThreshold) inner = zeroThreshold;
    lower = positive ? inner : -outer;
    upper = positive ? outer : -inner;
  }
  if (custom) {
    if (lower === -Infinity) {
      if (upper <= 0) return upper;
      lower = 0;
    } else if (upper === Infinity) return lower;
  } else if (lower < 0 && upper > 0) {
    lower = zeroBucketLower(histogram, lower);
    upper = zeroBucketUpper(histogram, upper);
  }
  if (count > histogram.count) count = histogram.count;
  if (count < rank) {
    if (!hasNaN) return upper;
    notes.notes |= NAN_RESULT;
    return NaN;
  }

  // 3. How far into the bucket the rank reaches.
  rank = ascending ? rank - (count - bucketCount) : count - rank;
  // Fewer in the buckets than counted: NaN was observed, unless the sum is NaN because both infinities were.
  if (hasNaN && populationAbove(histogram, count, part, at) < histogram.count) notes.notes |= NAN_SKEW;
  const fraction = rank / bucketCount;
  if (isLinear(histogram, lower, upper)) return lower + (upper - lower) * fraction;
  const logLower = goMath.log2(Math.abs(lower));
  const logUpper = goMath.log2(Math.abs(upper));
  return lower > 0
    ? goMath.exp2(logLower + (logUpper - logLower) * fraction)
    : -goMath.exp2(logUpper + (logLower - logUpper) * (1 - fraction));
}

/** All observations in buckets, `count` of them up to the bucket where an ascending walk stopped. */
function populationAbove(
  { negativeBuckets, positiveBuckets, zeroCount }: FloatHistogram,
  count: number,
  part: 'near' | 'zero' | 'far' | 'none',
  at: number,
): number {
  let total = count;
  if (part === 'near') for (let i = at - 1; i >= 0; i--) total += negativeBuckets[i]!;
  if (part === 'near' && zeroCount > 0) total += zeroCount;
  for (let i = part === 'far' ? at + 1 : 0; i < positiveBuckets.length; i++) total += positiveBuckets[i]!;
  return total;
}

import type { StepHistogram } from './histogram-groups.ts';

/** Counts that differ by less than this part of their sum are taken as equal: the noise of adding floats in another order. */
const TOLERANCE = 1e-12;
const SMALLEST_NORMAL = 2 ** -1022;

/** Where falling counts had to be raised; `count` 0 if nowhere. Cleared by the caller. */
export interface RaisedBuckets {
  count: number;
  /** Lowest and highest upper bound of a raised bucket. */
  lowest: number;
  highest: number;
  /** The largest raise. */
  largest: number;
}

/**
 * The quantile `q` of a classic histogram, linear within a bucket. The lowest bucket begins at zero if it ends above; of the highest
 * the lower bound is returned. NaN without a `+Inf` bucket, with fewer than two buckets or without observations.
 *
 * The counts of `histogram` are made monotone, in place.
 *
 * @see Prometheus `promql/quantile.go`, BucketQuantile (3.14)
 */
export function classicQuantile(q: number, histogram: StepHistogram, raised: RaisedBuckets): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const { upper, count, length } = histogram;
  const last = length - 1;
  if (upper[last] !== Infinity) return NaN;
  makeMonotone(histogram, raised);
  if (length < 2) return NaN;
  const observations = count[last]!;
  if (observations === 0) return NaN;
  let rank = q * observations;
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (count[middle]! >= rank) high = middle;
    else low = middle + 1;
  }
  if (low === last) return upper[last - 1]!;
  const bucketEnd = upper[low]!;
  if (low === 0) return bucketEnd <= 0 ? bucketEnd : bucketEnd * (rank / count[0]!);
  const bucketStart = upper[low - 1]!;
  const below = count[low - 1]!;
  rank -= below;
  return bucketStart + (bucketEnd - bucketStart) * (rank / (count[low]! - below));
}

/**
 * Removes what a cumulative count cannot have: insignificant differences either way, and decreases, which are reported.
 *
 * @see Prometheus `promql/quantile.go`, ensureMonotonicAndIgnoreSmallDeltas (3.14)
 */
function makeMonotone({ upper, count, length }: StepHistogram, raised: RaisedBuckets): void {
  let previous = count[0]!;
  for (let k = 1; k < length; k++) {
    const current = count[k]!;
    if (current === previous) continue;
    // The common case first, without the division of the exact test.
    if (current - previous > 2 * TOLERANCE * current && previous > SMALLEST_NORMAL) {
      previous = current;
      continue;
    }
    if (isInsignificant(previous, current)) {
      count[k] = previous;
      continue;
    }
    if (current < previous) {
      count[k] = previous;
      raised.count++;
      raised.lowest = Math.min(raised.lowest, upper[k]!);
      raised.highest = Math.max(raised.highest, upper[k]!);
      raised.largest = Math.max(raised.largest, previous - current);
      continue;
    }
    previous = current;
  }
}

function isInsignificant(a: number, b: number): boolean {
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < TOLERANCE * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

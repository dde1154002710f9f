import type { StepHistogram } from './histogram-groups.ts';

/**
 * The fraction of observations of a classic histogram between `lower` and `upper`, linear within a bucket.
 *
 * @see Prometheus `promql/quantile.go`, BucketFraction (3.14)
 */
export function classicFraction(lower: number, upper: number, histogram: StepHistogram): number {
  const last = histogram.length - 1;
  if (histogram.upper[last] !== Infinity) return NaN;
  const observations = histogram.count[last]!;
  if (observations === 0 || Number.isNaN(observations) || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  const lowerRank = Math.min(rankOf(lower, histogram), observations);
  const upperRank = Math.min(rankOf(upper, histogram), observations);
  return (upperRank - lowerRank) / observations;
}

/** How many observations lie below `value`; infinite where it is above all buckets. */
function rankOf(value: number, { upper, count, length }: StepHistogram): number {
  let rank = 0;
  // Buckets that end above zero are taken to hold nothing below it.
  let bucketStart = upper[0]! > 0 ? 0 : -Infinity;
  for (let k = 0; k < length; k++) {
    const bucketEnd = upper[k]!;
    if (bucketStart >= value) return rank;
    if (bucketEnd > value) {
      if (bucketStart === -Infinity) return count[k]!;
      return rank + ((count[k]! - rank) * (value - bucketStart)) / (bucketEnd - bucketStart);
    }
    rank = count[k]!;
    bucketStart = bucketEnd;
  }
  return Infinity;
}

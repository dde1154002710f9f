import { fractionBelow, usesCustomBuckets, type FloatHistogram } from '../../model/index.ts';
import { type BucketTable, zeroBucketLower, zeroBucketUpper } from './bucket-table.ts';

/** What a call of {@link nativeFraction} found besides the fraction; cleared by the caller. */
export interface FractionNotes {
  /** NaN was observed: it is in no fraction. */
  hasNaN: boolean;
}

/**
 * The fraction of observations between `lower` and `upper`: the inverse of the quantile, with the same interpolation.
 *
 * @param table scratch space
 * @see Prometheus `promql/quantile.go`, HistogramFraction (3.14)
 */
export function nativeFraction(
  lower: number,
  upper: number,
  histogram: FloatHistogram,
  table: BucketTable,
  notes: FractionNotes,
): number {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  table.load(histogram);
  const lowerRank = rankOf(lower, histogram, table);
  const upperRank = rankOf(upper, histogram, table);
  let population = histogram.count;
  if (Number.isNaN(histogram.sum)) {
    population = 0;
    for (let i = 0; i < table.length; i++) population += table.count[i]!;
    if (population < histogram.count) notes.hasNaN = true;
  }
  return (Math.min(upperRank, population) - Math.min(lowerRank, population)) / histogram.count;
}

/** How many observations lie below `value`; infinite where it is above all buckets. */
function rankOf(value: number, histogram: FloatHistogram, { lower, upper, count, length }: BucketTable): number {
  const custom = usesCustomBuckets(histogram);
  let rank = 0;
  for (let i = 0; i < length; i++) {
    let bucketLower = lower[i]!;
    let bucketUpper = upper[i]!;
    const aroundZero = bucketLower <= 0 && bucketUpper >= 0;
    if (aroundZero) {
      bucketLower = zeroBucketLower(histogram, bucketLower);
      bucketUpper = zeroBucketUpper(histogram, bucketUpper);
    }
    if (bucketLower >= value) return rank;
    if (bucketUpper > value) {
      // Nothing can be said inside a bucket without an end: it counts as a whole, or not at all.
      if (bucketLower === -Infinity) return count[i]!;
      return rank + count[i]! * fractionBelow(bucketLower, bucketUpper, value, custom || aroundZero);
    }
    rank += count[i]!;
  }
  return Infinity;
}

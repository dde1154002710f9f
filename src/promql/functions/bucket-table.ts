import { bucketBound, usesCustomBuckets, type FloatHistogram, type Span } from '../../model/index.ts';

/**
 * The buckets of one histogram in ascending order, as columns: `lower[i]`, `upper[i]`, `count[i]` for `0 ≤ i < length`. The zero bucket is
 * among them only if populated; buckets that overlap it are cut at the zero threshold. `load` overwrites them.
 */
export class BucketTable {
  length = 0;
  lower = new Float64Array(64);
  upper = new Float64Array(64);
  count = new Float64Array(64);

  load(histogram: FloatHistogram): this {
    const { positiveBuckets, negativeBuckets, zeroThreshold, zeroCount } = histogram;
    const most = positiveBuckets.length + negativeBuckets.length + 1;
    if (most > this.lower.length) {
      this.lower = new Float64Array(2 * most);
      this.upper = new Float64Array(2 * most);
      this.count = new Float64Array(2 * most);
    }
    const negative = negativeBuckets.length;
    this.#loadSide(histogram, histogram.negativeSpans, negativeBuckets, negative - 1, -1);
    this.length = negative;
    if (zeroCount > 0) {
      this.lower[negative] = -zeroThreshold;
      this.upper[negative] = zeroThreshold;
      this.count[negative] = zeroCount;
      this.length++;
    }
    this.#loadSide(histogram, histogram.positiveSpans, positiveBuckets, this.length, 1);
    this.length += positiveBuckets.length;
    return this;
  }

  /** Puts one side at `at`, upwards (`direction` 1, positive) or downwards (-1, negative). */
  #loadSide(
    { schema, customValues, zeroThreshold }: FloatHistogram,
    spans: readonly Span[],
    counts: Float64Array,
    at: number,
    direction: 1 | -1,
  ): void {
    const { lower, upper, count } = this;
    let index = 0;
    let bucket = 0;
    for (const { offset, length } of spans) {
      index += offset;
      let inner = bucketBound(index - 1, schema, customValues);
      for (let i = 0; i < length; i++, bucket++, index++) {
        const outer = bucketBound(index, schema, customValues);
        const cut = inner > 0 && inner < zeroThreshold ? zeroThreshold : inner;
        const row = at + direction * bucket;
        lower[row] = direction > 0 ? cut : -outer;
        upper[row] = direction > 0 ? outer : -cut;
        count[row] = counts[bucket]!;
        inner = outer;
      }
    }
  }
}

/** How many buckets lie on each side: where one side is empty, the zero bucket is taken to end at zero there. */
export function zeroBucketLower(histogram: FloatHistogram, lower: number): number {
  return histogram.negativeBuckets.length === 0 && histogram.positiveBuckets.length > 0 ? 0 : lower;
}

export function zeroBucketUpper(histogram: FloatHistogram, upper: number): number {
  return histogram.positiveBuckets.length === 0 && histogram.negativeBuckets.length > 0 ? 0 : upper;
}

/** Whether the observations in a bucket are taken to be spread evenly, rather than on a logarithmic scale. */
export function isLinear(histogram: FloatHistogram, lower: number, upper: number): boolean {
  return usesCustomBuckets(histogram) || (lower <= 0 && upper >= 0);
}

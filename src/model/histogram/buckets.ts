import { bucketBound } from './bounds.ts';
import { usesCustomBuckets, type FloatHistogram, type Span } from './histogram.ts';

/** One bucket with its bounds. In interval notation, `lowerInclusive` is `[` and `upperInclusive` is `]`. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/**
 * The buckets of a histogram in ascending order of their bounds, empty ones included; the zero bucket only if populated. A bucket that
 * overlaps the zero bucket is cut at the zero threshold.
 *
 * For printing and for calculations over few histograms; it allocates every bucket.
 */
export function allBuckets(histogram: FloatHistogram): Bucket[] {
  const { zeroThreshold } = histogram;
  const buckets: Bucket[] = [];
  for (const bucket of negativeBuckets(histogram).reverse()) {
    const overlaps = bucket.upper < 0 && bucket.upper > -zeroThreshold;
    buckets.push(overlaps ? { ...bucket, upper: -zeroThreshold } : bucket);
  }
  if (histogram.zeroCount > 0) buckets.push(zeroBucket(histogram));
  for (const bucket of positiveBuckets(histogram)) {
    const overlaps = bucket.lower > 0 && bucket.lower < zeroThreshold;
    buckets.push(overlaps ? { ...bucket, lower: zeroThreshold } : bucket);
  }
  return buckets;
}

/** The positive buckets, ascending; all buckets where the bounds are custom. */
export function positiveBuckets(histogram: FloatHistogram): Bucket[] {
  const custom = usesCustomBuckets(histogram);
  const { schema, customValues, positiveBuckets: counts } = histogram;
  return bucketsOf(histogram.positiveSpans, counts, (index, count) => ({
    lower: bucketBound(index - 1, schema, customValues),
    upper: bucketBound(index, schema, customValues),
    lowerInclusive: custom && index === 0,
    upperInclusive: true,
    count,
  }));
}

/** The negative buckets from zero downwards. */
export function negativeBuckets(histogram: FloatHistogram): Bucket[] {
  const { schema, customValues, negativeBuckets: counts } = histogram;
  return bucketsOf(histogram.negativeSpans, counts, (index, count) => ({
    lower: -bucketBound(index, schema, customValues),
    upper: -bucketBound(index - 1, schema, customValues),
    lowerInclusive: true,
    upperInclusive: false,
    count,
  }));
}

export function zeroBucket(histogram: FloatHistogram): Bucket {
  const { zeroThreshold, zeroCount } = histogram;
  return {
    lower: -zeroThreshold,
    upper: zeroThreshold,
    lowerInclusive: true,
    upperInclusive: true,
    count: zeroCount,
  };
}

/** The schema's index of the `position`-th bucket that `spans` describe; 0 ≤ position < their total length. */
export function bucketIndexAt(spans: readonly Span[], position: number): number {
  let start = 0;
  let left = position;
  for (const { offset, length } of spans) {
    start += offset;
    if (left < length) return start + left;
    left -= length;
    start += length;
  }
  return start + left;
}

function bucketsOf(
  spans: readonly Span[],
  counts: Float64Array,
  bucket: (index: number, count: number) => Bucket,
): Bucket[] {
  const buckets: Bucket[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length && buckets.length < counts.length; i++)
      buckets.push(bucket(index++, counts[buckets.length]!));
  }
  return buckets;
}

/** A run of consecutive buckets: `offset` buckets after the end of the previous span (the first: absolute index). */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** What a histogram sample says of a counter reset before it. */
export type CounterResetHint = 'unknown' | 'reset' | 'no_reset' | 'gauge';

/** Schema of histograms with custom buckets (classic bounds in a native histogram). */
export const CUSTOM_BUCKETS_SCHEMA = -53;

/**
 * A native histogram with absolute float counts: exponential (schema -4…8) or with custom buckets (schema -53).
 *
 * The bucket arrays belong to the histogram: whoever changes one copies first (`copyHistogram`). Spans and `customValues` are never
 * changed, only replaced, so histograms share them. `positiveBuckets[i]` is the count of the i-th bucket the spans describe.
 * `customValues` are the upper bounds of schema -53, without +Inf.
 */
export interface FloatHistogram {
  readonly kind: 'float';
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  count: number;
  sum: number;
  positiveSpans: readonly Span[];
  negativeSpans: readonly Span[];
  positiveBuckets: Float64Array;
  negativeBuckets: Float64Array;
  customValues: Float64Array;
  counterResetHint: CounterResetHint;
}

/**
 * A native histogram as it is scraped and stored: integer counts, buckets as deltas to the bucket before
 * (`positiveDeltas[0]` is absolute). Counts are whole numbers up to 2^53.
 */
export interface IntHistogram {
  readonly kind: 'int';
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  count: number;
  sum: number;
  positiveSpans: readonly Span[];
  negativeSpans: readonly Span[];
  positiveDeltas: Float64Array;
  negativeDeltas: Float64Array;
  customValues: Float64Array;
  counterResetHint: CounterResetHint;
}

/** A native histogram as a sample's value; told apart by `kind`. */
export type Histogram = IntHistogram | FloatHistogram;

export const NO_SPANS: readonly Span[] = [];
export const NO_BUCKETS: Float64Array = new Float64Array(0);

/** Whether the buckets' bounds are listed in `customValues`. */
export function usesCustomBuckets(histogram: Histogram): boolean {
  return histogram.schema === CUSTOM_BUCKETS_SCHEMA;
}

/** A histogram without observations; fields given replace the empty ones and are kept, not copied. */
export function floatHistogram(fields: Partial<FloatHistogram> = {}): FloatHistogram {
  return {
    kind: 'float',
    schema: fields.schema ?? 0,
    zeroThreshold: fields.zeroThreshold ?? 0,
    zeroCount: fields.zeroCount ?? 0,
    count: fields.count ?? 0,
    sum: fields.sum ?? 0,
    positiveSpans: fields.positiveSpans ?? NO_SPANS,
    negativeSpans: fields.negativeSpans ?? NO_SPANS,
    positiveBuckets: fields.positiveBuckets ?? NO_BUCKETS,
    negativeBuckets: fields.negativeBuckets ?? NO_BUCKETS,
    customValues: fields.customValues ?? NO_BUCKETS,
    counterResetHint: fields.counterResetHint ?? 'unknown',
  };
}

/** A histogram whose bucket counts may be changed without changing `histogram`. */
export function copyHistogram(histogram: FloatHistogram): FloatHistogram {
  // Spelled out rather than spread: every float histogram then has one shape, and this is on the path of every rate().
  return {
    kind: 'float',
    schema: histogram.schema,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount: histogram.zeroCount,
    count: histogram.count,
    sum: histogram.sum,
    positiveSpans: histogram.positiveSpans,
    negativeSpans: histogram.negativeSpans,
    positiveBuckets: copyBuckets(histogram.positiveBuckets),
    negativeBuckets: copyBuckets(histogram.negativeBuckets),
    customValues: histogram.customValues,
    counterResetHint: histogram.counterResetHint,
  };
}

/** The same histogram with absolute float counts; a float histogram is returned as it is, not copied. */
export function toFloatHistogram(histogram: Histogram): FloatHistogram {
  if (histogram.kind === 'float') return histogram;
  return {
    kind: 'float',
    schema: histogram.schema,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount: histogram.zeroCount,
    count: histogram.count,
    sum: histogram.sum,
    positiveSpans: histogram.positiveSpans,
    negativeSpans: histogram.negativeSpans,
    positiveBuckets: absoluteCounts(histogram.positiveDeltas),
    negativeBuckets: absoluteCounts(histogram.negativeDeltas),
    customValues: histogram.customValues,
    counterResetHint: histogram.counterResetHint,
  };
}

/** The same histogram with integer counts, or `undefined` where a count is no whole number up to 2^53. */
export function toIntHistogram(histogram: Histogram): IntHistogram | undefined {
  if (histogram.kind === 'int') return histogram;
  const { count, zeroCount, positiveBuckets, negativeBuckets } = histogram;
  if (!isWhole(count) || !isWhole(zeroCount)) return undefined;
  if (!positiveBuckets.every(isWhole) || !negativeBuckets.every(isWhole)) return undefined;
  return {
    kind: 'int',
    schema: histogram.schema,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount,
    count,
    sum: histogram.sum,
    positiveSpans: histogram.positiveSpans,
    negativeSpans: histogram.negativeSpans,
    positiveDeltas: deltasOf(positiveBuckets),
    negativeDeltas: deltasOf(negativeBuckets),
    customValues: histogram.customValues,
    counterResetHint: histogram.counterResetHint,
  };
}

/** Running sums: the absolute counts behind the deltas of an integer histogram. */
export function absoluteCounts(deltas: Float64Array): Float64Array {
  if (deltas.length === 0) return NO_BUCKETS;
  const counts = new Float64Array(deltas.length);
  let count = 0;
  for (let i = 0; i < deltas.length; i++) {
    count += deltas[i]!;
    counts[i] = count;
  }
  return counts;
}

/** The differences between neighbours, the first absolute: how an integer histogram holds its counts. */
export function deltasOf(counts: Float64Array): Float64Array {
  const deltas = new Float64Array(counts.length);
  let previous = 0;
  for (let i = 0; i < counts.length; i++) {
    deltas[i] = counts[i]! - previous;
    previous = counts[i]!;
  }
  return deltas;
}

function copyBuckets(buckets: Float64Array): Float64Array {
  return buckets.length === 0 ? NO_BUCKETS : buckets.slice();
}

function isWhole(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

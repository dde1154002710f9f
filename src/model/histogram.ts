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
 * The arrays belong to the histogram; whoever changes one copies first. `positiveBuckets[i]` is the count of the i-th
 * bucket the spans describe. `customValues` are the upper bounds of schema -53, without +Inf.
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

/** The same histogram with absolute float counts; a float histogram is returned as it is, not copied. */
export function toFloatHistogram(histogram: Histogram): FloatHistogram {
  if (histogram.kind === 'float') return histogram;
  const { positiveDeltas, negativeDeltas, ...shared } = histogram;
  return {
    ...shared,
    kind: 'float',
    positiveBuckets: runningSum(positiveDeltas),
    negativeBuckets: runningSum(negativeDeltas),
  };
}

function runningSum(deltas: Float64Array): Float64Array {
  const counts = new Float64Array(deltas.length);
  let count = 0;
  for (let i = 0; i < deltas.length; i++) {
    count += deltas[i]!;
    counts[i] = count;
  }
  return counts;
}

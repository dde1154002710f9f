import {
  isExponentialSchema,
  isKnownSchema,
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
  MIN_RESERVED_SCHEMA,
  MAX_RESERVED_SCHEMA,
} from './bounds.ts';
import { CUSTOM_BUCKETS_SCHEMA, absoluteCounts, usesCustomBuckets, type Histogram, type Span } from './histogram.ts';

/**
 * What is wrong with a histogram that came from outside, or `undefined` where nothing is.
 *
 * The spans must describe as many buckets as there are, no count may be negative, and integer counts must add up: exactly, or at most
 * to the count where the sum is NaN (NaN observations are in no bucket).
 *
 * @see Prometheus `model/histogram/histogram.go` and `float_histogram.go`, Validate (3.14)
 */
export function validateHistogram(histogram: Histogram): string | undefined {
  const float = histogram.kind === 'float';
  const positive = float ? histogram.positiveBuckets : absoluteCounts(histogram.positiveDeltas);
  const negative = float ? histogram.negativeBuckets : absoluteCounts(histogram.negativeDeltas);
  let wrong: string | undefined;
  if (usesCustomBuckets(histogram)) {
    wrong = prefixed('custom buckets', wrongCustomBuckets(histogram, positive.length, negative.length));
  } else if (isExponentialSchema(histogram.schema)) {
    wrong =
      prefixed('positive side', wrongSpans(histogram.positiveSpans, positive.length)) ??
      prefixed('negative side', wrongSpans(histogram.negativeSpans, negative.length)) ??
      prefixed('negative side', wrongCounts(negative));
    if (wrong === undefined && histogram.zeroCount < 0) {
      wrong = `zero bucket has observation count of ${histogram.zeroCount}: ${NEGATIVE_BUCKET}`;
    }
    if (wrong === undefined && histogram.customValues.length > 0) {
      wrong = 'histogram with exponential schema must not have custom bounds';
    }
  } else wrong = invalidSchema(histogram.schema);
  if (wrong === undefined && histogram.count < 0) {
    wrong = `observation count is ${histogram.count}: histogram's observation count is negative`;
  }
  wrong ??= prefixed('positive side', wrongCounts(positive));
  return wrong ?? (float ? undefined : wrongTotal(histogram, positive, negative));
}

/** What is wrong with a schema that arrives from outside: also those whose resolution can be reduced pass. */
export function wrongSchema(schema: number): string | undefined {
  if (isKnownSchema(schema)) return undefined;
  return `histogram has an unknown schema, which must be between ${MIN_RESERVED_SCHEMA} and ${MAX_RESERVED_SCHEMA} for exponential buckets, or ${CUSTOM_BUCKETS_SCHEMA} for custom buckets, got schema ${schema}`;
}

const NEGATIVE_BUCKET = 'histogram has a bucket whose observation count is negative';

function invalidSchema(schema: number): string {
  return `histogram has an invalid schema, which must be between ${MIN_EXPONENTIAL_SCHEMA} and ${MAX_EXPONENTIAL_SCHEMA} for exponential buckets, or ${CUSTOM_BUCKETS_SCHEMA} for custom buckets, got schema ${schema}`;
}

function prefixed(place: string, wrong: string | undefined): string | undefined {
  return wrong === undefined ? undefined : `${place}: ${wrong}`;
}

function wrongSpans(spans: readonly Span[], buckets: number, firstMayBeNegative = true): string | undefined {
  let needed = 0;
  for (let i = 0; i < spans.length; i++) {
    const { offset, length } = spans[i]!;
    if (offset < 0 && (i > 0 || !firstMayBeNegative)) {
      return `span number ${i + 1} with offset ${offset}: histogram has a span whose offset is negative`;
    }
    needed += length;
  }
  if (needed === buckets) return undefined;
  return `spans need ${needed} buckets, have ${buckets} buckets: histogram spans specify different number of buckets than provided`;
}

function wrongCounts(counts: Float64Array): string | undefined {
  for (let i = 0; i < counts.length; i++) {
    if (counts[i]! < 0) return `bucket number ${i + 1} has observation count of ${counts[i]}: ${NEGATIVE_BUCKET}`;
  }
  return undefined;
}

function wrongCustomBuckets(histogram: Histogram, positive: number, negative: number): string | undefined {
  const { customValues, positiveSpans } = histogram;
  for (let i = 0; i < customValues.length; i++) {
    const bound = customValues[i]!;
    if (Number.isNaN(bound)) return 'histogram custom bounds must not be NaN';
    if (i > 0 && bound <= customValues[i - 1]!) {
      return `previous bound is ${customValues[i - 1]} and current is ${bound}: histogram custom bounds must be in strictly increasing order`;
    }
  }
  if (customValues.at(-1) === Infinity) {
    return 'last +Inf bound must not be explicitly defined: histogram custom bounds must be finite';
  }
  const spans = wrongSpans(positiveSpans, positive, false);
  if (spans !== undefined) return spans;
  const covered = positiveSpans.reduce((total, { offset, length }) => total + offset + length, 0);
  if (covered > customValues.length + 1) {
    return `only ${customValues.length} custom bounds defined which is insufficient to cover total span length of ${covered}: histogram custom bounds are too few`;
  }
  if (histogram.zeroCount !== 0) return 'must have zero count of 0';
  if (histogram.zeroThreshold !== 0) return 'must have zero threshold of 0';
  if (histogram.negativeSpans.length > 0) return 'must not have negative spans';
  if (negative > 0) return 'must not have negative buckets';
  return undefined;
}

function wrongTotal(histogram: Histogram, positive: Float64Array, negative: Float64Array): string | undefined {
  let inBuckets = histogram.zeroCount;
  for (const count of positive) inBuckets += count;
  for (const count of negative) inBuckets += count;
  const found = `${inBuckets} observations found in buckets, but the Count field is ${histogram.count}`;
  if (Number.isNaN(histogram.sum)) {
    if (inBuckets <= histogram.count) return undefined;
    return `${found}: histogram's observation count should be at least the number of observations found in the buckets`;
  }
  if (inBuckets === histogram.count) return undefined;
  return `${found}: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)`;
}

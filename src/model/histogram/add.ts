import { exponentialBound } from './bounds.ts';
import { intersectBounds, sameBounds, sideWithBounds } from './custom-bounds.ts';
import {
  NO_BUCKETS,
  NO_SPANS,
  copyHistogram,
  floatHistogram,
  usesCustomBuckets,
  type FloatHistogram,
  type Span,
} from './histogram.ts';
import { coarserSide, compensatedAdd, mergeSides, sameLayout, sideOf, spansOf, type Side } from './side.ts';
import { dropBucketsInZeroBucket, widenZeroBucket } from './zero-bucket.ts';

/** Outcome of an addition: one operand says a counter reset precedes it, the other that none does. */
export const COUNTER_RESET_COLLISION = 1;
/** Outcome of an addition: custom bounds differed, the result has those that both operands have. */
export const BOUNDS_RECONCILED = 2;
/** Outcome of an addition: exponential and custom buckets do not add up; the target is as it was. */
export const INCOMPATIBLE_SCHEMAS = 4;

/**
 * Adds `other` to `target`, in place; `other` is only read.
 *
 * The coarser schema, the wider zero bucket and the custom bounds common to both win. The layout becomes the union of both, so it may hold
 * empty buckets (`compactHistogram` removes them).
 *
 * @returns the outcome, an OR of {@link COUNTER_RESET_COLLISION}, {@link BOUNDS_RECONCILED} and {@link INCOMPATIBLE_SCHEMAS}
 * @see Prometheus `model/histogram/float_histogram.go`, Add (3.14)
 */
export function addHistogram(target: FloatHistogram, other: FloatHistogram): number {
  return combine(target, undefined, other, 1);
}

/** Like {@link addHistogram}, but subtracts; counts may become negative. */
export function subHistogram(target: FloatHistogram, other: FloatHistogram): number {
  return combine(target, undefined, other, -1);
}

/**
 * Like {@link addHistogram}, with the rounding errors of every count collected in `errors`.
 *
 * @param errors made by {@link errorsFor} when the sum began; layout and schema follow those of `target`
 * @see Prometheus `model/histogram/float_histogram.go`, KahanAdd (3.14)
 */
export function compensatedAddHistogram(target: FloatHistogram, errors: FloatHistogram, other: FloatHistogram): number {
  return combine(target, errors, other, 1);
}

/** The rounding errors of a compensated sum that begins with `target`: zeros in the same layout. */
export function errorsFor(target: FloatHistogram): FloatHistogram {
  return floatHistogram({
    schema: target.schema,
    zeroThreshold: target.zeroThreshold,
    positiveSpans: target.positiveSpans,
    negativeSpans: target.negativeSpans,
    positiveBuckets: new Float64Array(target.positiveBuckets.length),
    negativeBuckets: new Float64Array(target.negativeBuckets.length),
    customValues: target.customValues,
  });
}

/** Ends a compensated sum: adds the collected `errors` to `target`, in place. */
export function foldErrors(target: FloatHistogram, errors: FloatHistogram): void {
  target.zeroCount += errors.zeroCount;
  target.count += errors.count;
  target.sum += errors.sum;
  const { positiveBuckets, negativeBuckets } = target;
  for (let i = 0; i < positiveBuckets.length; i++) positiveBuckets[i]! += errors.positiveBuckets[i]!;
  for (let i = 0; i < negativeBuckets.length; i++) negativeBuckets[i]! += errors.negativeBuckets[i]!;
}

/** Multiplies all counts and the sum by `factor`, in place. A negative factor makes a gauge of it. */
export function mulHistogram(target: FloatHistogram, factor: number): void {
  target.zeroCount *= factor;
  target.count *= factor;
  target.sum *= factor;
  const { positiveBuckets, negativeBuckets } = target;
  for (let i = 0; i < positiveBuckets.length; i++) positiveBuckets[i]! *= factor;
  for (let i = 0; i < negativeBuckets.length; i++) negativeBuckets[i]! *= factor;
  if (factor < 0) target.counterResetHint = 'gauge';
}

/** Divides all counts and the sum by `divisor`, in place; division by zero leaves no buckets. A negative divisor makes a gauge of it. */
export function divHistogram(target: FloatHistogram, divisor: number): void {
  target.zeroCount /= divisor;
  target.count /= divisor;
  target.sum /= divisor;
  if (divisor === 0) {
    target.positiveSpans = NO_SPANS;
    target.negativeSpans = NO_SPANS;
    target.positiveBuckets = NO_BUCKETS;
    target.negativeBuckets = NO_BUCKETS;
    return;
  }
  const { positiveBuckets, negativeBuckets } = target;
  for (let i = 0; i < positiveBuckets.length; i++) positiveBuckets[i]! /= divisor;
  for (let i = 0; i < negativeBuckets.length; i++) negativeBuckets[i]! /= divisor;
  if (divisor < 0) target.counterResetHint = 'gauge';
}

/** Whether a count, the sum or a bucket is infinite: a running sum has left the range of floats. */
export function hasOverflow(histogram: FloatHistogram): boolean {
  return (
    isInfinite(histogram.zeroCount) ||
    isInfinite(histogram.count) ||
    isInfinite(histogram.sum) ||
    histogram.positiveBuckets.some(isInfinite) ||
    histogram.negativeBuckets.some(isInfinite)
  );
}

/** A copy at a schema not above the histogram's own. */
export function copyAtSchema(histogram: FloatHistogram, schema: number): FloatHistogram {
  const copy = copyHistogram(histogram);
  if (schema === histogram.schema) return copy;
  // What was known of resets concerned the original buckets.
  copy.counterResetHint = 'unknown';
  coarsen(copy, undefined, schema);
  return copy;
}

function combine(
  target: FloatHistogram,
  errors: FloatHistogram | undefined,
  other: FloatHistogram,
  sign: number,
): number {
  const custom = usesCustomBuckets(target);
  if (custom !== usesCustomBuckets(other)) return INCOMPATIBLE_SCHEMAS;
  let outcome = settleResetHint(target, other);

  let zeroCount = other.zeroCount;
  let zeroError = 0;
  if (!custom && other.zeroThreshold !== target.zeroThreshold) {
    ({ count: zeroCount, error: zeroError } = reconcileZeroBuckets(target, errors, other));
  }
  if (errors === undefined) {
    target.zeroCount += sign * zeroCount;
    target.count += sign * other.count;
    target.sum += sign * other.sum;
  } else {
    compensate(target, errors, 'zeroCount', sign * zeroCount);
    if (zeroError !== 0) compensate(target, errors, 'zeroCount', sign * zeroError);
    compensate(target, errors, 'count', sign * other.count);
    compensate(target, errors, 'sum', sign * other.sum);
  }

  if (custom) {
    if (sameBounds(target.customValues, other.customValues)) {
      addSide(target, errors, true, other.positiveSpans, other.positiveBuckets, NO_BUCKETS, sign);
      return outcome;
    }
    outcome |= BOUNDS_RECONCILED;
    const bounds = intersectBounds(target.customValues, other.customValues);
    const side = sideOf(target.positiveSpans, target.positiveBuckets, errors?.positiveBuckets);
    const otherSide = sideOf(other.positiveSpans, other.positiveBuckets);
    const ours = sideWithBounds(side, target.customValues, bounds);
    const theirs = sideWithBounds(otherSide, other.customValues, bounds);
    setSide(target, errors, true, mergeSides(ours, theirs, sign, 0));
    target.customValues = bounds;
    if (errors !== undefined) errors.customValues = bounds;
    return outcome;
  }

  if (other.schema < target.schema) coarsen(target, errors, other.schema);
  if (other.schema === target.schema) {
    addSide(target, errors, true, other.positiveSpans, other.positiveBuckets, NO_BUCKETS, sign);
    addSide(target, errors, false, other.negativeSpans, other.negativeBuckets, NO_BUCKETS, sign);
    return outcome;
  }
  for (const positive of [true, false]) {
    const spans = positive ? other.positiveSpans : other.negativeSpans;
    const buckets = positive ? other.positiveBuckets : other.negativeBuckets;
    const fineErrors = errors === undefined ? NO_BUCKETS : new Float64Array(buckets.length);
    const side = coarserSide(sideOf(spans, buckets, fineErrors), other.schema, target.schema);
    addSide(target, errors, positive, spansOf(side.index), side.counts, side.errors, sign);
  }
  return outcome;
}

/** Settles what the sum says of counter resets; tells of a collision. */
function settleResetHint(target: FloatHistogram, other: FloatHistogram): number {
  const ours = target.counterResetHint;
  const theirs = other.counterResetHint;
  if (ours === theirs || ours === 'gauge' || ours === 'unknown') {
    if (theirs === 'gauge') target.counterResetHint = 'gauge';
    return 0;
  }
  if (theirs === 'gauge' || theirs === 'unknown') {
    target.counterResetHint = theirs;
    return 0;
  }
  target.counterResetHint = 'unknown';
  return COUNTER_RESET_COLLISION;
}

/** Widens the zero bucket of `target` until both histograms can have it; what the zero bucket of `other` then holds. */
function reconcileZeroBuckets(
  target: FloatHistogram,
  errors: FloatHistogram | undefined,
  other: FloatHistogram,
): { count: number; error: number } {
  let theirs = { threshold: other.zeroThreshold, count: other.zeroCount, error: 0 };
  // Widening one side may end in a populated bucket of it and so ask for more of the other: each turn widens one of them.
  while (theirs.threshold !== target.zeroThreshold) {
    if (theirs.threshold < target.zeroThreshold) theirs = widenZeroBucket(other, undefined, target.zeroThreshold);
    if (theirs.threshold > target.zeroThreshold) {
      const ours = widenZeroBucket(target, errors, theirs.threshold);
      target.zeroThreshold = ours.threshold;
      target.zeroCount = ours.count;
      if (errors !== undefined) {
        errors.zeroThreshold = ours.threshold;
        errors.zeroCount = ours.error;
      }
      dropBucketsInZeroBucket(target, errors);
    }
  }
  return theirs;
}

function coarsen(target: FloatHistogram, errors: FloatHistogram | undefined, schema: number): void {
  for (const positive of [true, false]) {
    const spans = positive ? target.positiveSpans : target.negativeSpans;
    const buckets = positive ? target.positiveBuckets : target.negativeBuckets;
    const bucketErrors = positive ? errors?.positiveBuckets : errors?.negativeBuckets;
    setSide(target, errors, positive, coarserSide(sideOf(spans, buckets, bucketErrors), target.schema, schema));
  }
  target.schema = schema;
  if (errors !== undefined) errors.schema = schema;
}

function setSide(target: FloatHistogram, errors: FloatHistogram | undefined, positive: boolean, side: Side): void {
  const spans = spansOf(side.index);
  if (positive) {
    target.positiveSpans = spans;
    target.positiveBuckets = side.counts;
  } else {
    target.negativeSpans = spans;
    target.negativeBuckets = side.counts;
  }
  if (errors === undefined) return;
  if (positive) {
    errors.positiveSpans = spans;
    errors.positiveBuckets = side.errors;
  } else {
    errors.negativeSpans = spans;
    errors.negativeBuckets = side.errors;
  }
}

/** Adds buckets of the target's own schema or bounds to one of its sides, in place where the target has all of them. */
function addSide(
  target: FloatHistogram,
  errors: FloatHistogram | undefined,
  positive: boolean,
  otherSpans: readonly Span[],
  otherCounts: Float64Array,
  otherErrors: Float64Array,
  sign: number,
): void {
  if (otherCounts.length === 0) return;
  const spans = positive ? target.positiveSpans : target.negativeSpans;
  const counts = positive ? target.positiveBuckets : target.negativeBuckets;
  const sumErrors = positive ? errors?.positiveBuckets : errors?.negativeBuckets;
  const inZeroBucket = usesCustomBuckets(target)
    ? 0
    : bucketsInZeroBucket(otherSpans, otherCounts, target.schema, target.zeroThreshold);
  if (inZeroBucket === 0) {
    if (counts.length === otherCounts.length && sameLayout(spans, otherSpans)) {
      addRun(counts, sumErrors, 0, otherCounts, otherErrors, 0, counts.length, sign);
      return;
    }
    if (addContained(spans, counts, sumErrors, otherSpans, otherCounts, otherErrors, sign)) return;
  }
  const merged = mergeSides(
    sideOf(spans, counts, sumErrors),
    sideOf(otherSpans, otherCounts, otherErrors),
    sign,
    inZeroBucket,
  );
  setSide(target, errors, positive, merged);
}

/** How many of the first buckets end at or below the zero threshold: they belong to the zero bucket and are not added. */
function bucketsInZeroBucket(
  spans: readonly Span[],
  counts: Float64Array,
  schema: number,
  zeroThreshold: number,
): number {
  const first = spans[0]!;
  if (first.length > 0 && exponentialBound(first.offset, schema) > zeroThreshold) return 0;
  const { index } = sideOf(spans, counts);
  let n = 0;
  while (n < index.length && exponentialBound(index[n]!, schema) <= zeroThreshold) n++;
  return n;
}

/** Adds in place if every bucket of the other side is in this one already; otherwise changes nothing. */
function addContained(
  spans: readonly Span[],
  counts: Float64Array,
  errors: Float64Array | undefined,
  otherSpans: readonly Span[],
  otherCounts: Float64Array,
  otherErrors: Float64Array,
  sign: number,
): boolean {
  // The first pass only looks, so that nothing is half added.
  for (const commit of [false, true]) {
    let s = 0;
    let start = spans.length > 0 ? spans[0]!.offset : 0;
    let position = 0;
    let otherStart = 0;
    let otherPosition = 0;
    for (const { offset, length } of otherSpans) {
      otherStart += offset;
      while (s < spans.length && start + spans[s]!.length < otherStart + length) {
        position += spans[s]!.length;
        start += spans[s]!.length;
        s++;
        if (s < spans.length) start += spans[s]!.offset;
      }
      if (s === spans.length || start > otherStart) return false;
      if (commit) {
        addRun(counts, errors, position + otherStart - start, otherCounts, otherErrors, otherPosition, length, sign);
      }
      otherStart += length;
      otherPosition += length;
    }
  }
  return true;
}

function addRun(
  counts: Float64Array,
  errors: Float64Array | undefined,
  at: number,
  otherCounts: Float64Array,
  otherErrors: Float64Array,
  from: number,
  length: number,
  sign: number,
): void {
  if (errors === undefined) {
    for (let i = 0; i < length; i++) counts[at + i]! += sign * otherCounts[from + i]!;
    return;
  }
  for (let i = 0; i < length; i++) compensatedAdd(counts, errors, at + i, sign * otherCounts[from + i]!);
  if (otherErrors.length === 0) return;
  for (let i = 0; i < length; i++) {
    if (otherErrors[from + i] !== 0) compensatedAdd(counts, errors, at + i, sign * otherErrors[from + i]!);
  }
}

/** `target[field] += value`, the rounding error into `errors[field]`. */
function compensate(
  target: FloatHistogram,
  errors: FloatHistogram,
  field: 'count' | 'sum' | 'zeroCount',
  value: number,
): void {
  const sum = target[field];
  const t = sum + value;
  if (isInfinite(t)) errors[field] = 0;
  else if (Math.abs(sum) >= Math.abs(value)) errors[field] += sum - t + value;
  else errors[field] += value - t + sum;
  target[field] = t;
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

import { coarserIndex } from './bounds.ts';
import { NO_BUCKETS, NO_SPANS, type Span } from './histogram.ts';

/**
 * One side (positive or negative) of a histogram as columns: bucket `index[i]`, ascending, holds `counts[i]` observations.
 *
 * What changes a layout works on this form, where a bucket is a row, and goes back to spans at the end. Histograms that share a layout,
 * nearly all, never come here.
 */
export interface Side {
  readonly index: Int32Array;
  readonly counts: Float64Array;
  /** Rounding errors of `counts`, in a compensated sum; empty where there is none. */
  readonly errors: Float64Array;
}

/** The buckets that `spans` describe. Counts missing at the end of `counts` are taken as not there. */
export function sideOf(spans: readonly Span[], counts: Float64Array, errors = NO_BUCKETS): Side {
  const index = new Int32Array(counts.length);
  let i = 0;
  let next = 0;
  for (const span of spans) {
    next += span.offset;
    for (let j = 0; j < span.length && i < index.length; j++) index[i++] = next++;
  }
  if (i === index.length) return { index, counts, errors };
  return { index: index.subarray(0, i), counts: counts.subarray(0, i), errors: errors.subarray(0, i) };
}

/** The spans of ascending bucket indexes: neighbours share one. */
export function spansOf(index: Int32Array): readonly Span[] {
  if (index.length === 0) return NO_SPANS;
  const spans: Span[] = [];
  let previousEnd = 0;
  for (let from = 0; from < index.length;) {
    let to = from + 1;
    while (to < index.length && index[to] === index[to - 1]! + 1) to++;
    spans.push({ offset: index[from]! - previousEnd, length: to - from });
    previousEnd = index[to - 1]! + 1;
    from = to;
  }
  return spans;
}

/** Whether two lists of spans describe the same buckets, however they cut them up. */
export function sameLayout(a: readonly Span[], b: readonly Span[]): boolean {
  if (a === b) return true;
  if (a.length === b.length && equalSpans(a, b)) return true;
  return equalSpans(withoutEmptySpans(a), withoutEmptySpans(b));
}

function equalSpans(a: readonly Span[], b: readonly Span[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]!.offset !== b[i]!.offset || a[i]!.length !== b[i]!.length) return false;
  }
  return true;
}

/** The same layout in the fewest spans. */
function withoutEmptySpans(spans: readonly Span[]): Span[] {
  const kept: { offset: number; length: number }[] = [];
  let gap = 0;
  for (const { offset, length } of spans) {
    gap += offset;
    if (length === 0) continue;
    const last = kept.at(-1);
    if (last !== undefined && gap === 0) last.length += length;
    else kept.push({ offset: gap, length });
    gap = 0;
  }
  return kept;
}

/** The buckets of a coarser schema: those that fall together are added up in index order. */
export function coarserSide(side: Side, schema: number, targetSchema: number): Side {
  const { index, counts, errors } = side;
  const merged = new Int32Array(index.length);
  const sums = new Float64Array(index.length);
  const sumErrors = new Float64Array(errors.length);
  let n = 0;
  for (let i = 0; i < index.length; i++) {
    const target = coarserIndex(index[i]!, schema, targetSchema);
    if (n > 0 && merged[n - 1] === target) {
      if (errors.length === 0) sums[n - 1]! += counts[i]!;
      else {
        compensatedAdd(sums, sumErrors, n - 1, counts[i]!);
        compensatedAdd(sums, sumErrors, n - 1, errors[i]!);
      }
      continue;
    }
    merged[n] = target;
    sums[n] = counts[i]!;
    if (errors.length > 0) sumErrors[n] = errors[i]!;
    n++;
  }
  return { index: merged.subarray(0, n), counts: sums.slice(0, n), errors: sumErrors.slice(0, n) };
}

/**
 * Adds `other` to `side`: buckets of either side, in index order.
 *
 * @param sign 1 to add, -1 to subtract
 * @param from how many of the first buckets of `other` to leave out
 */
export function mergeSides(side: Side, other: Side, sign: number, from: number): Side {
  const a = side.index;
  const b = other.index;
  const room = a.length + b.length - from;
  const index = new Int32Array(room);
  const counts = new Float64Array(room);
  const errors = new Float64Array(side.errors.length === a.length ? room : 0);
  const compensated = errors.length > 0;
  let i = 0;
  let j = from;
  let n = 0;
  while (i < a.length || j < b.length) {
    const takeA = j >= b.length || (i < a.length && a[i]! <= b[j]!);
    const takeB = i >= a.length || (j < b.length && b[j]! <= a[i]!);
    index[n] = takeA ? a[i]! : b[j]!;
    if (takeA) {
      counts[n] = side.counts[i]!;
      if (compensated) errors[n] = side.errors[i]!;
      i++;
    }
    if (takeB) {
      const count = sign * other.counts[j]!;
      const error = other.errors.length > 0 ? sign * other.errors[j]! : 0;
      if (!takeA) {
        counts[n] = count;
        if (compensated) errors[n] = error;
      } else if (compensated) {
        compensatedAdd(counts, errors, n, count);
        if (error !== 0) compensatedAdd(counts, errors, n, error);
      } else counts[n]! += count;
      j++;
    }
    n++;
  }
  return { index: index.subarray(0, n), counts: counts.slice(0, n), errors: errors.slice(0, n) };
}

/**
 * `sums[i] += value` with Neumaier's compensation: the rounding error is collected in `errors[i]`, and dropped once the sum is infinite.
 *
 * @see Prometheus `util/kahansum/kahansum.go`, Inc (3.x)
 */
export function compensatedAdd(sums: Float64Array, errors: Float64Array, i: number, value: number): void {
  const sum = sums[i]!;
  const t = sum + value;
  if (t === Infinity || t === -Infinity) errors[i] = 0;
  else if (Math.abs(sum) >= Math.abs(value)) errors[i]! += sum - t + value;
  else errors[i]! += value - t + sum;
  sums[i] = t;
}

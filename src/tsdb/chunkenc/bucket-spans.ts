import type { Span } from '../../model/index.ts';

/** Empty buckets to be put before the `pos`-th bucket of a list, the first of them with index `index`. */
export interface Insert {
  readonly pos: number;
  count: number;
  readonly index: number;
}

/** The absolute indexes of the buckets that spans describe. */
export function bucketIndexes(spans: readonly Span[]): number[] {
  const indexes: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indexes.push(index++);
  }
  return indexes;
}

/** Spans that describe exactly these indexes, ascending. */
export function spansOf(indexes: readonly number[]): Span[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indexes) {
    if (spans.length > 0 && index === next) spans[spans.length - 1].length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}

/** How two lists of buckets are brought to the same layout. */
export interface Alignment {
  /** What the older list lacks. */
  readonly forward: readonly Insert[];
  /** What the newer list lacks. */
  readonly backward: readonly Insert[];
  readonly spans: readonly Span[];
}

/**
 * Compares the buckets of two layouts. With `counters`, absolute counts per bucket, a bucket that shrank or vanished while in use is a
 * counter reset, and the answer is `undefined`.
 *
 * @see Prometheus `tsdb/chunkenc/histogram.go`, expandIntSpansAndBuckets, and `histogram_meta.go`, expandSpansBothWays
 */
export function alignBuckets(
  older: readonly Span[],
  newer: readonly Span[],
  counters?: { readonly older: Float64Array; readonly newer: Float64Array },
): Alignment | undefined {
  const a = bucketIndexes(older);
  const b = bucketIndexes(newer);
  const forward: Insert[] = [];
  const backward: Insert[] = [];
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      if (counters !== undefined && counters.older[i] > counters.newer[j]) return undefined;
      merged.push(a[i]);
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && a[i] < b[j])) {
      if (counters !== undefined && counters.older[i] !== 0) return undefined;
      merged.push(a[i]);
      note(backward, j, a[i]);
      i++;
    } else {
      merged.push(b[j]);
      note(forward, i, b[j]);
      j++;
    }
  }
  return { forward, backward, spans: spansOf(merged) };
}

function note(inserts: Insert[], pos: number, index: number): void {
  const last = inserts.at(-1);
  if (last !== undefined && last.pos === pos) last.count++;
  else inserts.push({ pos, count: 1, index });
}

/** The list with the missing buckets put in as zeros. With `deltas`, values are differences to the bucket before. */
export function insertBuckets(values: Float64Array, inserts: readonly Insert[], deltas: boolean): Float64Array {
  if (inserts.length === 0) return values;
  let extra = 0;
  for (const { count } of inserts) extra += count;
  const out = new Float64Array(values.length + extra);
  let at = 0;
  let next = 0;
  let absolute = 0;
  for (let i = 0; i <= values.length; i++) {
    let inserted = false;
    for (; next < inserts.length && inserts[next].pos === i; next++) {
      if (deltas && !inserted) out[at] = -absolute;
      inserted = true;
      at += inserts[next].count;
    }
    if (i === values.length) break;
    out[at++] = deltas && inserted ? values[i] + absolute : values[i];
    absolute += values[i];
  }
  return out;
}

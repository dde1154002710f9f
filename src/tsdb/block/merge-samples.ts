import { SampleColumn } from '../../model/index.ts';

/**
 * The samples of several columns in one, ascending, each time once: of equal times the first column's sample is taken.
 *
 * What a histogram says of a counter reset before it is true of its neighbour in its own column; where another column's sample has come
 * between, it says 'unknown'.
 *
 * @see Prometheus `storage/merge.go`, chainSampleIterator (3.x)
 */
export function mergeSamples(columns: readonly SampleColumn[]): SampleColumn {
  let room = 0;
  for (const column of columns) room += column.length;
  const merged = new SampleColumn(room);
  const at = new Array<number>(columns.length).fill(0);
  let last = -1;
  for (;;) {
    let next = -1;
    let t = Infinity;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      if (at[i] < column.length && column.t[at[i]] < t) {
        t = column.t[at[i]];
        next = i;
      }
    }
    if (next < 0) return merged;
    push(merged, columns[next], at[next], next === last);
    last = next;
    for (let i = 0; i < columns.length; i++) if (at[i] < columns[i].length && columns[i].t[at[i]] === t) at[i]++;
  }
}

function push(merged: SampleColumn, from: SampleColumn, i: number, isConsecutive: boolean): void {
  const t = from.t[i];
  const histogram = from.histograms?.[i];
  if (histogram !== undefined) {
    const keeps = isConsecutive || histogram.counterResetHint === 'gauge';
    merged.pushHistogram(t, keeps ? histogram : { ...histogram, counterResetHint: 'unknown' });
  } else if (from.stale[i] === 1) merged.pushStale(t);
  else merged.pushFloat(t, from.v[i]);
}

import type { SampleColumn } from '../model/index.ts';

/** A stretch of time, both ends included, ms. */
export interface Interval {
  readonly mint: number;
  readonly maxt: number;
}

/** Deleted stretches of time per series: kept in order, overlapping or touching ones joined. */
export class Tombstones {
  readonly #intervals = new Map<number, Interval[]>();

  get isEmpty(): boolean {
    return this.#intervals.size === 0;
  }

  /** Number of intervals over all series. */
  get count(): number {
    let count = 0;
    for (const list of this.#intervals.values()) count += list.length;
    return count;
  }

  get(ref: number): readonly Interval[] | undefined {
    return this.#intervals.get(ref);
  }

  refs(): IterableIterator<number> {
    return this.#intervals.keys();
  }

  entries(): IterableIterator<[ref: number, intervals: readonly Interval[]]> {
    return this.#intervals.entries();
  }

  add(ref: number, mint: number, maxt: number): void {
    const list = this.#intervals.get(ref);
    if (list === undefined) this.#intervals.set(ref, [{ mint, maxt }]);
    else this.#intervals.set(ref, withInterval(list, mint, maxt));
  }

  delete(ref: number): void {
    this.#intervals.delete(ref);
  }

  /** Drops intervals that end before `mint`. */
  truncate(mint: number): void {
    for (const [ref, list] of this.#intervals) {
      const kept = list.filter((interval) => interval.maxt >= mint);
      if (kept.length === 0) this.#intervals.delete(ref);
      else if (kept.length < list.length) this.#intervals.set(ref, kept);
    }
  }
}

/** The list with one interval more; those it overlaps or touches become one with it. */
export function withInterval(list: readonly Interval[], mint: number, maxt: number): Interval[] {
  const merged: Interval[] = [];
  let low = mint;
  let high = maxt;
  let placed = false;
  for (const interval of list) {
    if (interval.maxt < low - 1) merged.push(interval);
    else if (interval.mint > high + 1) {
      if (!placed) merged.push({ mint: low, maxt: high });
      placed = true;
      merged.push(interval);
    } else {
      low = Math.min(low, interval.mint);
      high = Math.max(high, interval.maxt);
    }
  }
  if (!placed) merged.push({ mint: low, maxt: high });
  return merged;
}

/** Takes the samples at and after `from` that lie in deleted intervals out of a column. */
export function dropDeleted(column: SampleColumn, from: number, intervals: readonly Interval[]): void {
  const { t, v, stale, histograms } = column;
  let out = from;
  let next = 0;
  for (let i = from; i < column.length; i++) {
    while (next < intervals.length && intervals[next].maxt < t[i]) next++;
    if (next < intervals.length && intervals[next].mint <= t[i]) {
      column.staleCount -= stale[i];
      continue;
    }
    if (out !== i) {
      t[out] = t[i];
      v[out] = v[i];
      stale[out] = stale[i];
      if (histograms !== undefined) histograms[out] = histograms[i];
    }
    out++;
  }
  column.length = out;
  if (histograms !== undefined) histograms.length = Math.min(histograms.length, out);
}

import { SampleColumn, compareLabels, compareText, type Labels, type Matcher } from '../model/index.ts';
import type { LabelHints, LabelNames, Querier, Queryable, SelectHints, Series, SeriesSet } from './query.ts';

/**
 * Several stores as one: a series that occurs in more than one of them is one series, its samples in order, each timestamp once.
 * List stores from the oldest data to the newest; where two have a sample at the same time, the earlier listed one's is taken.
 */
export function mergeQueryables(queryables: readonly Queryable[]): Queryable {
  return {
    querier: (mint, maxt) => mergeQueriers(queryables.map((queryable) => queryable.querier(mint, maxt))),
  };
}

/** Several open queriers as one, which closes them all. With one only, that one is returned. */
export function mergeQueriers(queriers: readonly Querier[]): Querier {
  return queriers.length === 1 ? queriers[0] : new MergeQuerier(queriers);
}

class MergeQuerier implements Querier {
  readonly #queriers: readonly Querier[];
  readonly mint: number;
  readonly maxt: number;

  constructor(queriers: readonly Querier[]) {
    this.#queriers = queriers;
    this.mint = Math.min(...queriers.map(({ mint }) => mint));
    this.maxt = Math.max(...queriers.map(({ maxt }) => maxt));
  }

  select(
    matchers: readonly Matcher[],
    options: { sorted: boolean; hints?: SelectHints },
  ): Promise<SeriesSet> | SeriesSet {
    return whenAll(
      this.#queriers.map((querier) => querier.select(matchers, options)),
      (sets) => mergeSeriesSets(sets, options.sorted, options.hints?.limit ?? 0),
    );
  }

  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames {
    return whenAll(
      this.#queriers.map((querier) => querier.labelNames(matchers, hints)),
      (lists) => mergeNames(lists, hints?.limit ?? 0),
    );
  }

  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames {
    return whenAll(
      this.#queriers.map((querier) => querier.labelValues(name, matchers, hints)),
      (lists) => mergeNames(lists, hints?.limit ?? 0),
    );
  }

  close(): void {
    for (const querier of this.#queriers) querier.close();
  }
}

/** Stays synchronous where all parts are: a snapshot of several stores must not have a turn of the event loop between them. */
function whenAll<T, R>(parts: readonly (Promise<T> | T)[], combine: (values: T[]) => R): Promise<R> | R {
  return parts.some((part) => part instanceof Promise) ? Promise.all(parts).then(combine) : combine(parts as T[]);
}

/** Several answers to one select as one. */
export function mergeSeriesSets(sets: readonly SeriesSet[], sorted: boolean, limit = 0): SeriesSet {
  const warnings = [...new Set(sets.flatMap((set) => set.warnings))];
  const filled = sets.filter((set) => set.series.length > 0);
  let series: readonly Series[];
  if (filled.length === 0) series = [];
  else if (filled.length === 1) [{ series }] = filled;
  else {
    const byLabels = new Map<string, Series[]>();
    for (const set of filled) {
      for (const one of set.series) {
        const key = one.labels.key();
        const same = byLabels.get(key);
        if (same === undefined) byLabels.set(key, [one]);
        else same.push(one);
      }
    }
    const merged = Array.from(byLabels.values(), (same) => (same.length === 1 ? same[0] : new MergedSeries(same)));
    if (sorted) merged.sort((a, b) => compareLabels(a.labels, b.labels));
    series = merged;
  }
  return { series: limit > 0 && series.length > limit ? series.slice(0, limit) : series, warnings };
}

function mergeNames(lists: readonly LabelNames[], limit: number): LabelNames {
  const warnings = [...new Set(lists.flatMap((list) => list.warnings))];
  const filled = lists.filter((list) => list.values.length > 0);
  if (filled.length <= 1) return { values: filled[0]?.values ?? [], warnings };
  const values = [...new Set(filled.flatMap((list) => list.values))].sort(compareText);
  return { values: limit > 0 ? values.slice(0, limit) : values, warnings };
}

/** One series from several stores. */
class MergedSeries implements Series {
  readonly #parts: readonly Series[];

  constructor(parts: readonly Series[]) {
    this.#parts = parts;
  }

  get labels(): Labels {
    return this.#parts[0].labels;
  }

  read(column: SampleColumn, mint: number, maxt: number): void {
    const begin = column.length;
    for (const part of this.#parts) {
      const at = column.length;
      part.read(column, mint, maxt);
      // Stores seldom overlap: then the part lies behind all before it, and nothing is to be done.
      if (at > begin && column.length > at && column.t[at] <= column.t[at - 1]) mergeTail(column, begin, at);
    }
  }
}

/** Merges two runs of a column, `[from, middle)` and `[middle, length)`, each ascending, into one; of equal times the first run's stays. */
export function mergeTail(column: SampleColumn, from: number, middle: number): void {
  const merged = new SampleColumn(column.length - from);
  let i = from;
  let j = middle;
  while (i < middle || j < column.length) {
    const takeFirst = j === column.length || (i < middle && column.t[i] <= column.t[j]);
    const at = takeFirst ? i : j;
    if (takeFirst && j < column.length && column.t[i] === column.t[j]) j++;
    const histogram = column.histograms?.[at];
    if (histogram !== undefined) merged.pushHistogram(column.t[at], histogram);
    else if (column.stale[at] === 1) merged.pushStale(column.t[at]);
    else merged.pushFloat(column.t[at], column.v[at]);
    if (takeFirst) i++;
    else j++;
  }
  let staleBefore = 0;
  for (let k = 0; k < from; k++) staleBefore += column.stale[k];
  column.t.set(merged.t.subarray(0, merged.length), from);
  column.v.set(merged.v.subarray(0, merged.length), from);
  column.stale.set(merged.stale.subarray(0, merged.length), from);
  if (column.histograms !== undefined) {
    column.histograms.length = Math.min(column.histograms.length, from);
    for (let k = 0; k < merged.length; k++) column.histograms[from + k] = merged.histograms?.[k];
  }
  column.length = from + merged.length;
  column.staleCount = staleBefore + merged.staleCount;
}

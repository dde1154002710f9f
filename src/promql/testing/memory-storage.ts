import {
  compareLabels,
  compareText,
  SampleColumn,
  type FloatHistogram,
  type Labels,
  type Matcher,
} from '../../model/index.ts';
import type { Querier, Queryable, Series } from '../../storage/index.ts';

/** A sample to store: a float, a staleness marker or a histogram, which is shared. */
export type StoredValue = number | 'stale' | FloatHistogram;

/** A storage for tests and benchmarks: every series in arrays, samples ascending in time. */
export class MemoryStorage implements Queryable {
  readonly #series = new Map<string, MemorySeries>();
  /** Warnings every select gives. */
  warnings: readonly string[] = [];

  /** Adds a sample, behind the newest one of the series or in its place by time. */
  append(labels: Labels, t: number, value: StoredValue, startMs = 0): void {
    const key = labels.key();
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, (series = new MemorySeries(labels)));
    series.put(t, value, startMs);
  }

  /** Adds floats at `startMs + i * stepMs`. */
  appendFloats(labels: Labels, startMs: number, stepMs: number, values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.append(labels, startMs + i * stepMs, values[i]!);
  }

  clear(): void {
    this.#series.clear();
  }

  querier(mint: number, maxt: number): Querier {
    const select = (matchers: readonly Matcher[]): Series[] =>
      [...this.#series.values()].filter(({ labels }) =>
        matchers.every((matcher) => matcher.matches(labels.get(matcher.name))),
      );
    const { warnings } = this;
    return {
      mint,
      maxt,
      select: (matchers, { sorted }) => {
        const series = select(matchers);
        if (sorted) series.sort((a, b) => compareLabels(a.labels, b.labels));
        return { series, warnings };
      },
      labelNames: (matchers) => {
        const names = new Set(select(matchers).flatMap(({ labels }) => [...labels].map(([name]) => name)));
        return { values: [...names].sort(compareText), warnings };
      },
      labelValues: (name, matchers) => {
        const values = new Set(select(matchers).map(({ labels }) => labels.get(name)));
        values.delete('');
        return { values: [...values].sort(compareText), warnings };
      },
      close: () => {},
    };
  }
}

class MemorySeries implements Series {
  readonly labels: Labels;
  readonly #samples = new SampleColumn();

  constructor(labels: Labels) {
    this.labels = labels;
  }

  put(t: number, value: StoredValue, startMs: number): void {
    const samples = this.#samples;
    if (samples.length > 0 && samples.t[samples.length - 1]! >= t) this.#insert(t, value, startMs);
    else push(samples, t, value, startMs);
  }

  read(column: SampleColumn, mint: number, maxt: number): void {
    const { t, v, stale, histograms, startT, length, staleCount } = this.#samples;
    const from = firstAtOrAfter(t, length, mint);
    const to = firstAtOrAfter(t, length, maxt + 1);
    column.reserve(to - from);
    if (histograms === undefined && staleCount === 0 && startT === undefined) {
      column.t.set(t.subarray(from, to), column.length);
      column.v.set(v.subarray(from, to), column.length);
      column.stale.fill(0, column.length, column.length + to - from);
      column.length += to - from;
      return;
    }
    for (let i = from; i < to; i++) {
      const histogram = histograms?.[i];
      if (histogram !== undefined) column.pushHistogram(t[i]!, histogram);
      else if (stale[i] === 1) column.pushStale(t[i]!);
      else column.pushFloat(t[i]!, v[i]!);
      if (startT !== undefined && startT[i] !== 0) column.setStart(startT[i]!);
    }
  }

  /** A sample out of order: the series is written anew. A sample of the same time is replaced. */
  #insert(t: number, value: StoredValue, startMs: number): void {
    const old = new SampleColumn();
    this.read(old, -Infinity, Infinity);
    const samples = this.#samples;
    samples.reset();
    let placed = false;
    for (let i = 0; i < old.length; i++) {
      if (!placed && old.t[i]! >= t) {
        push(samples, t, value, startMs);
        placed = true;
      }
      if (old.t[i] === t) continue;
      const known = old.stale[i] === 1 ? 'stale' : (old.histograms?.[i] ?? old.v[i]!);
      push(samples, old.t[i]!, known, old.startT?.[i] ?? 0);
    }
  }
}

function push(samples: SampleColumn, t: number, value: StoredValue, startMs: number): void {
  if (value === 'stale') samples.pushStale(t);
  else if (typeof value === 'number') samples.pushFloat(t, value);
  else samples.pushHistogram(t, value);
  if (startMs !== 0) samples.setStart(startMs);
}

/** Index of the first time not before `at`, `length` when there is none. */
function firstAtOrAfter(t: Float64Array, length: number, at: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

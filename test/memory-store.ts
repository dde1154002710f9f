import { compareLabels, compareText, type Exemplar, Labels, type Matcher } from '../src/model/index.ts';
import type { ExemplarQueryable, ExemplarSeries, Queryable, Series } from '../src/storage/index.ts';

export interface StoredSeries {
  readonly labels: Labels;
  /** ms, ascending. */
  readonly samples: readonly (readonly [t: number, v: number])[];
  readonly exemplars?: readonly Exemplar[];
}

/** A store of a few series that fit in a test's eye. */
export class MemoryStore implements Queryable, ExemplarQueryable {
  readonly #series: readonly StoredSeries[];

  constructor(series: readonly StoredSeries[]) {
    this.#series = series;
  }

  /** Series that have one sample of value 1 at each of the times. */
  static of(series: readonly Record<string, string>[], times: readonly number[] = [0]): MemoryStore {
    return new MemoryStore(
      series.map((labels) => ({ labels: Labels.from(labels), samples: times.map((t) => [t, 1] as const) })),
    );
  }

  querier(mint: number, maxt: number): ReturnType<Queryable['querier']> {
    const matching = (matchers: readonly Matcher[]) =>
      this.#series.filter(
        ({ labels, samples }) => satisfies(labels, matchers) && samples.some(([t]) => t >= mint && t <= maxt),
      );
    const limited = (values: Iterable<string>, limit = 0) => {
      const sorted = [...new Set(values)].sort(compareText);
      return { values: limit > 0 ? sorted.slice(0, limit) : sorted, warnings: [] };
    };
    return {
      mint,
      maxt,
      select: (matchers, { sorted, hints }) => {
        const found = matching(matchers);
        if (sorted) found.sort((a, b) => compareLabels(a.labels, b.labels));
        const limit = hints?.limit ?? 0;
        return { series: (limit > 0 ? found.slice(0, limit) : found).map(toSeries), warnings: [] };
      },
      labelNames: (matchers, hints) =>
        limited(
          matching(matchers).flatMap(({ labels }) => [...labels].map(([name]) => name)),
          hints?.limit,
        ),
      labelValues: (name, matchers, hints) =>
        limited(
          matching(matchers).flatMap(({ labels }) => (labels.has(name) ? [labels.get(name)] : [])),
          hints?.limit,
        ),
      close: () => {},
    };
  }

  exemplars(mint: number, maxt: number, matchers: readonly (readonly Matcher[])[]): readonly ExemplarSeries[] {
    return this.#series
      .filter(({ labels }) => matchers.some((set) => satisfies(labels, set)))
      .map(({ labels, exemplars = [] }) => ({ labels, exemplars: exemplars.filter(({ t }) => t >= mint && t <= maxt) }))
      .filter(({ exemplars }) => exemplars.length > 0);
  }
}

function satisfies(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((m) => m.matches(labels.get(m.name)));
}

function toSeries({ labels, samples }: StoredSeries): Series {
  return {
    labels,
    read: (column, mint, maxt) => {
      for (const [t, v] of samples) if (t >= mint && t <= maxt) column.pushFloat(t, v);
    },
  };
}

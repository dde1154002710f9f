import { compareLabels, compareText, type Matcher } from '../model/index.ts';
import type {
  ExemplarQueryable,
  ExemplarSeries,
  LabelHints,
  LabelNames,
  Querier,
  Queryable,
  SelectHints,
  Series,
  SeriesSet,
} from '../storage/index.ts';

type MatcherSets = readonly (readonly Matcher[])[];

/**
 * A store in which only the series exist that satisfy one of the alternatives. The asker's own matchers are applied beside them, so
 * no query can widen it.
 */
export class ScopedQueryable implements Queryable {
  readonly #storage: Queryable;
  readonly #alternatives: MatcherSets;

  constructor(storage: Queryable, alternatives: MatcherSets) {
    this.#storage = storage;
    this.#alternatives = alternatives;
  }

  querier(mint: number, maxt: number): Querier {
    return new ScopedQuerier(this.#storage.querier(mint, maxt), this.#alternatives);
  }
}

class ScopedQuerier implements Querier {
  readonly #querier: Querier;
  readonly #alternatives: MatcherSets;

  constructor(querier: Querier, alternatives: MatcherSets) {
    this.#querier = querier;
    this.#alternatives = alternatives;
  }

  get mint(): number {
    return this.#querier.mint;
  }

  get maxt(): number {
    return this.#querier.maxt;
  }

  select(
    matchers: readonly Matcher[],
    options: { sorted: boolean; hints?: SelectHints },
  ): Promise<SeriesSet> | SeriesSet {
    if (this.#alternatives.length === 1) {
      return this.#querier.select([...matchers, ...this.#alternatives[0]!], options);
    }
    return this.#selectUnion(matchers, options);
  }

  async #selectUnion(
    matchers: readonly Matcher[],
    options: { sorted: boolean; hints?: SelectHints },
  ): Promise<SeriesSet> {
    // Series are told apart by their labels here, so a store must not leave any out.
    const { grouping: _grouping, by: _by, ...hints } = options.hints ?? {};
    const narrowed = options.hints === undefined ? options : { ...options, hints: hints as SelectHints };
    const distinct = new Map<string, Series>();
    const warnings = new Set<string>();
    for (const alternative of this.#alternatives) {
      const set = await this.#querier.select([...matchers, ...alternative], narrowed);
      for (const series of set.series) {
        const key = series.labels.key();
        if (!distinct.has(key)) distinct.set(key, series);
      }
      for (const warning of set.warnings) warnings.add(warning);
    }
    const series = [...distinct.values()];
    if (options.sorted) series.sort((a, b) => compareLabels(a.labels, b.labels));
    const limit = options.hints?.limit ?? 0;
    return { series: limit > 0 ? series.slice(0, limit) : series, warnings: [...warnings] };
  }

  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> {
    return this.#union(hints, (alternative) => this.#querier.labelNames([...matchers, ...alternative], hints));
  }

  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> {
    return this.#union(hints, (alternative) => this.#querier.labelValues(name, [...matchers, ...alternative], hints));
  }

  async #union(
    hints: LabelHints | undefined,
    ask: (alternative: readonly Matcher[]) => Promise<LabelNames> | LabelNames,
  ): Promise<LabelNames> {
    const values = new Set<string>();
    const warnings = new Set<string>();
    for (const alternative of this.#alternatives) {
      const part = await ask(alternative);
      for (const value of part.values) values.add(value);
      for (const warning of part.warnings) warnings.add(warning);
    }
    const sorted = [...values].sort(compareText);
    const limit = hints?.limit ?? 0;
    return { values: limit > 0 ? sorted.slice(0, limit) : sorted, warnings: [...warnings] };
  }

  close(): void {
    this.#querier.close();
  }
}

/** The exemplars of the series that satisfy one of the alternatives. */
export class ScopedExemplars implements ExemplarQueryable {
  readonly #storage: ExemplarQueryable;
  readonly #alternatives: MatcherSets;

  constructor(storage: ExemplarQueryable, alternatives: MatcherSets) {
    this.#storage = storage;
    this.#alternatives = alternatives;
  }

  exemplars(mint: number, maxt: number, matchers: MatcherSets): readonly ExemplarSeries[] {
    const narrowed = matchers.flatMap((asked) => this.#alternatives.map((alternative) => [...asked, ...alternative]));
    return this.#storage.exemplars(mint, maxt, narrowed);
  }
}

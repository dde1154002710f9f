import type { Matcher } from '../model/index.ts';
import { mergeSeriesSets } from './merge.ts';
import type {
  ExemplarQueryable,
  ExemplarSeries,
  LabelHints,
  LabelNames,
  Querier,
  Queryable,
  SelectHints,
  SeriesSet,
} from './query.ts';
import { compareLabels, compareText } from '../model/index.ts';

/**
 * Which series somebody may see: those that satisfy all matchers of at least one alternative. No alternative: nothing; an alternative
 * without matchers: everything.
 */
export type LabelScope = readonly (readonly Matcher[])[];

/**
 * A view of a store in which only the series of a scope exist. Every read runs under scope AND the asker's matchers, so there is no
 * question whose answer tells of other series.
 */
export function restrict(store: Queryable, scope: LabelScope): Queryable {
  return { querier: (mint, maxt) => new RestrictedQuerier(store.querier(mint, maxt), scope) };
}

/** A view of a store's exemplars in which only those of a scope's series exist. */
export function restrictExemplars(store: ExemplarQueryable, scope: LabelScope): ExemplarQueryable {
  return {
    exemplars: (mint, maxt, matchers) => {
      if (scope.length === 0) return [];
      // Each matcher list is one alternative already: combining every list with every alternative of the scope keeps it so.
      const combined = matchers.flatMap((list) => scope.map((alternative) => [...alternative, ...list]));
      return sortedSeries(store.exemplars(mint, maxt, combined));
    },
  };
}

class RestrictedQuerier implements Querier {
  readonly #inner: Querier;
  readonly #scope: LabelScope;

  constructor(inner: Querier, scope: LabelScope) {
    this.#inner = inner;
    this.#scope = scope;
  }

  get mint(): number {
    return this.#inner.mint;
  }

  get maxt(): number {
    return this.#inner.maxt;
  }

  select(
    matchers: readonly Matcher[],
    options: { sorted: boolean; hints?: SelectHints },
  ): Promise<SeriesSet> | SeriesSet {
    const asked = this.#scope.length > 1 ? withAllLabels(options) : options;
    return this.#each(
      (alternative) => this.#inner.select([...alternative, ...matchers], asked),
      // A series that two alternatives show is one and the same: it must come once and not be merged with itself.
      (sets) => withoutRepeats(sets, options.sorted, options.hints?.limit ?? 0),
    );
  }

  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames {
    return this.#each((alternative) => this.#inner.labelNames([...alternative, ...matchers], hints), joinNames(hints));
  }

  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames {
    return this.#each(
      (alternative) => this.#inner.labelValues(name, [...alternative, ...matchers], hints),
      joinNames(hints),
    );
  }

  #each<T, R>(ask: (alternative: readonly Matcher[]) => Promise<T> | T, combine: (answers: T[]) => R): Promise<R> | R {
    const answers = this.#scope.map(ask);
    return answers.some((answer) => answer instanceof Promise)
      ? Promise.all(answers).then(combine)
      : combine(answers as T[]);
  }

  close(): void {
    this.#inner.close();
  }
}

/** Series of several alternatives are told apart by their labels, so the store must not leave any out. */
function withAllLabels(options: { sorted: boolean; hints?: SelectHints }): { sorted: boolean; hints?: SelectHints } {
  if (options.hints?.grouping === undefined) return options;
  const { grouping: _grouping, by: _by, ...hints } = options.hints;
  return { ...options, hints };
}

function withoutRepeats(sets: readonly SeriesSet[], sorted: boolean, limit: number): SeriesSet {
  if (sets.length <= 1) return sets[0] ?? { series: [], warnings: [] };
  const seen = new Set<string>();
  const distinct = sets.map(({ series, warnings }) => ({
    warnings,
    series: series.filter(({ labels }) => {
      const key = labels.key();
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    }),
  }));
  return mergeSeriesSets(distinct, sorted, limit);
}

function joinNames(hints: LabelHints | undefined): (lists: readonly LabelNames[]) => LabelNames {
  return (lists) => {
    const values = [...new Set(lists.flatMap((list) => list.values))].sort(compareText);
    const limit = hints?.limit ?? 0;
    return {
      values: limit > 0 ? values.slice(0, limit) : values,
      warnings: [...new Set(lists.flatMap((list) => list.warnings))],
    };
  };
}

function sortedSeries(series: readonly ExemplarSeries[]): readonly ExemplarSeries[] {
  return [...series].sort((a, b) => compareLabels(a.labels, b.labels));
}

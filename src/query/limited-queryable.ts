import type { Matcher } from '../model/index.ts';
import type { LabelHints, LabelNames, Querier, Queryable, SelectHints, Series, SeriesSet } from '../storage/index.ts';
import { QueryLimitError } from './errors.ts';

export interface SelectLimits {
  readonly maxSeries?: number | undefined;
  readonly maxSamples?: number | undefined;
}

/** A store that stops one query once it has selected too many series or read too many samples, all its selectors together. */
export function limitQueryable(storage: Queryable, limits: SelectLimits): Queryable {
  if (limits.maxSeries === undefined && limits.maxSamples === undefined) return storage;
  const spent: Spent = { series: 0, samples: 0, ...limits };
  return { querier: (mint, maxt) => new LimitedQuerier(storage.querier(mint, maxt), spent) };
}

interface Spent extends SelectLimits {
  series: number;
  samples: number;
}

class LimitedQuerier implements Querier {
  readonly #querier: Querier;
  readonly #spent: Spent;

  constructor(querier: Querier, spent: Spent) {
    this.#querier = querier;
    this.#spent = spent;
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
    const set = this.#querier.select(matchers, options);
    return set instanceof Promise ? set.then((s) => this.#charge(s)) : this.#charge(set);
  }

  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames {
    return this.#querier.labelNames(matchers, hints);
  }

  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<LabelNames> | LabelNames {
    return this.#querier.labelValues(name, matchers, hints);
  }

  close(): void {
    this.#querier.close();
  }

  #charge(set: SeriesSet): SeriesSet {
    const spent = this.#spent;
    spent.series += set.series.length;
    if (spent.maxSeries !== undefined && spent.series > spent.maxSeries) {
      throw new QueryLimitError('max_series', `query selects more than ${spent.maxSeries} series`);
    }
    if (spent.maxSamples === undefined) return set;
    return { ...set, series: set.series.map((series) => metered(series, spent)) };
  }
}

function metered(series: Series, spent: Spent): Series {
  return {
    get labels() {
      return series.labels;
    },
    read(column, mint, maxt) {
      const before = column.length;
      series.read(column, mint, maxt);
      spent.samples += column.length - before;
      if (spent.samples > spent.maxSamples!) {
        throw new QueryLimitError('max_samples', `query reads more than ${spent.maxSamples} samples`);
      }
    },
  };
}

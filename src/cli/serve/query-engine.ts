import { createEngine, type Engine, type EngineOptions, type InstantResult } from '../../promql/index.ts';
import type { QueryEngine } from '../../query/index.ts';
import type { EvaluateInstant, InstantSample } from '../../rules/index.ts';
import type { Clock } from '../../runtime/index.ts';
import { Labels } from '../../model/index.ts';
import type { Queryable } from '../../storage/index.ts';
import type { ServeOptions } from './options.ts';
import { languageOf } from './language.ts';

/** Few limits are in force at a time; more than these are made anew when they come again. */
const MAX_ENGINES = 50;

/** The engine of a server, with its sample limit given by each query. */
export class Engines {
  readonly #options: EngineOptions;
  readonly #clock: Clock;
  readonly #byLimit = new Map<number, Engine>();
  readonly #maxSamples: number;

  constructor(options: ServeOptions, clock: Clock, subqueryStepMs: () => number) {
    const { features, query } = options;
    this.#clock = clock;
    this.#maxSamples = query.maxSamples;
    this.#options = {
      clock,
      lookbackMs: query.lookbackMs,
      timeoutMs: query.timeoutMs,
      language: languageOf(features),
      defaultSubqueryStepMs: () => subqueryStepMs(),
      delayedNameRemoval: features.includes('promql-delayed-name-removal'),
      typeAndUnitLabels: features.includes('type-and-unit-labels'),
      useStartTimestamps: features.includes('use-start-timestamps'),
      perStepStats: features.includes('promql-per-step-stats'),
    };
  }

  /** What the query service runs queries with. */
  readonly queryEngine: QueryEngine = {
    execute: ({ expr, time, lookbackMs, perStepStats, queryable, maxSamples, deadlineMs, signal }) => {
      const engine = this.#engine(maxSamples);
      const options = {
        ...(lookbackMs === undefined ? {} : { lookbackMs }),
        timeoutMs: Math.max(1, deadlineMs - this.#clock.monotonic()),
        perStepStats,
        cancellation: { signal },
      };
      if (time.kind === 'instant') return engine.instant(queryable, expr, time.t, options);
      return engine.range(queryable, expr, time.startMs, time.endMs, time.stepMs, options);
    },
  };

  /** What rules and templates evaluate with. */
  evaluateOver(queryable: Queryable): EvaluateInstant {
    return async (expr, tMs) => samplesOf(await this.#engine(this.#maxSamples).instant(queryable, expr, tMs));
  }

  #engine(maxSamples: number): Engine {
    let engine = this.#byLimit.get(maxSamples);
    if (engine === undefined) {
      if (this.#byLimit.size >= MAX_ENGINES) this.#byLimit.clear();
      engine = createEngine({ ...this.#options, maxSamples });
      this.#byLimit.set(maxSamples, engine);
    }
    return engine;
  }
}

function samplesOf(result: InstantResult): readonly InstantSample[] {
  switch (result.type) {
    case 'vector':
      return result.labels.map((labels, i) => {
        const histogram = result.histograms?.[i];
        const sample = { labels, t: result.tsMs, v: result.values[i] };
        return histogram === undefined ? sample : { ...sample, histogram };
      });
    case 'scalar':
      return [{ labels: Labels.EMPTY, t: result.tsMs, v: result.value }];
    case 'string':
    case 'samples':
      throw new Error('rule result is not a vector or scalar');
  }
}

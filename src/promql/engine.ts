import { systemClock, type Clock } from '../runtime/index.ts';
import type { Queryable } from '../storage/index.ts';
import { QueryError } from './errors.ts';
import { Execution } from './execution.ts';
import { EvaluationContext } from './operators/context.ts';
import type { Expr } from './parse/ast.ts';
import { describeType, typeOf } from './parse/check.ts';
import { parseExpr } from './parse/parser.ts';
import type { ParseOptions } from './parse/token-reader.ts';
import type { Plan, PlanContext } from './plan/node.ts';
import { planQuery } from './plan/plan.ts';
import { printPlan } from './plan/print.ts';
import type { InstantResult, MatrixResult, QueryOutcome, QueryStats } from './result.ts';
import type { QueryOptions, QueryRunner, RangeQueryOptions } from './runner.ts';

export interface EngineOptions {
  /** How old a sample may be to count at an instant; 5 minutes. */
  readonly lookbackMs?: number;
  /** Most samples a query may hold, counted as Prometheus counts them; 50 million. */
  readonly maxSamples?: number;
  /** Most bytes a query may keep; 2 GiB. */
  readonly maxMemoryBytes?: number;
  readonly timeoutMs?: number;
  /** Resolution of subqueries that name none, in ms, by their range; one minute. */
  readonly defaultSubqueryStepMs?: number | ((rangeMs: number) => number);
  /** Which parts of the language are on. */
  readonly language?: ParseOptions;
  /** Names are dropped at the end of the query only (`promql-delayed-name-removal`). */
  readonly delayedNameRemoval?: boolean;
  /** `__type__` tells what a counter is (`type-and-unit-labels`). */
  readonly typeAndUnitLabels?: boolean;
  /** Start timestamps tell of counter resets (`use-start-timestamps`). */
  readonly useStartTimestamps?: boolean;
  /** Queries may ask for statistics by step (`promql-per-step-stats`). */
  readonly perStepStats?: boolean;
  /**
   * How long a query may run before other work on the thread gets its turn, ms; 10. Infinity on a thread of its own: it is then
   * cancelled by `Cancellation.flag` only.
   */
  readonly sliceMs?: number;
  readonly clock?: Clock;
}

/** Answers PromQL queries over any storage. */
export interface Engine {
  /** @throws {ParseError} @throws {QueryError} */
  instant(queryable: Queryable, query: string, tsMs: number, options?: QueryOptions): Promise<InstantResult>;
  /** @param stepMs > 0 @throws {ParseError} @throws {QueryError} */
  range(
    queryable: Queryable,
    query: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    options?: RangeQueryOptions,
  ): Promise<MatrixResult>;
  /** The plan of a query as text; an instant query when `stepMs` is 0. @throws {ParseError} @throws {QueryError} */
  explain(query: string, startMs: number, endMs: number, stepMs: number): string;
  /** The engine with a storage to ask. */
  runner(queryable: Queryable): QueryRunner;
}

const MINUTE_MS = 60_000;

/** Makes an engine. It keeps nothing between queries, so one serves any number of them at a time. */
export function createEngine(options: EngineOptions = {}): Engine {
  const clock = options.clock ?? systemClock;
  const subqueryStep = options.defaultSubqueryStepMs ?? MINUTE_MS;
  const defaultSubqueryStepMs = typeof subqueryStep === 'number' ? (): number => subqueryStep : subqueryStep;

  const engine: Engine = {
    async instant(queryable, query, tsMs, queryOptions = {}) {
      const began = clock.monotonic();
      const plan = makePlan(parse(query), tsMs, tsMs, 0, queryOptions);
      return execute(queryable, query, plan, queryOptions, began, async (execution, outcome) => {
        const value = await execution.instant();
        return value.type === 'samples' ? { ...value, ...outcome() } : { ...value, tsMs, ...outcome() };
      });
    },

    async range(queryable, query, startMs, endMs, stepMs, queryOptions = {}) {
      const began = clock.monotonic();
      if (!(stepMs > 0)) {
        throw new QueryError(
          'bad_data',
          'zero or negative query resolution step widths are not accepted. Try a positive integer',
        );
      }
      const expr = parse(query);
      const type = typeOf(expr);
      if (type !== 'vector' && type !== 'scalar') {
        const described = `"${describeType(type)}"`;
        throw new QueryError(
          'bad_data',
          `invalid expression type ${described} for range query, must be Scalar or instant Vector`,
        );
      }
      const plan = makePlan(expr, startMs, endMs, stepMs, queryOptions);
      return execute(queryable, query, plan, queryOptions, began, async (execution, outcome) => {
        const series = await execution.range(queryOptions.onSeries);
        return { type: 'matrix', grid: plan.grid, series, ...outcome() };
      });
    },

    explain(query, startMs, endMs, stepMs) {
      return printPlan(makePlan(parse(query), startMs, endMs, stepMs, {}));
    },

    runner(queryable) {
      return {
        instant: (query, tsMs, queryOptions) => engine.instant(queryable, query, tsMs, queryOptions),
        range: (query, startMs, endMs, stepMs, queryOptions) =>
          engine.range(queryable, query, startMs, endMs, stepMs, queryOptions),
      };
    },
  };
  return engine;

  function parse(query: string): Expr {
    return parseExpr(query, options.language);
  }

  function makePlan(expr: Expr, startMs: number, endMs: number, stepMs: number, queryOptions: QueryOptions): Plan {
    const context: PlanContext = {
      startMs,
      endMs,
      stepMs,
      lookbackMs: lookbackOf(queryOptions),
      defaultSubqueryStepMs,
      delayedNameRemoval: options.delayedNameRemoval === true,
      keepsAllLabels: options.delayedNameRemoval === true || options.typeAndUnitLabels === true,
    };
    return planQuery(expr, context);
  }

  function lookbackOf({ lookbackMs }: QueryOptions): number {
    return lookbackMs !== undefined && lookbackMs > 0 ? lookbackMs : (options.lookbackMs ?? 5 * MINUTE_MS);
  }

  async function execute<R>(
    queryable: Queryable,
    query: string,
    plan: Plan,
    queryOptions: QueryOptions,
    beganMs: number,
    run: (execution: Execution, outcome: () => QueryOutcome) => Promise<R>,
  ): Promise<R> {
    const timeoutMs = Math.min(options.timeoutMs ?? 2 * MINUTE_MS, queryOptions.timeoutMs ?? Infinity);
    const perStepStats = options.perStepStats === true && queryOptions.perStepStats === true;
    const context = new EvaluationContext({
      clock,
      deadlineMs: beganMs + timeoutMs,
      cancellation: queryOptions.cancellation ?? {},
      lookbackMs: lookbackOf(queryOptions),
      maxMemoryBytes: options.maxMemoryBytes ?? 2 ** 31,
      maxSamples: Math.min(options.maxSamples ?? 50_000_000, queryOptions.maxSamples ?? Infinity),
      perStepStats,
      delayedNameRemoval: options.delayedNameRemoval === true,
      typeAndUnitLabels: options.typeAndUnitLabels === true,
      useStartTimestamps: options.useStartTimestamps === true,
      sliceMs: options.sliceMs ?? 10,
    });
    context.look();
    const querier = queryable.querier(plan.mint, plan.maxt);
    try {
      const evaluationMs = clock.monotonic();
      const execution = new Execution(plan, querier, context);
      return await run(execution, () => ({
        ...context.annotations.texts(query),
        stats: statsOf(execution, plan, perStepStats, { beganMs, evaluationMs, endMs: clock.monotonic() }),
      }));
    } finally {
      querier.close();
    }
  }
}

function statsOf(
  execution: Execution,
  { grid }: Plan,
  perStepStats: boolean,
  { beganMs, evaluationMs, endMs }: { beganMs: number; evaluationMs: number; endMs: number },
): QueryStats {
  const { usage, preparedMs, sortMs } = execution;
  const preparationMs = preparedMs === 0 ? 0 : preparedMs - evaluationMs;
  const bySteps = (counts: Float64Array = new Float64Array(grid.steps)): (readonly [number, number])[] =>
    Array.from(counts, (count, i) => [grid.startMs + i * grid.stepMs, count] as const);
  return {
    timings: {
      evalTotalTime: (endMs - evaluationMs) / 1000,
      resultSortTime: sortMs / 1000,
      queryPreparationTime: preparationMs / 1000,
      innerEvalTime: (endMs - evaluationMs - preparationMs) / 1000,
      execQueueTime: 0,
      execTotalTime: (endMs - beganMs) / 1000,
    },
    samples: {
      totalQueryableSamples: usage.total,
      samplesRead: usage.read,
      peakSamples: usage.peak,
      ...(perStepStats
        ? {
            totalQueryableSamplesPerStep: bySteps(usage.totalPerStep),
            samplesReadPerStep: bySteps(usage.readPerStep),
          }
        : {}),
    },
  };
}

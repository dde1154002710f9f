import { formatDuration, quoteGo } from '../model/index.ts';
import type { Clock, Logger, Registry } from '../runtime/index.ts';
import type { Queryable } from '../storage/index.ts';
import type { QueryEngine, QueryTime } from './engine.ts';
import { QueryLimitError, QueueError } from './errors.ts';
import { FairQueue } from './fair-queue.ts';
import { limitQueryable } from './limited-queryable.ts';
import type { QueryResult, QueryStats } from '../promql/index.ts';

/** What may be spent on the queries of one identity; absent: what the server allows. */
export interface QueryLimits {
  readonly maxSeries?: number;
  readonly maxSamples?: number;
  readonly maxRangeMs?: number;
  readonly maxDurationMs?: number;
  readonly maxConcurrency?: number;
}

/** Who asks, and what exists for them. */
export interface Asker {
  /** The same for all queries that share a turn and a concurrency limit. */
  readonly owner: string;
  /** As the query list and the log name them. */
  readonly name: string;
  readonly limits: QueryLimits;
  readonly queryable: Queryable;
  /** Aborted when they have gone. */
  readonly signal?: AbortSignal;
}

export interface QueryRequest {
  readonly expr: string;
  readonly time: QueryTime;
  readonly timeoutMs?: number;
  readonly lookbackMs?: number;
  readonly perStepStats?: boolean;
}

/** Seconds a query spent, by what it did. */
export interface QueryTimings {
  readonly queueSeconds: number;
  readonly evalSeconds: number;
}

export interface ActiveQuery {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly expr: string;
  readonly time: QueryTime;
  /** ms since the epoch. */
  readonly startedMs: number;
  readonly state: 'queued' | 'running';
}

/** One line of the query log. */
export interface QueryLogEntry {
  readonly query: Omit<ActiveQuery, 'state'>;
  readonly timings: QueryTimings;
  readonly result: QueryResult | undefined;
  readonly error: unknown;
}

export interface QueryServiceOptions {
  readonly engine: QueryEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  readonly maxSamples: number;
  /** Queries that take longer are logged; 0: none. */
  readonly slowMs: number;
  /** Told of every query that was evaluated, for Prometheus's `query_log_file`. */
  readonly onFinished?: (entry: QueryLogEntry) => void;
}

/** Most queries of one identity that may wait. */
const MAX_WAITING = 200;
/** Longest piece of a query's text in a log line. */
const LOGGED_CHARACTERS = 2000;

type Entry = { -readonly [K in keyof ActiveQuery]: ActiveQuery[K] } & { readonly cancel: AbortController };

/** Queries as a service: who may run how many, for how long, and which are running. */
export class QueryService {
  readonly #options: QueryServiceOptions;
  readonly #queue: FairQueue;
  readonly #active = new Map<string, Entry>();
  readonly #queueSeconds;
  readonly #evalSeconds;
  readonly #slow;
  #lastId = 0;

  constructor(options: QueryServiceOptions) {
    this.#options = options;
    const { registry, maxConcurrency, clock } = options;
    this.#queue = new FairQueue({ slots: maxConcurrency, maxWaitingOfOwner: MAX_WAITING, clock });
    registry.gaugeFunction(
      'prometheus_engine_queries',
      'The current number of queries being executed or waiting.',
      () => this.#active.size,
    );
    registry.gaugeFunction(
      'prometheus_engine_queries_concurrent_max',
      'The max number of concurrent queries.',
      () => maxConcurrency,
    );
    const durations = registry.summaryVec('prometheus_engine_query_duration_seconds', 'Query timings.', ['slice']);
    this.#queueSeconds = durations.with('queue_time');
    this.#evalSeconds = durations.with('inner_eval');
    this.#slow = registry.counter(
      'yagura_slow_queries_total',
      'Queries that took longer than the slow-query threshold.',
    );
  }

  /** Queries that wait or run now, oldest first. */
  active(): readonly ActiveQuery[] {
    return [...this.#active.values()].map(({ cancel: _cancel, ...query }) => query);
  }

  /** @returns whether there was such a query */
  cancel(id: string): boolean {
    const entry = this.#active.get(id);
    entry?.cancel.abort();
    return entry !== undefined;
  }

  /** Stops every query. */
  close(): void {
    for (const { cancel } of this.#active.values()) cancel.abort();
  }

  /**
   * Waits for a turn and evaluates.
   *
   * @throws what {@link QueryEngine.execute} throws, and
   * @throws {QueryLimitError} when the query would exceed a limit of the asker
   * @throws {TooManyQueriesError} when the asker has too many queries
   * @throws {QueueError} when time ran out or the query was cancelled before its turn
   */
  async run(request: QueryRequest, asker: Asker): Promise<QueryResult> {
    checkRange(request.time, asker.limits);
    const { clock, timeoutMs } = this.#options;
    const cancel = new AbortController();
    const onGone = () => {
      cancel.abort();
    };
    if (asker.signal?.aborted === true) cancel.abort();
    asker.signal?.addEventListener('abort', onGone);
    const entry: Entry = {
      id: String(++this.#lastId),
      owner: asker.owner,
      name: asker.name,
      expr: request.expr,
      time: request.time,
      startedMs: clock.now(),
      state: 'queued',
      cancel,
    };
    this.#active.set(entry.id, entry);
    const allowedMs = Math.min(timeoutMs, request.timeoutMs ?? Infinity, asker.limits.maxDurationMs ?? Infinity);
    try {
      return await this.#evaluate(request, asker, entry, clock.monotonic() + allowedMs);
    } finally {
      this.#active.delete(entry.id);
      asker.signal?.removeEventListener('abort', onGone);
    }
  }

  async #evaluate(request: QueryRequest, asker: Asker, entry: Entry, deadlineMs: number): Promise<QueryResult> {
    const { clock, engine, maxSamples } = this.#options;
    const { limits } = asker;
    const queuedMs = clock.monotonic();
    const release = await this.#queue.acquire({
      owner: asker.owner,
      maxOfOwner: limits.maxConcurrency ?? Infinity,
      deadlineMs,
      signal: entry.cancel.signal,
    });
    if (entry.cancel.signal.aborted) {
      release();
      throw new QueueError('canceled');
    }
    const startedMs = clock.monotonic();
    const queueSeconds = (startedMs - queuedMs) / 1000;
    entry.state = 'running';
    let result: QueryResult | undefined;
    let failure: unknown;
    try {
      const evaluated = await engine.execute({
        expr: request.expr,
        time: request.time,
        ...(request.lookbackMs === undefined ? {} : { lookbackMs: request.lookbackMs }),
        perStepStats: request.perStepStats ?? false,
        queryable: limitQueryable(asker.queryable, limits),
        maxSamples,
        deadlineMs,
        signal: entry.cancel.signal,
      });
      result = { ...evaluated, stats: withQueueTime(evaluated.stats, queueSeconds) };
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      release();
      const evalSeconds = (clock.monotonic() - startedMs) / 1000;
      this.#finished(entry, { queueSeconds, evalSeconds }, result, failure);
    }
  }

  #finished(entry: Entry, timings: QueryTimings, result: QueryResult | undefined, error: unknown): void {
    const { slowMs, logger, onFinished } = this.#options;
    this.#queueSeconds.observe(timings.queueSeconds);
    this.#evalSeconds.observe(timings.evalSeconds);
    if (slowMs > 0 && timings.evalSeconds * 1000 > slowMs) {
      this.#slow.inc();
      logger.warn('Slow query', {
        query: entry.expr.slice(0, LOGGED_CHARACTERS),
        by: entry.name,
        ...(entry.time.kind === 'instant'
          ? { time: entry.time.t / 1000 }
          : { start: entry.time.startMs / 1000, end: entry.time.endMs / 1000, step: entry.time.stepMs / 1000 }),
        seconds: timings.evalSeconds,
        samples: result?.stats.samples.totalQueryableSamples,
        error,
      });
    }
    const { cancel: _cancel, state: _state, ...query } = entry;
    onFinished?.({ query, timings, result, error });
  }
}

function withQueueTime(stats: QueryStats, queueSeconds: number): QueryStats {
  const { timings } = stats;
  const execTotalTime = timings.execTotalTime + queueSeconds;
  return { ...stats, timings: { ...timings, execQueueTime: queueSeconds, execTotalTime } };
}

function checkRange(time: QueryTime, { maxRangeMs }: QueryLimits): void {
  if (time.kind === 'instant' || maxRangeMs === undefined) return;
  const rangeMs = time.endMs - time.startMs;
  if (rangeMs > maxRangeMs) {
    throw new QueryLimitError(
      'max_range',
      `query range of ${quoteGo(formatDuration(rangeMs))} is longer than ${quoteGo(formatDuration(maxRangeMs))}`,
    );
  }
}

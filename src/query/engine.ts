import type { Queryable } from '../storage/index.ts';
import type { QueryResult } from '../promql/index.ts';

/** When a query is evaluated: at one instant, or at steps. Times in ms. */
export type QueryTime =
  | { readonly kind: 'instant'; readonly t: number }
  | { readonly kind: 'range'; readonly startMs: number; readonly endMs: number; readonly stepMs: number };

/** One query with all it may use and spend. */
export interface Execution {
  readonly expr: string;
  readonly time: QueryTime;
  /** Overrides the server's lookback. */
  readonly lookbackMs?: number;
  /** Count samples by step too. */
  readonly perStepStats: boolean;
  /** Holds only what exists for whoever asks. */
  readonly queryable: Queryable;
  /** Most samples in memory at a time, as Prometheus counts them. */
  readonly maxSamples: number;
  /** Monotonic ms of the clock at which the query has to be over. */
  readonly deadlineMs: number;
  /** Aborted when the query is cancelled or whoever asked has gone. */
  readonly signal: AbortSignal;
}

/** What evaluates queries: the engine in this thread, or workers. */
export interface QueryEngine {
  /**
   * @throws {ParseError} when the expression does not parse
   * @throws {QueryError} when it has no result
   * @throws {StorageError} when data cannot be read
   */
  execute(execution: Execution): Promise<QueryResult>;
}

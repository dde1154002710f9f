import type { Cancellation } from './operators/context.ts';
import type { Column, StepGrid } from './column.ts';
import type { Labels } from '../model/index.ts';
import type { InstantResult, MatrixResult } from './result.ts';

/** What one query may ask for besides its text and time. */
export interface QueryOptions {
  /** In place of the engine's lookback. */
  readonly lookbackMs?: number;
  /** In place of the engine's timeout; the shorter one counts. */
  readonly timeoutMs?: number;
  /** In place of the engine's limit; the smaller one counts. */
  readonly maxSamples?: number;
  readonly cancellation?: Cancellation;
  /** Count samples by step, if the engine allows it. */
  readonly perStepStats?: boolean;
}

export interface RangeQueryOptions extends QueryOptions {
  /**
   * Takes each series, in label order, as soon as it is computed; `column` is used again for the next. The result has no series then,
   * and the query needs no memory for them. A query may still fail after some series.
   */
  readonly onSeries?: (labels: Labels, column: Column, grid: StepGrid) => void;
}

/**
 * Something that answers PromQL queries over a storage it knows: what rules and the API are given.
 *
 * @throws {ParseError} for a text that is no query
 * @throws {QueryError} for a query that cannot be answered
 */
export interface QueryRunner {
  instant(query: string, tsMs: number, options?: QueryOptions): Promise<InstantResult>;
  /** @param stepMs > 0 @param endMs ≥ startMs */
  range(
    query: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    options?: RangeQueryOptions,
  ): Promise<MatrixResult>;
}

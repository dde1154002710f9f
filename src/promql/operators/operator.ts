import type { Labels } from '../../model/index.ts';
import type { Column, StepGrid } from '../column.ts';
import type { Usage } from './usage.ts';

/**
 * A part of a plan at work. It knows its output series before any of their samples, and yields one series at a time as a column over
 * all steps.
 *
 * The life of an operator: `prepare` once (runs selects), then `advance` until it returns true (buffers what must be known before
 * the first series; most operators have nothing to buffer), then `size`, `labels` and `read`. After an error it is not used again.
 */
export interface Evaluable {
  readonly grid: StepGrid;
  /** Runs the selects of this part. Idempotent: a shared part is prepared by each of its users. */
  prepare(): Promise<void>;
  /**
   * Does the work that has to come before the first series, for about a slice of time.
   *
   * @returns true when all is done; calling it then again is cheap
   */
  advance(): boolean;
  /** What the part took; asked for when all its series have been read. */
  usage(): Usage;
}

/** A part that yields an instant vector per step. */
export interface VectorOperator extends Evaluable {
  readonly type: 'vector';
  /** Number of output series. Some may turn out to have no sample at any step. Known after `advance`. */
  readonly size: number;
  /** The metric name all series have, `''` when none has any name; undefined when it is not known to be one. */
  readonly metricName: string | undefined;
  /** Reading a series may do more than fill a column: note something about the query, or fail. Known after `advance`. */
  readonly readMatters: boolean;
  /** Labels of series `i`; built anew where they are not the storage's own. */
  labels(i: number): Labels;
  /** The metadata labels of series `i` are to be dropped at the end of the query. Only with delayed name removal. */
  dropsName(i: number): boolean;
  /**
   * Writes every step of series `i` to `out`, whatever it held before. Any order, any number of times; reading in ascending order is
   * cheapest. Never called for a series that is not there.
   *
   * @throws {QueryError}
   */
  read(i: number, out: Column): void;
}

/** A part that yields one number per step. */
export interface ScalarOperator extends Evaluable {
  readonly type: 'scalar';
  /** One number per step, the same array at every call; borrowed, read only. */
  values(): Float64Array;
}

export type Operator = ScalarOperator | VectorOperator;

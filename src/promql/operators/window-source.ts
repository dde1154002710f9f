import type { Labels } from '../../model/index.ts';
import type { Usage } from './usage.ts';
import type { WindowShape, Windows } from './windows.ts';

/** Where a range-vector function gets its series from: a matrix selector or a subquery. */
export interface WindowSource {
  readonly shape: WindowShape;
  /** See the operator's members of the same names. */
  prepare(): Promise<void>;
  advance(): boolean;
  readonly size: number;
  readonly metricName: string | undefined;
  readonly readMatters: boolean;
  labels(i: number): Labels;
  dropsName(i: number): boolean;
  /** Series `i` with its windows; valid until the next call. */
  load(i: number): Windows;
  /** What reading took, windows not counted. */
  usage(): Usage;
}

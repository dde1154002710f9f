import type { FloatHistogram, Labels } from '../model/index.ts';
import type { Annotations } from './annotations.ts';
import type { Column, StepGrid } from './column.ts';
import type { PositionRange } from './parse/ast.ts';

/**
 * What stands around one call of a function, the same for all series of the call.
 *
 * Arguments are counted as written. A scalar argument is one number per step; a string argument is its text.
 */
export interface FunctionCall {
  readonly name: string;
  readonly grid: StepGrid;
  /** By argument; `scalars[a][i]` at step i. Undefined for arguments that are not scalars. Borrowed: read only. */
  readonly scalars: readonly (Float64Array | undefined)[];
  /** By argument; undefined for arguments that are not strings. */
  readonly strings: readonly (string | undefined)[];
  /** Number of arguments written. */
  readonly argCount: number;
  readonly pos: PositionRange;
  /** Position of each argument as written, for annotations. */
  readonly argPos: readonly PositionRange[];
  readonly annotations: Annotations;
  /** Metric names stay until the end of the query; annotations of whole-vector functions then carry them. */
  readonly delayedNameRemoval: boolean;
}

/**
 * The samples of one series with their windows, for a function of a range vector.
 *
 * Floats and native histograms stand in separate lists, each ascending in time, staleness markers removed. The window of step i
 * holds the floats `from[i] ≤ j < to[i]` and the histograms `histograms.from[i] ≤ j < histograms.to[i]`; `from` and `to` never fall
 * from one step to the next, so a kernel may carry state from window to window.
 *
 * A window covers the times `(rangeEnd - rangeMs, rangeEnd]` of `RangeCall`; with `extension`, also the lookback before it
 * (`anchored`) or on both sides (`smoothed`).
 *
 * All arrays are borrowed for the call, reused for the next series, and longer than what is used.
 */
export interface RangeInput {
  /** The labels of the input series, metric name included. */
  readonly labels: Labels;
  readonly t: Float64Array;
  readonly v: Float64Array;
  /** Number of floats in `t` and `v`. */
  readonly length: number;
  /** Start timestamps of the floats, ms, 0 for unknown; only where the query uses them. */
  readonly startT: Float64Array | undefined;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Present when the series has histograms at all; most have none. */
  readonly histograms: RangeHistograms | undefined;
}

/** The histogram samples of a series; see `RangeInput`. */
export interface RangeHistograms {
  readonly t: Float64Array;
  /** Shared: copy before changing one. */
  readonly h: readonly FloatHistogram[];
  readonly length: number;
  readonly startT: Float64Array | undefined;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** The call of a range-vector function. The window of step i ends at `firstEndMs + i * endStepMs`. */
export interface RangeCall extends FunctionCall {
  /** Index of the range-vector argument. */
  readonly rangeArg: number;
  readonly rangeMs: number;
  /** End of the first window: the first step, less the offset, or the time `@` names. */
  readonly firstEndMs: number;
  /** 0 when `@` pins every window to the same place; else the grid's step. */
  readonly endStepMs: number;
  /** `anchored` or `smoothed` was written; only the functions that admit it are called with it. */
  readonly extension: 'anchored' | 'smoothed' | undefined;
  readonly lookbackMs: number;
  /** The window comes from a subquery. */
  readonly overSubquery: boolean;
}

/**
 * A function of a range vector: writes every step of `out` for one series, in one pass.
 *
 * `out` comes with all steps absent; the kernel sets `values[i]` and `kinds[i] = FLOAT`, or calls `out.setHistogram`. A step whose
 * window holds no sample at all stays absent.
 *
 * @throws {QueryError} code `execution`, for parameters outside the function's domain
 */
export type RangeKernel = (input: RangeInput, call: RangeCall, out: Column) => void;

/** rate, sum_over_time, quantile_over_time … */
export interface RangeFunction {
  readonly kind: 'range';
  readonly kernel: RangeKernel;
  /** `last_over_time` and `first_over_time` keep the metric name. */
  readonly keepsName?: boolean;
}

/**
 * A function of each sample: changes `column` in place. Steps that are absent stay so; a step the function has no result for
 * (a histogram given to `abs`, a float to `histogram_count`) becomes absent.
 *
 * For day_of_month() and its like without argument, the engine passes the steps' own times in seconds as the column, without labels.
 */
export interface ElementFunction {
  readonly kind: 'element';
  readonly apply: (column: Column, call: FunctionCall) => void;
  /** Labels dropped from the result: the metadata labels (`__name__`, `__type__`, `__unit__`) unless the function says otherwise. */
  readonly drops?: 'metadata' | 'name';
  /** The argument defaults to `vector(time())`. */
  readonly timeByDefault?: boolean;
}

/** time, pi, max_of, min_of: writes one number per step. */
export interface ScalarFunction {
  readonly kind: 'scalar';
  readonly fill: (call: FunctionCall, out: Float64Array) => void;
}

/**
 * label_replace, label_join: labels in, labels out; values are left alone.
 *
 * `compile` checks the string arguments once (`call.strings`) and returns the mapping.
 */
export interface LabelFunction {
  readonly kind: 'label';
  /** @throws {QueryError} code `execution` for a bad pattern or label name, in Prometheus's words */
  readonly compile: (call: FunctionCall) => LabelMapping;
}

export interface LabelMapping {
  /** Returns the very set it was given where nothing is written (the pattern does not match). */
  readonly map: (labels: Labels) => Labels;
  /** The label that is written: `__name__` brings back a name that was to be dropped. */
  readonly target: string;
}

/**
 * histogram_quantile, histogram_quantiles, histogram_fraction: several input series make one output series.
 *
 * The engine calls `plan` once with the labels of all input series, and then for each group, in order, `evaluate` with the group's
 * input columns. Outputs with equal labels are merged, or refused where they overlap, by the engine: the plan need not care.
 */
export interface GroupFunction {
  readonly kind: 'group';
  readonly plan: (inputs: readonly Labels[], call: FunctionCall) => readonly SeriesGroup[];
  /**
   * @param inputs columns of `group.inputs`, in that order; borrowed, read only
   * @param out one column for each of `group.outputs`, all steps absent
   */
  readonly evaluate: (
    group: SeriesGroup,
    inputs: readonly Column[],
    call: FunctionCall,
    out: readonly Column[],
  ) => void;
}

export interface SeriesGroup {
  /** Indices of the input series. */
  readonly inputs: readonly number[];
  /**
   * Labels of the output series. With `call.delayedNameRemoval` they keep the metadata labels, which the engine drops at the end;
   * otherwise the function drops them.
   */
  readonly outputs: readonly Labels[];
  /** Whatever `evaluate` wants to know again, for example the bucket bounds. */
  readonly detail?: unknown;
}

/**
 * Functions that are operators of the engine itself, because they need the plan, the storage or the order of series: scalar, vector,
 * absent, absent_over_time, sort, sort_desc, sort_by_label, sort_by_label_desc, timestamp, start_timestamp, info, and start, end,
 * step, range, which the planner folds into numbers. They are not in the table.
 */
export type FunctionImplementation = ElementFunction | GroupFunction | LabelFunction | RangeFunction | ScalarFunction;

/** Every function by name, but those the engine is itself. */
export type FunctionTable = ReadonlyMap<string, FunctionImplementation>;

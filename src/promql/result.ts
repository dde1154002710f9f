import type { FloatHistogram } from '../model/histogram/index.ts';
import type { Labels } from '../model/index.ts';
import type { Column, StepGrid } from './column.ts';

/** What a query came to, whatever its value. */
export interface QueryOutcome {
  /** Texts with their places, at most ten of each kind and one line that counts the rest. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

/** One number, at the instant of the query. */
export interface ScalarResult extends QueryOutcome {
  readonly type: 'scalar';
  readonly tsMs: number;
  readonly value: number;
}

export interface StringResult extends QueryOutcome {
  readonly type: 'string';
  readonly tsMs: number;
  readonly value: string;
}

/**
 * One sample per series, all at `tsMs`, in the order of the evaluation: `values[i]` belongs to `labels[i]` unless `histograms[i]` is
 * there. `histograms` exists only when some series has one.
 */
export interface VectorResult extends QueryOutcome {
  readonly type: 'vector';
  readonly tsMs: number;
  readonly labels: readonly Labels[];
  readonly values: Float64Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

/** One column per series over the steps of a range query; series in label order, none without a sample. */
export interface MatrixResult extends QueryOutcome {
  readonly type: 'matrix';
  readonly grid: StepGrid;
  readonly series: readonly MatrixSeries[];
}

export interface MatrixSeries {
  readonly labels: Labels;
  readonly column: Column;
}

/** The samples of a range vector, as an instant query for one yields them, at their own times; series in label order. */
export interface SamplesResult extends QueryOutcome {
  readonly type: 'samples';
  readonly series: readonly SampleSeries[];
}

/** `values[i]` at `t[i]` (ms, ascending) unless `histograms[i]` is there. */
export interface SampleSeries {
  readonly labels: Labels;
  readonly t: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

/** What an instant query yields; `samples` is a matrix to the API's clients. */
export type InstantResult = SamplesResult | ScalarResult | StringResult | VectorResult;

export type QueryResult = InstantResult | MatrixResult;

/** How much a query took. Times in seconds, samples counted as Prometheus counts them. */
export interface QueryStats {
  readonly timings: {
    readonly evalTotalTime: number;
    readonly resultSortTime: number;
    readonly queryPreparationTime: number;
    readonly innerEvalTime: number;
    readonly execQueueTime: number;
    readonly execTotalTime: number;
  };
  readonly samples: {
    readonly totalQueryableSamples: number;
    readonly samplesRead: number;
    readonly peakSamples: number;
    /** By step, where per-step statistics were asked for. */
    readonly totalQueryableSamplesPerStep?: readonly (readonly [tsMs: number, samples: number])[];
    readonly samplesReadPerStep?: readonly (readonly [tsMs: number, samples: number])[];
  };
}

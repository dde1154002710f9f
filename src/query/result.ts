import type { FloatHistogram, Labels } from '../model/index.ts';

/** The instants of a range query: `startMs + i * stepMs` for `0 ≤ i < steps`. */
export interface StepGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** One series over the steps of a grid; `kinds[i]` says whether step i has a float (1), a histogram (2) or nothing (0). */
export interface StepColumn {
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

type Histograms = readonly (FloatHistogram | undefined)[] | undefined;

/** What a query came to. `histograms[i]`, where it is there, counts in place of `values[i]`; times in ms. */
export type QueryValue =
  | { readonly type: 'scalar'; readonly tsMs: number; readonly value: number }
  | { readonly type: 'string'; readonly tsMs: number; readonly value: string }
  | {
      readonly type: 'vector';
      readonly tsMs: number;
      readonly labels: readonly Labels[];
      readonly values: Float64Array;
      readonly histograms: Histograms;
    }
  /** Of a range query, series in label order. */
  | {
      readonly type: 'matrix';
      readonly grid: StepGrid;
      readonly series: readonly { readonly labels: Labels; readonly column: StepColumn }[];
    }
  /** Of an instant query for a range vector: samples at their own times. */
  | {
      readonly type: 'samples';
      readonly series: readonly {
        readonly labels: Labels;
        readonly t: Float64Array;
        readonly values: Float64Array;
        readonly histograms: Histograms;
      }[];
    };

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
    readonly totalQueryableSamplesPerStep?: readonly (readonly [tsMs: number, samples: number])[];
    readonly samplesReadPerStep?: readonly (readonly [tsMs: number, samples: number])[];
  };
}

/** A value with what its reader should know besides. */
export type QueryResult = QueryValue & {
  /** As they are shown: with positions, at most ten of each kind and a line that counts the rest. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
};

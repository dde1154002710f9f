import type { FloatHistogram } from '../model/index.ts';

/**
 * The instants a query is evaluated at: `startMs + i * stepMs` for `0 ≤ i < steps`. An instant query is one step; its `stepMs` is
 * then 1 and without meaning.
 */
export interface StepGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** The last instant of the grid, ms. */
export function gridEnd(grid: StepGrid): number {
  return grid.startMs + (grid.steps - 1) * grid.stepMs;
}

/** `Column.kinds[i]`: no sample at the step. */
export const ABSENT = 0;
/** `Column.kinds[i]`: a float, in `values[i]`. */
export const FLOAT = 1;
/** `Column.kinds[i]`: a native histogram, in `histograms[i]`. */
export const HISTOGRAM = 2;

/**
 * One output series over all steps.
 *
 * `kinds[i]`, `values[i]` and `histograms[i]` belong to the instant `grid.startMs + i * grid.stepMs`; `kinds` says which of the other
 * two counts (`ABSENT`, `FLOAT`, `HISTOGRAM`). Where it is not `FLOAT`, `values[i]` is undefined: it may hold anything. `histograms`
 * exists only when some step may hold one, so most columns are two typed arrays.
 *
 * A column is passed in to be filled, and belongs to whoever passed it in. Its histograms are shared and never changed in place:
 * whoever computes a new one copies first.
 */
export class Column {
  readonly steps: number;
  readonly values: Float64Array;
  readonly kinds: Uint8Array;
  histograms: (FloatHistogram | undefined)[] | undefined = undefined;

  constructor(steps: number) {
    this.steps = steps;
    this.values = new Float64Array(steps);
    this.kinds = new Uint8Array(steps);
  }

  /** Makes every step absent. */
  clear(): void {
    this.kinds.fill(ABSENT);
    this.histograms = undefined;
  }

  /** Puts a histogram at step `i`; the column shares it. */
  setHistogram(i: number, histogram: FloatHistogram): void {
    this.kinds[i] = HISTOGRAM;
    (this.histograms ??= [])[i] = histogram;
  }

  /** Puts `value` at every step. */
  fillFloat(value: number): void {
    this.values.fill(value);
    this.kinds.fill(FLOAT);
    this.histograms = undefined;
  }

  copyFrom(source: Column): void {
    this.values.set(source.values);
    this.kinds.set(source.kinds);
    this.histograms = source.histograms?.slice();
  }

  get isEmpty(): boolean {
    const { kinds } = this;
    for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) return false;
    return true;
  }
}

import { histogramSize, type FloatHistogram } from '../model/histogram/index.ts';

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

  /** `kinds` four at a time, for counting; what lies beyond the last step is `ABSENT`. */
  readonly #words: Uint32Array;

  constructor(steps: number) {
    this.steps = steps;
    this.values = new Float64Array(steps);
    const kinds = new ArrayBuffer((steps + 3) & ~3);
    this.kinds = new Uint8Array(kinds, 0, steps);
    this.#words = new Uint32Array(kinds);
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

  /** Whether there is a float at every step. */
  get isAllFloats(): boolean {
    const words = this.#words;
    const last = this.steps >> 2;
    for (let i = 0; i < last; i++) if (words[i] !== 0x01010101) return false;
    for (let i = last << 2; i < this.steps; i++) if (this.kinds[i] !== FLOAT) return false;
    return true;
  }

  get isEmpty(): boolean {
    const words = this.#words;
    for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
    return true;
  }

  /**
   * Number of samples as Prometheus counts them for limits: a float is one, a histogram as many as its bytes would hold floats with
   * their times.
   */
  get sampleCount(): number {
    if (this.histograms === undefined) return countOnes(this.#words);
    const { kinds, histograms } = this;
    let count = 0;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] === FLOAT) count++;
      else if (kinds[i] === HISTOGRAM) count += histogramSamples(histograms[i]!);
    }
    return count;
  }
}

/** How many float samples a histogram sample counts for. */
export function histogramSamples(histogram: FloatHistogram): number {
  return Math.floor((histogramSize(histogram) + 8) / 16);
}

/** Adds the samples of a column to the counts by step. */
export function addSamplesPerStep(column: Column, counts: Float64Array): void {
  const { kinds, histograms } = column;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === FLOAT) counts[i]!++;
    else if (kinds[i] === HISTOGRAM) counts[i]! += histogramSamples(histograms![i]!);
  }
}

/** Sum of the bytes, each 0 or 1. */
function countOnes(words: Uint32Array): number {
  let total = 0;
  for (let from = 0; from < words.length; from += 255) {
    const to = Math.min(words.length, from + 255);
    // Each byte of the sum counts one lane: 255 additions cannot carry into the next.
    let lanes = 0;
    for (let i = from; i < to; i++) lanes = (lanes + words[i]!) | 0;
    total += (lanes & 0xff) + ((lanes >>> 8) & 0xff) + ((lanes >>> 16) & 0xff) + (lanes >>> 24);
  }
  return total;
}

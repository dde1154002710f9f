import type { FloatHistogram, Labels, SampleColumn } from '../../model/index.ts';
import { ABSENT, FLOAT, histogramSamples, type Column, type StepGrid } from '../column.ts';
import type { RangeHistograms, RangeInput } from '../functions-contract.ts';

/** What part of a series each step looks at: the window of step i is `(last - spanMs, last]`, `last = firstLastMs + i * strideMs`. */
export interface WindowShape {
  readonly firstLastMs: number;
  readonly strideMs: number;
  readonly spanMs: number;
}

/**
 * The samples of one series and their windows, as range-vector functions take them: arrays that are used again for every series.
 */
export class Windows implements RangeInput {
  t: Float64Array;
  v: Float64Array;
  length = 0;
  startT: Float64Array | undefined = undefined;
  readonly from: Int32Array;
  readonly to: Int32Array;
  histograms: HistogramWindows | undefined = undefined;

  readonly #steps: number;
  readonly #shape: WindowShape;
  readonly #labelsOf: (i: number) => Labels;
  readonly #usesStarts: boolean;
  #index = 0;
  /** Own arrays, for series whose floats are not the whole column. */
  #ownT = new Float64Array(0);
  #ownV = new Float64Array(0);
  #ownStartT: Float64Array | undefined;
  #ownHistograms: HistogramWindows | undefined;

  /** @param usesStarts pass start timestamps on, where there are any */
  constructor(steps: number, shape: WindowShape, labelsOf: (i: number) => Labels, usesStarts = false) {
    this.#labelsOf = labelsOf;
    this.#usesStarts = usesStarts;
    this.#steps = steps;
    this.#shape = shape;
    this.t = this.#ownT;
    this.v = this.#ownV;
    this.from = new Int32Array(steps);
    this.to = new Int32Array(steps);
  }

  /** Built when asked for: few functions look at them, and then mostly for an annotation. */
  get labels(): Labels {
    return this.#labelsOf(this.#index);
  }

  /** Takes over series `i` as read from the storage; `samples` is borrowed until the next load. */
  loadSamples(i: number, samples: SampleColumn): void {
    this.#index = i;
    const { length, staleCount, histograms } = samples;
    const startT = this.#usesStarts ? samples.startT : undefined;
    if (staleCount === 0 && histograms === undefined) {
      this.t = samples.t;
      this.v = samples.v;
      this.startT = startT;
      this.length = length;
      this.histograms = undefined;
    } else {
      this.#begin(length, histograms !== undefined, startT !== undefined);
      const { t, v, stale } = samples;
      for (let j = 0; j < length; j++) {
        if (stale[j] === 1) continue;
        const histogram = histograms?.[j];
        const start = startT?.[j] ?? 0;
        if (histogram === undefined) this.#pushFloat(t[j]!, v[j]!, start);
        else this.histograms!.push(t[j]!, histogram, start);
      }
    }
    this.#cut();
  }

  /** Takes over series `i` of an expression evaluated on a grid of its own. */
  loadColumn(i: number, column: Column, grid: StepGrid): void {
    this.#index = i;
    const { kinds, values, histograms } = column;
    this.#begin(grid.steps, histograms !== undefined, false);
    for (let j = 0; j < grid.steps; j++) {
      if (kinds[j] === ABSENT) continue;
      const t = grid.startMs + j * grid.stepMs;
      if (kinds[j] === FLOAT) this.#pushFloat(t, values[j]!, 0);
      else this.histograms!.push(t, withoutResetHint(histograms![j]!), 0);
    }
    this.#cut();
  }

  /** Number of samples in the window of step `i`, as limits count them. */
  samplesAt(i: number): number {
    let samples = this.to[i]! - this.from[i]!;
    const { histograms } = this;
    if (histograms === undefined) return samples;
    for (let j = histograms.from[i]!; j < histograms.to[i]!; j++) samples += histogramSamples(histograms.h[j]!);
    return samples;
  }

  /** Number of samples in the window of step `i` that come after the window of the step before. */
  newSamplesAt(i: number): number {
    const { from, to, histograms } = this;
    let samples = to[i]! - Math.max(from[i]!, i === 0 ? 0 : to[i - 1]!);
    if (histograms === undefined) return samples;
    const first = Math.max(histograms.from[i]!, i === 0 ? 0 : histograms.to[i - 1]!);
    for (let j = first; j < histograms.to[i]!; j++) samples += histogramSamples(histograms.h[j]!);
    return samples;
  }

  #begin(length: number, hasHistograms: boolean, hasStarts: boolean): void {
    if (this.#ownT.length < length) {
      this.#ownT = new Float64Array(length);
      this.#ownV = new Float64Array(length);
    }
    if (hasStarts && (this.#ownStartT === undefined || this.#ownStartT.length < length)) {
      this.#ownStartT = new Float64Array(length);
    }
    this.t = this.#ownT;
    this.v = this.#ownV;
    this.startT = hasStarts ? this.#ownStartT : undefined;
    this.length = 0;
    this.histograms = undefined;
    if (!hasHistograms) return;
    this.histograms = this.#ownHistograms ??= new HistogramWindows(this.#steps);
    this.histograms.begin(length, hasStarts);
  }

  #pushFloat(t: number, v: number, start: number): void {
    const i = this.length++;
    this.t[i] = t;
    this.v[i] = v;
    if (this.startT !== undefined) this.startT[i] = start;
  }

  #cut(): void {
    cutWindows(this.t, this.length, this.#shape, this.from, this.to);
    const { histograms } = this;
    if (histograms !== undefined)
      cutWindows(histograms.t, histograms.length, this.#shape, histograms.from, histograms.to);
  }
}

/** The histogram samples of a series and their windows. */
export class HistogramWindows implements RangeHistograms {
  t = new Float64Array(0);
  h: FloatHistogram[] = [];
  length = 0;
  startT: Float64Array | undefined = undefined;
  readonly from: Int32Array;
  readonly to: Int32Array;

  constructor(steps: number) {
    this.from = new Int32Array(steps);
    this.to = new Int32Array(steps);
  }

  begin(length: number, hasStarts: boolean): void {
    if (this.t.length < length) this.t = new Float64Array(length);
    this.startT = hasStarts ? new Float64Array(length) : undefined;
    this.h = [];
    this.length = 0;
  }

  push(t: number, histogram: FloatHistogram, start: number): void {
    if (this.startT !== undefined) this.startT[this.length] = start;
    this.t[this.length++] = t;
    this.h.push(histogram);
  }
}

function cutWindows(t: Float64Array, length: number, shape: WindowShape, from: Int32Array, to: Int32Array): void {
  const { firstLastMs, strideMs, spanMs } = shape;
  countUntil(t, length, firstLastMs - spanMs, strideMs, from);
  countUntil(t, length, firstLastMs, strideMs, to);
}

/**
 * `counts[i]`: how many times are not after `firstMs + i * strideMs`.
 *
 * Samples come at even intervals, mostly: the count rises by the same number at every step. A guess checked is cheaper than a search,
 * as long as the step is not shorter than the interval (6 ns a step against 9, both ends).
 */
function countUntil(t: Float64Array, length: number, firstMs: number, strideMs: number, counts: Int32Array): void {
  const steps = counts.length;
  const guesses = length > 1 && strideMs * (length - 1) >= (t[length - 1]! - t[0]!) * 0.9;
  let count = 0;
  let i = 0;
  while (i < steps) {
    const before = count;
    const ref = firstMs + i * strideMs;
    while (count < length && t[count]! <= ref) count++;
    counts[i++] = count;
    if (!guesses || count === 0) continue;
    if (count === length) {
      counts.fill(count, i);
      return;
    }
    const rise = count - before;
    let guess = count + rise;
    while (i < steps && guess < length) {
      const next = firstMs + i * strideMs;
      if (t[guess - 1]! > next || t[guess]! <= next) break;
      counts[i++] = guess;
      guess += rise;
    }
    count = guess - rise;
  }
}

/**
 * A subquery may leave out or repeat the sample a reset hint speaks of, so only the buckets tell.
 *
 * @see Prometheus `promql/engine.go` (3.14), evalSubquery
 */
function withoutResetHint(histogram: FloatHistogram): FloatHistogram {
  const hint = histogram.counterResetHint;
  return hint === 'reset' || hint === 'no_reset' ? { ...histogram, counterResetHint: 'unknown' } : histogram;
}

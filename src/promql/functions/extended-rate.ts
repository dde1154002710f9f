import {
  BOUNDS_RECONCILED,
  INCOMPATIBLE_SCHEMAS,
  addHistogram,
  compactHistogram,
  copyHistogram,
  detectReset,
  divHistogram,
  mulHistogram,
  subHistogram,
  usesCustomBuckets,
  type FloatHistogram,
} from '../../model/index.ts';
import { ABSENT, FLOAT, type Column } from '../column.ts';
import type { RangeCall, RangeHistograms, RangeInput } from '../functions-contract.ts';
import {
  MIXED_FLOATS_HISTOGRAMS,
  MIXED_SCHEMAS,
  NOT_COUNTER,
  NOT_GAUGE,
  RECONCILED_IN_ADDITION,
  RECONCILED_IN_SUBTRACTION,
  annotate,
} from './notes.ts';

/**
 * rate, increase and delta over selectors that are `anchored` (the window begins at the last sample at or before its start) or `smoothed`
 * (both edges are interpolated between the samples around them). Nothing is extrapolated.
 *
 * @see Prometheus `promql/functions.go`, extendedRate and extendedHistogramRate (3.14)
 */
export function extendedRate(
  input: RangeInput,
  call: RangeCall,
  out: Column,
  isCounter: boolean,
  isRate: boolean,
): void {
  floatRates(input, call, out, isCounter, isRate);
  if (input.histograms !== undefined) histogramRates(input, input.histograms, call, out, isCounter, isRate);
}

/**
 * The value at `t` on the line from (`t1`, `v1`) to (`t2`, `v2`), ms. A counter that falls is taken to start from zero at `t1`.
 *
 * @see Prometheus `promql/functions.go`, interpolate (3.14)
 */
export function interpolate(t1: number, v1: number, t2: number, v2: number, t: number, isCounter: boolean): number {
  const base = isCounter && v2 < v1 ? 0 : v1;
  return base + ((v2 - base) * (t - t1)) / (t2 - t1);
}

/** Result of {@link interpolateHistograms}. */
export interface InterpolatedHistogram {
  /** A histogram of its own; `undefined` where exponential and custom buckets mix. */
  readonly histogram: FloatHistogram | undefined;
  readonly reconciledInSubtraction: boolean;
  readonly reconciledInAddition: boolean;
}

/**
 * The histogram at `t`, linear between `h1` at `t1` and `h2` at `t2`, ms. A counter that was reset is taken to start from zero at `t1`.
 *
 * @see Prometheus `promql/functions.go`, interpolateHistograms (3.14)
 */
export function interpolateHistograms(
  t1: number,
  h1: FloatHistogram,
  t2: number,
  h2: FloatHistogram,
  t: number,
  isCounter: boolean,
): InterpolatedHistogram {
  if (t === t1 || t === t2) return exact(t === t1 ? h1 : h2);
  const fraction = (t - t1) / (t2 - t1);
  const histogram = copyHistogram(h2);
  if (isCounter && detectReset(h2, h1)) {
    mulHistogram(histogram, fraction);
    return { histogram, reconciledInSubtraction: false, reconciledInAddition: false };
  }
  const subtracted = subHistogram(histogram, h1);
  if (subtracted & INCOMPATIBLE_SCHEMAS) {
    return { histogram: undefined, reconciledInSubtraction: false, reconciledInAddition: false };
  }
  mulHistogram(histogram, fraction);
  const added = addHistogram(histogram, h1);
  return {
    histogram,
    reconciledInSubtraction: (subtracted & BOUNDS_RECONCILED) !== 0,
    reconciledInAddition: (added & BOUNDS_RECONCILED) !== 0,
  };
}

function exact(histogram: FloatHistogram): InterpolatedHistogram {
  return { histogram: copyHistogram(histogram), reconciledInSubtraction: false, reconciledInAddition: false };
}

function floatRates(input: RangeInput, call: RangeCall, out: Column, isCounter: boolean, isRate: boolean): void {
  const { t, v, from, to } = input;
  const { values, kinds, steps } = out;
  const smoothed = call.extension === 'smoothed';
  for (let i = 0; i < steps; i++) {
    if (to[i]! <= from[i]!) continue;
    const rangeEnd = call.firstEndMs + i * call.endStepMs;
    const rangeStart = rangeEnd - call.rangeMs;
    const first = anchorOf(t, from[i]!, to[i]!, rangeStart);
    const last = smoothed ? firstAtOrAfter(t, from[i]!, to[i]! - 1, rangeEnd) : to[i]! - 1;
    if (t[last]! <= rangeStart || (smoothed && t[first]! > rangeEnd)) continue;
    let left = v[first]!;
    let right = v[last]!;
    if (smoothed) {
      if (t[first]! < rangeStart)
        left = interpolate(t[first]!, left, t[first + 1]!, v[first + 1]!, rangeStart, isCounter);
      if (last > from[i]! && t[last]! > rangeEnd) {
        right = interpolate(t[last - 1]!, v[last - 1]!, t[last]!, right, rangeEnd, isCounter);
      }
    }
    let result = right - left;
    if (isCounter) {
      // The edges have dealt with resets at them: only samples inside the window count.
      const inside = t[first]! <= rangeStart ? first + 1 : first;
      const insideEnd = t[last]! >= rangeEnd ? last - 1 : last;
      let correction = 0;
      let previous = left;
      for (let j = inside; j <= insideEnd; j++) {
        if (v[j]! < previous) correction += previous;
        previous = v[j]!;
      }
      if (right < previous) correction += previous;
      result += correction;
    }
    values[i] = isRate ? result / (call.rangeMs / 1000) : result;
    kinds[i] = FLOAT;
  }
}

/** The last of the samples `from ≤ j < to` at or before `time`, or the first where all are later; never the very last. */
function anchorOf(t: Float64Array, from: number, to: number, time: number): number {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return Math.max(from, low - 1);
}

/** The first of the samples `from ≤ j ≤ last` at or after `time`, or `last`. */
function firstAtOrAfter(t: Float64Array, from: number, last: number, time: number): number {
  let low = from;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle]! >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

function histogramRates(
  input: RangeInput,
  histograms: RangeHistograms,
  call: RangeCall,
  out: Column,
  isCounter: boolean,
  isRate: boolean,
): void {
  const { from, to } = histograms;
  let notes = 0;
  for (let i = 0; i < out.steps; i++) {
    if (to[i]! <= from[i]!) continue;
    if (input.to[i]! > input.from[i]!) {
      notes |= MIXED_FLOATS_HISTOGRAMS;
      out.kinds[i] = ABSENT;
      continue;
    }
    const window = new ExtendedWindow(histograms, from[i]!, to[i]!, call, i, isCounter);
    const result = window.increase();
    notes |= window.notes;
    if (result === undefined) continue;
    if (isRate) divHistogram(result, call.rangeMs / 1000);
    result.counterResetHint = 'gauge';
    compactHistogram(result);
    out.setHistogram(i, result);
  }
  annotate(notes, input, call);
}

/** One window of native histograms under `anchored` or `smoothed`, and what was noted about it. */
class ExtendedWindow {
  notes = 0;
  readonly #t: Float64Array;
  readonly #h: readonly FloatHistogram[];
  readonly #from: number;
  readonly #first: number;
  readonly #last: number;
  readonly #start: number;
  readonly #end: number;
  readonly #smoothed: boolean;
  readonly #isCounter: boolean;

  constructor({ t, h }: RangeHistograms, from: number, to: number, call: RangeCall, step: number, isCounter: boolean) {
    this.#t = t;
    this.#h = h;
    this.#from = from;
    this.#smoothed = call.extension === 'smoothed';
    this.#isCounter = isCounter;
    this.#end = call.firstEndMs + step * call.endStepMs;
    this.#start = this.#end - call.rangeMs;
    this.#first = anchorOf(t, from, to, this.#start);
    this.#last = this.#smoothed ? firstAtOrAfter(t, from, to - 1, this.#end) : to - 1;
  }

  /** What was observed in the window; `undefined` where it cannot be told. */
  increase(): FloatHistogram | undefined {
    const t = this.#t;
    if (t[this.#last]! <= this.#start || (this.#smoothed && t[this.#first]! > this.#end)) return undefined;
    if (!this.#sharesKind()) return undefined;
    const left = this.#left();
    if (left === undefined) return undefined;
    const right = this.#right();
    if (right === undefined) return undefined;
    if (!this.#isCounter && (left.counterResetHint !== 'gauge' || right.counterResetHint !== 'gauge')) {
      this.notes |= NOT_GAUGE;
    }
    const result = copyHistogram(right);
    if (subHistogram(result, left) & BOUNDS_RECONCILED) this.notes |= RECONCILED_IN_SUBTRACTION;
    if (this.#isCounter) this.#restore(result, left, right);
    return result;
  }

  /** Whether all histograms are exponential, or all have custom buckets. */
  #sharesKind(): boolean {
    const custom = usesCustomBuckets(this.#h[this.#first]!);
    for (let j = this.#first; j <= this.#last; j++) {
      const histogram = this.#h[j]!;
      if (usesCustomBuckets(histogram) !== custom) {
        this.notes |= MIXED_SCHEMAS;
        return false;
      }
      if (this.#isCounter && histogram.counterResetHint === 'gauge') this.notes |= NOT_COUNTER;
    }
    return true;
  }

  #left(): FloatHistogram | undefined {
    const first = this.#first;
    if (!this.#smoothed || this.#t[first]! >= this.#start) return copyHistogram(this.#h[first]!);
    return this.#between(first, this.#start);
  }

  #right(): FloatHistogram | undefined {
    const last = this.#last;
    if (!this.#smoothed || last === this.#from || this.#t[last]! <= this.#end) return copyHistogram(this.#h[last]!);
    return this.#between(last - 1, this.#end);
  }

  /** The histogram at `time`, between sample `j` and the next. */
  #between(j: number, time: number): FloatHistogram | undefined {
    const t = this.#t;
    const h = this.#h;
    const result = interpolateHistograms(t[j]!, h[j]!, t[j + 1]!, h[j + 1]!, time, this.#isCounter);
    if (result.histogram === undefined) this.notes |= MIXED_SCHEMAS;
    if (result.reconciledInSubtraction) this.notes |= RECONCILED_IN_SUBTRACTION;
    if (result.reconciledInAddition) this.notes |= RECONCILED_IN_ADDITION;
    return result.histogram;
  }

  /** Adds to `result` what resets between the edges `left` and `right` took away. */
  #restore(result: FloatHistogram, left: FloatHistogram, right: FloatHistogram): void {
    const t = this.#t;
    const h = this.#h;
    let first = this.#first + 1;
    let previous = left;
    if (this.#smoothed && t[this.#first]! < this.#start && detectReset(h[first]!, h[first - 1]!)) {
      // The left edge lies on the line after this reset, which is therefore settled.
      previous = h[first]!;
      first++;
    }
    // The last sample is the right edge, or shares its segment with it.
    if (first > this.#last) return;
    let correction: FloatHistogram | undefined;
    const restore = (lost: FloatHistogram) => {
      if (correction === undefined) correction = copyHistogram(lost);
      else if (addHistogram(correction, lost) & BOUNDS_RECONCILED) this.notes |= RECONCILED_IN_ADDITION;
    };
    for (let j = first; j < this.#last; j++) {
      if (detectReset(h[j]!, previous)) restore(previous);
      previous = h[j]!;
    }
    if (detectReset(right, previous)) restore(previous);
    if (correction === undefined) return;
    if (addHistogram(result, correction) & BOUNDS_RECONCILED) this.notes |= RECONCILED_IN_ADDITION;
  }
}

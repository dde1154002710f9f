import { FLOAT } from '../column.ts';
import type { RangeFunction } from '../functions-contract.ts';
import { annotateIgnored } from './extremes-over-time.ts';
import { floatScratch } from './scratch.ts';

/** `quantile_over_time(q, range)`: linear between the two samples around the rank `q * (n - 1)`; NaN sorts lowest. */
export const quantileOverTime: RangeFunction = {
  kind: 'range',
  kernel(input, call, out) {
    const { v, from, to } = input;
    const quantiles = call.scalars[0]!;
    const window = new SortedWindow(longest(from, to, out.steps));
    for (let i = 0; i < out.steps; i++) {
      if (to[i]! <= from[i]!) continue;
      const q = quantiles[i]!;
      if (!(q >= 0 && q <= 1)) call.annotations.invalidQuantile(q, call.argPos[0] ?? call.pos);
      window.moveTo(v, from[i]!, to[i]!);
      out.values[i] = window.quantile(q);
      out.kinds[i] = FLOAT;
    }
    annotateIgnored(input, call, out);
  },
};

/** `mad_over_time`: the median of the distances from the median; NaN if any sample is. */
export const madOverTime: RangeFunction = {
  kind: 'range',
  kernel(input, call, out) {
    const { v, from, to } = input;
    const window = new SortedWindow(longest(from, to, out.steps));
    for (let i = 0; i < out.steps; i++) {
      if (to[i]! <= from[i]!) continue;
      window.moveTo(v, from[i]!, to[i]!);
      out.values[i] = window.medianDistance();
      out.kinds[i] = FLOAT;
    }
    annotateIgnored(input, call, out);
  },
};

/**
 * The quantile of ascending `sorted[0 … length)` after `nans` NaN, which sort lowest.
 *
 * @see Prometheus `promql/quantile.go`, quantile (3.14)
 */
export function quantileOf(q: number, sorted: Float64Array, length: number, nans: number): number {
  const n = length + nans;
  if (n === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * (n - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(n - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  const lowerValue = lower < nans ? NaN : sorted[lower - nans]!;
  const upperValue = upper < nans ? NaN : sorted[upper - nans]!;
  return lowerValue * (1 - weight) + upperValue * weight;
}

/** The values of a window in order, kept up as the window moves on: a sample in or out is a search and a move of memory. */
class SortedWindow {
  readonly #sorted: Float64Array;
  #length = 0;
  #nans = 0;
  #from = 0;
  #to = 0;

  /** @param capacity most samples a window holds */
  constructor(capacity: number) {
    this.#sorted = floatScratch(0, capacity);
  }

  /** Holds `v[from … to)` from now on; bounds never fall. */
  moveTo(v: Float64Array, from: number, to: number): void {
    const kept = this.#to - from;
    if (kept <= (to - from) >> 1) {
      this.#fill(v, from, to);
      return;
    }
    // Out before in, so that the capacity suffices.
    for (let j = this.#from; j < from; j++) this.#remove(v[j]!);
    for (let j = this.#to; j < to; j++) this.#insert(v[j]!);
    this.#from = from;
    this.#to = to;
  }

  quantile(q: number): number {
    return quantileOf(q, this.#sorted, this.#length, this.#nans);
  }

  /** @see Prometheus `promql/functions.go`, funcMadOverTime (3.14) */
  medianDistance(): number {
    if (this.#nans > 0) return NaN;
    const n = this.#length;
    const sorted = this.#sorted;
    const median = quantileOf(0.5, sorted, n, 0);
    // Distances grow to both sides of the median: the wanted ranks are found walking outwards from it.
    let right = lowerBound(sorted, n, median);
    let left = right - 1;
    const rank = 0.5 * (n - 1);
    const lower = Math.floor(rank);
    const upper = Math.min(n - 1, lower + 1);
    let lowerValue = NaN;
    let distance = NaN;
    for (let k = 0; k <= upper; k++) {
      const toLeft = left >= 0 ? Math.abs(sorted[left]! - median) : Infinity;
      const toRight = right < n ? Math.abs(sorted[right]! - median) : Infinity;
      if (right >= n || (left >= 0 && toLeft <= toRight)) {
        distance = toLeft;
        left--;
      } else {
        distance = toRight;
        right++;
      }
      if (k === lower) lowerValue = distance;
    }
    const weight = rank - lower;
    return lowerValue * (1 - weight) + distance * weight;
  }

  #fill(v: Float64Array, from: number, to: number): void {
    let n = 0;
    for (let j = from; j < to; j++) if (!Number.isNaN(v[j]!)) this.#sorted[n++] = v[j]!;
    this.#sorted.subarray(0, n).sort();
    this.#length = n;
    this.#nans = to - from - n;
    this.#from = from;
    this.#to = to;
  }

  #insert(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans++;
      return;
    }
    const at = lowerBound(this.#sorted, this.#length, value);
    this.#sorted.copyWithin(at + 1, at, this.#length);
    this.#sorted[at] = value;
    this.#length++;
  }

  #remove(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans--;
      return;
    }
    const at = lowerBound(this.#sorted, this.#length, value);
    this.#sorted.copyWithin(at, at + 1, this.#length);
    this.#length--;
  }
}

/** The first position whose value is not below `value`. */
function lowerBound(sorted: Float64Array, length: number, value: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function longest(from: Int32Array, to: Int32Array, steps: number): number {
  let length = 0;
  for (let i = 0; i < steps; i++) length = Math.max(length, to[i]! - from[i]!);
  return length;
}

import { ABSENT, FLOAT, type Column } from '../../column.ts';
import type { Accumulator, AccumulatorNotes } from './accumulator.ts';
import { noteIgnored } from './extreme.ts';

/** Steps taken from all rows at a time: as many values as share a cache line. */
const BLOCK = 8;

/**
 * `quantile`: keeps all values of a group, as rows over the steps. Histograms are ignored.
 *
 * @see Prometheus `promql/quantile.go` (3.14), quantile
 */
export class QuantileAccumulator implements Accumulator {
  readonly #steps: number;
  readonly #quantiles: Float64Array;
  readonly #rows: Row[][];
  readonly #notes: AccumulatorNotes;
  readonly #reserve: (bytes: number) => void;

  /**
   * @param quantiles one per step
   * @param reserve told of the memory that is kept
   */
  constructor(
    slots: number,
    steps: number,
    quantiles: Float64Array,
    notes: AccumulatorNotes,
    reserve: (bytes: number) => void,
  ) {
    this.#steps = steps;
    this.#quantiles = quantiles;
    this.#rows = Array.from({ length: slots }, () => []);
    this.#notes = notes;
    this.#reserve = reserve;
  }

  absorb(slot: number, column: Column): void {
    if (column.histograms !== undefined) noteIgnored(column, this.#notes);
    if (column.isEmpty) return;
    this.#reserve(this.#steps * 9);
    this.#rows[slot]!.push({ values: column.values.slice(), kinds: column.kinds.slice() });
  }

  finish(slot: number, out: Column): void {
    const rows = this.#rows[slot]!;
    const blocks = Array.from({ length: BLOCK }, () => new Float64Array(rows.length));
    const counts = new Uint32Array(BLOCK);
    out.histograms = undefined;
    for (let from = 0; from < this.#steps; from += BLOCK) {
      const width = Math.min(BLOCK, this.#steps - from);
      counts.fill(0);
      for (const { values, kinds } of rows) {
        for (let b = 0; b < width; b++) {
          if (kinds[from + b] === FLOAT) blocks[b]![counts[b]!++] = values[from + b]!;
        }
      }
      for (let b = 0; b < width; b++) {
        const count = counts[b]!;
        out.kinds[from + b] = count === 0 ? ABSENT : FLOAT;
        if (count > 0) out.values[from + b] = quantileOf(blocks[b]!, count, this.#quantiles[from + b]!);
      }
    }
  }

  reset(slot: number): void {
    this.#reserve(-this.#rows[slot]!.length * this.#steps * 9);
    this.#rows[slot] = [];
  }
}

interface Row {
  readonly values: Float64Array;
  readonly kinds: Uint8Array;
}

/** The quantile of the first `count` (> 0) values, which are reordered; NaN counts as the smallest value. */
export function quantileOf(values: Float64Array, count: number, quantile: number): number {
  if (Number.isNaN(quantile)) return NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const rank = quantile * (count - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - lower;

  let nans = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value === value) continue;
    values[i] = values[nans]!;
    values[nans++] = value;
  }
  if (lower < nans) return NaN;
  const low = select(values, nans, count - 1, lower);
  let high = low;
  if (upper > lower) {
    // Everything right of the selected value is at least as large.
    high = values[upper]!;
    for (let i = upper + 1; i < count; i++) if (values[i]! < high) high = values[i]!;
  }
  return low * (1 - weight) + high * weight;
}

/** Puts the value that belongs at `k` of the ascending order there, smaller ones before it, larger ones behind; Hoare's selection. */
function select(values: Float64Array, from: number, to: number, k: number): number {
  let left = from;
  let right = to;
  while (left < right) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >> 1]!, values[right]!);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k]!;
}

function medianOfThree(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : a < c ? c : a;
  return a < c ? a : b < c ? c : b;
}

import type { Labels } from '../../../model/index.ts';
import { ABSENT, FLOAT, HISTOGRAM, type Column } from '../../column.ts';
import type { Accumulator, AccumulatorNotes } from './accumulator.ts';
import { HistogramCells } from './histogram-cells.ts';

/**
 * `sum`, with Kahan–Neumaier compensation.
 *
 * The rounding error of each addition is taken by Knuth's TwoSum, which needs no branch; for finite numbers it is the very number
 * that Neumaier's comparison of magnitudes finds. What it yields once a sum is infinite is left out at the end.
 *
 * @see Prometheus `promql/engine.go` (3.14), aggregation; `util/kahansum`; Knuth, TAOCP 2, 4.2.2, theorem B
 */
export class SumAccumulator implements Accumulator {
  readonly #steps: number;
  readonly #sums: Float64Array;
  readonly #compensations: Float64Array;
  readonly #seen: Uint8Array;
  /** 1 while every cell of the slot has been seen. */
  readonly #full: Uint8Array;
  readonly #histograms: HistogramCells;

  constructor(slots: number, steps: number, notes: AccumulatorNotes) {
    this.#steps = steps;
    this.#sums = new Float64Array(slots * steps);
    this.#compensations = new Float64Array(slots * steps);
    this.#seen = new Uint8Array(slots * steps);
    this.#full = new Uint8Array(slots);
    this.#histograms = new HistogramCells('sum', notes);
  }

  absorb(slot: number, column: Column, labels: () => Labels): void {
    const from = slot * this.#steps;
    // Most series have a sample at every step, and then nothing need be asked.
    if (column.isAllFloats && this.#histograms.isEmpty) {
      if (this.#full[slot] === 1) {
        addToAll(column.values, from, this.#sums, this.#compensations);
        return;
      }
      this.#full[slot] = 1;
    }
    addFloats(column, from, this.#sums, this.#compensations, this.#seen);
    if (column.histograms !== undefined || !this.#histograms.isEmpty) {
      this.#histograms.absorb(from, column, this.#seen, labels);
    }
  }

  finish(slot: number, out: Column): void {
    const from = slot * this.#steps;
    const { values, kinds } = out;
    out.histograms = undefined;
    for (let i = 0; i < this.#steps; i++) {
      const seen = this.#seen[from + i]!;
      kinds[i] = seen === FLOAT ? FLOAT : ABSENT;
      if (seen === FLOAT) {
        const sum = this.#sums[from + i]!;
        values[i] = sum === Infinity || sum === -Infinity ? sum : sum + this.#compensations[from + i]!;
      } else if (seen === HISTOGRAM) this.#histograms.finish(from + i, i, out);
    }
  }

  reset(slot: number): void {
    const from = slot * this.#steps;
    this.#seen.fill(0, from, from + this.#steps);
    this.#full[slot] = 0;
    this.#histograms.reset(from, this.#steps);
  }
}

/** Adds a value to each running sum from `from` on; every cell has one already. */
function addToAll(values: Float64Array, from: number, sums: Float64Array, compensations: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const cell = from + i;
    const value = values[i]!;
    const sum = sums[cell]!;
    const next = sum + value;
    const added = next - sum;
    compensations[cell]! += sum - (next - added) + (value - added);
    sums[cell] = next;
  }
}

/** Adds the floats of a column to running sums that begin at `from`; cells not seen before start with the value itself. */
function addFloats(
  column: Column,
  from: number,
  sums: Float64Array,
  compensations: Float64Array,
  seen: Uint8Array,
): void {
  const { kinds, values } = column;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== FLOAT) continue;
    const cell = from + i;
    const value = values[i]!;
    if (seen[cell] === ABSENT) {
      seen[cell] = FLOAT;
      sums[cell] = value;
      compensations[cell] = 0;
      continue;
    }
    const sum = sums[cell]!;
    const next = sum + value;
    const added = next - sum;
    compensations[cell]! += sum - (next - added) + (value - added);
    sums[cell] = next;
  }
}

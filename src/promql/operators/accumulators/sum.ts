import type { Labels } from '../../../model/index.ts';
import { ABSENT, FLOAT, HISTOGRAM, type Column } from '../../column.ts';
import type { Accumulator, AccumulatorNotes } from './accumulator.ts';
import { HistogramCells } from './histogram-cells.ts';

/**
 * `sum`, with Kahan–Neumaier compensation.
 *
 * @see Prometheus `promql/engine.go` (3.14), aggregation; `util/kahansum`
 */
export class SumAccumulator implements Accumulator {
  readonly #steps: number;
  readonly #sums: Float64Array;
  readonly #compensations: Float64Array;
  readonly #seen: Uint8Array;
  readonly #histograms: HistogramCells;

  constructor(slots: number, steps: number, notes: AccumulatorNotes) {
    this.#steps = steps;
    this.#sums = new Float64Array(slots * steps);
    this.#compensations = new Float64Array(slots * steps);
    this.#seen = new Uint8Array(slots * steps);
    this.#histograms = new HistogramCells('sum', notes);
  }

  absorb(slot: number, column: Column, labels: () => Labels): void {
    const from = slot * this.#steps;
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
      if (seen === FLOAT) values[i] = this.#sums[from + i]! + this.#compensations[from + i]!;
      kinds[i] = seen === FLOAT ? FLOAT : ABSENT;
      if (seen >= HISTOGRAM) this.#histograms.finish(from + i, i, out);
    }
  }

  reset(slot: number): void {
    const from = slot * this.#steps;
    this.#seen.fill(0, from, from + this.#steps);
    this.#histograms.reset(from, this.#steps);
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
    if (next === Infinity || next === -Infinity) compensations[cell] = 0;
    else if (Math.abs(sum) >= Math.abs(value)) compensations[cell]! += sum - next + value;
    else compensations[cell]! += value - next + sum;
    sums[cell] = next;
  }
}

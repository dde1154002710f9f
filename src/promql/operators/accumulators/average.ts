import type { Labels } from '../../../model/index.ts';
import { ABSENT, FLOAT, HISTOGRAM, type Column } from '../../column.ts';
import type { Accumulator, AccumulatorNotes } from './accumulator.ts';
import { HistogramCells } from './histogram-cells.ts';

/**
 * `avg`: the compensated sum over the count; a running mean from where the sum would overflow.
 *
 * @see Prometheus `promql/engine.go` (3.14), aggregation
 */
export class AverageAccumulator implements Accumulator {
  readonly #steps: number;
  /** The sum, or the mean where `#isMean`. */
  readonly #sums: Float64Array;
  readonly #compensations: Float64Array;
  readonly #counts: Float64Array;
  readonly #isMean: Uint8Array;
  readonly #seen: Uint8Array;
  readonly #histograms: HistogramCells;

  constructor(slots: number, steps: number, notes: AccumulatorNotes) {
    const cells = slots * steps;
    this.#steps = steps;
    this.#sums = new Float64Array(cells);
    this.#compensations = new Float64Array(cells);
    this.#counts = new Float64Array(cells);
    this.#isMean = new Uint8Array(cells);
    this.#seen = new Uint8Array(cells);
    this.#histograms = new HistogramCells('avg', notes);
  }

  absorb(slot: number, column: Column, labels: () => Labels): void {
    const from = slot * this.#steps;
    this.#addFloats(column, from);
    if (column.histograms !== undefined || !this.#histograms.isEmpty) {
      this.#histograms.absorb(from, column, this.#seen, labels);
    }
  }

  finish(slot: number, out: Column): void {
    const from = slot * this.#steps;
    const { values, kinds } = out;
    out.histograms = undefined;
    for (let i = 0; i < this.#steps; i++) {
      const cell = from + i;
      const seen = this.#seen[cell]!;
      kinds[i] = seen === FLOAT ? FLOAT : ABSENT;
      if (seen === FLOAT) {
        const sum = this.#sums[cell]!;
        const compensation = this.#compensations[cell]!;
        const count = this.#counts[cell]!;
        values[i] = this.#isMean[cell] === 1 ? sum + compensation : sum / count + compensation / count;
      } else if (seen === HISTOGRAM) this.#histograms.finish(cell, i, out);
    }
  }

  reset(slot: number): void {
    const from = slot * this.#steps;
    this.#seen.fill(0, from, from + this.#steps);
    this.#histograms.reset(from, this.#steps);
  }

  #addFloats(column: Column, from: number): void {
    const { kinds, values } = column;
    const sums = this.#sums;
    const compensations = this.#compensations;
    const counts = this.#counts;
    const seen = this.#seen;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] !== FLOAT) continue;
      const cell = from + i;
      const value = values[i]!;
      if (seen[cell] === ABSENT) {
        seen[cell] = FLOAT;
        sums[cell] = value;
        compensations[cell] = 0;
        counts[cell] = 1;
        this.#isMean[cell] = 0;
        continue;
      }
      counts[cell]!++;
      const sum = sums[cell]!;
      const next = sum + value;
      if (next === Infinity || next === -Infinity || this.#isMean[cell] === 1) {
        this.#addToMean(cell, value);
        continue;
      }
      if (Math.abs(sum) >= Math.abs(value)) compensations[cell]! += sum - next + value;
      else compensations[cell]! += value - next + sum;
      sums[cell] = next;
    }
  }

  /** The rare case: the sum has overflowed, now or before. */
  #addToMean(cell: number, value: number): void {
    const count = this.#counts[cell]!;
    if (this.#isMean[cell] === 0) {
      this.#isMean[cell] = 1;
      this.#sums[cell]! /= count - 1;
      this.#compensations[cell]! /= count - 1;
    }
    const weight = (count - 1) / count;
    const part = value / count;
    const mean = weight * this.#sums[cell]!;
    let compensation = weight * this.#compensations[cell]!;
    const next = mean + part;
    if (next === Infinity || next === -Infinity) compensation = 0;
    else if (Math.abs(mean) >= Math.abs(part)) compensation += mean - next + part;
    else compensation += part - next + mean;
    this.#sums[cell] = next;
    this.#compensations[cell] = compensation;
  }
}

import { ABSENT, FLOAT, type Column } from '../../column.ts';
import type { Accumulator, AccumulatorNotes } from './accumulator.ts';
import { noteIgnored } from './extreme.ts';

/**
 * `stddev` and `stdvar`, by Welford's method without compensation. Histograms are ignored.
 *
 * @see Prometheus `promql/engine.go` (3.14), aggregation
 */
export class DeviationAccumulator implements Accumulator {
  readonly #steps: number;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  readonly #counts: Float64Array;
  readonly #notes: AccumulatorNotes;

  constructor(slots: number, steps: number, notes: AccumulatorNotes) {
    this.#steps = steps;
    this.#means = new Float64Array(slots * steps);
    this.#squares = new Float64Array(slots * steps);
    this.#counts = new Float64Array(slots * steps);
    this.#notes = notes;
  }

  absorb(slot: number, column: Column): void {
    const { kinds, values } = column;
    const from = slot * this.#steps;
    const means = this.#means;
    const squares = this.#squares;
    const counts = this.#counts;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] !== FLOAT) continue;
      const cell = from + i;
      const value = values[i]!;
      const count = counts[cell]! + 1;
      counts[cell] = count;
      if (count === 1) {
        means[cell] = value;
        // Not a finite number: no deviation from it either.
        squares[cell] = Number.isFinite(value) ? 0 : NaN;
        continue;
      }
      const delta = value - means[cell]!;
      const mean = means[cell]! + delta / count;
      means[cell] = mean;
      squares[cell]! += delta * (value - mean);
    }
    if (column.histograms !== undefined) noteIgnored(column, this.#notes);
  }

  finish(slot: number, out: Column): void {
    const from = slot * this.#steps;
    const isRoot = this.#notes.op === 'stddev';
    out.histograms = undefined;
    for (let i = 0; i < this.#steps; i++) {
      const count = this.#counts[from + i]!;
      out.kinds[i] = count === 0 ? ABSENT : FLOAT;
      const variance = this.#squares[from + i]! / count;
      out.values[i] = isRoot ? Math.sqrt(variance) : variance;
    }
  }

  reset(slot: number): void {
    const from = slot * this.#steps;
    this.#counts.fill(0, from, from + this.#steps);
  }
}

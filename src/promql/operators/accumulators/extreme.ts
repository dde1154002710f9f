import { ABSENT, FLOAT, type Column } from '../../column.ts';
import type { Accumulator, AccumulatorNotes } from './accumulator.ts';

/** `min` and `max`: NaN only where there is nothing else. Histograms are ignored. */
export class ExtremeAccumulator implements Accumulator {
  readonly #steps: number;
  readonly #best: Float64Array;
  readonly #seen: Uint8Array;
  readonly #notes: AccumulatorNotes;

  constructor(slots: number, steps: number, notes: AccumulatorNotes) {
    this.#steps = steps;
    this.#best = new Float64Array(slots * steps);
    this.#seen = new Uint8Array(slots * steps);
    this.#notes = notes;
  }

  absorb(slot: number, column: Column): void {
    const from = slot * this.#steps;
    if (this.#notes.op === 'max') keepLargest(column, from, this.#best, this.#seen);
    else keepSmallest(column, from, this.#best, this.#seen);
    if (column.histograms !== undefined) noteIgnored(column, this.#notes);
  }

  finish(slot: number, out: Column): void {
    const from = slot * this.#steps;
    out.histograms = undefined;
    out.values.set(this.#best.subarray(from, from + this.#steps));
    out.kinds.set(this.#seen.subarray(from, from + this.#steps));
  }

  reset(slot: number): void {
    const from = slot * this.#steps;
    this.#seen.fill(0, from, from + this.#steps);
  }
}

/** Tells that an aggregation has ignored a histogram, if the column has one. */
export function noteIgnored(column: Column, { annotations, op, pos }: AccumulatorNotes): void {
  if (column.kinds.some((kind) => kind > FLOAT)) annotations.histogramIgnoredInAggregation(op, pos);
}

function keepLargest({ kinds, values }: Column, from: number, best: Float64Array, seen: Uint8Array): void {
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== FLOAT) continue;
    const cell = from + i;
    const value = values[i]!;
    const known = best[cell]!;
    if (seen[cell] === ABSENT || known < value || known !== known) {
      best[cell] = value;
      seen[cell] = FLOAT;
    }
  }
}

function keepSmallest({ kinds, values }: Column, from: number, best: Float64Array, seen: Uint8Array): void {
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== FLOAT) continue;
    const cell = from + i;
    const value = values[i]!;
    const known = best[cell]!;
    if (seen[cell] === ABSENT || known > value || known !== known) {
      best[cell] = value;
      seen[cell] = FLOAT;
    }
  }
}

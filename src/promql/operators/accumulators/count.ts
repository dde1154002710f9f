import { ABSENT, FLOAT, type Column } from '../../column.ts';
import type { Accumulator } from './accumulator.ts';

/** `count`: samples of either kind. */
export class CountAccumulator implements Accumulator {
  readonly #steps: number;
  readonly #counts: Float64Array;

  constructor(slots: number, steps: number) {
    this.#steps = steps;
    this.#counts = new Float64Array(slots * steps);
  }

  absorb(slot: number, { kinds }: Column): void {
    const counts = this.#counts;
    const from = slot * this.#steps;
    for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) counts[from + i]!++;
  }

  finish(slot: number, out: Column): void {
    const from = slot * this.#steps;
    out.histograms = undefined;
    for (let i = 0; i < this.#steps; i++) {
      const count = this.#counts[from + i]!;
      out.values[i] = count;
      out.kinds[i] = count === 0 ? ABSENT : FLOAT;
    }
  }

  reset(slot: number): void {
    const from = slot * this.#steps;
    this.#counts.fill(0, from, from + this.#steps);
  }
}

/** `group`: 1 wherever there is a sample. */
export class PresenceAccumulator implements Accumulator {
  readonly #steps: number;
  readonly #seen: Uint8Array;

  constructor(slots: number, steps: number) {
    this.#steps = steps;
    this.#seen = new Uint8Array(slots * steps);
  }

  absorb(slot: number, { kinds }: Column): void {
    const seen = this.#seen;
    const from = slot * this.#steps;
    for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) seen[from + i] = FLOAT;
  }

  finish(slot: number, out: Column): void {
    const from = slot * this.#steps;
    out.fillFloat(1);
    out.kinds.set(this.#seen.subarray(from, from + this.#steps));
  }

  reset(slot: number): void {
    const from = slot * this.#steps;
    this.#seen.fill(0, from, from + this.#steps);
  }
}

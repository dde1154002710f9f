import type { Column } from '../column.ts';

/** Counts the samples of an operator's output, each series once however often it is read. */
export class OutputCount {
  samples = 0;
  /** Series are mostly read in order: all below are counted. */
  #below = 0;
  #scattered: Set<number> | undefined;

  add(i: number, out: Column): void {
    if (i < this.#below) return;
    if (i === this.#below) {
      this.#below++;
      if (this.#scattered?.delete(i) === true) return;
    } else {
      this.#scattered ??= new Set();
      if (this.#scattered.has(i)) return;
      this.#scattered.add(i);
    }
    this.samples += out.sampleCount;
  }
}

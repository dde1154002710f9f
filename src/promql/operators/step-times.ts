import type { Labels } from '../../model/index.ts';
import { ABSENT, FLOAT, type Column, type StepGrid } from '../column.ts';
import type { VectorOperator } from './operator.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/** `timestamp(v)` of anything but a selector: the time of the step, wherever there is a sample. */
export class StepTimes implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;

  constructor(inner: VectorOperator) {
    this.grid = inner.grid;
    this.#inner = inner;
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    return this.#inner.advance();
  }

  get size(): number {
    return this.#inner.size;
  }

  get readMatters(): boolean {
    return this.#inner.readMatters;
  }

  get metricName(): string | undefined {
    return this.#inner.metricName;
  }

  labels(i: number): Labels {
    return this.#inner.labels(i);
  }

  dropsName(i: number): boolean {
    return this.#inner.dropsName(i);
  }

  read(i: number, out: Column): void {
    this.#inner.read(i, out);
    const { startMs, stepMs } = this.grid;
    const { kinds, values } = out;
    out.histograms = undefined;
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] === ABSENT) continue;
      kinds[step] = FLOAT;
      values[step] = (startMs + step * stepMs) / 1000;
    }
  }

  usage(): Usage {
    const inner = this.#inner.usage();
    return stepwiseUsage([inner], inner.out, this.grid.steps);
  }
}

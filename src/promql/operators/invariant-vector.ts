import type { Labels } from '../../model/index.ts';
import { FLOAT, HISTOGRAM, Column, type StepGrid } from '../column.ts';
import type { VectorOperator } from './operator.ts';
import { repeatedUsage, type Usage } from './usage.ts';

/** A vector evaluated once, at the first step, and repeated at all. */
export class InvariantVector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;
  readonly #once: Column;

  constructor(inner: VectorOperator, grid: StepGrid) {
    this.grid = grid;
    this.#inner = inner;
    this.#once = new Column(inner.grid.steps);
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
    const once = this.#once;
    this.#inner.read(i, once);
    out.clear();
    if (once.kinds[0] === FLOAT) out.fillFloat(once.values[0]!);
    if (once.kinds[0] !== HISTOGRAM) return;
    out.kinds.fill(HISTOGRAM);
    out.histograms = Array.from({ length: out.steps }, () => once.histograms![0]);
  }

  usage(): Usage {
    return repeatedUsage(this.#inner.usage(), this.grid.steps);
  }
}

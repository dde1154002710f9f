import { copyHistogram, mulHistogram } from '../../model/histogram/index.ts';
import type { Labels } from '../../model/index.ts';
import { HISTOGRAM, type Column, type StepGrid } from '../column.ts';
import type { VectorOperator } from './operator.ts';
import { inPlaceUsage, type Usage } from './usage.ts';

/** `-v`. Labels are left to the operator around it. */
export class Negation implements VectorOperator {
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
    const { values, kinds, histograms } = out;
    for (let step = 0; step < values.length; step++) values[step] = -values[step]!;
    if (histograms === undefined) return;
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] !== HISTOGRAM) continue;
      const negated = copyHistogram(histograms[step]!);
      mulHistogram(negated, -1);
      histograms[step] = negated;
    }
  }

  usage(): Usage {
    const inner = this.#inner.usage();
    return inPlaceUsage(inner, inner.out);
  }
}

import type { Labels } from '../../model/index.ts';
import type { Column, StepGrid } from '../column.ts';
import { withoutMetadata } from '../functions/index.ts';
import type { VectorOperator } from './operator.ts';
import type { Usage } from './usage.ts';

/** Drops name, type and unit: from all series at once, or, at the end of a query with delayed name removal, where it is due. */
export class NamesDropped implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;
  readonly #when: 'always' | 'due' | 'mark';

  /** @param when `mark`: leave the labels, and say that the names are to be dropped at the end */
  constructor(inner: VectorOperator, when: 'always' | 'due' | 'mark') {
    this.grid = inner.grid;
    this.#inner = inner;
    this.#when = when;
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
    switch (this.#when) {
      case 'always':
        return '';
      case 'due':
        return undefined;
      case 'mark':
        return this.#inner.metricName;
    }
  }

  labels(i: number): Labels {
    const labels = this.#inner.labels(i);
    const drops = this.#when === 'always' || (this.#when === 'due' && this.#inner.dropsName(i));
    return drops ? withoutMetadata(labels) : labels;
  }

  dropsName(i: number): boolean {
    return this.#when === 'due' ? this.#inner.dropsName(i) : true;
  }

  read(i: number, out: Column): void {
    this.#inner.read(i, out);
  }

  usage(): Usage {
    return this.#inner.usage();
  }
}

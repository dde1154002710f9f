import type { Labels } from '../../model/index.ts';
import { Column, type StepGrid } from '../column.ts';
import type { SubqueryNode } from '../plan/node.ts';
import type { VectorOperator } from './operator.ts';
import type { Usage } from './usage.ts';
import type { WindowSource } from './window-source.ts';
import { Windows, type WindowShape } from './windows.ts';

/**
 * A subquery: the inner expression is evaluated once, on the multiples of the resolution that any window holds, and its columns are
 * looked at in windows like samples.
 */
export class Subquery implements WindowSource {
  readonly shape: WindowShape;
  readonly #inner: VectorOperator;
  readonly #column: Column;
  readonly #windows: Windows;

  constructor(node: SubqueryNode, inner: VectorOperator, grid: StepGrid) {
    this.#inner = inner;
    this.shape = {
      firstLastMs: (node.atMs ?? grid.startMs) - node.offsetMs,
      strideMs: node.atMs === undefined ? grid.stepMs : 0,
      spanMs: node.rangeMs,
    };
    this.#column = new Column(inner.grid.steps);
    this.#windows = new Windows(grid.steps, this.shape, (i) => inner.labels(i));
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

  load(i: number): Windows {
    this.#inner.read(i, this.#column);
    this.#windows.loadColumn(i, this.#column, this.#inner.grid);
    return this.#windows;
  }

  usage(): Usage {
    return this.#inner.usage();
  }
}

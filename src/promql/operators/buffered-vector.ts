import type { Labels } from '../../model/index.ts';
import { Column, type StepGrid } from '../column.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import type { Usage } from './usage.ts';

/** Above so many bytes it is better to compute columns again than to keep them. */
const MAX_BYTES = 64 << 20;

/** A vector that stands in several places of the query: its columns are kept for the other places, if they are not too many. */
export class BufferedVector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;
  readonly #context: EvaluationContext;
  readonly #columns: (Column | undefined)[] = [];
  #keeps = true;

  constructor(inner: VectorOperator, context: EvaluationContext) {
    this.grid = inner.grid;
    this.#inner = inner;
    this.#context = context;
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    if (!this.#inner.advance()) return false;
    this.#keeps = this.#inner.size * this.grid.steps * 9 <= MAX_BYTES;
    return true;
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
    const known = this.#columns[i];
    if (known !== undefined) {
      out.copyFrom(known);
      return;
    }
    this.#inner.read(i, out);
    if (!this.#keeps) return;
    this.#context.reserve(this.grid.steps * 9);
    const column = new Column(this.grid.steps);
    column.copyFrom(out);
    this.#columns[i] = column;
  }

  usage(): Usage {
    return this.#inner.usage();
  }
}

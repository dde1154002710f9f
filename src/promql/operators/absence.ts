import type { Labels } from '../../model/index.ts';
import { ABSENT, Column, type StepGrid } from '../column.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/** `absent` and `absent_over_time`: 1 at the steps where no series has a sample. */
export class Absence implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;
  readonly #labels: Labels;
  readonly #context: EvaluationContext;
  readonly #missing: Column;
  readonly #scratch: Column;
  #next = 0;

  constructor(inner: VectorOperator, labels: Labels, context: EvaluationContext) {
    this.grid = inner.grid;
    this.#inner = inner;
    this.#labels = labels;
    this.#context = context;
    this.#missing = new Column(inner.grid.steps);
    this.#missing.fillFloat(1);
    this.#scratch = new Column(inner.grid.steps);
  }

  readonly metricName = '';
  readonly readMatters = false;

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    if (!this.#inner.advance()) return false;
    // Nothing more can change once every step has been seen.
    while (this.#next < this.#inner.size && (!this.#missing.isEmpty || this.#inner.readMatters)) {
      this.#inner.read(this.#next++, this.#scratch);
      const { kinds } = this.#scratch;
      for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) this.#missing.kinds[i] = ABSENT;
      if (this.#context.isSliceOver) return false;
    }
    return true;
  }

  get size(): number {
    return this.#missing.isEmpty ? 0 : 1;
  }

  labels(): Labels {
    return this.#labels;
  }

  dropsName(): boolean {
    return false;
  }

  read(_i: number, out: Column): void {
    out.copyFrom(this.#missing);
  }

  usage(): Usage {
    return stepwiseUsage([this.#inner.usage()], this.#missing.sampleCount, this.grid.steps);
  }
}

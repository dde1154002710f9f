import { Labels } from '../../model/index.ts';
import type { Column, StepGrid } from '../column.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/** `vector(s)`: one series without labels. */
export class ScalarVector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly size = 1;
  readonly metricName = '';
  readonly readMatters = false;
  readonly #scalar: ScalarOperator;

  constructor(scalar: ScalarOperator) {
    this.grid = scalar.grid;
    this.#scalar = scalar;
  }

  prepare(): Promise<void> {
    return this.#scalar.prepare();
  }

  advance(): boolean {
    return this.#scalar.advance();
  }

  labels(): Labels {
    return Labels.EMPTY;
  }

  dropsName(): boolean {
    return false;
  }

  read(_i: number, out: Column): void {
    out.fillFloat(0);
    out.values.set(this.#scalar.values());
  }

  usage(): Usage {
    return stepwiseUsage([this.#scalar.usage()], this.grid.steps, this.grid.steps);
  }
}

/** The times of the steps in seconds: what `hour()` and its like take when nothing is given. */
export class TimeVector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly size = 1;
  readonly metricName = '';
  readonly readMatters = false;

  constructor(grid: StepGrid) {
    this.grid = grid;
  }

  async prepare(): Promise<void> {}

  advance(): boolean {
    return true;
  }

  labels(): Labels {
    return Labels.EMPTY;
  }

  dropsName(): boolean {
    return false;
  }

  read(_i: number, out: Column): void {
    const { startMs, stepMs } = this.grid;
    out.fillFloat(0);
    for (let i = 0; i < out.values.length; i++) out.values[i] = (startMs + i * stepMs) / 1000;
  }

  usage(): Usage {
    return stepwiseUsage([], 0, this.grid.steps);
  }
}

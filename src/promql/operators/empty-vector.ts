import { InvariantError } from '../../runtime/index.ts';
import type { Labels } from '../../model/index.ts';
import type { StepGrid } from '../column.ts';
import type { VectorOperator } from './operator.ts';
import { constantUsage, type Usage } from './usage.ts';

/** No series at all. */
export class EmptyVector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly size = 0;
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
    throw new InvariantError('an empty vector has no series');
  }

  dropsName(): boolean {
    return false;
  }

  read(): void {
    throw new InvariantError('an empty vector has no series');
  }

  usage(): Usage {
    return constantUsage(0);
  }
}

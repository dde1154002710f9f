import { Column } from '../column.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';

/**
 * Reads series nobody needs, where that matters: Prometheus evaluates every part of a query in full, so that a series without a partner
 * may still bring an annotation or an error.
 */
export class UnreadSeries {
  readonly #operator: VectorOperator;
  readonly #context: EvaluationContext;
  readonly #isWanted: (i: number) => boolean;
  #scratch: Column | undefined;
  #next = 0;

  /** @param isWanted which series are read by someone anyway */
  constructor(operator: VectorOperator, isWanted: (i: number) => boolean, context: EvaluationContext) {
    this.#operator = operator;
    this.#isWanted = isWanted;
    this.#context = context;
  }

  /** Once the operator is advanced. @returns true when all is read; false when the slice of time is over */
  advance(): boolean {
    if (!this.#operator.readMatters) return true;
    while (this.#next < this.#operator.size) {
      const i = this.#next++;
      if (this.#isWanted(i)) continue;
      this.#operator.read(i, (this.#scratch ??= new Column(this.#operator.grid.steps)));
      if (this.#context.isSliceOver) return false;
    }
    return true;
  }
}

import type { FunctionCall } from '../functions-contract.ts';
import type { PlanNode } from '../plan/node.ts';
import type { PositionRange } from '../parse/ast.ts';
import type { StepGrid } from '../column.ts';
import type { EvaluationContext } from './context.ts';
import type { Operator, ScalarOperator } from './operator.ts';

/** The arguments of one call: the operator of each, none for strings and range vectors. Vectors are left to whoever reads them. */
export class Arguments {
  readonly operators: readonly (Operator | undefined)[];
  readonly scalars: readonly ScalarOperator[];
  readonly #nodes: readonly PlanNode[];

  constructor(nodes: readonly PlanNode[], operators: readonly (Operator | undefined)[]) {
    this.#nodes = nodes;
    this.operators = operators;
    this.scalars = operators.filter((operator) => operator?.type === 'scalar');
  }

  /** Of the scalars. */
  async prepare(): Promise<void> {
    for (const scalar of this.scalars) await scalar.prepare();
  }

  advance(): boolean {
    for (const scalar of this.scalars) if (!scalar.advance()) return false;
    return true;
  }

  /** What the function implementation is told of the call. Once arguments are advanced. */
  call(name: string, pos: PositionRange, grid: StepGrid, context: EvaluationContext): FunctionCall {
    return {
      name,
      grid,
      scalars: this.operators.map((operator) => (operator?.type === 'scalar' ? operator.values() : undefined)),
      strings: this.#nodes.map((node) => (node.kind === 'text' ? node.value : undefined)),
      argCount: this.#nodes.length,
      pos,
      argPos: this.#nodes.map(positionOf),
      annotations: context.annotations,
      delayedNameRemoval: context.options.delayedNameRemoval,
    };
  }
}

/** Prometheus puts the result of a subquery in its place, and with it the place in the text is lost. */
function positionOf(node: PlanNode): PositionRange {
  return node.kind === 'subquery' ? { start: 0, end: 0 } : node.pos;
}

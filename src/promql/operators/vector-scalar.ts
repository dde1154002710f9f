import type { Labels } from '../../model/index.ts';
import { ABSENT, FLOAT, HISTOGRAM, Column, type StepGrid } from '../column.ts';
import type { BinaryNode } from '../plan/node.ts';
import {
  changesMeaning,
  combineColumns,
  combineElements,
  isComparison,
  type ElementOperation,
} from './binary-elements.ts';
import type { EvaluationContext } from './context.ts';
import { withoutMetadata } from '../functions/index.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/**
 * An operation between a vector and a scalar. A comparison keeps the vector's samples, on whichever side the vector stands.
 *
 * @see Prometheus `promql/engine.go` (3.14), VectorscalarBinop
 */
export class VectorScalar implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #operation: ElementOperation;
  readonly #vector: VectorOperator;
  readonly #scalar: ScalarOperator;
  readonly #scalarOnLeft: boolean;
  readonly #dropsNames: boolean;
  readonly #context: EvaluationContext;
  readonly #count = new OutputCount();
  #scalarColumn: Column | undefined;

  constructor(
    node: BinaryNode,
    vector: VectorOperator,
    scalar: ScalarOperator,
    scalarOnLeft: boolean,
    context: EvaluationContext,
  ) {
    this.grid = vector.grid;
    const { op, returnBool, pos } = node;
    this.#operation = { op, returnBool, pos, annotations: context.annotations };
    this.#vector = vector;
    this.#scalar = scalar;
    this.#scalarOnLeft = scalarOnLeft;
    this.#dropsNames = changesMeaning(op) || returnBool;
    this.#context = context;
  }

  async prepare(): Promise<void> {
    await this.#vector.prepare();
    await this.#scalar.prepare();
  }

  advance(): boolean {
    return this.#vector.advance() && this.#scalar.advance();
  }

  get size(): number {
    return this.#vector.size;
  }

  get readMatters(): boolean {
    return this.#vector.readMatters;
  }

  get metricName(): string | undefined {
    return this.#dropsNow ? '' : this.#vector.metricName;
  }

  labels(i: number): Labels {
    const labels = this.#vector.labels(i);
    return this.#dropsNow ? withoutMetadata(labels) : labels;
  }

  dropsName(i: number): boolean {
    return this.#dropsNames || this.#vector.dropsName(i);
  }

  read(i: number, out: Column): void {
    this.#vector.read(i, out);
    const { op, returnBool } = this.#operation;
    const scalar = (this.#scalarColumn ??= this.#makeScalarColumn());
    if (!this.#scalarOnLeft) combineColumns(this.#operation, out, scalar, out);
    else if (!isComparison(op) || returnBool) combineColumns(this.#operation, scalar, out, out);
    else this.#filter(scalar, out);
    this.#count.add(i, out);
  }

  usage(): Usage {
    const children = [this.#vector.usage(), this.#scalar.usage()];
    if (this.#scalarOnLeft) children.reverse();
    return stepwiseUsage(children, this.#count.samples, this.grid.steps);
  }

  get #dropsNow(): boolean {
    return this.#dropsNames && !this.#context.options.delayedNameRemoval;
  }

  #makeScalarColumn(): Column {
    const column = new Column(this.grid.steps);
    column.values.set(this.#scalar.values());
    column.kinds.fill(FLOAT);
    return column;
  }

  /** `scalar < vector`: the vector's sample stays where the comparison holds. */
  #filter(scalar: Column, out: Column): void {
    const { kinds, values, histograms } = out;
    const scalars = scalar.values;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] === ABSENT) continue;
      const sample = kinds[i] === HISTOGRAM ? histograms![i]! : values[i]!;
      if (combineElements(this.#operation, scalars[i]!, sample) === undefined) kinds[i] = ABSENT;
    }
  }
}

import type { Labels } from '../../model/index.ts';
import type { Column, StepGrid } from '../column.ts';
import type { ElementFunction as Implementation, FunctionCall } from '../functions-contract.ts';
import type { CallNode } from '../plan/node.ts';
import type { Arguments } from './arguments.ts';
import type { EvaluationContext } from './context.ts';
import { withoutMetadata } from '../functions/index.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/** A function of each sample, such as `abs` or `clamp`. */
export class ElementFunction implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #node: CallNode;
  readonly #implementation: Implementation;
  readonly #input: VectorOperator;
  readonly #args: Arguments;
  readonly #context: EvaluationContext;
  readonly #count = new OutputCount();
  #call: FunctionCall | undefined;

  /** @param input the vector argument, also when it is not written */
  constructor(
    node: CallNode,
    implementation: Implementation,
    input: VectorOperator,
    args: Arguments,
    context: EvaluationContext,
  ) {
    this.grid = input.grid;
    this.#node = node;
    this.#implementation = implementation;
    this.#input = input;
    this.#args = args;
    this.#context = context;
  }

  async prepare(): Promise<void> {
    await this.#input.prepare();
    await this.#args.prepare();
  }

  advance(): boolean {
    return this.#input.advance() && this.#args.advance();
  }

  get size(): number {
    return this.#input.size;
  }

  get readMatters(): boolean {
    return this.#input.readMatters;
  }

  get metricName(): string | undefined {
    return this.#context.options.delayedNameRemoval ? this.#input.metricName : '';
  }

  labels(i: number): Labels {
    const labels = this.#input.labels(i);
    if (this.#context.options.delayedNameRemoval) return labels;
    return this.#implementation.drops === 'name' ? labels.withoutName() : withoutMetadata(labels);
  }

  dropsName(): boolean {
    return true;
  }

  read(i: number, out: Column): void {
    const { grid } = this;
    this.#call ??= this.#args.call(this.#node.func, this.#node.pos, grid, this.#context);
    this.#input.read(i, out);
    this.#implementation.apply(out, this.#call);
    this.#count.add(i, out);
  }

  usage(): Usage {
    const scalars = this.#args.scalars.map((scalar) => scalar.usage());
    return stepwiseUsage([this.#input.usage(), ...scalars], this.#count.samples, this.grid.steps);
  }
}

import type { Labels } from '../../model/index.ts';
import { Column, type StepGrid } from '../column.ts';
import type { FunctionCall, GroupFunction as Implementation, SeriesGroup } from '../functions-contract.ts';
import type { CallNode } from '../plan/node.ts';
import type { Arguments } from './arguments.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/**
 * `histogram_quantile` and its like: the series of one histogram make one output series, or one per quantile. Holds the columns of
 * one group at a time.
 */
export class GroupFunction implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #node: CallNode;
  readonly #implementation: Implementation;
  readonly #input: VectorOperator;
  readonly #args: Arguments;
  readonly #context: EvaluationContext;
  readonly #count = new OutputCount();
  #call: FunctionCall | undefined;
  #groups: readonly SeriesGroup[] | undefined;
  /** Group and position in it, by output series. */
  #groupOf = new Uint32Array(0);
  #positionOf = new Uint32Array(0);
  /** The group whose results are in `#outputs`. */
  #evaluated = -1;
  readonly #inputs: Column[] = [];
  readonly #outputs: Column[] = [];

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
    if (!this.#input.advance() || !this.#args.advance()) return false;
    if (this.#groups === undefined) this.#plan();
    return true;
  }

  get size(): number {
    return this.#groupOf.length;
  }

  get readMatters(): boolean {
    return true;
  }

  get metricName(): string | undefined {
    return this.#context.options.delayedNameRemoval ? undefined : '';
  }

  labels(i: number): Labels {
    return this.#groups![this.#groupOf[i]!]!.outputs[this.#positionOf[i]!]!;
  }

  dropsName(): boolean {
    return true;
  }

  read(i: number, out: Column): void {
    const group = this.#groupOf[i]!;
    if (group !== this.#evaluated) this.#evaluate(group);
    out.copyFrom(this.#outputs[this.#positionOf[i]!]!);
    this.#count.add(i, out);
  }

  usage(): Usage {
    const scalars = this.#args.scalars.map((scalar) => scalar.usage());
    return stepwiseUsage([this.#input.usage(), ...scalars], this.#count.samples, this.grid.steps);
  }

  #plan(): void {
    const { size } = this.#input;
    const labels: Labels[] = [];
    for (let i = 0; i < size; i++) labels.push(this.#input.labels(i));
    this.#call = this.#args.call(this.#node.func, this.#node.pos, this.grid, this.#context);
    this.#groups = this.#implementation.plan(labels, this.#call);
    const groupOf: number[] = [];
    const positionOf: number[] = [];
    this.#groups.forEach((group, g) => {
      for (let position = 0; position < group.outputs.length; position++) {
        groupOf.push(g);
        positionOf.push(position);
      }
    });
    this.#groupOf = Uint32Array.from(groupOf);
    this.#positionOf = Uint32Array.from(positionOf);
  }

  #evaluate(index: number): void {
    const group = this.#groups![index]!;
    this.#evaluated = -1;
    const inputs = this.#columns(this.#inputs, group.inputs.length);
    const outputs = this.#columns(this.#outputs, group.outputs.length);
    for (let m = 0; m < inputs.length; m++) this.#input.read(group.inputs[m]!, inputs[m]!);
    for (const output of outputs) output.clear();
    this.#implementation.evaluate(group, inputs, this.#call!, outputs);
    this.#evaluated = index;
  }

  /** The first `count` columns of a pool that grows to the largest group. */
  #columns(pool: Column[], count: number): readonly Column[] {
    while (pool.length < count) {
      this.#context.reserve(this.grid.steps * 9);
      pool.push(new Column(this.grid.steps));
    }
    return pool.slice(0, count);
  }
}

import { FLOAT, Column, type StepGrid } from '../column.ts';
import { scalarOperation } from '../arithmetic.ts';
import type { FunctionCall, ScalarFunction as Implementation } from '../functions-contract.ts';
import type { BinaryNode, CallNode } from '../plan/node.ts';
import type { Arguments } from './arguments.ts';
import type { EvaluationContext } from './context.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { constantUsage, repeatedUsage, stepwiseUsage, type Usage } from './usage.ts';

/** A number, at every step. */
export class NumberScalar implements ScalarOperator {
  readonly type = 'scalar';
  readonly grid: StepGrid;
  readonly #value: number;
  #values: Float64Array | undefined;

  constructor(value: number, grid: StepGrid) {
    this.grid = grid;
    this.#value = value;
  }

  async prepare(): Promise<void> {}

  advance(): boolean {
    return true;
  }

  values(): Float64Array {
    return (this.#values ??= new Float64Array(this.grid.steps).fill(this.#value));
  }

  usage(): Usage {
    return constantUsage(this.grid.steps);
  }
}

/** `time`, `max_of` and other functions of scalars. */
export class ScalarFunction implements ScalarOperator {
  readonly type = 'scalar';
  readonly grid: StepGrid;
  readonly #node: CallNode;
  readonly #implementation: Implementation;
  readonly #args: Arguments;
  readonly #context: EvaluationContext;
  #values: Float64Array | undefined;

  constructor(
    node: CallNode,
    implementation: Implementation,
    args: Arguments,
    grid: StepGrid,
    context: EvaluationContext,
  ) {
    this.grid = grid;
    this.#node = node;
    this.#implementation = implementation;
    this.#args = args;
    this.#context = context;
  }

  prepare(): Promise<void> {
    return this.#args.prepare();
  }

  advance(): boolean {
    return this.#args.advance();
  }

  values(): Float64Array {
    if (this.#values === undefined) {
      const call: FunctionCall = this.#args.call(this.#node.func, this.#node.pos, this.grid, this.#context);
      this.#values = new Float64Array(this.grid.steps);
      this.#implementation.fill(call, this.#values);
    }
    return this.#values;
  }

  usage(): Usage {
    const args = this.#args.scalars.map((scalar) => scalar.usage());
    return stepwiseUsage(args, this.grid.steps, this.grid.steps);
  }
}

/** Arithmetic and comparison between scalars. */
export class ScalarBinary implements ScalarOperator {
  readonly type = 'scalar';
  readonly grid: StepGrid;
  readonly #op: Exclude<BinaryNode['op'], '</' | '>/'>;
  readonly #lhs: ScalarOperator;
  readonly #rhs: ScalarOperator;
  #values: Float64Array | undefined;

  constructor(op: Exclude<BinaryNode['op'], '</' | '>/'>, lhs: ScalarOperator, rhs: ScalarOperator) {
    this.grid = lhs.grid;
    this.#op = op;
    this.#lhs = lhs;
    this.#rhs = rhs;
  }

  async prepare(): Promise<void> {
    await this.#lhs.prepare();
    await this.#rhs.prepare();
  }

  advance(): boolean {
    return this.#lhs.advance() && this.#rhs.advance();
  }

  values(): Float64Array {
    if (this.#values === undefined) {
      const lhs = this.#lhs.values();
      const rhs = this.#rhs.values();
      this.#values = lhs.map((value, i) => scalarOperation(this.#op, value, rhs[i]!));
    }
    return this.#values;
  }

  usage(): Usage {
    return stepwiseUsage([this.#lhs.usage(), this.#rhs.usage()], this.grid.steps, this.grid.steps);
  }
}

/** `-scalar` */
export class ScalarNegation implements ScalarOperator {
  readonly type = 'scalar';
  readonly grid: StepGrid;
  readonly #inner: ScalarOperator;
  #values: Float64Array | undefined;

  constructor(inner: ScalarOperator) {
    this.grid = inner.grid;
    this.#inner = inner;
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    return this.#inner.advance();
  }

  values(): Float64Array {
    return (this.#values ??= this.#inner.values().map((value) => -value));
  }

  usage(): Usage {
    return this.#inner.usage();
  }
}

/** A scalar evaluated once, at the first step. */
export class InvariantScalar implements ScalarOperator {
  readonly type = 'scalar';
  readonly grid: StepGrid;
  readonly #inner: ScalarOperator;
  #values: Float64Array | undefined;

  constructor(inner: ScalarOperator, grid: StepGrid) {
    this.grid = grid;
    this.#inner = inner;
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    return this.#inner.advance();
  }

  values(): Float64Array {
    return (this.#values ??= new Float64Array(this.grid.steps).fill(this.#inner.values()[0]!));
  }

  usage(): Usage {
    return repeatedUsage(this.#inner.usage(), this.grid.steps);
  }
}

/** `scalar(v)`: the value of the only float at a step, NaN when there is none or more than one. */
export class ScalarOfVector implements ScalarOperator {
  readonly type = 'scalar';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;
  readonly #context: EvaluationContext;
  readonly #values: Float64Array;
  /** Floats seen at each step, up to 2. */
  readonly #seen: Uint8Array;
  readonly #scratch: Column;
  #next = 0;

  constructor(inner: VectorOperator, context: EvaluationContext) {
    const { grid } = inner;
    this.grid = grid;
    this.#inner = inner;
    this.#context = context;
    this.#values = new Float64Array(grid.steps).fill(NaN);
    this.#seen = new Uint8Array(grid.steps);
    this.#scratch = new Column(grid.steps);
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    if (!this.#inner.advance()) return false;
    while (this.#next < this.#inner.size) {
      this.#inner.read(this.#next++, this.#scratch);
      this.#absorb(this.#scratch);
      if (this.#context.isSliceOver) return false;
    }
    return true;
  }

  values(): Float64Array {
    return this.#values;
  }

  usage(): Usage {
    return stepwiseUsage([this.#inner.usage()], this.grid.steps, this.grid.steps);
  }

  #absorb({ kinds, values }: Column): void {
    const seen = this.#seen;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] !== FLOAT || seen[i] === 2) continue;
      this.#values[i] = seen[i] === 0 ? values[i]! : NaN;
      seen[i]!++;
    }
  }
}

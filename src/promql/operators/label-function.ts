import { METRIC_NAME, type Labels } from '../../model/index.ts';
import type { Column, StepGrid } from '../column.ts';
import type { LabelFunction as Implementation, LabelMapping } from '../functions-contract.ts';
import type { CallNode } from '../plan/node.ts';
import type { Arguments } from './arguments.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import { inPlaceUsage, type Usage } from './usage.ts';

/** `label_replace` and `label_join`: columns pass through, labels change. */
export class LabelFunction implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #input: VectorOperator;
  readonly #mapping: LabelMapping;
  /** Each label set is built once: the mapping may run a regular expression. */
  readonly #mapped: Labels[] = [];
  readonly #changed: boolean[] = [];

  /** @throws {QueryError} for arguments the function cannot work with */
  constructor(
    node: CallNode,
    implementation: Implementation,
    input: VectorOperator,
    args: Arguments,
    context: EvaluationContext,
  ) {
    this.grid = input.grid;
    this.#input = input;
    this.#mapping = implementation.compile(args.call(node.func, node.pos, input.grid, context));
  }

  prepare(): Promise<void> {
    return this.#input.prepare();
  }

  advance(): boolean {
    return this.#input.advance();
  }

  get size(): number {
    return this.#input.size;
  }

  get readMatters(): boolean {
    return this.#input.readMatters;
  }

  get metricName(): string | undefined {
    return this.#mapping.target === METRIC_NAME ? undefined : this.#input.metricName;
  }

  labels(i: number): Labels {
    const known = this.#mapped[i];
    if (known !== undefined) return known;
    const labels = this.#input.labels(i);
    const mapped = this.#mapping.map(labels);
    this.#changed[i] = mapped !== labels;
    this.#mapped[i] = mapped;
    return mapped;
  }

  dropsName(i: number): boolean {
    if (!this.#input.dropsName(i)) return false;
    if (this.#mapping.target !== METRIC_NAME) return true;
    // A name that was just written is not to be dropped any more.
    this.labels(i);
    return !this.#changed[i];
  }

  read(i: number, out: Column): void {
    this.#input.read(i, out);
  }

  usage(): Usage {
    const input = this.#input.usage();
    return inPlaceUsage(input, input.out);
  }
}

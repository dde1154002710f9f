import type { Labels } from '../../model/index.ts';
import { ABSENT, Column, type StepGrid } from '../column.ts';
import type { SetNode } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import { matchGroups, type MatchGroups } from './match-groups.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { UnreadSeries } from './unread.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/**
 * `and`, `unless`, `or`: samples of one side pass, or not, by whether the other side has any sample of the same group at the step.
 *
 * The presence of a group's deciding side is put together when the first of its series is read, and kept: a byte per group and step.
 *
 * @see Prometheus `promql/engine.go` (3.14), VectorAnd, VectorOr, VectorUnless
 */
export class SetOperation implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #node: SetNode;
  readonly #left: VectorOperator;
  readonly #right: VectorOperator;
  readonly #context: EvaluationContext;
  readonly #count = new OutputCount();
  readonly #scratch: Column;
  readonly #unread: UnreadSeries;
  #match: MatchGroups | undefined;
  readonly #present: (Uint8Array | undefined)[] = [];

  constructor(node: SetNode, left: VectorOperator, right: VectorOperator, context: EvaluationContext) {
    this.grid = left.grid;
    this.#node = node;
    this.#left = left;
    this.#right = right;
    this.#context = context;
    this.#scratch = new Column(left.grid.steps);
    // All left series are read, and the right ones that decide something.
    const isWanted = (i: number): boolean =>
      node.op === 'or' || this.#match!.groups[this.#match!.groupOfRight[i]!]!.left.length > 0;
    this.#unread = new UnreadSeries(right, isWanted, context);
  }

  async prepare(): Promise<void> {
    await this.#left.prepare();
    await this.#right.prepare();
  }

  advance(): boolean {
    if (!this.#left.advance() || !this.#right.advance()) return false;
    this.#match ??= matchGroups(this.#left, this.#right, this.#node.matching);
    return this.#unread.advance();
  }

  /** Left series come first; only `or` has right ones. */
  get size(): number {
    return this.#node.op === 'or' ? this.#left.size + this.#right.size : this.#left.size;
  }

  get readMatters(): boolean {
    return this.#left.readMatters || this.#right.readMatters;
  }

  get metricName(): string | undefined {
    const { metricName } = this.#left;
    return this.#node.op !== 'or' || this.#right.metricName === metricName ? metricName : undefined;
  }

  labels(i: number): Labels {
    const left = this.#left.size;
    return i < left ? this.#left.labels(i) : this.#right.labels(i - left);
  }

  dropsName(i: number): boolean {
    const left = this.#left.size;
    return i < left ? this.#left.dropsName(i) : this.#right.dropsName(i - left);
  }

  read(i: number, out: Column): void {
    const left = this.#left.size;
    const { groupOfLeft, groupOfRight } = this.#match!;
    if (this.#node.op === 'or') {
      if (i < left) this.#left.read(i, out);
      else {
        this.#right.read(i - left, out);
        keepWhere(out, this.#presence(groupOfRight[i - left]!, 'left'), false);
      }
    } else {
      const present = this.#presence(groupOfLeft[i]!, 'right');
      this.#left.read(i, out);
      keepWhere(out, present, this.#node.op === 'and');
    }
    this.#count.add(i, out);
  }

  usage(): Usage {
    return stepwiseUsage([this.#left.usage(), this.#right.usage()], this.#count.samples, this.grid.steps);
  }

  /** 1 at the steps where any series of the group has a sample on that side; undefined where none ever has. */
  #presence(group: number, side: 'left' | 'right'): Uint8Array | undefined {
    const series = this.#match!.groups[group]![side];
    if (series.length === 0) return undefined;
    const known = this.#present[group];
    if (known !== undefined) return known;
    this.#context.reserve(this.grid.steps);
    const present = new Uint8Array(this.grid.steps);
    const operator = side === 'left' ? this.#left : this.#right;
    const { kinds } = this.#scratch;
    for (const i of series) {
      operator.read(i, this.#scratch);
      for (let step = 0; step < kinds.length; step++) if (kinds[step] !== ABSENT) present[step] = 1;
    }
    this.#present[group] = present;
    return present;
  }
}

/** Makes absent the steps whose presence is not as wanted. */
function keepWhere({ kinds }: Column, present: Uint8Array | undefined, wanted: boolean): void {
  if (present === undefined) {
    if (wanted) kinds.fill(ABSENT);
    return;
  }
  const refused = wanted ? 0 : 1;
  for (let i = 0; i < kinds.length; i++) if (present[i] === refused) kinds[i] = ABSENT;
}

import type { Labels } from '../../model/index.ts';
import { ABSENT, FLOAT, Column, type StepGrid } from '../column.ts';
import { executionError } from '../errors.ts';
import type { AggregateNode } from '../plan/node.ts';
import type { EvaluationContext } from './context.ts';
import { groupSeries } from './grouping.ts';
import { hashLabels } from './label-hash.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { boundsOf, selectionSizes } from './selection-parameter.ts';
import { UnreadSeries } from './unread.ts';
import { aggregateUsage, type Usage } from './usage.ts';
import { ValueHeaps } from './value-heap.ts';

const MAX_UINT64 = 2 ** 64;

/**
 * `limitk` and `limit_ratio`: some series of each group, as they are. `limitk` takes the first k with a sample at the step,
 * `limit_ratio` those whose labels hash into the ratio.
 *
 * Keeps the selected columns; reads no more of the input than it takes to fill every group.
 *
 * @see Prometheus `promql/engine.go` (3.14), aggregationK
 */
export class Limit implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #node: AggregateNode;
  readonly #input: VectorOperator;
  readonly #param: ScalarOperator;
  readonly #context: EvaluationContext;
  readonly #scratch: Column;
  readonly #unread: UnreadSeries;
  #begun = false;
  #done = false;
  #next = 0;
  #groupOf = new Uint32Array(0);
  /** `limitk`: how many are wanted at each step, and how many are still missing by group and step, and in all. */
  #sizes: Float64Array | undefined;
  #missing = new Float64Array(0);
  #missingCells = 0;
  readonly #groupOrder: number[] = [];
  #seen = new Uint8Array(0);
  readonly #selected: number[] = [];
  readonly #columns: Column[] = [];

  constructor(node: AggregateNode, input: VectorOperator, param: ScalarOperator, context: EvaluationContext) {
    this.grid = input.grid;
    this.#node = node;
    this.#input = input;
    this.#param = param;
    this.#context = context;
    this.#scratch = new Column(input.grid.steps);
    this.#unread = new UnreadSeries(input, (i) => i < this.#next, context);
  }

  async prepare(): Promise<void> {
    await this.#param.prepare();
    await this.#input.prepare();
  }

  advance(): boolean {
    if (this.#done) return this.#unread.advance();
    if (!this.#param.advance() || !this.#input.advance()) return false;
    if (!this.#begun) this.#begin();
    while (!this.#done && this.#next < this.#input.size) {
      this.#absorb(this.#next++);
      if (this.#node.op === 'limitk' && this.#missingCells === 0) break;
      if (this.#context.isSliceOver) return false;
    }
    if (!this.#done && this.grid.steps === 1) this.#arrange();
    this.#done = true;
    return this.#unread.advance();
  }

  get size(): number {
    return this.#selected.length;
  }

  /** All that matters is read before the first series. */
  readonly readMatters = false;

  get metricName(): string | undefined {
    return this.#input.metricName;
  }

  labels(i: number): Labels {
    return this.#input.labels(this.#selected[i]!);
  }

  dropsName(i: number): boolean {
    return this.#input.dropsName(this.#selected[i]!);
  }

  read(i: number, out: Column): void {
    out.copyFrom(this.#columns[i]!);
  }

  usage(): Usage {
    const out = this.#columns.reduce((sum, column) => sum + column.sampleCount, 0);
    return aggregateUsage(this.#param.usage(), this.#input.usage(), out);
  }

  #begin(): void {
    this.#begun = true;
    const param = this.#param.values();
    if (this.#node.op === 'limitk') {
      this.#sizes = selectionSizes(param);
      this.#done = this.#sizes === undefined;
    } else this.#done = this.#checkRatio(param);
    if (this.#done) return;
    const { groupOf, firsts } = groupSeries(this.#input, this.#node.grouping, this.#node.without);
    this.#groupOf = groupOf;
    this.#seen = new Uint8Array(firsts.length);
    if (this.#sizes === undefined) return;
    const { steps } = this.grid;
    this.#context.reserve(firsts.length * steps * 8);
    this.#missing = new Float64Array(firsts.length * steps);
    for (let group = 0; group < firsts.length; group++) this.#missing.set(this.#sizes, group * steps);
    for (const wanted of this.#missing) if (wanted > 0) this.#missingCells++;
  }

  /** @returns true when nothing is selected at any step */
  #checkRatio(param: Float64Array): boolean {
    const { max, min, hasNaN } = boundsOf(param);
    if (max === 0 && min === 0) return true;
    if (hasNaN) throw executionError('Ratio value is NaN');
    const { annotations } = this.#context;
    const { pos } = this.#node.param!;
    if (max > 1) annotations.invalidRatio(max, 1, pos);
    if (min < -1) annotations.invalidRatio(min, -1, pos);
    return false;
  }

  #absorb(series: number): void {
    const scratch = this.#scratch;
    this.#input.read(series, scratch);
    if (scratch.isEmpty) return;
    const group = this.#groupOf[series]!;
    if (this.#seen[group] === 0) {
      this.#seen[group] = 1;
      this.#groupOrder.push(group);
    }
    if (this.#node.op === 'limitk') this.#takeFirst(group);
    else this.#takeRatio(series);
    if (scratch.isEmpty) return;
    this.#context.reserve(this.grid.steps * 9);
    const column = new Column(this.grid.steps);
    column.copyFrom(scratch);
    this.#columns.push(column);
    this.#selected.push(series);
  }

  /** Leaves in the scratch column what its group is still missing. */
  #takeFirst(group: number): void {
    const { kinds } = this.#scratch;
    const missing = this.#missing;
    const from = group * kinds.length;
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] === ABSENT) continue;
      if (missing[from + i] === 0) kinds[i] = ABSENT;
      else {
        const left = missing[from + i]! - 1;
        missing[from + i] = left;
        if (left === 0) this.#missingCells--;
      }
    }
  }

  /** Leaves in the scratch column the steps whose ratio the series' labels hash into. */
  #takeRatio(series: number): void {
    const { kinds } = this.#scratch;
    const ratios = this.#param.values();
    const offset = Number(hashLabels(this.#input.labels(series))) / MAX_UINT64;
    for (let i = 0; i < kinds.length; i++) {
      const ratio = Math.max(-1, Math.min(1, ratios[i]!));
      if (ratio === 0 || !(ratio > 0 ? offset < ratio : offset >= 1 + ratio)) kinds[i] = ABSENT;
    }
  }

  /** An instant query gets group by group, each in the order of a heap by value. */
  #arrange(): void {
    const byGroup = new Map<number, number[]>();
    this.#selected.forEach((series, at) => {
      const group = this.#groupOf[series]!;
      const members = byGroup.get(group);
      if (members === undefined) byGroup.set(group, [at]);
      else members.push(at);
    });
    const order: number[] = [];
    for (const group of this.#groupOrder) {
      const members = byGroup.get(group) ?? [];
      const heap = new ValueHeaps(1, members.length, false);
      for (const at of members) {
        const column = this.#columns[at]!;
        heap.push(0, column.kinds[0] === FLOAT ? column.values[0]! : 0, at);
      }
      order.push(...heap.series);
    }
    const selected = order.map((at) => this.#selected[at]!);
    const columns = order.map((at) => this.#columns[at]!);
    this.#selected.splice(0, selected.length, ...selected);
    this.#columns.splice(0, columns.length, ...columns);
  }
}

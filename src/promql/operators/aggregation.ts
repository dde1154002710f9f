import type { Labels } from '../../model/index.ts';
import { Column, type StepGrid } from '../column.ts';
import type { AggregateNode } from '../plan/node.ts';
import type { Accumulator } from './accumulators/accumulator.ts';
import type { EvaluationContext } from './context.ts';
import { groupLabels, groupSeries, type Grouping } from './grouping.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { aggregateUsage, type Usage } from './usage.ts';

/** Up to so many cells (groups × steps), all groups are accumulated at once, in one pass over the input in its own order. */
const MAX_CELLS = 1 << 21;

/**
 * An aggregation that makes one series of each group: sum, avg, min, max, count, group, stddev, stdvar, quantile.
 *
 * Labels tell the groups before any sample is read. When the groups' state is small, one pass in input order fills them all;
 * otherwise each group reads its own members when it is asked for, and only one group's state exists at a time.
 */
export class Aggregation implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #node: AggregateNode;
  readonly #input: VectorOperator;
  readonly #param: ScalarOperator | undefined;
  readonly #createAccumulator: (slots: number) => Accumulator;
  readonly #context: EvaluationContext;
  readonly #count = new OutputCount();
  readonly #scratch: Column;
  #grouping: Grouping | undefined;
  #accumulator: Accumulator | undefined;
  /** All groups at once: the next input series, and by group the first one with a sample. */
  #atOnce = false;
  #next = 0;
  #firstSeen = new Uint32Array(0);
  /** Groups in the order of their first sample. */
  #order: Uint32Array | undefined;
  /** One group at a time: its input series. */
  #members: readonly Uint32Array[] = [];
  /** With delayed name removal: 1 where a member's name is due to be dropped. Undefined where results have no names. */
  #dueNames: Uint8Array | undefined;

  /**
   * @param param the argument of `quantile`
   * @param createAccumulator makes the state for a number of groups; called when parameters are known
   */
  constructor(
    node: AggregateNode,
    input: VectorOperator,
    param: ScalarOperator | undefined,
    createAccumulator: (slots: number) => Accumulator,
    context: EvaluationContext,
  ) {
    this.grid = input.grid;
    this.#node = node;
    this.#input = input;
    this.#param = param;
    this.#createAccumulator = createAccumulator;
    this.#context = context;
    this.#scratch = new Column(input.grid.steps);
  }

  async prepare(): Promise<void> {
    await this.#param?.prepare();
    await this.#input.prepare();
  }

  advance(): boolean {
    if (this.#param?.advance() === false || !this.#input.advance()) return false;
    if (this.#grouping === undefined) this.#begin();
    return !this.#atOnce || this.#absorbAll();
  }

  get size(): number {
    return this.#order?.length ?? this.#grouping!.firsts.length;
  }

  get readMatters(): boolean {
    return this.#input.readMatters;
  }

  get metricName(): string | undefined {
    const { without, grouping } = this.#node;
    return without || !grouping.includes('__name__') ? '' : undefined;
  }

  labels(i: number): Labels {
    const first = this.#grouping!.firsts[this.#groupAt(i)]!;
    return groupLabels(this.#input.labels(first), this.#node.grouping, this.#node.without);
  }

  dropsName(i: number): boolean {
    return this.#dueNames?.[this.#groupAt(i)] === 1;
  }

  read(i: number, out: Column): void {
    const group = this.#groupAt(i);
    if (this.#atOnce) this.#accumulator!.finish(group, out);
    else this.#accumulate(group, out);
    this.#count.add(i, out);
  }

  usage(): Usage {
    return aggregateUsage(this.#param?.usage(), this.#input.usage(), this.#count.samples);
  }

  #groupAt(i: number): number {
    return this.#order === undefined ? i : this.#order[i]!;
  }

  #begin(): void {
    const { grouping, without } = this.#node;
    const found = groupSeries(this.#input, grouping, without);
    this.#grouping = found;
    const groups = found.firsts.length;
    if (this.#context.options.delayedNameRemoval && !without && grouping.length > 0)
      this.#dueNames = new Uint8Array(groups);
    this.#atOnce = groups * this.grid.steps <= MAX_CELLS || groups === 1;
    this.#accumulator = this.#createAccumulator(this.#atOnce ? groups : Math.min(groups, 1));
    // Three numbers and a mark per cell is what the accumulators need at most.
    if (this.#atOnce) this.#context.reserve(groups * this.grid.steps * 25);
    else {
      this.#members = membersOf(found);
      if (this.#dueNames !== undefined) found.groupOf.forEach((group, i) => this.#noteDueName(group, i));
    }
    this.#firstSeen = new Uint32Array(groups).fill(UNSEEN);
  }

  /** Takes in the input series, for a slice of time. */
  #absorbAll(): boolean {
    if (this.#order !== undefined) return true;
    const { groupOf } = this.#grouping!;
    const input = this.#input;
    const { size } = input;
    const scratch = this.#scratch;
    const accumulator = this.#accumulator!;
    const firstSeen = this.#firstSeen;
    while (this.#next < size) {
      const i = this.#next++;
      const group = groupOf[i]!;
      input.read(i, scratch);
      accumulator.absorb(group, scratch, () => input.labels(i));
      if (!scratch.isEmpty) {
        if (firstSeen[group] === UNSEEN) firstSeen[group] = i;
        if (this.#dueNames !== undefined) this.#noteDueName(group, i);
      }
      // The clock is dearer than a short column.
      if ((i & 15) === 15 && this.#context.isSliceOver) return this.#next === size && this.#absorbAll();
    }
    const seen: number[] = [];
    firstSeen.forEach((first, group) => {
      if (first !== UNSEEN) seen.push(group);
    });
    this.#order = Uint32Array.from(seen.sort((a, b) => firstSeen[a]! - firstSeen[b]!));
    return true;
  }

  #noteDueName(group: number, series: number): void {
    if (this.#input.dropsName(series)) this.#dueNames![group] = 1;
  }

  #accumulate(group: number, out: Column): void {
    const accumulator = this.#accumulator!;
    const input = this.#input;
    accumulator.reset(0);
    for (const member of this.#members[group]!) {
      input.read(member, this.#scratch);
      accumulator.absorb(0, this.#scratch, () => input.labels(member));
    }
    accumulator.finish(0, out);
  }
}

const UNSEEN = 0xffffffff;

/** The series of each group, ascending. */
export function membersOf({ groupOf, firsts }: Grouping): readonly Uint32Array[] {
  const sizes = new Uint32Array(firsts.length);
  for (const group of groupOf) sizes[group]!++;
  const members = Array.from(sizes, (size) => new Uint32Array(size));
  const filled = new Uint32Array(firsts.length);
  groupOf.forEach((group, i) => {
    members[group]![filled[group]!++] = i;
  });
  return members;
}

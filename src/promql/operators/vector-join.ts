import type { Labels } from '../../model/index.ts';
import { ABSENT, Column, type StepGrid } from '../column.ts';
import { executionError } from '../errors.ts';
import type { VectorMatching } from '../parse/ast.ts';
import type { BinaryNode } from '../plan/node.ts';
import { changesMeaning, combineColumns, type ElementOperation } from './binary-elements.ts';
import { ColumnCache } from './column-cache.ts';
import type { EvaluationContext } from './context.ts';
import { JoinGroup } from './join-group.ts';
import { joinLabels, type JoinLabels } from './join-labels.ts';
import { matchGroups, type MatchGroup } from './match-groups.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { UnreadSeries } from './unread.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/**
 * Arithmetic or comparison between two vectors: one-to-one, or many-to-one with `group_left` and `group_right`.
 *
 * Labels alone tell which series meet, so nearly every output series is one pair, read when it is asked for. Groups in which several
 * series share a place (different names at different times, say), or that `fill` completes, are worked through step by step instead.
 *
 * "Many" is the left side, or the right one with `group_right`.
 *
 * @see Prometheus `promql/engine.go` (3.14), VectorBinop
 */
export class VectorJoin implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #matching: VectorMatching;
  readonly #operation: ElementOperation;
  readonly #swapped: boolean;
  readonly #many: VectorOperator;
  readonly #one: VectorOperator;
  readonly #labels: JoinLabels;
  readonly #count = new OutputCount();
  readonly #ones: ColumnCache;
  readonly #dropsMetadata: boolean;
  #outputs: Output[] | undefined;
  #hasGroups = false;
  readonly #resultLabels: Labels[] = [];
  readonly #context: EvaluationContext;
  #unreadMany: UnreadSeries | undefined;
  #unreadOne: UnreadSeries | undefined;
  /** The group whose results are at hand. */
  #current: JoinGroup | undefined;
  #scratch: Column | undefined;

  constructor(
    node: BinaryNode,
    matching: VectorMatching,
    lhs: VectorOperator,
    rhs: VectorOperator,
    context: EvaluationContext,
  ) {
    this.grid = lhs.grid;
    const { op, returnBool, pos } = node;
    this.#matching = matching;
    this.#operation = { op, returnBool, pos, annotations: context.annotations };
    this.#swapped = matching.card === 'one-to-many';
    this.#many = this.#swapped ? rhs : lhs;
    this.#one = this.#swapped ? lhs : rhs;
    this.#dropsMetadata = changesMeaning(op) || (returnBool && !context.options.delayedNameRemoval);
    this.#labels = joinLabels(matching, this.#dropsMetadata);
    this.#ones = new ColumnCache(this.#one);
    this.#context = context;
  }

  async prepare(): Promise<void> {
    await (this.#swapped ? this.#one : this.#many).prepare();
    await (this.#swapped ? this.#many : this.#one).prepare();
  }

  advance(): boolean {
    if (!this.#many.advance() || !this.#one.advance()) return false;
    this.#outputs ??= this.#match();
    return this.#unreadMany!.advance() && this.#unreadOne!.advance();
  }

  get size(): number {
    return this.#outputs!.length;
  }

  get readMatters(): boolean {
    // Groups find out that they are ambiguous when they are worked through.
    return this.#hasGroups || this.#many.readMatters || this.#one.readMatters;
  }

  get metricName(): string | undefined {
    const { card, on, matchingLabels, include } = this.#matching;
    if (include.includes('__name__')) return undefined;
    if (this.#dropsMetadata) return '';
    if (card === 'one-to-one' && on && !matchingLabels.includes('__name__')) return '';
    return this.#many.metricName;
  }

  labels(i: number): Labels {
    return (this.#resultLabels[i] ??= this.#outputs![i]!.labels());
  }

  dropsName(): boolean {
    return this.#operation.returnBool;
  }

  read(i: number, out: Column): void {
    const output = this.#outputs![i]!;
    if (output.group === undefined) this.#readPair(output, out);
    else {
      if (this.#current !== output.group) this.#current?.forget();
      this.#current = output.group;
      out.copyFrom(output.group.column(output.place, this.#many, this.#one));
    }
    this.#count.add(i, out);
  }

  usage(): Usage {
    const children = [this.#many.usage(), this.#one.usage()];
    if (this.#swapped) children.reverse();
    return stepwiseUsage(children, this.#count.samples, this.grid.steps);
  }

  #readPair({ many, one, sharesOne }: PairOutput, out: Column): void {
    this.#many.read(many, out);
    let other: Column;
    if (sharesOne) other = this.#ones.get(one);
    else {
      other = this.#scratch ??= new Column(this.grid.steps);
      this.#one.read(one, other);
    }
    if (this.#swapped) combineColumns(this.#operation, other, out, out);
    else combineColumns(this.#operation, out, other, out);
  }

  #match(): Output[] {
    const many = this.#many;
    const one = this.#one;
    const { fill, card } = this.#matching;
    const { groups, groupOfLeft, groupOfRight } = matchGroups(many, one, this.#matching);
    this.#refuseDuplicates(groups);
    const fills = fill.lhs !== undefined || fill.rhs !== undefined;
    const mayCollide = card !== 'one-to-one' && (many.metricName === undefined || this.#matching.include.length > 0);
    const hasPartner = (group: number): boolean =>
      fills || (groups[group]!.left.length > 0 && groups[group]!.right.length > 0);
    this.#unreadMany = new UnreadSeries(many, (i) => hasPartner(groupOfLeft[i]!), this.#context);
    this.#unreadOne = new UnreadSeries(one, (i) => hasPartner(groupOfRight[i]!), this.#context);
    const outputs: Output[] = [];
    for (const group of groups) {
      const { left, right } = group;
      if (!fills && (left.length === 0 || right.length === 0)) continue;
      const isPlain = !fills && right.length === 1 && (card !== 'one-to-one' || left.length === 1);
      if (isPlain && !(mayCollide && left.length > 1 && this.#collides(group))) {
        for (const series of left) outputs.push(this.#pair(series, right[0]!, left.length > 1));
      } else this.#addGroup(group, outputs);
    }
    // Results come in the order of the "many" side, what was filled in for a missing one of that side last.
    return outputs.sort((a, b) => a.order - b.order);
  }

  #pair(many: number, one: number, sharesOne: boolean): PairOutput {
    const labels = (): Labels => this.#labels.result(this.#many.labels(many), this.#one.labels(one));
    return { group: undefined, many, one, sharesOne, order: many, labels };
  }

  #addGroup(group: MatchGroup, outputs: Output[]): void {
    this.#hasGroups = true;
    const joined = new JoinGroup(
      group,
      this.#many,
      this.#one,
      this.#matching,
      this.#operation,
      this.#labels,
      this.grid.steps,
    );
    joined.outputs.forEach(({ labels, order }, place) => {
      outputs.push({ group: joined, place, order, labels: () => labels });
    });
  }

  /** Whether series of the "many" side come to have the same labels. */
  #collides({ left, right }: MatchGroup): boolean {
    const one = this.#one.labels(right[0]!);
    const keys = new Set(left.map((series) => this.#labels.result(this.#many.labels(series), one).key()));
    return keys.size < left.length;
  }

  /**
   * Two series of the "one" side that match the same labels must not meet at a step, unless the other side has nothing at all there.
   *
   * @throws {QueryError}
   */
  #refuseDuplicates(groups: readonly MatchGroup[]): void {
    let earliest: Duplicate | undefined;
    for (const { right } of groups) {
      if (right.length < 2) continue;
      for (const duplicate of this.#duplicatesIn(right)) {
        if (earliest !== undefined && !isBefore(duplicate, earliest)) continue;
        if (this.#manyHasSampleAt(duplicate.step)) earliest = duplicate;
      }
    }
    if (earliest === undefined) return;
    const labels = this.#one.labels(earliest.second);
    const texts = [labels.toString(), this.#one.labels(earliest.first).toString()].sort();
    const side = this.#swapped ? 'left' : 'right';
    throw executionError(
      `found duplicate series for the match group ${this.#labels.matched(labels).toString()} on the ${side} hand-side of the ` +
        `operation: [${texts.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  /** Where a second series of the group joins a first: each step once. */
  #duplicatesIn(series: readonly number[]): Duplicate[] {
    const { steps } = this.grid;
    const holder = new Int32Array(steps).fill(-1);
    const reported = new Uint8Array(steps);
    const duplicates: Duplicate[] = [];
    const column = new Column(steps);
    for (const second of series) {
      this.#one.read(second, column);
      for (let step = 0; step < steps; step++) {
        if (column.kinds[step] === ABSENT) continue;
        const first = holder[step]!;
        if (first >= 0 && reported[step] === 0) {
          reported[step] = 1;
          duplicates.push({ step, first, second });
        } else if (first < 0) holder[step] = second;
      }
    }
    return duplicates;
  }

  #manyHasSampleAt(step: number): boolean {
    const { fill } = this.#matching;
    if (fill.lhs !== undefined || fill.rhs !== undefined) return true;
    const column = new Column(this.grid.steps);
    for (let i = 0; i < this.#many.size; i++) {
      this.#many.read(i, column);
      if (column.kinds[step] !== ABSENT) return true;
    }
    return false;
  }
}

/** An output series; `order` sorts them. */
interface PairOutput {
  readonly group: undefined;
  readonly many: number;
  readonly one: number;
  /** Other output series need the same series of the "one" side. */
  readonly sharesOne: boolean;
  readonly order: number;
  readonly labels: () => Labels;
}

interface GroupOutput {
  readonly group: JoinGroup;
  readonly place: number;
  readonly order: number;
  readonly labels: () => Labels;
}

type Output = PairOutput | GroupOutput;

interface Duplicate {
  readonly step: number;
  readonly first: number;
  readonly second: number;
}

function isBefore(a: Duplicate, b: Duplicate): boolean {
  return a.step < b.step || (a.step === b.step && a.second < b.second);
}

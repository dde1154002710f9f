import type { FloatHistogram } from '../../model/histogram/index.ts';
import type { Labels } from '../../model/index.ts';
import { ABSENT, FLOAT, HISTOGRAM, Column } from '../column.ts';
import { executionError } from '../errors.ts';
import type { VectorMatching } from '../parse/ast.ts';
import { combineElements, type ElementOperation } from './binary-elements.ts';
import type { JoinLabels } from './join-labels.ts';
import type { MatchGroup } from './match-groups.ts';
import type { VectorOperator } from './operator.ts';

const MULTIPLE_MATCHES = 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';
const NOT_UNIQUE = 'multiple matches for labels: grouping labels must ensure unique matches';

/**
 * The series of both sides that match the same labels, worked through step by step: for groups in which which series meet differs
 * from step to step.
 */
export class JoinGroup {
  /** Known from the labels; some may stay empty. */
  readonly outputs: readonly { readonly labels: Labels; readonly order: number }[];
  readonly #group: MatchGroup;
  readonly #matching: VectorMatching;
  readonly #operation: ElementOperation;
  readonly #steps: number;
  /** Output for each pair of series, row by row: the last row and column stand for what is filled in. */
  readonly #placeOf: Int32Array;
  #columns: readonly Column[] | undefined;

  constructor(
    group: MatchGroup,
    many: VectorOperator,
    one: VectorOperator,
    matching: VectorMatching,
    operation: ElementOperation,
    labels: JoinLabels,
    steps: number,
  ) {
    this.#group = group;
    this.#matching = matching;
    this.#operation = operation;
    this.#steps = steps;
    const { left, right } = group;
    const outputs: { labels: Labels; order: number }[] = [];
    const byKey = new Map<string, number>();
    const width = right.length + 1;
    this.#placeOf = new Int32Array((left.length + 1) * width).fill(-1);
    const place = (row: number, column: number, manyLabels: Labels, oneLabels: Labels, order: number): void => {
      const result = labels.result(manyLabels, oneLabels);
      const key = result.key();
      let index = byKey.get(key);
      if (index === undefined) byKey.set(key, (index = outputs.push({ labels: result, order }) - 1));
      this.#placeOf[row * width + column] = index;
    };
    left.forEach((l, row) => {
      const manyLabels = many.labels(l);
      right.forEach((r, column) => {
        place(row, column, manyLabels, one.labels(r), l);
      });
      if (matching.fill.rhs !== undefined) place(row, right.length, manyLabels, labels.matched(manyLabels), l);
    });
    if (matching.fill.lhs !== undefined) {
      right.forEach((r, column) => {
        const oneLabels = one.labels(r);
        place(left.length, column, labels.matched(oneLabels), oneLabels, many.size + r);
      });
    }
    this.outputs = outputs;
  }

  /** One of the outputs: read only, valid until `forget`. @throws {QueryError} where series exclude each other */
  column(place: number, many: VectorOperator, one: VectorOperator): Column {
    this.#columns ??= this.#evaluate(many, one);
    return this.#columns[place]!;
  }

  /** Frees the results; they are computed again when asked for. */
  forget(): void {
    this.#columns = undefined;
  }

  #evaluate(many: VectorOperator, one: VectorOperator): readonly Column[] {
    const left = this.#read(many, this.#group.left);
    const right = this.#read(one, this.#group.right);
    const outputs = this.outputs.map(() => new Column(this.#steps));
    const taken = new Uint8Array(outputs.length);
    for (let step = 0; step < this.#steps; step++) this.#evaluateStep(step, left, right, outputs, taken);
    return outputs;
  }

  #evaluateStep(
    step: number,
    left: readonly Column[],
    right: readonly Column[],
    outputs: readonly Column[],
    taken: Uint8Array,
  ): void {
    const { fill } = this.#matching;
    const width = right.length + 1;
    // The caller has made sure that no two meet.
    const present = right.findIndex((column) => column.kinds[step] !== ABSENT);
    let matched = false;
    taken.fill(0);
    for (let row = 0; row < left.length; row++) {
      const sample = sampleAt(left[row]!, step);
      if (sample === undefined) continue;
      if (present < 0 && fill.rhs === undefined) continue;
      const other = present < 0 ? fill.rhs! : sampleAt(right[present]!, step)!;
      const place = this.#placeOf[row * width + (present < 0 ? right.length : present)]!;
      matched = this.#combine(step, sample, other, place, outputs, taken, matched);
    }
    if (fill.lhs === undefined || present < 0 || matched) return;
    const place = this.#placeOf[left.length * width + present]!;
    this.#combine(step, fill.lhs, sampleAt(right[present]!, step)!, place, outputs, taken, matched);
  }

  /** @returns whether the group counts as matched at this step */
  #combine(
    step: number,
    many: number | FloatHistogram,
    one: number | FloatHistogram,
    place: number,
    outputs: readonly Column[],
    taken: Uint8Array,
    matched: boolean,
  ): boolean {
    const swapped = this.#matching.card === 'one-to-many';
    const { op, returnBool } = this.#operation;
    const lhs = swapped ? one : many;
    const rhs = swapped ? many : one;
    // A pair that a filter drops has met all the same; one that cannot be compared has not.
    const result = combineElements(this.#operation, lhs, rhs);
    if (result === undefined && !isFilter(op, returnBool, lhs, rhs)) return matched;
    if (this.#matching.card === 'one-to-one') {
      if (matched) throw executionError(MULTIPLE_MATCHES);
    } else {
      if (taken[place] === 1) throw executionError(NOT_UNIQUE);
      taken[place] = 1;
    }
    if (result !== undefined) put(outputs[place]!, step, result);
    return true;
  }

  #read(operator: VectorOperator, series: readonly number[]): readonly Column[] {
    return series.map((i) => {
      const column = new Column(this.#steps);
      operator.read(i, column);
      return column;
    });
  }
}

/** Whether the samples can be compared, so that no result means that the comparison does not hold. */
function isFilter(
  op: ElementOperation['op'],
  returnBool: boolean,
  lhs: number | FloatHistogram,
  rhs: number | FloatHistogram,
): boolean {
  if (returnBool) return false;
  if (typeof lhs === 'number' && typeof rhs === 'number') {
    return op === '==' || op === '!=' || op === '<' || op === '<=' || op === '>' || op === '>=';
  }
  return typeof lhs === 'object' && typeof rhs === 'object' && (op === '==' || op === '!=');
}

function sampleAt(column: Column, step: number): number | FloatHistogram | undefined {
  switch (column.kinds[step]) {
    case FLOAT:
      return column.values[step]!;
    case HISTOGRAM:
      return column.histograms![step]!;
    default:
      return undefined;
  }
}

function put(column: Column, step: number, sample: number | FloatHistogram): void {
  if (typeof sample === 'object') {
    column.setHistogram(step, sample);
    return;
  }
  column.kinds[step] = FLOAT;
  column.values[step] = sample;
}

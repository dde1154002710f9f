import type { VectorMatching } from '../parse/ast.ts';
import { LabelIndex } from './grouping.ts';
import type { VectorOperator } from './operator.ts';

/** The series of both sides that find each other. */
export interface MatchGroup {
  /** Series of the first operator, ascending. */
  readonly left: number[];
  /** Series of the second. */
  readonly right: number[];
}

export interface MatchGroups {
  readonly groups: readonly MatchGroup[];
  /** Group by series of the first operator, and of the second. */
  readonly groupOfLeft: Uint32Array;
  readonly groupOfRight: Uint32Array;
}

/** Puts the series of two operators together by the labels that have to match. */
export function matchGroups(left: VectorOperator, right: VectorOperator, matching: VectorMatching): MatchGroups {
  const index = new LabelIndex(matching.matchingLabels, !matching.on);
  const groups: MatchGroup[] = [];
  const groupOfLeft = assign(left, index, groups, 'left');
  const groupOfRight = assign(right, index, groups, 'right');
  return { groups, groupOfLeft, groupOfRight };
}

function assign(
  operator: VectorOperator,
  index: LabelIndex,
  groups: MatchGroup[],
  side: 'left' | 'right',
): Uint32Array {
  const groupOf = new Uint32Array(operator.size);
  for (let i = 0; i < groupOf.length; i++) {
    const number = index.numberOf(operator.labels(i));
    if (number === groups.length) groups.push({ left: [], right: [] });
    groups[number]![side].push(i);
    groupOf[i] = number;
  }
  return groupOf;
}

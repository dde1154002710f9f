import { METRIC_NAME, type Matcher } from '../../../model/index.ts';
import { mayComment } from '../../range-notes.ts';
import type { VectorMatching } from '../../parse/ast.ts';
import {
  mapChildren,
  type BinaryNode,
  type MatrixNode,
  type PlanNode,
  type SetNode,
  type VectorNode,
} from '../node.ts';

/**
 * Gives each side of a join the conditions of the other side on labels both must share: in `a{job="x"} / b`, only `b{job="x"}` can
 * find a partner.
 *
 * Done only where no series is lost that could have changed the result, an annotation or an error: both sides select one metric by name and keep
 * its labels, so a narrower select cannot hide duplicates; `unless` and `and` narrow the right side only, `fill` and `or` nothing.
 */
export function propagateMatchers(node: PlanNode): PlanNode {
  const mapped = mapChildren(node, propagateMatchers);
  if (mapped.kind === 'binary') return propagateInto(mapped, mapped.matching);
  if (mapped.kind === 'set' && mapped.op !== 'or') return propagateInto(mapped, mapped.matching);
  return mapped;
}

function propagateInto(node: BinaryNode | SetNode, matching: VectorMatching | undefined): PlanNode {
  if (matching === undefined || matching.fill.lhs !== undefined || matching.fill.rhs !== undefined) return node;
  const left = selectorBelow(node.lhs);
  const right = selectorBelow(node.rhs);
  if (left === undefined || right === undefined) return node;

  const shared = (matcher: Matcher): boolean =>
    matcher.name !== METRIC_NAME && matching.on === matching.matchingLabels.includes(matcher.name);
  // The narrowed side may be the "many" side: its extra series have no partner either way. The "one" side must keep its
  // duplicates, which are an error, unless all labels take part in the matching.
  const whole = !matching.on && matching.matchingLabels.length === 0;
  const narrowLeft = node.kind === 'binary' && (matching.card === 'many-to-one' || whole);
  const narrowRight = node.kind === 'set' || matching.card === 'one-to-many' || whole;
  const lhs = narrowLeft ? narrow(node.lhs, right.matchers.filter(shared)) : node.lhs;
  const rhs = narrowRight ? narrow(node.rhs, left.matchers.filter(shared)) : node.rhs;
  return lhs === node.lhs && rhs === node.rhs ? node : { ...node, lhs, rhs };
}

/** The selector a subtree passes through with its labels whole but for the name, if it selects one metric. */
function selectorBelow(node: PlanNode): VectorNode | MatrixNode | undefined {
  switch (node.kind) {
    case 'vector':
    case 'matrix':
      return metricOf(node) === undefined ? undefined : node;
    case 'range-call': {
      // A function may have something to say about series that find no partner.
      const selector = selectorBelow(node.window);
      return selector !== undefined && !mayComment(node.func, metricOf(selector)) ? selector : undefined;
    }
    case 'negate':
    case 'invariant':
      return selectorBelow(node.expr);
    default:
      return undefined;
  }
}

function metricOf({ matchers }: VectorNode | MatrixNode): string | undefined {
  return matchers.find((m) => m.name === METRIC_NAME && m.type === '=' && m.value !== '')?.value;
}

function narrow(node: PlanNode, matchers: readonly Matcher[]): PlanNode {
  if (matchers.length === 0) return node;
  if (node.kind === 'vector' || node.kind === 'matrix') {
    const known = new Set(node.matchers.map(String));
    const added = matchers.filter((matcher) => !known.has(String(matcher)));
    return added.length === 0 ? node : { ...node, matchers: [...node.matchers, ...added] };
  }
  if (node.kind === 'range-call') {
    // Other arguments are scalars: only the window selects series.
    return mapChildren(node, (child) => (child === node.window ? narrow(child, matchers) : child));
  }
  return mapChildren(node, (child) => narrow(child, matchers));
}

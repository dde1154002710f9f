import { METRIC_NAME } from '../../../model/index.ts';
import { describeMatchers } from '../print.ts';
import {
  childrenOf,
  mapChildren,
  type AggregateNode,
  type MatrixNode,
  type PlanContext,
  type PlanNode,
  type SelectorHints,
  type VectorNode,
} from '../node.ts';

/** Aggregations whose result has the labels of the grouping only. */
const FORGETS_LABELS = new Set(['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'quantile']);

/**
 * Tells each selector what is done with its series, for the storage: the function or aggregation directly above it, and, where only
 * the labels of a grouping will ever be looked at, which ones those are.
 *
 * Labels may be left out only below an aggregation that forgets them and when the selector asks for one metric by name: otherwise
 * two metrics could become the same series, which has to be an error, and annotations would lack the metric's name.
 */
export function projectLabels(root: PlanNode, context: PlanContext): PlanNode {
  const projected = project(root, { func: '', aggregation: undefined }, context);
  const whole = new Set<string>();
  collectWhole(projected, whole);
  return whole.size === 0 ? projected : readWithOthers(projected, whole);
}

/** Matchers of the selectors whose labels are needed whole. */
function collectWhole(node: PlanNode, whole: Set<string>): void {
  if ((node.kind === 'vector' || node.kind === 'matrix') && !node.hints.projected)
    whole.add(describeMatchers(node.matchers));
  for (const child of childrenOf(node)) collectWhole(child, whole);
}

/** Where the same series are selected with their labels whole as well, reading both at once is worth more than leaving labels out. */
function readWithOthers(node: PlanNode, whole: ReadonlySet<string>): PlanNode {
  if ((node.kind === 'vector' || node.kind === 'matrix') && node.hints.projected) {
    return whole.has(describeMatchers(node.matchers)) ? { ...node, hints: unprojected(node.hints.func) } : node;
  }
  return mapChildren(node, (child) => readWithOthers(child, whole));
}

function unprojected(func: string): SelectorHints {
  return { func, grouping: [], by: false, projected: false };
}

interface Above {
  readonly func: string;
  /** The aggregation above, as long as everything between keeps labels as they are. */
  readonly aggregation: AggregateNode | undefined;
}

const NOTHING: Above = { func: '', aggregation: undefined };

function project(node: PlanNode, above: Above, context: PlanContext): PlanNode {
  switch (node.kind) {
    case 'vector':
    case 'matrix':
      return { ...node, hints: hintsFor(node, above, context) };
    case 'aggregate': {
      const aggregation = FORGETS_LABELS.has(node.op) ? node : undefined;
      const expr = project(node.expr, { func: node.op, aggregation }, context);
      const param = node.param === undefined ? undefined : project(node.param, NOTHING, context);
      return { ...node, expr, param };
    }
    case 'range-call':
      // A subquery's inside is told of the function too, but what it is made of may need its labels.
      return mapChildren(node, (child) =>
        child === node.window && child.kind === 'matrix'
          ? project(child, { func: node.func, aggregation: above.aggregation }, context)
          : project(child, { func: node.func, aggregation: undefined }, context),
      );
    case 'call':
      return mapChildren(node, (child) => project(child, { func: node.func, aggregation: undefined }, context));
    case 'negate':
    case 'invariant':
      return mapChildren(node, (child) => project(child, above, context));
    case 'subquery':
      return mapChildren(node, (child) => project(child, { ...above, aggregation: undefined }, context));
    case 'absent':
      return mapChildren(node, (child) => project(child, { func: 'absent', aggregation: undefined }, context));
    default:
      return mapChildren(node, (child) => project(child, NOTHING, context));
  }
}

function hintsFor(
  selector: VectorNode | MatrixNode,
  { func, aggregation }: Above,
  context: PlanContext,
): SelectorHints {
  const oneMetric = selector.matchers.some((m) => m.name === METRIC_NAME && m.type === '=' && m.value !== '');
  if (aggregation === undefined || !oneMetric || context.keepsAllLabels) {
    return unprojected(func);
  }
  const { grouping, without } = aggregation;
  // Grouping by the name asks for it like for any other label.
  return { func, grouping, by: !without, projected: true };
}

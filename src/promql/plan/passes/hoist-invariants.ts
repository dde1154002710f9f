import { mapChildren, type PlanNode } from '../node.ts';

/** Functions whose result depends on the step even when their arguments do not. */
const STEP_DEPENDENT = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
]);

/**
 * Wraps the largest parts that have the same result at every step, because `@` pins them or they are made of numbers, in
 * `invariant` nodes: they are evaluated once.
 *
 * Numbers and strings stay bare: they cost nothing. Range vectors are never wrapped: their function is.
 *
 * @see Prometheus `promql/engine.go` (3.14), PreprocessExpr
 */
export function hoistInvariants(root: PlanNode): PlanNode {
  const { node, invariant } = hoist(root);
  return invariant ? wrap(node) : node;
}

interface Hoisted {
  readonly node: PlanNode;
  /** The whole of `node` is the same at every step; nothing in it has been wrapped then. */
  readonly invariant: boolean;
}

function hoist(node: PlanNode): Hoisted {
  switch (node.kind) {
    case 'number':
    case 'text':
      return { node, invariant: true };
    case 'vector':
    case 'matrix':
      return { node, invariant: node.atMs !== undefined };
    case 'invariant':
      return { node, invariant: true };
    case 'subquery': {
      // The inside is evaluated on a grid of its own, so it is wrapped whatever becomes of the subquery.
      const expr = hoistInvariants(node.expr);
      return { node: expr === node.expr ? node : { ...node, expr }, invariant: node.atMs !== undefined };
    }
    case 'aggregate': {
      // Prometheus looks at the aggregated expression only: a parameter that varies counts as of the first step then.
      const inner = hoist(node.expr);
      if (inner.invariant) return { node: { ...node, expr: inner.node }, invariant: true };
      const param = node.param === undefined ? undefined : hoistInvariants(node.param);
      if (inner.node === node.expr && param === node.param) return { node, invariant: false };
      return { node: { ...node, expr: inner.node, param }, invariant: false };
    }
    case 'negate': {
      const inner = hoist(node.expr);
      return { node: inner.node === node.expr ? node : { ...node, expr: inner.node }, invariant: inner.invariant };
    }
    default: {
      const parts: Hoisted[] = [];
      const probed = mapChildren(node, (child) => {
        const part = hoist(child);
        parts.push(part);
        return part.node;
      });
      if (parts.every((part) => part.invariant) && !dependsOnStep(node)) return { node: probed, invariant: true };
      let next = 0;
      const wrapped = mapChildren(probed, (child) => (parts[next++]!.invariant ? wrap(child) : child));
      return { node: wrapped, invariant: false };
    }
  }
}

function dependsOnStep(node: PlanNode): boolean {
  if (node.kind !== 'call' && node.kind !== 'range-call') return false;
  // The time of a pinned selector's sample is the same at every step; the time of a pinned expression is the step's.
  if (node.func === 'timestamp' && node.args[0]!.kind === 'vector') return false;
  return STEP_DEPENDENT.has(node.func);
}

function wrap(node: PlanNode): PlanNode {
  switch (node.kind) {
    case 'number':
    case 'text':
    case 'matrix':
    case 'subquery':
    case 'invariant':
      return node;
    default:
      return { kind: 'invariant', expr: node, pos: node.pos };
  }
}

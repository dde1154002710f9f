import type { Labels, Matcher } from '../../model/index.ts';
import type { StepGrid } from '../column.ts';
import type {
  AggregateOperator,
  BinaryOperator,
  PositionRange,
  SetOperator,
  ValueType,
  VectorMatching,
} from '../parse/ast.ts';

/** A number, the same at every step. */
export interface NumberNode {
  readonly kind: 'number';
  readonly value: number;
  readonly pos: PositionRange;
}

/** A string argument. */
export interface TextNode {
  readonly kind: 'text';
  readonly value: string;
  readonly pos: PositionRange;
}

/** What a selector's samples are read for. */
export type SelectorValue = 'value' | 'timestamp' | 'start-timestamp';

/** The newest sample of each series at every step. */
export interface VectorNode {
  readonly kind: 'vector';
  readonly matchers: readonly Matcher[];
  /** How far back from the step, or from `atMs`. */
  readonly offsetMs: number;
  /** Where `@` pins the evaluation, ms. */
  readonly atMs: number | undefined;
  readonly smoothed: boolean;
  /** `timestamp(selector)` reads the sample's own time in place of its value. */
  readonly yields: SelectorValue;
  /** Of histograms, only count, sum and whether the counter was reset will be looked at. */
  readonly withoutBuckets: boolean;
  readonly hints: SelectorHints;
  /** Index in `Plan.selects`; -1 until selects are assigned. */
  readonly select: number;
  readonly pos: PositionRange;
}

/** What stands around a selector: passed to the storage, which may use it to do less. */
export interface SelectorHints {
  readonly func: string;
  readonly grouping: readonly string[];
  readonly by: boolean;
  /** Labels outside the grouping are never looked at: the storage may leave them out. */
  readonly projected: boolean;
}

export const NO_HINTS: SelectorHints = { func: '', grouping: [], by: false, projected: false };

/** All samples of each series in a window. */
export interface MatrixNode {
  readonly kind: 'matrix';
  readonly matchers: readonly Matcher[];
  readonly rangeMs: number;
  readonly offsetMs: number;
  readonly atMs: number | undefined;
  readonly extension: 'anchored' | 'smoothed' | undefined;
  /** See `VectorNode`. */
  readonly withoutBuckets: boolean;
  readonly hints: SelectorHints;
  readonly select: number;
  readonly pos: PositionRange;
}

/** An instant-vector expression evaluated on a grid of its own, whose results are then looked at in windows. */
export interface SubqueryNode {
  readonly kind: 'subquery';
  readonly expr: PlanNode;
  readonly rangeMs: number;
  readonly stepMs: number;
  readonly offsetMs: number;
  readonly atMs: number | undefined;
  readonly pos: PositionRange;
}

/** A function of a range vector. */
export interface RangeCallNode {
  readonly kind: 'range-call';
  readonly func: string;
  readonly window: MatrixNode | SubqueryNode;
  /** All arguments as written; `window` stands at `windowArg`. */
  readonly args: readonly PlanNode[];
  readonly windowArg: number;
  readonly pos: PositionRange;
}

/** Any other function. */
export interface CallNode {
  readonly kind: 'call';
  readonly func: string;
  readonly returns: ValueType;
  readonly args: readonly PlanNode[];
  readonly pos: PositionRange;
}

/** `absent`, and `absent_over_time` over the corresponding `present_over_time`. */
export interface AbsentNode {
  readonly kind: 'absent';
  readonly expr: PlanNode;
  readonly labels: Labels;
  readonly pos: PositionRange;
}

/** `info(v, selector)`. */
export interface InfoNode {
  readonly kind: 'info';
  readonly expr: PlanNode;
  /** Matchers of the second argument; undefined without one. */
  readonly matchers: readonly Matcher[] | undefined;
  /** The modifiers of the first selector in `expr` govern when info series are looked at. */
  readonly offsetMs: number;
  readonly atMs: number | undefined;
  readonly pos: PositionRange;
}

export interface AggregateNode {
  readonly kind: 'aggregate';
  readonly op: AggregateOperator;
  readonly expr: PlanNode;
  readonly param: PlanNode | undefined;
  /** Sorted, each name once. */
  readonly grouping: readonly string[];
  readonly without: boolean;
  readonly pos: PositionRange;
}

/** Arithmetic, comparison or trimming between scalars, a vector and a scalar, or two vectors. */
export interface BinaryNode {
  readonly kind: 'binary';
  readonly op: Exclude<BinaryOperator, SetOperator>;
  readonly lhs: PlanNode;
  readonly rhs: PlanNode;
  readonly returnBool: boolean;
  readonly matching: VectorMatching | undefined;
  readonly pos: PositionRange;
}

export interface SetNode {
  readonly kind: 'set';
  readonly op: SetOperator;
  readonly lhs: PlanNode;
  readonly rhs: PlanNode;
  readonly matching: VectorMatching;
  readonly pos: PositionRange;
}

export interface NegateNode {
  readonly kind: 'negate';
  readonly expr: PlanNode;
  readonly pos: PositionRange;
}

/** A part with the same result at every step: evaluated at the first one and repeated. */
export interface InvariantNode {
  readonly kind: 'invariant';
  readonly expr: PlanNode;
  readonly pos: PositionRange;
}

/** One node of a plan. Nodes are never changed; a subtree may stand in several places, and is then evaluated once. */
export type PlanNode =
  | AbsentNode
  | AggregateNode
  | BinaryNode
  | CallNode
  | InfoNode
  | InvariantNode
  | MatrixNode
  | NegateNode
  | NumberNode
  | RangeCallNode
  | SetNode
  | SubqueryNode
  | TextNode
  | VectorNode;

/** One request to the storage; several selectors may read from it. */
export interface SelectSpec {
  readonly matchers: readonly Matcher[];
  /** First and last instant any reader may look at, ms, inclusive. */
  readonly mint: number;
  readonly maxt: number;
  readonly stepMs: number;
  readonly rangeMs: number;
  readonly withoutBuckets: boolean;
  readonly hints: SelectorHints;
}

/** A query ready to be executed. */
export interface Plan {
  readonly root: PlanNode;
  readonly grid: StepGrid;
  readonly selects: readonly SelectSpec[];
  /** The querier's bounds, ms, inclusive: what any select looks at. */
  readonly mint: number;
  readonly maxt: number;
}

/** What planning may ask of the query. */
export interface PlanContext {
  /** As requested: the last step may come before `endMs`. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
  readonly lookbackMs: number;
  /** The resolution of a subquery that does not name one. */
  readonly defaultSubqueryStepMs: (rangeMs: number) => number;
  readonly delayedNameRemoval: boolean;
  /** Series may carry `__type__` and `__unit__`, which functions look at: no label may be left out of a select. */
  readonly keepsAllLabels: boolean;
}

/** The instants a query is evaluated at. */
export function gridOf({ startMs, endMs, stepMs }: PlanContext): StepGrid {
  if (stepMs === 0) return { startMs, stepMs: 1, steps: 1 };
  return { startMs, stepMs, steps: Math.max(0, Math.floor((endMs - startMs) / stepMs) + 1) };
}

export function typeOfNode(node: PlanNode): ValueType {
  switch (node.kind) {
    case 'number':
      return 'scalar';
    case 'text':
      return 'string';
    case 'matrix':
    case 'subquery':
      return 'matrix';
    case 'call':
      return node.returns;
    case 'binary':
      return node.matching === undefined && typeOfNode(node.lhs) === 'scalar' && typeOfNode(node.rhs) === 'scalar'
        ? 'scalar'
        : 'vector';
    case 'negate':
    case 'invariant':
      return typeOfNode(node.expr);
    case 'absent':
    case 'aggregate':
    case 'info':
    case 'range-call':
    case 'set':
    case 'vector':
      return 'vector';
  }
}

/**
 * The node with every child replaced by what `change` makes of it; the node itself when no child changed, so that a pass leaves
 * untouched subtrees shared.
 */
export function mapChildren(node: PlanNode, change: (child: PlanNode) => PlanNode): PlanNode {
  switch (node.kind) {
    case 'number':
    case 'text':
    case 'vector':
    case 'matrix':
      return node;
    case 'subquery':
    case 'absent':
    case 'info':
    case 'negate':
    case 'invariant': {
      const expr = change(node.expr);
      return expr === node.expr ? node : { ...node, expr };
    }
    case 'call': {
      const args = mapList(node.args, change);
      return args === node.args ? node : { ...node, args };
    }
    case 'range-call': {
      const args = mapList(node.args, change);
      if (args === node.args) return node;
      return { ...node, args, window: args[node.windowArg] as MatrixNode | SubqueryNode };
    }
    case 'aggregate': {
      const expr = change(node.expr);
      const param = node.param === undefined ? undefined : change(node.param);
      return expr === node.expr && param === node.param ? node : { ...node, expr, param };
    }
    case 'binary':
    case 'set': {
      const lhs = change(node.lhs);
      const rhs = change(node.rhs);
      return lhs === node.lhs && rhs === node.rhs ? node : { ...node, lhs, rhs };
    }
  }
}

export function childrenOf(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'number':
    case 'text':
    case 'vector':
    case 'matrix':
      return [];
    case 'subquery':
    case 'absent':
    case 'info':
    case 'negate':
    case 'invariant':
      return [node.expr];
    case 'call':
    case 'range-call':
      return node.args;
    case 'aggregate':
      return node.param === undefined ? [node.expr] : [node.param, node.expr];
    case 'binary':
    case 'set':
      return [node.lhs, node.rhs];
  }
}

function mapList(nodes: readonly PlanNode[], change: (child: PlanNode) => PlanNode): readonly PlanNode[] {
  let changed: PlanNode[] | undefined;
  for (let i = 0; i < nodes.length; i++) {
    const mapped = change(nodes[i]!);
    if (mapped === nodes[i]) continue;
    changed ??= [...nodes];
    changed[i] = mapped;
  }
  return changed ?? nodes;
}

/** The grid a subquery's inner expression is evaluated on, when the subquery is evaluated on `outer`. */
export function subqueryGrid(node: SubqueryNode, outer: StepGrid): StepGrid {
  // With `@` all windows end at the same place.
  const firstEnd = (node.atMs ?? outer.startMs) - node.offsetMs;
  const lastEnd = node.atMs === undefined ? firstEnd + (outer.steps - 1) * outer.stepMs : firstEnd;
  const { stepMs } = node;
  // The first multiple of the step inside the left-open window.
  const startMs = (Math.floor((firstEnd - node.rangeMs) / stepMs) + 1) * stepMs;
  return { startMs, stepMs, steps: Math.max(0, Math.floor((lastEnd - startMs) / stepMs) + 1) };
}

/** The grid an invariant part is evaluated on. */
export function invariantGrid(outer: StepGrid): StepGrid {
  return outer.steps === 1 ? outer : { startMs: outer.startMs, stepMs: outer.stepMs, steps: 1 };
}

import { invariant, unreachable } from '../../runtime/index.ts';
import { Labels, LabelsBuilder, Matcher, METRIC_NAME, compareText } from '../../model/index.ts';
import { typeOf } from '../parse/check.ts';
import type {
  BinaryExpr,
  Call,
  Expr,
  LabelMatcher,
  MatrixSelector,
  SubqueryExpr,
  VectorSelector,
} from '../parse/ast.ts';
import { durationMs } from './duration.ts';
import {
  NO_HINTS,
  type InfoNode,
  type MatrixNode,
  type PlanContext,
  type PlanNode,
  type SelectorValue,
  type SubqueryNode,
  type VectorNode,
} from './node.ts';

/**
 * Turns a syntax tree into plan nodes: durations, `start()`, `end()`, `step()` and `range()` become numbers, parentheses go, and
 * functions get the node that fits how they are evaluated.
 *
 * @throws {QueryError} code `bad_data` for duration expressions without a sensible value
 */
export function buildPlan(expr: Expr, context: PlanContext): PlanNode {
  switch (expr.kind) {
    case 'NumberLiteral':
      return { kind: 'number', value: expr.value, pos: expr.pos };
    case 'StringLiteral':
      return { kind: 'text', value: expr.value, pos: expr.pos };
    case 'ParenExpr':
      return buildPlan(expr.expr, context);
    case 'StepInvariantExpr':
      return { kind: 'invariant', expr: buildPlan(expr.expr, context), pos: expr.pos };
    case 'UnaryExpr': {
      const inner = buildPlan(expr.expr, context);
      return expr.op === '-' ? { kind: 'negate', expr: inner, pos: expr.pos } : inner;
    }
    case 'VectorSelector':
      return buildVector(expr, context, 'value');
    case 'MatrixSelector':
      return buildMatrix(expr, context);
    case 'SubqueryExpr':
      return buildSubquery(expr, context);
    case 'AggregateExpr':
      return {
        kind: 'aggregate',
        op: expr.op,
        expr: buildPlan(expr.expr, context),
        param: expr.param === undefined ? undefined : buildPlan(expr.param, context),
        grouping: [...new Set(expr.grouping)].sort(compareText),
        without: expr.without,
        pos: expr.pos,
      };
    case 'BinaryExpr':
      return buildBinary(expr, context);
    case 'Call':
      return buildCall(expr, context);
    case 'Parameter':
      invariant(false, `parameter ${expr.name} is not bound`);
      break;
    default:
      return unreachable(expr);
  }
}

function buildVector(expr: VectorSelector, context: PlanContext, yields: SelectorValue): VectorNode {
  return {
    kind: 'vector',
    matchers: compileMatchers(expr.matchers),
    offsetMs: offsetOf(expr, context),
    atMs: pinnedAt(expr, context),
    smoothed: expr.smoothed,
    yields,
    withoutBuckets: false,
    hints: NO_HINTS,
    select: -1,
    pos: expr.pos,
  };
}

function buildMatrix(expr: MatrixSelector, context: PlanContext): MatrixNode {
  const { selector } = expr;
  return {
    kind: 'matrix',
    matchers: compileMatchers(selector.matchers),
    rangeMs: expr.rangeExpr === undefined ? expr.rangeMs : durationMs(expr.rangeExpr, context, false),
    offsetMs: offsetOf(selector, context),
    atMs: pinnedAt(selector, context),
    extension: selector.anchored ? 'anchored' : selector.smoothed ? 'smoothed' : undefined,
    withoutBuckets: false,
    hints: NO_HINTS,
    select: -1,
    pos: expr.pos,
  };
}

function buildSubquery(expr: SubqueryExpr, context: PlanContext): SubqueryNode {
  const offsetMs = offsetOf(expr, context);
  const written = expr.stepExpr === undefined ? expr.stepMs : durationMs(expr.stepExpr, context, false);
  const rangeMs = expr.rangeExpr === undefined ? expr.rangeMs : durationMs(expr.rangeExpr, context, false);
  return {
    kind: 'subquery',
    expr: buildPlan(expr.expr, context),
    rangeMs,
    // A step expression below a millisecond counts as none.
    stepMs: written === 0 ? Math.max(1, context.defaultSubqueryStepMs(rangeMs)) : written,
    offsetMs,
    atMs: pinnedAt(expr, context),
    pos: expr.pos,
  };
}

function buildBinary(expr: BinaryExpr, context: PlanContext): PlanNode {
  const lhs = buildPlan(expr.lhs, context);
  const rhs = buildPlan(expr.rhs, context);
  const { op, matching, pos } = expr;
  if (op === 'and' || op === 'or' || op === 'unless') {
    invariant(matching !== undefined, `${op} between vectors only`);
    return { kind: 'set', op, lhs, rhs, matching, pos };
  }
  return { kind: 'binary', op, lhs, rhs, returnBool: expr.returnBool, matching, pos };
}

function buildCall(expr: Call, context: PlanContext): PlanNode {
  const { name } = expr.func;
  const { pos } = expr;
  switch (name) {
    case 'start':
      return { kind: 'number', value: context.startMs / 1000, pos };
    case 'end':
      return { kind: 'number', value: context.endMs / 1000, pos };
    case 'range':
      return { kind: 'number', value: (context.endMs - context.startMs) / 1000, pos };
    case 'step':
      return { kind: 'number', value: context.startMs === context.endMs ? 0 : context.stepMs / 1000, pos };
    case 'timestamp':
    case 'start_timestamp': {
      const arg = withoutParens(expr.args[0]!);
      const yields = name === 'timestamp' ? 'timestamp' : 'start-timestamp';
      // The samples' own times are known only where the selector is read directly.
      const built = arg.kind === 'VectorSelector' ? buildVector(arg, context, yields) : buildPlan(arg, context);
      return { kind: 'call', func: name, returns: 'vector', args: [built], pos };
    }
    case 'info':
      return buildInfo(expr, context);
    case 'absent': {
      const arg = withoutParens(expr.args[0]!);
      const labels = arg.kind === 'VectorSelector' ? absentLabels(arg.matchers) : Labels.EMPTY;
      return { kind: 'absent', expr: buildPlan(arg, context), labels, pos };
    }
  }
  const args = expr.args.map((arg) => buildPlan(arg, context));
  const windowArg = args.findIndex((arg) => arg.kind === 'matrix' || arg.kind === 'subquery');
  if (windowArg < 0) return { kind: 'call', func: name, returns: expr.func.returnType, args, pos };

  const window = args[windowArg] as MatrixNode | SubqueryNode;
  if (name !== 'absent_over_time') return { kind: 'range-call', func: name, window, args, windowArg, pos };
  const arg = withoutParens(expr.args[windowArg]!);
  // Over a subquery, the selector that tells the labels is gone.
  const labels = arg.kind === 'MatrixSelector' ? absentLabels(arg.selector.matchers) : Labels.EMPTY;
  const present: PlanNode = { kind: 'range-call', func: 'present_over_time', window, args, windowArg, pos };
  return { kind: 'absent', expr: present, labels, pos };
}

function buildInfo(expr: Call, context: PlanContext): InfoNode {
  const [subject, selector] = expr.args.map(withoutParens);
  const time = infoTime(subject!, context, 0, undefined) ?? { offsetMs: 0, atMs: undefined };
  return {
    kind: 'info',
    expr: buildPlan(subject!, context),
    matchers: selector?.kind === 'VectorSelector' ? compileMatchers(selector.matchers) : undefined,
    ...time,
    pos: expr.pos,
  };
}

/** When info series are looked at: as the first selector in the first argument is, or the subqueries around it. */
function infoTime(
  expr: Expr,
  context: PlanContext,
  outerOffsetMs: number,
  outerAtMs: number | undefined,
): Pick<InfoNode, 'offsetMs' | 'atMs'> | undefined {
  switch (expr.kind) {
    case 'VectorSelector': {
      const atMs = pinnedAt(expr, context);
      const offsetMs = offsetOf(expr, context);
      return atMs === undefined ? { offsetMs: offsetMs + outerOffsetMs, atMs: outerAtMs } : { offsetMs, atMs };
    }
    case 'MatrixSelector':
      return infoTime(expr.selector, context, outerOffsetMs, outerAtMs);
    case 'SubqueryExpr': {
      // The innermost `@` wins; offsets add up until it.
      const atMs = pinnedAt(expr, context);
      const own = offsetOf(expr, context);
      if (atMs !== undefined) return infoTime(expr.expr, context, own, atMs);
      return infoTime(expr.expr, context, own + outerOffsetMs, outerAtMs);
    }
    default:
      for (const child of partsOf(expr)) {
        const found = infoTime(child, context, outerOffsetMs, outerAtMs);
        if (found !== undefined) return found;
      }
      return undefined;
  }
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'AggregateExpr':
      return expr.param === undefined ? [expr.expr] : [expr.expr, expr.param];
    case 'BinaryExpr':
      return [expr.lhs, expr.rhs];
    case 'Call':
      return expr.args;
    case 'ParenExpr':
    case 'UnaryExpr':
    case 'StepInvariantExpr':
      return [expr.expr];
    default:
      return [];
  }
}

function withoutParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === 'ParenExpr') inner = inner.expr;
  return inner;
}

function offsetOf(expr: VectorSelector | SubqueryExpr, context: PlanContext): number {
  return expr.offsetExpr === undefined ? expr.offsetMs : durationMs(expr.offsetExpr, context, true);
}

function pinnedAt(expr: VectorSelector | SubqueryExpr, context: PlanContext): number | undefined {
  if (expr.startOrEnd === 'start') return context.startMs;
  if (expr.startOrEnd === 'end') return context.endMs;
  return expr.timestampMs;
}

function compileMatchers(matchers: readonly LabelMatcher[]): readonly Matcher[] {
  return matchers.map(({ type, name, value }) => new Matcher(type, name, value));
}

/**
 * The labels a missing series would have had: those asked for by equality, but none asked for twice, and never the name.
 *
 * Matchers that take series away count last, because Prometheus's storage has put them there by then.
 *
 * @see Prometheus `promql/functions.go`, createLabelsForAbsentFunction; `tsdb/querier.go`, PostingsForMatchers
 */
function absentLabels(written: readonly LabelMatcher[]): Labels {
  const matchers = compileMatchers(written);
  const takesAway = ({ type, matchesEmpty }: Matcher): boolean => (type === '!=' || type === '!~') && matchesEmpty;
  const labels = new LabelsBuilder();
  const seen = new Set<string>();
  const ordered = [...matchers.filter((m) => !takesAway(m)), ...matchers.filter(takesAway)];
  for (const { type, name, value } of ordered) {
    if (name === METRIC_NAME) continue;
    if (type === '=' && !seen.has(name)) {
      labels.set(name, value);
      seen.add(name);
    } else labels.delete(name);
  }
  return labels.labels();
}

/** Whether a range query may have this expression. */
export function isRangeable(expr: Expr): boolean {
  const type = typeOf(expr);
  return type === 'vector' || type === 'scalar';
}

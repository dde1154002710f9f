import { type DurationOperand, type Expr, type PositionRange } from './ast.ts';
import { isOutOfRange } from './literal.ts';
import { rewrite } from './walk.ts';

/** A duration expression has no usable value; positions are byte offsets, as in Prometheus's message. */
export class DurationError extends Error {
  override readonly name = 'DurationError';

  constructor(pos: PositionRange, problem: string) {
    super(`${pos.start}:${pos.end}: ${problem}`);
  }
}

/** What `step()` and `range()` stand for. */
export interface EvaluationTimes {
  readonly stepMs: number;
  /** End minus start of the query. */
  readonly rangeMs: number;
}

/**
 * The expression with every duration expression replaced by its value in `rangeMs`, `stepMs` and `offsetMs`.
 *
 * @throws {DurationError}
 * @see Prometheus `promql/durations.go` (3.14)
 */
export function resolveDurations(expr: Expr, times: EvaluationTimes): Expr {
  return rewrite(expr, (node) => {
    switch (node.kind) {
      case 'VectorSelector':
        if (node.offsetExpr === undefined) return node;
        return { ...node, offsetMs: durationMs(node.offsetExpr, times, true), offsetExpr: undefined };
      case 'MatrixSelector':
        if (node.rangeExpr === undefined) return node;
        return { ...node, rangeMs: durationMs(node.rangeExpr, times, false), rangeExpr: undefined };
      case 'SubqueryExpr': {
        if (node.offsetExpr === undefined && node.rangeExpr === undefined && node.stepExpr === undefined) return node;
        const offsetMs = node.offsetExpr ? durationMs(node.offsetExpr, times, true) : node.offsetMs;
        const stepMs = node.stepExpr ? durationMs(node.stepExpr, times, false) : node.stepMs;
        const rangeMs = node.rangeExpr ? durationMs(node.rangeExpr, times, false) : node.rangeMs;
        return { ...node, offsetMs, stepMs, rangeMs, offsetExpr: undefined, stepExpr: undefined, rangeExpr: undefined };
      }
      default:
        return node;
    }
  });
}

function durationMs(operand: DurationOperand, times: EvaluationTimes, negativeAllowed: boolean): number {
  const seconds = secondsOf(operand, times);
  if (!Number.isFinite(seconds)) throw new DurationError(operand.pos, 'duration is NaN or infinite');
  if (seconds <= 0 && !negativeAllowed) throw new DurationError(operand.pos, 'duration must be greater than 0');
  if (isOutOfRange(seconds)) throw new DurationError(operand.pos, 'duration is out of range');
  const ms = Math.trunc(seconds * 1000);
  return ms === 0 ? 0 : ms;
}

function secondsOf(operand: DurationOperand, times: EvaluationTimes): number {
  if (operand.kind === 'NumberLiteral') return operand.value;
  if (operand.kind === 'Parameter') throw new DurationError(operand.pos, `parameter $${operand.name} is not bound`);
  const { op, pos } = operand;
  const lhs = operand.lhs === undefined ? 0 : secondsOf(operand.lhs, times);
  const rhs = operand.rhs === undefined ? 0 : secondsOf(operand.rhs, times);
  switch (op) {
    case 'step':
      return times.stepMs / 1000;
    case 'range':
      return times.rangeMs / 1000;
    case 'min_of':
      return Math.min(lhs, rhs);
    case 'max_of':
      return Math.max(lhs, rhs);
    case '+':
      return lhs + rhs;
    case '-':
      return lhs - rhs;
    case '*':
      return lhs * rhs;
    case '/':
      if (rhs === 0) throw new DurationError(pos, 'division by zero');
      return lhs / rhs;
    case '%':
      if (rhs === 0) throw new DurationError(pos, 'modulo by zero');
      return lhs % rhs;
    case '^':
      return power(lhs, rhs);
  }
}

/** Go's `math.Pow`, which differs from JS for 1^NaN and (-1)^±Inf. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}

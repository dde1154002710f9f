import { invariant } from '../../runtime/index.ts';
import { QueryError } from '../errors.ts';
import { goPow } from '../arithmetic.ts';
import type { DurationExpr, Parameter, PositionRange } from '../parse/ast.ts';
import type { PlanContext } from './node.ts';

/** Go's time.Duration holds nanoseconds in an int64. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/**
 * Milliseconds of a duration expression such as `step() * 2`.
 *
 * @throws {QueryError} for what is no duration, or not positive where it has to be
 * @see Prometheus `promql/durations.go` (3.14)
 */
export function durationMs(expr: DurationExpr | Parameter, context: PlanContext, mayBeNegative: boolean): number {
  const seconds = evaluate(expr, context);
  if (!Number.isFinite(seconds)) throw fault(expr.pos, 'duration is NaN or infinite');
  if (seconds <= 0 && !mayBeNegative) throw fault(expr.pos, 'duration must be greater than 0');
  if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS) throw fault(expr.pos, 'duration is out of range');
  return Math.trunc(seconds * 1000);
}

function evaluate(expr: DurationExpr['lhs'], context: PlanContext): number {
  if (expr === undefined) return 0;
  if (expr.kind === 'NumberLiteral') return expr.value;
  invariant(expr.kind === 'DurationExpr', 'a parameter is left in the query');
  const lhs = evaluate(expr.lhs, context);
  const rhs = evaluate(expr.rhs, context);
  switch (expr.op) {
    case 'step':
      return context.stepMs / 1000;
    case 'range':
      return (context.endMs - context.startMs) / 1000;
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
      if (rhs === 0) throw fault(expr.pos, 'division by zero');
      return lhs / rhs;
    case '%':
      if (rhs === 0) throw fault(expr.pos, 'modulo by zero');
      return lhs % rhs;
    case '^':
      return goPow(lhs, rhs);
  }
}

/** These errors carry bare offsets, not line and column. */
function fault(pos: PositionRange, message: string): QueryError {
  return new QueryError('bad_data', `${pos.start}:${pos.end}: ${message}`);
}

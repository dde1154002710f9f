import { unreachable } from '../runtime/index.ts';
import type { ArithmeticOperator, ComparisonOperator } from './parse/ast.ts';

/** `x ** y` as Go's math.Pow has it: `1 ** NaN` and `(-1) ** ±Inf` are 1. */
export function goPow(x: number, y: number): number {
  if (x === 1) return 1;
  if (x === -1 && (y === Infinity || y === -Infinity)) return 1;
  return x ** y;
}

/**
 * One operation on two floats; comparisons give 1 or 0.
 *
 * @see Prometheus `promql/engine.go`, scalarBinop
 */
export function scalarOperation(op: ArithmeticOperator | ComparisonOperator, lhs: number, rhs: number): number {
  switch (op) {
    case '+':
      return lhs + rhs;
    case '-':
      return lhs - rhs;
    case '*':
      return lhs * rhs;
    case '/':
      return lhs / rhs;
    case '%':
      return lhs % rhs;
    case '^':
      return goPow(lhs, rhs);
    case 'atan2':
      return Math.atan2(lhs, rhs);
    case '==':
      return lhs === rhs ? 1 : 0;
    case '!=':
      return lhs !== rhs ? 1 : 0;
    case '<':
      return lhs < rhs ? 1 : 0;
    case '<=':
      return lhs <= rhs ? 1 : 0;
    case '>':
      return lhs > rhs ? 1 : 0;
    case '>=':
      return lhs >= rhs ? 1 : 0;
    default:
      return unreachable(op);
  }
}

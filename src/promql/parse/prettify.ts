import { type Expr } from './ast.ts';
import { aggregationHead, binaryHead, printExpr, subqueryTail } from './print.ts';

const INDENT = '  ';

/**
 * The canonical text of an expression, broken over indented lines where a part is longer than 100 bytes.
 *
 * @param maxLineBytes how long, not counting the indent, a part may be that stays on one line
 * @see Prometheus `promql/parser/prettier.go` (3.14), Pretty
 */
export function prettify(expr: Expr, maxLineBytes = 100): string {
  return pretty(expr, 0, maxLineBytes);
}

/** @param level how many levels a line that begins here is indented */
function pretty(expr: Expr, level: number, max: number): string {
  const indent = INDENT.repeat(level);
  switch (expr.kind) {
    case 'StepInvariantExpr':
      return pretty(expr.expr, level, max);
    case 'UnaryExpr':
      return indent + expr.op + pretty(expr.expr, level, max).trim();
    default:
  }
  const line = printExpr(expr);
  if (!isLong(line, max)) return expr.kind === 'SubqueryExpr' ? line : indent + line;
  switch (expr.kind) {
    case 'AggregateExpr': {
      const param = expr.param === undefined ? '' : `${pretty(expr.param, level + 1, max)},\n`;
      return `${indent}${aggregationHead(expr)}(\n${param}${pretty(expr.expr, level + 1, max)}\n${indent})`;
    }
    case 'BinaryExpr':
      return `${pretty(expr.lhs, level + 1, max)}\n${indent}${binaryHead(expr)}\n${pretty(expr.rhs, level + 1, max)}`;
    case 'Call': {
      const args = expr.args.map((arg) => pretty(arg, level + 1, max)).join(',\n');
      return `${indent}${expr.func.name}(\n${args}\n${indent})`;
    }
    case 'ParenExpr':
      return `${indent}(\n${pretty(expr.expr, level + 1, max)}\n${indent})`;
    case 'SubqueryExpr':
      return pretty(expr.expr, level, max) + subqueryTail(expr);
    case 'MatrixSelector':
    case 'NumberLiteral':
    case 'Parameter':
    case 'StringLiteral':
    case 'VectorSelector':
      return indent + line;
  }
}

function isLong(line: string, max: number): boolean {
  return line.length > max || Buffer.byteLength(line) > max;
}

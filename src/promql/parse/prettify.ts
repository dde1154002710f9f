import { type Expr } from './ast.ts';
import { aggregationHead, binaryHead, printExpr, subqueryTail } from './print.ts';

const MAX_LINE_BYTES = 100;
const INDENT = '  ';

/**
 * The canonical text of an expression, broken over indented lines where a part is longer than 100 bytes.
 *
 * @see Prometheus `promql/parser/prettier.go` (3.14), Pretty
 */
export function prettify(expr: Expr): string {
  return pretty(expr, 0);
}

/** @param level how many levels a line that begins here is indented */
function pretty(expr: Expr, level: number): string {
  const indent = INDENT.repeat(level);
  switch (expr.kind) {
    case 'StepInvariantExpr':
      return pretty(expr.expr, level);
    case 'UnaryExpr':
      return indent + expr.op + pretty(expr.expr, level).trim();
    default:
  }
  const line = printExpr(expr);
  if (!isLong(line)) return expr.kind === 'SubqueryExpr' ? line : indent + line;
  switch (expr.kind) {
    case 'AggregateExpr': {
      const param = expr.param === undefined ? '' : `${pretty(expr.param, level + 1)},\n`;
      return `${indent}${aggregationHead(expr)}(\n${param}${pretty(expr.expr, level + 1)}\n${indent})`;
    }
    case 'BinaryExpr':
      return `${pretty(expr.lhs, level + 1)}\n${indent}${binaryHead(expr)}\n${pretty(expr.rhs, level + 1)}`;
    case 'Call': {
      const args = expr.args.map((arg) => pretty(arg, level + 1)).join(',\n');
      return `${indent}${expr.func.name}(\n${args}\n${indent})`;
    }
    case 'ParenExpr':
      return `${indent}(\n${pretty(expr.expr, level + 1)}\n${indent})`;
    case 'SubqueryExpr':
      return pretty(expr.expr, level) + subqueryTail(expr);
    case 'MatrixSelector':
    case 'NumberLiteral':
    case 'Parameter':
    case 'StringLiteral':
    case 'VectorSelector':
      return indent + line;
  }
}

function isLong(line: string): boolean {
  return line.length > MAX_LINE_BYTES || Buffer.byteLength(line) > MAX_LINE_BYTES;
}

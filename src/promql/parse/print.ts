import {
  METRIC_NAME,
  compareText,
  formatDuration,
  formatFloatGeneral,
  formatFloatPlain,
  isLegacyLabelName,
  quoteGo,
} from '../../model/index.ts';
import {
  type AggregateExpr,
  type AstNode,
  type BinaryExpr,
  type DurationExpr,
  type DurationOperand,
  type LabelMatcher,
  type LabelParameter,
  type MatrixSelector,
  type NumberLiteral,
  type Parameter,
  type SubqueryExpr,
  type VectorMatching,
  type VectorSelector,
} from './ast.ts';
import { isUtf8 } from './literal.ts';

/**
 * The canonical text of an expression, which parses to the same tree again.
 *
 * @see Prometheus `promql/parser/printer.go` (3.14), String
 */
export function printExpr(node: AstNode): string {
  switch (node.kind) {
    case 'AggregateExpr': {
      const param = node.param === undefined ? '' : `${printExpr(node.param)}, `;
      return `${aggregationHead(node)}(${param}${printExpr(node.expr)})`;
    }
    case 'BinaryExpr':
      return `${printExpr(node.lhs)} ${binaryHead(node)} ${printExpr(node.rhs)}`;
    case 'Call':
      return `${node.func.name}(${node.args.map(printExpr).join(', ')})`;
    case 'DurationExpr':
      return printDurationExpr(node);
    case 'MatrixSelector':
      return printMatrix(node);
    case 'NumberLiteral':
      return printNumber(node);
    case 'Parameter':
      return `$${node.name}`;
    case 'ParenExpr':
      return `(${printExpr(node.expr)})`;
    case 'StepInvariantExpr':
      return printExpr(node.expr);
    case 'StringLiteral':
      return quote(node.value);
    case 'SubqueryExpr':
      return printExpr(node.expr) + subqueryTail(node);
    case 'UnaryExpr':
      return node.op + printExpr(node.expr);
    case 'VectorSelector':
      return selectorHead(node) + at(node) + extension(node) + offset(node);
  }
}

/** An aggregation up to its arguments: `sum by (job) `. */
export function aggregationHead({ op, grouping, groupingParameters, without }: AggregateExpr): string {
  if (without) return `${op} without (${printLabels(grouping, groupingParameters)}) `;
  if (grouping.length > 0) return `${op} by (${printLabels(grouping, groupingParameters)}) `;
  return op;
}

/** A binary operator with its modifiers: `== bool on (job) group_left (team)`. */
export function binaryHead({ op, returnBool, matching }: BinaryExpr): string {
  let text: string = op;
  if (returnBool) text += ' bool';
  if (matching !== undefined) text += printMatching(matching);
  return text;
}

function printMatching(matching: VectorMatching): string {
  const { card, matchingLabels, matchingParameters, on, include, includeParameters, fill } = matching;
  const grouped = card === 'many-to-one' || card === 'one-to-many';
  let text = '';
  if (matchingLabels.length > 0 || on || grouped) {
    text += ` ${on ? 'on' : 'ignoring'} (${printLabels(matchingLabels, matchingParameters)})`;
  }
  if (grouped) {
    text += ` ${card === 'many-to-one' ? 'group_left' : 'group_right'} (${printLabels(include, includeParameters)})`;
  }
  const left = printFill(fill.lhs, fill.lhsParameter);
  const right = printFill(fill.rhs, fill.rhsParameter);
  // NaN is not equal to itself, for Prometheus too.
  const same = left === right && left !== 'NaN' && left !== undefined;
  if (same) return `${text} fill (${left})`;
  if (left !== undefined) text += ` fill_left (${left})`;
  if (right !== undefined) text += ` fill_right (${right})`;
  return text;
}

function printFill(value: number | undefined, parameter: Parameter | undefined): string | undefined {
  if (parameter !== undefined) return printExpr(parameter);
  return value === undefined ? undefined : formatFloatGeneral(value);
}

function printLabels(labels: readonly string[], parameters: readonly LabelParameter[] = []): string {
  return labels
    .map((label, i) => {
      const placed = parameters.find(({ index }) => index === i);
      if (placed !== undefined) return printExpr(placed.parameter);
      return isLegacyLabelName(label) ? label : quoteGo(label);
    })
    .join(', ');
}

function printNumber({ value, duration }: NumberLiteral): string {
  if (!duration) return formatFloatPlain(value);
  // Through whole nanoseconds, as Prometheus counts.
  const ms = Math.trunc(Math.trunc(Math.abs(value) * 1e9) / 1e6);
  return (value < 0 ? '-' : '') + formatDuration(ms);
}

function printDurationExpr(node: DurationExpr): string {
  const text = printOperation(node);
  return node.wrapped ? `(${text})` : text;
}

/** Two sides and an operator between them. */
function isOperation({ op, lhs }: DurationExpr): boolean {
  return lhs !== undefined && op !== 'min_of' && op !== 'max_of';
}

function printOperation({ op, lhs, rhs }: DurationExpr): string {
  if (op === 'step' || op === 'range') return `${op}()`;
  if (op === 'min_of' || op === 'max_of') return `${op}(${printExpr(lhs!)}, ${printExpr(rhs!)})`;
  // A plus sign only carries parentheses.
  if (lhs === undefined) return (op === '-' ? '-' : '') + printExpr(rhs!);
  return `${printExpr(lhs)} ${op} ${printExpr(rhs!)}`;
}

function printMatrix(node: MatrixSelector): string {
  const { selector } = node;
  return `${selectorHead(selector)}[${range(node)}]${extension(selector)}${at(selector)}${offset(selector)}`;
}

/** A subquery behind its expression: `[5m:1m] @ 0.000 offset 1h`. */
export function subqueryTail(node: SubqueryExpr): string {
  const step = node.stepMs !== 0 ? formatDuration(node.stepMs) : printOptional(node.stepExpr);
  return `[${range(node)}:${step}]${at(node)}${offset(node)}`;
}

function range({ rangeMs, rangeExpr }: MatrixSelector | SubqueryExpr): string {
  return rangeExpr === undefined ? formatDuration(rangeMs) : printExpr(rangeExpr);
}

function printOptional(node: DurationOperand | undefined): string {
  return node === undefined ? '' : printExpr(node);
}

function selectorHead({ name, matchers }: VectorSelector): string {
  const printed: string[] = [];
  for (const matcher of matchers) {
    if (name !== '' && matcher.name === METRIC_NAME && matcher.type === '=' && matcher.value === name) continue;
    printed.push(printMatcher(matcher));
  }
  if (printed.length === 0) return name;
  if (printed.length > 1) printed.sort(compareText);
  return `${name}{${printed.join(',')}}`;
}

/** `name="value"`; a name that is no identifier is quoted. */
export function printMatcher({ type, name, value, nameParameter, valueParameter }: LabelMatcher): string {
  const left = nameParameter ? printExpr(nameParameter) : isLegacyLabelName(name) ? name : quote(name);
  return left + type + (valueParameter ? printExpr(valueParameter) : quote(value));
}

type Modified = VectorSelector | SubqueryExpr;

function at({ timestampMs, timestampParameter, startOrEnd }: Modified): string {
  if (timestampParameter !== undefined) return ` @ ${printExpr(timestampParameter)}`;
  if (timestampMs !== undefined) return ` @ ${(timestampMs / 1000).toFixed(3)}`;
  return startOrEnd === undefined ? '' : ` @ ${startOrEnd}()`;
}

function extension({ anchored, smoothed }: VectorSelector): string {
  return anchored ? ' anchored' : smoothed ? ' smoothed' : '';
}

function offset({ offsetMs, offsetExpr }: Modified): string {
  if (offsetExpr !== undefined) {
    const text = printExpr(offsetExpr);
    // Behind `offset`, operators belong to the duration only if it begins with a parenthesis.
    const bare = offsetExpr.kind === 'DurationExpr' && isOperation(offsetExpr) && !text.startsWith('(');
    return ` offset ${bare ? `(${text})` : text}`;
  }
  return offsetMs === 0 ? '' : ` offset ${formatDuration(offsetMs)}`;
}

/** Go's `%q`, with the bytes that are no UTF-8 as they were written. */
function quote(text: string): string {
  if (isUtf8(text)) return quoteGo(text);
  const pieces = text.split(/([\udc80-\udcff])/u);
  const quoted = pieces.map((piece, i) =>
    i % 2 === 0 ? quoteGo(piece).slice(1, -1) : `\\x${(piece.charCodeAt(0) - 0xdc00).toString(16)}`,
  );
  return `"${quoted.join('')}"`;
}

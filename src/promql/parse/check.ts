import { METRIC_NAME, Matcher, quoteGo } from '../../model/index.ts';
import {
  type BinaryExpr,
  type BinaryOperator,
  type Call,
  type Expr,
  type Parameter,
  type PositionRange,
  type ValueType,
  type VectorMatching,
  type VectorSelector,
} from './ast.ts';
import { type Draft, MAX_DEPTH, type TokenReader } from './token-reader.ts';

/** What an expression evaluates to. An unbound parameter counts as what its place asks for. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'AggregateExpr':
    case 'VectorSelector':
      return 'vector';
    case 'MatrixSelector':
    case 'SubqueryExpr':
      return 'matrix';
    case 'NumberLiteral':
      return 'scalar';
    case 'StringLiteral':
      return 'string';
    case 'Parameter':
      return expr.type === 'string' ? 'string' : 'scalar';
    case 'Call':
      return expr.func.returnType;
    case 'BinaryExpr':
      // Present exactly when both sides are vectors, but a scalar with a vector is a vector too.
      return typeOf(expr.lhs) === 'scalar' && typeOf(expr.rhs) === 'scalar' ? 'scalar' : 'vector';
    case 'ParenExpr':
    case 'UnaryExpr':
    case 'StepInvariantExpr':
      return typeOf(expr.expr);
  }
}

/** A value type as messages for people name it. */
export function describeType(type: ValueType): string {
  return type === 'vector' ? 'instant vector' : type === 'matrix' ? 'range vector' : type;
}

export function isComparison(op: BinaryOperator): boolean {
  return op === '==' || op === '!=' || op === '<' || op === '<=' || op === '>' || op === '>=';
}

export function isSetOperator(op: BinaryOperator): boolean {
  return op === 'and' || op === 'or' || op === 'unless';
}

/**
 * Checks that the parts of a freshly parsed tree fit together, notes what does not as faults, and settles what depends on types: vector
 * matching stays only between vectors, set operators match many to many, parameters learn what they stand for.
 *
 * @see Prometheus `promql/parser/parse.go`, checkAST
 */
export function checkTypes(reader: TokenReader, root: Expr): void {
  check(reader, root, 1);
}

function check(reader: TokenReader, expr: Expr, depth: number): ValueType {
  if (depth > MAX_DEPTH) reader.tooDeep(expr.pos);
  switch (expr.kind) {
    case 'AggregateExpr':
      expect(reader, expr.expr, 'vector', 'aggregation expression', depth + 1);
      if (expr.param !== undefined) {
        expect(
          reader,
          expr.param,
          expr.op === 'count_values' ? 'string' : 'scalar',
          'aggregation parameter',
          depth + 1,
        );
      }
      return 'vector';
    case 'BinaryExpr':
      return checkBinary(reader, expr, depth);
    case 'Call':
      checkCall(reader, expr, depth);
      return expr.func.returnType;
    case 'ParenExpr':
      return check(reader, expr.expr, depth + 1);
    case 'UnaryExpr': {
      const type = check(reader, expr.expr, depth + 1);
      if (type !== 'scalar' && type !== 'vector') {
        const got = quoteGo(describeType(type));
        reader.fault(
          `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`,
          expr.pos,
        );
      }
      return type;
    }
    case 'SubqueryExpr': {
      const type = check(reader, expr.expr, depth + 1);
      if (type !== 'vector') reader.fault(`subquery is only allowed on instant vector, got ${type} instead`, expr.pos);
      return 'matrix';
    }
    case 'MatrixSelector':
      checkSelector(reader, expr.selector);
      return 'matrix';
    case 'VectorSelector':
      checkSelector(reader, expr);
      return 'vector';
    case 'StepInvariantExpr':
      return check(reader, expr.expr, depth + 1);
    case 'NumberLiteral':
    case 'StringLiteral':
    case 'Parameter':
      return typeOf(expr);
  }
}

function expect(reader: TokenReader, expr: Expr, want: ValueType, context: string, depth: number): void {
  if (want === 'string') settleParameter(expr);
  const got = check(reader, expr, depth);
  if (got !== want) {
    reader.fault(`expected type ${describeType(want)} in ${context}, got ${describeType(got)}`, expr.pos);
  }
}

/** A parameter where a string is wanted is one. */
function settleParameter(expr: Expr): void {
  let inner = expr;
  while (inner.kind === 'ParenExpr') inner = inner.expr;
  if (inner.kind === 'Parameter') (inner as Draft<Parameter>).type = 'string';
}

const noMatching: VectorMatching = {
  card: 'many-to-many',
  matchingLabels: [],
  on: false,
  include: [],
  fill: { lhs: undefined, rhs: undefined },
};

function checkBinary(reader: TokenReader, expr: BinaryExpr, depth: number): ValueType {
  const { op, lhs, rhs } = expr;
  // Absent where a tree is checked again and the sides are no vectors.
  const matching: Draft<VectorMatching> = expr.matching ?? noMatching;
  const left = check(reader, lhs, depth + 1);
  const right = check(reader, rhs, depth + 1);
  const comparison = isComparison(op);
  const setOperator = isSetOperator(op);

  if (expr.returnBool && !comparison) {
    reader.fault('bool modifier can only be used on comparison operators', operatorRange(reader, expr));
  }
  if (comparison && !expr.returnBool && left === 'scalar' && right === 'scalar') {
    reader.fault('comparisons between scalars must use BOOL modifier', operatorRange(reader, expr));
  }
  if (setOperator && matching.card === 'one-to-one') matching.card = 'many-to-many';
  if (matching.on && matching.include.length > 0) {
    for (const label of matching.matchingLabels) {
      if (label !== '' && matching.include.includes(label)) {
        reader.fault(
          `label ${quoteGo(label)} must not occur in ON and GROUP clause at once`,
          operatorRange(reader, expr),
        );
      }
    }
  }
  checkSide(reader, lhs, left);
  checkSide(reader, rhs, right);

  const { fill } = matching;
  const fills =
    fill.lhs !== undefined ||
    fill.rhs !== undefined ||
    fill.lhsParameter !== undefined ||
    fill.rhsParameter !== undefined;
  if (left !== 'vector' || right !== 'vector') {
    if (matching.matchingLabels.length > 0) {
      reader.fault('vector matching only allowed between instant vectors', expr.pos);
    }
    if (fills) reader.fault('filling in missing series only allowed between instant vectors', expr.pos);
    (expr as Draft<BinaryExpr>).matching = undefined;
  } else if (setOperator) {
    if (matching.card !== 'many-to-many') {
      reader.fault(`no grouping allowed for ${quoteGo(op)} operation`, expr.pos);
      reader.fault('set operations must always be many-to-many', expr.pos);
    }
    if (fills) reader.fault('filling in missing series not allowed for set operators', expr.pos);
  }
  if (setOperator && (left === 'scalar' || right === 'scalar')) {
    reader.fault(`set operator ${quoteGo(op)} not allowed in binary scalar expression`, expr.pos);
  }
  return left === 'scalar' && right === 'scalar' ? 'scalar' : 'vector';
}

function checkSide(reader: TokenReader, side: Expr, type: ValueType): void {
  if (type !== 'scalar' && type !== 'vector') {
    reader.fault('binary expression must contain only scalar and instant vector types', side.pos);
  }
}

/** Where the operator and its modifiers stand between the sides; the end is, as in Prometheus, that of the last character but one. */
function operatorRange(reader: TokenReader, expr: BinaryExpr): PositionRange {
  const { bytes } = reader;
  let start = expr.lhs.pos.end;
  while (isSpace(bytes[start])) start++;
  let end = expr.rhs.pos.start - 1;
  while (isSpace(bytes[end])) end--;
  return { start, end };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function checkCall(reader: TokenReader, call: Call, depth: number): void {
  const { func, args, pos } = call;
  const { argTypes, variadic } = func;
  const name = quoteGo(func.name);
  if (variadic === 0) {
    if (args.length !== argTypes.length) {
      reader.fault(`expected ${argTypes.length} argument(s) in call to ${name}, got ${args.length}`, pos);
    }
  } else {
    const least = argTypes.length - 1;
    const most = variadic > 0 ? least + variadic : Infinity;
    if (args.length < least) {
      reader.fault(`expected at least ${least} argument(s) in call to ${name}, got ${args.length}`, pos);
    } else if (args.length > most) {
      reader.fault(`expected at most ${most} argument(s) in call to ${name}, got ${args.length}`, pos);
    }
  }
  if (func.name === 'info' && args.length > 1) checkInfoSelector(reader, call, args[1]!);
  for (let i = 0; i < args.length; i++) {
    if (i >= argTypes.length && variadic === 0) break;
    const want = argTypes[Math.min(i, argTypes.length - 1)]!;
    expect(reader, args[i]!, want, `call to function ${name}`, depth + 1);
  }
}

/** The second argument of `info` names labels, not a metric. */
function checkInfoSelector(reader: TokenReader, call: Call, selector: Expr): void {
  const type = typeOf(selector);
  if (type !== 'vector') {
    reader.fault(`expected type instant vector in call to function "info", got ${describeType(type)}`, call.pos);
  }
  if (selector.kind !== 'VectorSelector') {
    reader.fault('expected label selectors only', selector.pos);
  } else if (selector.name !== '') {
    reader.fault('expected label selectors only, got vector selector instead', selector.pos);
  } else (selector as Draft<VectorSelector>).bypassEmptyMatcherCheck = true;
}

function checkSelector(reader: TokenReader, selector: VectorSelector): void {
  const { name, matchers } = selector;
  if (name !== '') {
    // The last matcher is for the name itself.
    for (let i = 0; i < matchers.length - 1; i++) {
      const matcher = matchers[i]!;
      if (matcher.name === METRIC_NAME) {
        reader.fault(`metric name must not be set twice: ${quoteGo(name)} or ${quoteGo(matcher.value)}`, selector.pos);
      }
    }
    return;
  }
  if (selector.bypassEmptyMatcherCheck) return;
  for (const { type, value, nameParameter, valueParameter } of matchers) {
    // Whether it selects anything is known once the parameter is.
    if (nameParameter !== undefined || valueParameter !== undefined) return;
    if (type === '=' ? value !== '' : type === '!=' ? value === '' : !new Matcher(type, '', value).matchesEmpty) return;
  }
  reader.fault('vector selector must contain at least one non-empty matcher', selector.pos);
}

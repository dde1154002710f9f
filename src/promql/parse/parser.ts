import { quoteGo } from '../../model/index.ts';
import {
  type AggregateExpr,
  type AggregateOperator,
  type BinaryExpr,
  type BinaryOperator,
  type Call,
  type DurationOperand,
  type Expr,
  type FillValues,
  type LabelMatcher,
  type MatrixSelector,
  type NumberLiteral,
  type Parameter,
  type PositionRange,
  type SubqueryExpr,
  type VectorMatching,
  type VectorSelector,
} from './ast.ts';
import { checkTypes } from './check.ts';
import { parseOffsetDuration, parsePositiveDuration } from './duration.ts';
import { type FunctionSignature, functions } from './functions.ts';
import { NO_LABELS, parseLabelList } from './grouping.ts';
import { LexFailure } from './lexer.ts';
import { goRound, isTimestamp, parseNumber, parseNumberLiteral, parseParameter, parseString, toMs } from './literal.ts';
import { ParseError } from './parse-error.ts';
import { parseBareSelector, parseNamedSelector } from './selector.ts';
import * as T from './token.ts';
import { type Draft, type ParseOptions, Place, SyntaxFailure, TokenReader } from './token-reader.ts';

/**
 * The tree of a PromQL expression.
 *
 * @throws {ParseError} worded and placed as Prometheus does
 * @see Prometheus `promql/parser` (3.14), ParseExpr
 */
export function parseExpr(query: string, options: ParseOptions = {}): Expr {
  const reader = new TokenReader(query, options);
  const expr = run(reader, () => {
    if (reader.peek() === T.EOF) {
      reader.fault('no expression found in input', { start: 0, end: 0 });
      throw new SyntaxFailure('empty');
    }
    return parseExpression(reader, 1);
  });
  checkTypes(reader, expr);
  if (reader.faults.length > 0) throw new ParseError(query, reader.faults);
  return expr;
}

/**
 * The matchers of a series selector such as the API's `match[]`, in the order written, the name before the braces last.
 *
 * @throws {ParseError}
 */
export function parseMetricSelector(selector: string, options: ParseOptions = {}): readonly LabelMatcher[] {
  const reader = new TokenReader(selector, options);
  return run(reader, () => {
    const kind = reader.peek();
    if (kind === T.LEFT_BRACE) return parseBareSelector(reader).matchers;
    if (T.isMetricName[kind] === 0) return reader.unexpected();
    const name = reader.lexer.text;
    const pos = reader.tokenRange();
    reader.advance();
    return parseNamedSelector(reader, name, pos).matchers;
  });
}

/** Runs a rule over the whole input. */
function run<R>(reader: TokenReader, rule: () => R): R {
  let result: R | undefined;
  try {
    result = rule();
    if (reader.peek() !== T.EOF) reader.unexpected();
  } catch (error) {
    if (error instanceof LexFailure) {
      reader.fault(error.message, { start: error.start, end: Buffer.byteLength(reader.input) });
    } else if (!(error instanceof SyntaxFailure)) throw error;
  }
  if (reader.faults.length > 0) throw new ParseError(reader.input, reader.faults);
  return result!;
}

/** Operands joined by operators of at least the given level. */
function parseExpression(reader: TokenReader, level: number): Expr {
  const depth = reader.depth;
  reader.descend();
  let lhs = parseOperand(reader);
  for (;;) {
    const kind = reader.peek();
    const operatorLevel = T.precedence[kind]!;
    if (operatorLevel === 0 || operatorLevel < level) break;
    // Each operator puts what came before one level down in the tree.
    reader.descend();
    reader.advance();
    lhs = parseBinaryRest(reader, lhs, kind, operatorLevel);
  }
  reader.depth = depth;
  return lhs;
}

/** A sign and what it applies to, or a primary expression with what stands behind it. */
function parseOperand(reader: TokenReader): Expr {
  const kind = reader.peek();
  if (kind !== T.ADD && kind !== T.SUB) return parsePostfix(reader, parsePrimary(reader, kind));
  const start = reader.lexer.byteStart;
  reader.advance();
  const expr = parseExpression(reader, T.SIGN_PRECEDENCE + 1);
  if (expr.kind === 'NumberLiteral') {
    const literal = expr as Draft<NumberLiteral>;
    if (kind === T.SUB) literal.value = -literal.value;
    literal.pos = { start, end: literal.pos.end };
    return literal;
  }
  return { kind: 'UnaryExpr', op: kind === T.SUB ? '-' : '+', expr, pos: { start, end: expr.pos.end } };
}

function parsePrimary(reader: TokenReader, kind: number): Expr {
  const { lexer } = reader;
  switch (kind) {
    case T.NUMBER:
    case T.DURATION:
      return parseNumberLiteral(reader);
    case T.STRING: {
      const value = parseString(reader);
      return { kind: 'StringLiteral', value, pos: reader.tokenRange() };
    }
    case T.PARAMETER:
      return parseParameter(reader, 'number');
    case T.LEFT_BRACE:
      return parseBareSelector(reader);
    case T.LEFT_PAREN: {
      const start = lexer.byteStart;
      reader.advance();
      const expr = parseExpression(reader, 1);
      reader.expect(T.RIGHT_PAREN);
      return { kind: 'ParenExpr', expr, pos: { start, end: lexer.byteEnd } };
    }
  }
  if (T.isMetricName[kind] === 0) return reader.unexpected();
  // Most words can name a metric; what follows tells.
  const name = lexer.text;
  const pos = reader.tokenRange();
  reader.advance();
  const next = reader.peek();
  if (T.isAggregator(kind)) {
    if (next === T.LEFT_PAREN || next === T.BY || next === T.WITHOUT) return parseAggregation(reader, kind, pos.start);
  } else if (next === T.LEFT_PAREN && (kind === T.IDENTIFIER || kind >= T.START)) {
    return parseCall(reader, name, pos);
  }
  return parseNamedSelector(reader, name, pos);
}

/** A function's name has been read. */
function parseCall(reader: TokenReader, name: string, nameRange: PositionRange): Call {
  const args = parseArguments(reader);
  const func = functions.get(name);
  if (func === undefined) reader.fault(`unknown function with name ${quoteGo(name)}`, nameRange);
  else if (func.experimental && reader.options.enableExperimentalFunctions !== true) {
    reader.fault(`function ${quoteGo(name)} is not enabled`, nameRange);
  }
  return {
    kind: 'Call',
    func: func ?? unknownFunction,
    args,
    pos: { start: nameRange.start, end: reader.lexer.byteEnd },
  };
}

/** Stands in until the fault is reported. */
const unknownFunction: FunctionSignature = {
  name: '',
  argTypes: [],
  variadic: 0,
  returnType: 'none',
  experimental: false,
};

/** `(…)` behind a function or an aggregation; the closing parenthesis is then the lexer's last token. */
function parseArguments(reader: TokenReader): Expr[] {
  reader.expect(T.LEFT_PAREN);
  const args: Expr[] = [];
  if (reader.peek() !== T.RIGHT_PAREN) {
    args.push(parseExpression(reader, 1));
    while (reader.peek() === T.COMMA) {
      const comma = reader.tokenRange();
      reader.advance();
      if (startsExpression(reader.peek())) args.push(parseExpression(reader, 1));
      else reader.fault('trailing commas not allowed in function call args', comma);
    }
    if (reader.lexer.kind !== T.RIGHT_PAREN) reader.unexpected();
  }
  reader.advance();
  return args;
}

function startsExpression(kind: number): boolean {
  if (T.isMetricName[kind] === 1) return true;
  switch (kind) {
    case T.NUMBER:
    case T.DURATION:
    case T.STRING:
    case T.PARAMETER:
    case T.LEFT_BRACE:
    case T.LEFT_PAREN:
    case T.ADD:
    case T.SUB:
      return true;
    default:
      return false;
  }
}

/** The aggregator has been read; `by (…)` or `without (…)` stands before or behind the arguments. */
function parseAggregation(reader: TokenReader, kind: number, start: number): AggregateExpr {
  const { lexer } = reader;
  const outer = reader.place;
  reader.place = Place.AGGREGATION;
  let modifier = reader.peek();
  let grouping = NO_LABELS;
  const isModifier = (): boolean => modifier === T.BY || modifier === T.WITHOUT;
  const first = isModifier();
  if (first) {
    reader.advance();
    grouping = parseLabelList(reader);
  }
  const args = parseArguments(reader);
  let end = lexer.byteEnd;
  if (!first) {
    modifier = reader.peek();
    if (isModifier()) {
      reader.advance();
      grouping = parseLabelList(reader);
      end = lexer.byteEnd;
    }
  }
  reader.place = outer;

  const op = T.spelling[kind] as AggregateOperator;
  const pos = { start, end };
  const aggregate: AggregateExpr = {
    kind: 'AggregateExpr',
    op,
    expr: args.at(-1)!,
    param: takesParameter(kind) ? args[0] : undefined,
    grouping: grouping.labels,
    without: modifier === T.WITHOUT,
    pos,
    ...(grouping.parameters && { groupingParameters: grouping.parameters }),
  };
  if (args.length === 0) {
    reader.fault('no arguments for aggregate expression provided', pos);
    return aggregate;
  }
  if (kind >= T.LIMITK && reader.options.enableExperimentalFunctions !== true) {
    reader.fault(
      `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
      pos,
    );
    return aggregate;
  }
  const expected = takesParameter(kind) ? 2 : 1;
  if (args.length !== expected) {
    reader.fault(
      `wrong number of arguments for aggregate expression provided, expected ${expected}, got ${args.length}`,
      pos,
    );
  }
  return aggregate;
}

function takesParameter(aggregator: number): boolean {
  return aggregator >= T.TOPK;
}

/** What follows a binary operator: modifiers and the right side. */
function parseBinaryRest(reader: TokenReader, lhs: Expr, kind: number, level: number): BinaryExpr {
  let returnBool = false;
  let labels = NO_LABELS;
  let include = NO_LABELS;
  let on = false;
  let card: VectorMatching['card'] = 'one-to-one';
  if (reader.peek() === T.BOOL) {
    reader.advance();
    returnBool = true;
  }
  let next = reader.peek();
  if (next === T.ON || next === T.IGNORING) {
    on = next === T.ON;
    reader.advance();
    labels = parseLabelList(reader);
    next = reader.peek();
    if (next === T.GROUP_LEFT || next === T.GROUP_RIGHT) {
      card = next === T.GROUP_LEFT ? 'many-to-one' : 'one-to-many';
      reader.advance();
      const following = reader.peek();
      if (following === T.LEFT_PAREN) include = parseLabelList(reader);
      else if (!startsExpression(following) && !isFill(following)) reader.unexpected(Place.GROUPING);
    }
  }
  next = reader.peek();
  const fill = isFill(next) ? parseFill(reader, next) : noFill;
  const rhs = parseExpression(reader, kind === T.POW ? level : level + 1);

  const pos = { start: lhs.pos.start, end: rhs.pos.end };
  if (fill !== noFill && reader.options.enableBinopFillModifiers !== true) {
    reader.fault('binop fill modifiers are experimental and not enabled', pos);
  }
  const matching: Draft<VectorMatching> = { card, matchingLabels: labels.labels, on, include: include.labels, fill };
  if (labels.parameters) matching.matchingParameters = labels.parameters;
  if (include.parameters) matching.includeParameters = include.parameters;
  return { kind: 'BinaryExpr', op: T.spelling[kind] as BinaryOperator, lhs, rhs, returnBool, matching, pos };
}

function isFill(kind: number): boolean {
  return kind >= T.FILL && kind <= T.FILL_RIGHT;
}

const noFill: FillValues = { lhs: undefined, rhs: undefined };

/** `fill (v)`, `fill_left (v)`, `fill_right (v)` or the latter two together in any order; the current token is the first word. */
function parseFill(reader: TokenReader, first: number): FillValues {
  const fill: Draft<FillValues> = { lhs: undefined, rhs: undefined };
  reader.advance();
  const value = parseFillValue(reader);
  if (first !== T.FILL_RIGHT) setFill(fill, 'lhs', value);
  if (first !== T.FILL_LEFT) setFill(fill, 'rhs', value);
  const second = reader.peek();
  if (first === T.FILL_LEFT && second === T.FILL_RIGHT) {
    reader.advance();
    setFill(fill, 'rhs', parseFillValue(reader));
  } else if (first === T.FILL_RIGHT && second === T.FILL_LEFT) {
    reader.advance();
    setFill(fill, 'lhs', parseFillValue(reader));
  }
  return fill;
}

function setFill(fill: Draft<FillValues>, side: 'lhs' | 'rhs', value: number | Parameter): void {
  if (typeof value === 'number') fill[side] = value;
  else fill[`${side}Parameter`] = value;
}

function parseFillValue(reader: TokenReader): number | Parameter {
  reader.expect(T.LEFT_PAREN);
  const value = parseSignedNumber(reader);
  reader.expect(T.RIGHT_PAREN);
  return value;
}

/** A number or duration with an optional sign, or a parameter without one. */
function parseSignedNumber(reader: TokenReader): number | Parameter {
  const sign = reader.peek();
  if (sign === T.PARAMETER) return parseParameter(reader, 'number');
  if (sign === T.ADD || sign === T.SUB) reader.advance();
  const kind = reader.peek();
  if (kind !== T.NUMBER && kind !== T.DURATION) reader.unexpected();
  const value = parseNumber(reader);
  return sign === T.SUB ? -value : value;
}

/** `[…]`, `offset`, `@`, `anchored` and `smoothed` behind an expression. */
function parsePostfix(reader: TokenReader, primary: Expr): Expr {
  let expr = primary;
  const depth = reader.depth;
  for (;;) {
    switch (reader.peek()) {
      case T.LEFT_BRACKET:
        reader.descend();
        expr = parseRange(reader, expr);
        break;
      case T.OFFSET:
        parseOffset(reader, expr);
        break;
      case T.AT:
        parseAt(reader, expr);
        break;
      case T.ANCHORED:
      case T.SMOOTHED:
        parseExtension(reader, expr);
        break;
      default:
        reader.depth = depth;
        return expr;
    }
  }
}

/** `[range]` or `[range:step]`. */
function parseRange(reader: TokenReader, expr: Expr): Expr {
  const { lexer } = reader;
  const bracket = lexer.byteStart;
  const outer = reader.place;
  reader.place = Place.RANGE;
  reader.advance();
  const range = parsePositiveDuration(reader);
  reader.place = Place.RANGE_END;
  if (reader.peek() === T.RIGHT_BRACKET) {
    reader.advance();
    reader.place = outer;
    return newMatrix(reader, expr, range, bracket);
  }
  reader.expect(T.COLON);
  reader.place = Place.STEP;
  let step: DurationOperand | undefined;
  if (reader.peek() !== T.RIGHT_BRACKET) {
    step = parsePositiveDuration(reader);
    reader.place = Place.STEP_END;
  }
  reader.expect(T.RIGHT_BRACKET);
  reader.place = outer;
  const subquery: SubqueryExpr = {
    kind: 'SubqueryExpr',
    expr,
    rangeMs: literalMs(range),
    rangeExpr: computed(range),
    stepMs: literalMs(step),
    stepExpr: computed(step),
    offsetMs: 0,
    offsetExpr: undefined,
    timestampMs: undefined,
    startOrEnd: undefined,
    pos: { start: expr.pos.start, end: lexer.byteEnd },
  };
  return subquery;
}

function newMatrix(reader: TokenReader, expr: Expr, range: DurationOperand, bracket: number): MatrixSelector {
  const end = reader.lexer.byteEnd;
  const brackets = { start: bracket, end };
  if (expr.kind !== 'VectorSelector') {
    reader.fault('ranges only allowed for vector selectors', brackets);
  } else if (expr.offsetMs !== 0 || expr.offsetExpr !== undefined) {
    reader.fault('no offset modifiers allowed before range', brackets);
  } else if (isPinned(expr)) {
    reader.fault('no @ modifiers allowed before range', brackets);
  }
  return {
    kind: 'MatrixSelector',
    // What is none has been reported: nobody will see it.
    selector: expr as VectorSelector,
    rangeMs: literalMs(range),
    rangeExpr: computed(range),
    pos: { start: expr.pos.start, end },
  };
}

function literalMs(duration: DurationOperand | undefined): number {
  return duration?.kind === 'NumberLiteral' ? toMs(duration.value) : 0;
}

function computed(duration: DurationOperand | undefined): Exclude<DurationOperand, NumberLiteral> | undefined {
  return duration?.kind === 'NumberLiteral' ? undefined : duration;
}

type Selecting = VectorSelector | SubqueryExpr;

/** The node that a modifier behind `expr` changes; otherwise reports that there is none. */
function modified(reader: TokenReader, expr: Expr, modifier: string): Draft<Selecting> | undefined {
  switch (expr.kind) {
    case 'VectorSelector':
    case 'SubqueryExpr':
      return expr;
    case 'MatrixSelector':
      if ((expr.selector as Expr).kind === 'VectorSelector') return expr.selector;
      reader.fault('ranges only allowed for vector selectors', expr.pos);
      return undefined;
    default:
      reader.fault(
        `${modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
        expr.pos,
      );
      return undefined;
  }
}

/** Lets a selector end where its last modifier ends. */
function extend(reader: TokenReader, expr: Expr): void {
  (expr as { pos: PositionRange }).pos = { start: expr.pos.start, end: reader.lexer.lastClosing };
}

function parseOffset(reader: TokenReader, expr: Expr): void {
  const outer = reader.place;
  reader.place = Place.OFFSET;
  reader.advance();
  const offset = parseOffsetDuration(reader);
  reader.place = outer;
  const node = modified(reader, expr, 'offset');
  if (node === undefined) return;
  if (node.offsetMs !== 0 || node.offsetExpr !== undefined) {
    reader.fault('offset may not be set multiple times', expr.pos);
  } else {
    node.offsetMs = literalMs(offset);
    node.offsetExpr = computed(offset);
  }
  extend(reader, expr);
}

function parseAt(reader: TokenReader, expr: Expr): void {
  const outer = reader.place;
  reader.place = Place.AT;
  reader.advance();
  const kind = reader.peek();
  let seconds: number | Parameter | undefined;
  if (kind === T.START || kind === T.END) {
    reader.advance();
    reader.expect(T.LEFT_PAREN);
    reader.expect(T.RIGHT_PAREN);
  } else seconds = parseSignedNumber(reader);
  reader.place = outer;
  if (typeof seconds === 'number' && !isTimestamp(seconds)) {
    reader.fault(`timestamp out of bounds for @ modifier: ${formatFixed(seconds)}`, expr.pos);
  }
  const node = modified(reader, expr, '@');
  if (node === undefined) return;
  if (isPinned(node)) {
    reader.fault('@ <timestamp> may not be set multiple times', expr.pos);
    return;
  }
  if (seconds === undefined) node.startOrEnd = kind === T.START ? 'start' : 'end';
  else if (typeof seconds === 'number') node.timestampMs = goRound(seconds * 1000);
  else node.timestampParameter = seconds;
  extend(reader, expr);
}

function isPinned(node: Selecting): boolean {
  return node.timestampMs !== undefined || node.timestampParameter !== undefined || node.startOrEnd !== undefined;
}

/** Go's `%f`. */
function formatFixed(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

function parseExtension(reader: TokenReader, expr: Expr): void {
  const modifier = reader.peek() === T.ANCHORED ? 'anchored' : 'smoothed';
  reader.advance();
  if (reader.options.enableExtendedRangeSelectors !== true) {
    reader.fault(`${modifier} modifier is experimental and not enabled`, expr.pos);
    return;
  }
  const selector: Expr = expr.kind === 'MatrixSelector' ? expr.selector : expr;
  if (selector.kind === 'VectorSelector') {
    (selector as Draft<VectorSelector>)[modifier] = true;
    if (selector.anchored && selector.smoothed) {
      reader.fault('anchored and smoothed modifiers cannot be used together', expr.pos);
    }
  } else if (expr.kind === 'SubqueryExpr') {
    reader.fault(`${modifier} modifier is not supported for subqueries`, expr.pos);
  } else if (expr.kind !== 'MatrixSelector') {
    reader.fault(`${modifier} modifier not implemented`, expr.pos);
  }
}

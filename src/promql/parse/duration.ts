import { type DurationExpr, type DurationOperand, type DurationOperator, type PositionRange } from './ast.ts';
import { isOutOfRange, parseNumberLiteral, parseParameter } from './literal.ts';
import * as T from './token.ts';
import { type TokenReader } from './token-reader.ts';

/** Stands in for a duration that has been reported. */
const zero: DurationOperand = { kind: 'NumberLiteral', value: 0, duration: false, pos: { start: 0, end: 0 } };

/** What stands in brackets: like `parseDurationExpr`, but a plain number must be positive. */
export function parsePositiveDuration(reader: TokenReader): DurationOperand {
  const duration = parseDurationExpr(reader, 1);
  if (duration.kind === 'NumberLiteral' && duration.value <= 0) {
    reader.fault('duration must be greater than 0', duration.pos);
  }
  return duration;
}

/**
 * What stands behind `offset`. A literal or a call, with or without sign, ends there, so that `foo offset 5m * 2` is twice the vector;
 * only behind what begins with a parenthesis or a second sign do operators belong to the duration.
 */
export function parseOffsetDuration(reader: TokenReader): DurationOperand {
  const kind = reader.peek();
  if (kind !== T.ADD && kind !== T.SUB) {
    if (kind === T.LEFT_PAREN) return parseDurationExpr(reader, 1);
    return parseOperand(reader);
  }
  const sign = reader.tokenRange();
  reader.advance();
  switch (reader.peek()) {
    case T.ADD:
    case T.SUB:
      return parseOperators(reader, applySign(reader, kind, sign, parseDurationExpr(reader, T.POW_PRECEDENCE)), 1);
    case T.STEP:
    case T.RANGE:
    case T.MAX_OF:
    case T.MIN_OF:
      return signed(kind === T.SUB ? '-' : '+', sign, parseOperand(reader));
    case T.NUMBER:
    case T.DURATION:
      return applySign(reader, kind, sign, parseNumberLiteral(reader));
    case T.LEFT_PAREN: {
      const inner = parseParenthesised(reader);
      return applySign(reader, kind, sign, wrapDuration(inner, inner.pos.start));
    }
    default:
      return applySign(reader, kind, sign, parseOperand(reader));
  }
}

/** Arithmetic on durations, with operators from a precedence level on. */
function parseDurationExpr(reader: TokenReader, level: number): DurationOperand {
  reader.descend();
  const kind = reader.peek();
  let lhs: DurationOperand;
  if (kind === T.ADD || kind === T.SUB) {
    const sign = reader.tokenRange();
    reader.advance();
    lhs = applySign(reader, kind, sign, parseDurationExpr(reader, T.POW_PRECEDENCE));
  } else lhs = parseOperand(reader);
  const duration = parseOperators(reader, lhs, level);
  reader.depth--;
  return duration;
}

function parseOperators(reader: TokenReader, lhs: DurationOperand, level: number): DurationOperand {
  const depth = reader.depth;
  for (;;) {
    const kind = reader.peek();
    if (!isDurationOperator(kind) || T.precedence[kind]! < level) break;
    reader.descend();
    const operator = reader.tokenRange();
    reader.advance();
    const rhs = parseDurationExpr(reader, kind === T.POW ? T.POW_PRECEDENCE : T.precedence[kind]! + 1);
    if ((kind === T.DIV || kind === T.MOD) && rhs.kind === 'NumberLiteral' && rhs.value === 0) {
      reader.fault(kind === T.DIV ? 'division by zero' : 'modulo by zero', operator);
      lhs = zero;
      continue;
    }
    const pos = { start: lhs.pos.start, end: rhs.pos.end };
    lhs = { kind: 'DurationExpr', op: T.spelling[kind] as DurationOperator, lhs, rhs, wrapped: false, pos };
  }
  reader.depth = depth;
  return lhs;
}

function isDurationOperator(kind: number): boolean {
  return kind >= T.ADD && kind <= T.POW;
}

/** A literal, a call, a parameter or parentheses. */
function parseOperand(reader: TokenReader): DurationOperand {
  const { lexer } = reader;
  const kind = reader.peek();
  switch (kind) {
    case T.NUMBER:
    case T.DURATION: {
      const literal = parseNumberLiteral(reader);
      if (isOutOfRange(literal.value)) {
        reader.fault('duration out of range', literal.pos);
        return zero;
      }
      return literal;
    }
    case T.PARAMETER:
      return parseParameter(reader, 'duration');
    case T.STEP:
    case T.RANGE: {
      const start = lexer.byteStart;
      reader.advance();
      reader.expect(T.LEFT_PAREN);
      reader.expect(T.RIGHT_PAREN);
      const op = kind === T.STEP ? 'step' : 'range';
      return {
        kind: 'DurationExpr',
        op,
        lhs: undefined,
        rhs: undefined,
        wrapped: false,
        pos: { start, end: lexer.byteEnd },
      };
    }
    case T.MAX_OF:
    case T.MIN_OF: {
      reader.advance();
      reader.expect(T.LEFT_PAREN);
      const lhs = parseDurationExpr(reader, 1);
      reader.expect(T.COMMA);
      const rhs = parseDurationExpr(reader, 1);
      reader.expect(T.RIGHT_PAREN);
      const op = kind === T.MAX_OF ? 'max_of' : 'min_of';
      return { kind: 'DurationExpr', op, lhs, rhs, wrapped: false, pos: { start: lhs.pos.start, end: rhs.pos.end } };
    }
    case T.LEFT_PAREN: {
      const start = lexer.byteStart;
      return wrapDuration(parseParenthesised(reader), start);
    }
  }
  return reader.unexpected();
}

function parseParenthesised(reader: TokenReader): DurationOperand {
  reader.advance();
  const inner = parseDurationExpr(reader, 1);
  reader.expect(T.RIGHT_PAREN);
  return inner;
}

/** Parentheses around a duration; they stay visible in the tree, around a plain operand as a `+` sign. */
function wrapDuration(inner: DurationOperand, start: number): DurationExpr {
  if (inner.kind === 'DurationExpr') return { ...inner, wrapped: true };
  return { ...signed('+', { start, end: start }, inner), wrapped: true };
}

function signed(op: '+' | '-', sign: PositionRange, rhs: DurationOperand): DurationExpr {
  return {
    kind: 'DurationExpr',
    op,
    lhs: undefined,
    rhs,
    wrapped: false,
    pos: { start: sign.start, end: rhs.pos.end },
  };
}

function applySign(reader: TokenReader, kind: number, sign: PositionRange, operand: DurationOperand): DurationOperand {
  if (operand.kind !== 'NumberLiteral') {
    return kind === T.SUB ? signed('-', sign, operand) : operand;
  }
  const value = kind === T.SUB ? -operand.value : operand.value;
  if (isOutOfRange(value)) {
    reader.fault('duration out of range', sign);
    return zero;
  }
  return { kind: 'NumberLiteral', value, duration: operand.duration, pos: { start: sign.start, end: operand.pos.end } };
}

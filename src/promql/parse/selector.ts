import { LabelRegexp, METRIC_NAME, RegexpError } from '../../model/index.ts';
import { type LabelMatcher, type Parameter, type PositionRange, type VectorSelector } from './ast.ts';
import { parseParameter, parseString } from './literal.ts';
import * as T from './token.ts';
import { type Draft, Place, type TokenReader } from './token-reader.ts';

/** `name{…}`: the name, at `pos`, has been read. */
export function parseNamedSelector(reader: TokenReader, name: string, pos: PositionRange): Draft<VectorSelector> {
  const nameMatcher: LabelMatcher = { type: '=', name: METRIC_NAME, value: name };
  if (reader.peek() !== T.LEFT_BRACE) return newSelector(name, [nameMatcher], pos);
  const matchers = parseLabelMatchers(reader);
  matchers.push(nameMatcher);
  return newSelector(name, matchers, { start: pos.start, end: reader.lexer.byteEnd });
}

/** `{…}` without a name before it: the current token is the brace. */
export function parseBareSelector(reader: TokenReader): Draft<VectorSelector> {
  const { lexer } = reader;
  const start = lexer.byteStart;
  const matchers = parseLabelMatchers(reader);
  return newSelector('', matchers, { start, end: lexer.byteEnd });
}

function newSelector(name: string, matchers: readonly LabelMatcher[], pos: PositionRange): Draft<VectorSelector> {
  return {
    kind: 'VectorSelector',
    name,
    matchers,
    offsetMs: 0,
    offsetExpr: undefined,
    timestampMs: undefined,
    startOrEnd: undefined,
    anchored: false,
    smoothed: false,
    bypassEmptyMatcherCheck: false,
    pos,
  };
}

/** From `{`, the current token, to `}`, which is then the lexer's last. */
function parseLabelMatchers(reader: TokenReader): LabelMatcher[] {
  reader.advance();
  const matchers: LabelMatcher[] = [];
  if (reader.peek() === T.RIGHT_BRACE) {
    reader.advance();
    return matchers;
  }
  for (;;) {
    matchers.push(parseLabelMatcher(reader));
    let kind = reader.peek();
    if (kind === T.COMMA) {
      reader.advance();
      kind = reader.peek();
      if (kind !== T.RIGHT_BRACE) continue;
    } else if (kind !== T.RIGHT_BRACE) reader.unexpected(Place.MATCHER_NEXT);
    reader.advance();
    return matchers;
  }
}

const matcherTypes = new Map<number, LabelMatcher['type']>([
  [T.EQL, '='],
  [T.NEQ, '!='],
  [T.EQL_REGEX, '=~'],
  [T.NEQ_REGEX, '!~'],
]);

function parseLabelMatcher(reader: TokenReader): LabelMatcher {
  const { lexer } = reader;
  const kind = reader.peek();
  const start = lexer.byteStart;
  let name = '';
  let nameParameter: Parameter | undefined;
  if (kind === T.IDENTIFIER) {
    name = lexer.text;
    reader.advance();
  } else if (kind === T.STRING) {
    name = parseString(reader);
  } else if (kind === T.PARAMETER) {
    nameParameter = parseParameter(reader, 'label');
  } else reader.unexpected(Place.MATCHER);

  const type = matcherTypes.get(reader.peek());
  if (type === undefined) {
    // A quoted name alone is the metric's.
    if (kind === T.STRING) return { type: '=', name: METRIC_NAME, value: name };
    return reader.unexpected(Place.MATCHER_OPERATOR);
  }
  reader.advance();
  const isPattern = type === '=~' || type === '!~';
  let value = '';
  let valueParameter: Parameter | undefined;
  if (reader.peek() === T.STRING) {
    value = parseString(reader);
    if (isPattern) checkPattern(reader, value, { start, end: lexer.byteEnd });
  } else if (lexer.kind === T.PARAMETER) {
    valueParameter = parseParameter(reader, isPattern ? 'pattern' : 'string');
  } else reader.unexpected(Place.MATCHER_VALUE);
  if (nameParameter === undefined && valueParameter === undefined) return { type, name, value };
  return { type, name, value, nameParameter, valueParameter };
}

/** Patterns of nothing but these are valid; compiling takes longer than parsing all the rest. */
const surelyValid = /^(?:[\w:/ @=,;"'<>~#%&!-]|\.[*+?]?|\|)*$/;

function checkPattern(reader: TokenReader, pattern: string, pos: PositionRange): void {
  // Very long ones meet a limit when they are compiled.
  if (pattern.length < 10_000 && surelyValid.test(pattern)) return;
  try {
    LabelRegexp.compile(pattern);
  } catch (error) {
    if (!(error instanceof RegexpError)) throw error;
    reader.fault(error.message, pos);
  }
}

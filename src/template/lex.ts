import { TemplateError } from './errors.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'comment'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'number'
  | 'string'
  | 'char'
  | 'bool'
  | 'nil'
  | 'dot'
  | 'pipe'
  | 'assign'
  | 'declare'
  | 'comma'
  | 'paren'
  | 'space'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset in UTF-16 units. */
  readonly at: number;
}

const keywords = new Set(['if', 'else', 'end', 'range', 'with', 'define', 'block', 'template', 'break', 'continue']);

const LEFT = '{{';
const RIGHT = '}}';
const whitespace = ' \t\r\n';

/**
 * The tokens of a template, the last one of kind `end`.
 *
 * @throws {TemplateError} for an action, comment or string that does not end, or a character that fits nowhere
 * @see Go `text/template/parse/lex.go`
 */
export function lex(name: string, source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  const fail = (message: string, where: number): never => {
    throw new TemplateError(`template: ${name}:${lineOf(source, where)}: ${message}`);
  };
  for (;;) {
    const open = source.indexOf(LEFT, at);
    let text = source.slice(at, open < 0 ? source.length : open);
    if (trimNext) text = trimLeft(text);
    const textAt = at;
    trimNext = false;
    if (open < 0) {
      if (text !== '') tokens.push({ kind: 'text', text, at: textAt });
      tokens.push({ kind: 'end', text: '', at: source.length });
      return tokens;
    }
    at = open + LEFT.length;
    if (source[at] === '-' && isSpace(source[at + 1])) {
      text = trimRight(text);
      at += 2;
    }
    if (text !== '') tokens.push({ kind: 'text', text, at: textAt });
    if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at);
      if (end < 0) fail('unclosed comment', open);
      at = end + 2;
      if (isSpace(source[at]) && source.startsWith(`-${RIGHT}`, at + 1)) {
        trimNext = true;
        at += 2;
      }
      if (!source.startsWith(RIGHT, at)) fail('comment ends before closing delimiter', open);
      at += RIGHT.length;
      continue;
    }
    tokens.push({ kind: 'open', text: LEFT, at: open });
    let parens = 0;
    for (;;) {
      if (at >= source.length) fail('unclosed action', open);
      if (isSpace(source[at]) && source.startsWith(`-${RIGHT}`, skipSpaces(source, at)) && parens === 0) {
        const dash = skipSpaces(source, at);
        tokens.push({ kind: 'close', text: RIGHT, at: dash });
        at = dash + 1 + RIGHT.length;
        trimNext = true;
        break;
      }
      if (source.startsWith(RIGHT, at)) {
        if (parens > 0) fail('unclosed left paren', at);
        tokens.push({ kind: 'close', text: RIGHT, at });
        at += RIGHT.length;
        break;
      }
      const token = lexInside(source, at, fail);
      if (token.text === '(') parens++;
      else if (token.kind === 'paren' && --parens < 0) fail('unexpected right paren', at);
      tokens.push(token);
      at += token.text.length;
    }
  }
}

function lexInside(source: string, at: number, fail: (message: string, where: number) => never): Token {
  const c = source[at]!;
  const token = (kind: TokenKind, length: number): Token => ({ kind, text: source.slice(at, at + length), at });
  if (isSpace(c)) return token('space', skipSpaces(source, at) - at);
  switch (c) {
    case '=':
      return token('assign', 1);
    case ':':
      if (source[at + 1] !== '=') fail('expected :=', at);
      return token('declare', 2);
    case '|':
      return token('pipe', 1);
    case ',':
      return token('comma', 1);
    case '(':
    case ')':
      return token('paren', 1);
    case '"':
      return token(
        'string',
        quotedLength(source, at, () => fail('unterminated quoted string', at)),
      );
    case "'":
      return token(
        'char',
        quotedLength(source, at, () => fail('unterminated character constant', at)),
      );
    case '`': {
      const end = source.indexOf('`', at + 1);
      if (end < 0) fail('unterminated raw quoted string', at);
      return token('string', end + 1 - at);
    }
    case '$':
      return token('variable', 1 + wordLength(source, at + 1));
    case '.': {
      if (isDigit(source[at + 1])) return token('number', numberLength(source, at, fail));
      const length = wordLength(source, at + 1);
      return length === 0 ? token('dot', 1) : token('field', 1 + length);
    }
    default:
  }
  if (isDigit(c) || ((c === '+' || c === '-') && (isDigit(source[at + 1]) || source[at + 1] === '.'))) {
    return token('number', numberLength(source, at, fail));
  }
  const length = wordLength(source, at);
  if (length === 0) fail(`unexpected ${JSON.stringify(String.fromCodePoint(source.codePointAt(at)!))} in action`, at);
  const word = source.slice(at, at + length);
  if (keywords.has(word)) return token('keyword', length);
  if (word === 'true' || word === 'false') return token('bool', length);
  return token(word === 'nil' ? 'nil' : 'identifier', length);
}

function quotedLength(source: string, at: number, unterminated: () => never): number {
  const quote = source[at];
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '\n') break;
    else if (source[i] === quote) return i + 1 - at;
  }
  return unterminated();
}

const numeral = /[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(\d[\d_]*)?\.?\d[\d_]*\.?([eE][+-]?\d+)?)/y;

function numberLength(source: string, at: number, fail: (message: string, where: number) => never): number {
  numeral.lastIndex = at;
  const length = numeral.exec(source)?.[0].length ?? 0;
  const end = at + length;
  if (length === 0 || isWordChar(source.codePointAt(end)))
    fail(`bad number syntax: ${JSON.stringify(source.slice(at, end + 1))}`, at);
  return length;
}

function wordLength(source: string, at: number): number {
  let end = at;
  for (;;) {
    const code = source.codePointAt(end);
    if (!isWordChar(code)) return end - at;
    end += code! > 0xffff ? 2 : 1;
  }
}

function isWordChar(code: number | undefined): boolean {
  if (code === undefined) return false;
  if (code < 0x80)
    return (
      code === 0x5f ||
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x41 && code <= 0x5a) ||
      (code >= 0x61 && code <= 0x7a)
    );
  return /[\p{L}\p{Nd}]/u.test(String.fromCodePoint(code));
}

function isDigit(c: string | undefined): boolean {
  return c !== undefined && c >= '0' && c <= '9';
}

function isSpace(c: string | undefined): boolean {
  return c !== undefined && whitespace.includes(c);
}

function skipSpaces(source: string, at: number): number {
  while (isSpace(source[at])) at++;
  return at;
}

function trimLeft(text: string): string {
  return text.slice(skipSpaces(text, 0));
}

function trimRight(text: string): string {
  let end = text.length;
  while (isSpace(text[end - 1])) end--;
  return text.slice(0, end);
}

/** The line of an offset, counted from 1. */
export function lineOf(source: string, at: number): number {
  let line = 1;
  for (let i = source.indexOf('\n'); i >= 0 && i < at; i = source.indexOf('\n', i + 1)) line++;
  return line;
}

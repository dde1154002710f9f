import { parseDuration, parseFloatGo, quoteGo } from '../../model/index.ts';
import { type NumberLiteral, type Parameter, type ParameterType } from './ast.ts';
import * as T from './token.ts';
import { type TokenReader, type Draft } from './token-reader.ts';

/** Consumes the current NUMBER or DURATION. */
export function parseNumberLiteral(reader: TokenReader): Draft<NumberLiteral> {
  const duration = reader.lexer.kind === T.DURATION;
  const value = parseNumber(reader);
  return { kind: 'NumberLiteral', value, duration, pos: reader.tokenRange() };
}

/** Consumes the current NUMBER or DURATION; a duration is its seconds. */
export function parseNumber(reader: TokenReader): number {
  const { kind, text } = reader.lexer;
  reader.advance();
  try {
    return kind === T.DURATION ? readDuration(text) : readNumber(text);
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    reader.fault(error.message, reader.tokenRange());
    return 0;
  }
}

/** Consumes the current PARAMETER. */
export function parseParameter(reader: TokenReader, type: ParameterType): Draft<Parameter> {
  const name = reader.lexer.text.slice(1);
  reader.advance();
  return { kind: 'Parameter', name, type, pos: reader.tokenRange() };
}

/** Consumes the current STRING and returns what it stands for. */
export function parseString(reader: TokenReader): string {
  const { input, start, end, escaped } = reader.lexer;
  reader.advance();
  const inner = input.slice(start + 1, end - 1);
  return escaped ? unescape(inner) : inner;
}

/** A literal that says nothing: the message is Prometheus's. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
}

/**
 * The value of a number as the lexer delimits numbers. Whole numbers follow Go's literals: `0x1F`, `0755` and underscores between digits.
 *
 * @throws {LiteralError}
 * @see Prometheus `promql/parser/parse.go`, number
 */
export function readNumber(text: string): number {
  if (plainNumber.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  } else {
    const whole = readWholeNumber(text);
    if (whole !== undefined) return whole;
    const value = underscoresAreGood(text) ? parseFloatGo(text.replaceAll('_', '')) : undefined;
    if (value === undefined)
      throw new LiteralError(`error parsing number: strconv.ParseFloat: parsing ${quoteGo(text)}: invalid syntax`);
    if (Number.isFinite(value) || /^(inf|nan)$/i.test(text)) return value;
  }
  throw new LiteralError(`error parsing number: strconv.ParseFloat: parsing ${quoteGo(text)}: value out of range`);
}

/** Without a leading zero, which would make whole numbers octal. */
const plainNumber = /^(0|[1-9][0-9]*|[0-9]*\.[0-9]*|[0-9]*\.?[0-9]*[eE][+-]?[0-9]+)$/;

/** What Go's `strconv.ParseInt(text, 0, 64)` accepts of the lexer's numbers, beyond plain decimals. */
function readWholeNumber(text: string): number | undefined {
  if (!underscoresAreGood(text)) return undefined;
  const digits = text.replaceAll('_', '');
  const limit = 2n ** 63n;
  let value: bigint;
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) value = BigInt(digits);
  else if (/^0[0-7]+$/.test(digits)) value = BigInt(`0o${digits.slice(1)}`);
  else if (/^[1-9][0-9]*$/.test(digits)) value = BigInt(digits);
  else return undefined;
  return value < limit ? Number(value) : undefined;
}

/** Go's rule: an underscore stands between digits, or between a base prefix and a digit. */
function underscoresAreGood(text: string): boolean {
  if (!text.includes('_')) return true;
  const hex = /^0[xX]/.test(text);
  const digit = hex ? /^[0-9a-fA-FxX]$/ : /^[0-9]$/;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '_' && !(digit.test(text[i - 1] ?? '') && digit.test(text[i + 1] ?? ''))) return false;
  }
  return true;
}

/** Seconds of a duration literal. @throws {LiteralError} */
export function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new LiteralError(durationProblem(text));
  // As Go's Duration.Seconds adds it up, so that the last digit is the same.
  return Math.floor(ms / 1000) + (ms % 1000) / 1000;
}

const durationUnits = ['y', 'w', 'd', 'h', 'm', 's', 'ms'];

/** Why `parseDuration` did not accept a text, in the words of Prometheus common's `model.ParseDuration`. */
function durationProblem(text: string): string {
  let last = -1;
  for (const [, digits, unit] of text.matchAll(/([0-9]*)([^0-9]*)/g)) {
    if (digits === '' && unit === '') break;
    const position = durationUnits.indexOf(unit!);
    if (digits === '' || unit === '' || BigInt(digits!) >= 2n ** 64n)
      return `not a valid duration string: ${quoteGo(text)}`;
    if (position < 0) return `unknown unit ${quoteGo(unit!)} in duration ${quoteGo(text)}`;
    if (position <= last) return `not a valid duration string: ${quoteGo(text)}`;
    last = position;
  }
  return 'duration out of range';
}

/** Go's int64 nanoseconds, in seconds. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/** Whether a duration in seconds is more than Prometheus can hold, or NaN, which Prometheus would turn into something odd. */
export function isOutOfRange(seconds: number): boolean {
  return !(Math.abs(seconds) <= MAX_SECONDS);
}

/** Whether a time in seconds fits Go's int64. */
export function isTimestamp(seconds: number): boolean {
  return Math.abs(seconds) < 2 ** 63;
}

/** Integer ms of a duration in seconds: what lies between is cut off, as Prometheus does when it evaluates. */
export function toMs(seconds: number): number {
  // Through nanoseconds, in which Prometheus keeps it: 0.29 s are 290 ms, not 289.
  const ms = Math.trunc(goRound(seconds * 1e9) / 1e6);
  return ms === 0 ? 0 : ms;
}

/** Go's `math.Round`: halves away from zero. */
export function goRound(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** Inside of a quoted string whose escapes the lexer has checked. */
function unescape(inner: string): string {
  let text = '';
  for (let i = 0; i < inner.length;) {
    const slash = inner.indexOf('\\', i);
    if (slash < 0) return text + inner.slice(i);
    text += inner.slice(i, slash);
    const letter = inner[slash + 1]!;
    const width = escapeWidths[letter];
    if (letter === 'u' || letter === 'U') {
      i = slash + 2 + width!;
      text += String.fromCodePoint(Number.parseInt(inner.slice(slash + 2, i), 16));
    } else if (width !== undefined) {
      // Bytes that together may be one character.
      const bytes: number[] = [];
      i = readBytes(inner, slash, bytes);
      text += decodeBytes(Uint8Array.from(bytes));
    } else {
      text += simpleEscapes[letter] ?? letter;
      i = slash + 2;
    }
  }
  return text;
}

/** Reads `\xff` and `\377` escapes from `at` on; returns where they end. */
function readBytes(inner: string, at: number, bytes: number[]): number {
  for (; inner[at] === '\\';) {
    const letter = inner[at + 1]!;
    if (letter === 'x') {
      bytes.push(Number.parseInt(inner.slice(at + 2, at + 4), 16));
    } else if (letter >= '0' && letter <= '7') {
      bytes.push(Number.parseInt(inner.slice(at + 1, at + 4), 8));
    } else break;
    at += 4;
  }
  return at;
}

/**
 * UTF-8 bytes as text. Go's strings hold any bytes; those that are no UTF-8 become lone surrogates, U+DC00 plus the byte, so that they stay
 * distinct and can be told (`isUtf8`).
 */
function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    let text = '';
    for (let i = 0; i < bytes.length;) {
      const length = characterLength(bytes, i);
      if (length === 0) text += String.fromCharCode(0xdc00 + bytes[i]!);
      else text += new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(i, i + length));
      i += Math.max(1, length);
    }
    return text;
  }
}

/** Whether a text holds no bytes that are no UTF-8; see `decodeBytes`. */
export function isUtf8(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

/** Bytes of the UTF-8 character at `at`; 0 where there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4; length++) {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at, at + length));
      return at + length <= bytes.length ? length : 0;
    } catch {
      // A longer piece may be a character.
    }
  }
  return 0;
}

/** Digits after the letter, for escapes that have any. */
const escapeWidths: Readonly<Record<string, number>> = {
  x: 2,
  u: 4,
  U: 8,
  0: 2,
  1: 2,
  2: 2,
  3: 2,
  4: 2,
  5: 2,
  6: 2,
  7: 2,
};
const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

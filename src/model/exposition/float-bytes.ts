import { quoteGo } from '../quote.ts';
import { parseFloatGo } from '../number.ts';
import { ExpositionError } from './error.ts';
import { quoteBytes } from './excerpt.ts';

/** Powers of ten that a double holds exactly. */
const TEN = new Float64Array(23);
for (let i = 0; i < TEN.length; i++) TEN[i] = Number(`1e${i}`);

/** Mantissas below this are exact as numbers built digit by digit. */
const MAX_EXACT = 2 ** 53;

/** Where {@link readFloat} stopped. */
export interface FloatEnd {
  end: number;
}

/**
 * Reads a decimal number that can be had exactly with one multiplication or division: up to 2^53 as digits, a power of ten up to
 * 22. That is what most pages consist of.
 *
 * @param cursor `end` becomes the first byte behind the number
 * @returns the number, or NaN when the bytes at `at` are anything else (other numbers and real NaNs included)
 * @see W. D. Clinger, How to Read Floating Point Numbers Accurately (1990)
 */
export function readFloat(bytes: Uint8Array, at: number, cursor: FloatEnd): number {
  let i = at;
  let c = bytes[i]!;
  const isNegative = c === 0x2d;
  if (isNegative) c = bytes[++i]!;
  let mantissa = 0;
  const first = i;
  while (c >= 0x30 && c <= 0x39) {
    mantissa = mantissa * 10 + (c - 0x30);
    c = bytes[++i]!;
  }
  let digits = i - first;
  let scale = 0;
  if (c === 0x2e) {
    const point = i;
    c = bytes[++i]!;
    while (c >= 0x30 && c <= 0x39) {
      mantissa = mantissa * 10 + (c - 0x30);
      c = bytes[++i]!;
    }
    scale = point + 1 - i;
    digits -= scale;
  }
  if (digits === 0 || mantissa >= MAX_EXACT) return NaN;
  if (c === 0x65 || c === 0x45) {
    c = bytes[++i]!;
    const isNegativeExponent = c === 0x2d;
    if (isNegativeExponent || c === 0x2b) c = bytes[++i]!;
    const exponentStart = i;
    let exponent = 0;
    while (c >= 0x30 && c <= 0x39 && exponent < 1000) {
      exponent = exponent * 10 + (c - 0x30);
      c = bytes[++i]!;
    }
    if (i === exponentStart) return NaN;
    scale += isNegativeExponent ? -exponent : exponent;
  }
  cursor.end = i;
  let value = mantissa;
  if (scale < 0) {
    if (scale < -22) return NaN;
    value = mantissa / TEN[-scale]!;
  } else if (scale > 0) {
    if (scale > 22) return NaN;
    value = mantissa * TEN[scale]!;
  }
  return isNegative ? -value : value;
}

/**
 * The number that `bytes[from … to - 1]` spell, by Go's rules for floats without underscores and binary exponents.
 *
 * @param context where the number stands, for the message: what follows `while parsing: `
 * @throws {ExpositionError} worded as Go's `strconv.ParseFloat`
 */
export function parseFloatBytes(bytes: Buffer, from: number, to: number, context: () => string): number {
  const text = bytes.toString('latin1', from, to);
  if (/[pP_]/.test(text)) throw new ExpositionError(`unsupported character in float while parsing: ${context()}`);
  const value = parseFloatGo(text);
  if (value === undefined) {
    throw new ExpositionError(
      `strconv.ParseFloat: parsing ${quoteBytes(bytes, from, to)}: invalid syntax while parsing: ${context()}`,
    );
  }
  if (!Number.isFinite(value) && /\d/.test(text)) {
    throw new ExpositionError(
      `strconv.ParseFloat: parsing ${quoteGo(text)}: value out of range while parsing: ${context()}`,
    );
  }
  return value;
}

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
 * Reads a decimal number of up to 19 digits and a power of ten up to 22, which is what pages consist of: exactly, with one
 * multiplication or division where the digits are below 2^53.
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
  if (mantissa >= MAX_EXACT) return readLongFloat(bytes, at, cursor);
  if (digits === 0) return NaN;
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
 * As {@link readFloat}, for 16 to 19 digits: the digits as an exact sum of two doubles, the quotient or product as another, good to some 100
 * bits. Rounding that sum is right unless it lies within its error of the middle between two doubles; then the number is left to others.
 *
 * @see T. J. Dekker, A Floating-Point Technique for Extending the Available Precision (1971)
 */
function readLongFloat(bytes: Uint8Array, at: number, cursor: FloatEnd): number {
  let i = at;
  const isNegative = bytes[i] === 0x2d;
  if (isNegative) i++;
  let high = 0;
  let low = 0;
  let digits = 0;
  let scale = 0;
  let isFraction = false;
  let c = bytes[i]!;
  for (; (c >= 0x30 && c <= 0x39) || (c === 0x2e && !isFraction); c = bytes[++i]!) {
    if (c === 0x2e) {
      isFraction = true;
      continue;
    }
    if (isFraction) scale--;
    if (digits < 15) high = high * 10 + (c - 0x30);
    else low = low * 10 + (c - 0x30);
    if (digits > 0 || c !== 0x30) digits++;
  }
  if (digits > 19 || digits < 15) return NaN;
  if (c === 0x65 || c === 0x45) {
    c = bytes[++i]!;
    const isNegativeExponent = c === 0x2d;
    if (isNegativeExponent || c === 0x2b) c = bytes[++i]!;
    const exponentStart = i;
    let exponent = 0;
    for (; c >= 0x30 && c <= 0x39 && exponent < 1000; c = bytes[++i]!) exponent = exponent * 10 + (c - 0x30);
    if (i === exponentStart) return NaN;
    scale += isNegativeExponent ? -exponent : exponent;
  }
  if (scale < -22 || scale > 22) return NaN;

  // 1. The digits: sum + rest, exactly.
  const shift = TEN[digits - 15]!;
  const product = high * shift;
  const sum = product + low;
  const rest = productError(high, shift, product) + (low - (sum - product));
  // 2. Times or by the power of ten: value + tail.
  let value = sum;
  let tail = rest;
  if (scale < 0) {
    const ten = TEN[-scale]!;
    value = sum / ten;
    const back = value * ten;
    tail = (sum - back - productError(value, ten, back) + rest) / ten;
  } else if (scale > 0) {
    const ten = TEN[scale]!;
    value = sum * ten;
    tail = productError(sum, ten, value) + rest * ten;
  }
  // 3. Rounded, if the error cannot make a difference.
  const error = value * ERROR_BOUND;
  const rounded = value + (tail - error);
  if (rounded !== value + (tail + error)) return NaN;
  cursor.end = i;
  return isNegative ? -rounded : rounded;
}

/** Above what steps 1 and 2 lose, some 2^-103 of the value. */
const ERROR_BOUND = 2 ** -97;

/** What `a * b` lost by rounding to `product`, exactly. */
function productError(a: number, b: number, product: number): number {
  const aScaled = a * SPLITTER;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = b * SPLITTER;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** Splits a double into halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1;

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

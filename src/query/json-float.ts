import { writeAscii, writeInteger, writePadded } from './json-digits.ts';

/**
 * A float as `formatFloat` of `src/model` prints it: the shortest decimal that reads as the value. The caller has made room for 32
 * bytes.
 *
 * Most monitoring data are whole numbers or have a few decimals: a value that is exactly `n / 1e6` for a whole n below 1e15 has at
 * most 15 significant digits, and a decimal of 15 digits that reads as the value is the shortest one that does.
 */
export function writeFloat(bytes: Buffer, at: number, value: number): number {
  if (value !== value) {
    bytes[at] = 0x4e;
    bytes[at + 1] = 0x61;
    bytes[at + 2] = 0x4e;
    return at + 3;
  }
  let magnitude = value;
  if (value < 0 || (value === 0 && 1 / value < 0)) {
    bytes[at++] = 0x2d;
    magnitude = -value;
  }
  if (magnitude < 9007199254740992) {
    const whole = Math.floor(magnitude);
    if (whole === magnitude) return writeInteger(bytes, at, whole);
    if (magnitude < 1e9) {
      const scaled = Math.round(magnitude * 1e6);
      if (scaled / 1e6 === magnitude) {
        return writeMillionths(bytes, writeInteger(bytes, at, whole), scaled - whole * 1e6);
      }
    }
    if (magnitude >= 1e-6) {
      const end = writeShortest(bytes, at, magnitude);
      if (end > 0) return end;
    }
  } else if (magnitude === Infinity) {
    if (value > 0) bytes[at++] = 0x2b;
    bytes[at] = 0x49;
    bytes[at + 1] = 0x6e;
    bytes[at + 2] = 0x66;
    return at + 3;
  }
  const text = String(magnitude);
  const e = text.length < 4 ? -1 : text.indexOf('e');
  // JS writes 1e-7 where Go writes 1e-07.
  if (e < 0 || text.length - e > 3) return writeAscii(bytes, at, text);
  at = writeAscii(bytes, at, text.slice(0, e + 2));
  bytes[at++] = 0x30;
  return writeAscii(bytes, at, text.slice(e + 2));
}

/** A point and `millionths` (0 < n < 1e6) as six decimals without the zeros at the end. */
function writeMillionths(bytes: Buffer, at: number, millionths: number): number {
  bytes[at] = 0x2e;
  let end = writePadded(bytes, at + 1, millionths, 6);
  while (bytes[end - 1] === 0x30) end--;
  return end;
}

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Powers of ten a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** 2^27 + 1: splits a double into two halves whose products are exact. */
const SPLITTER = 134217729;
const powerHighs = powers.map((p) => SPLITTER * p - (SPLITTER * p - p));
const powerLows = powers.map((p, i) => p - powerHighs[i]!);
/** Candidates nearer than this to a decision (in units of the 17th digit) are left to `String`; the error is below 1e-7. */
const MARGIN = 1e-5;

/**
 * The shortest decimal of `value`, 1e-6 ≤ value < 2^53, not whole; without an exponent.
 *
 * 1. Scale: N = value · 10^(16−k) with 10^k ≤ value < 10^(k+1) has 17 digits before its point. The power is exact and so is the
 *    product, as a sum of two doubles (Dekker).
 * 2. Every decimal within half a unit in the last place reads as `value`: δ = that half, scaled, is between 0.55 and 11.2. So at most one
 *    multiple of 100 lies within; if there is one it has the fewest digits. Else the nearest multiple of 10 if that is within, else the
 *    nearest whole number.
 * 3. Write the digits, leave out zeros at the end, set the point.
 *
 * @returns where the text ends; 0 when nothing was written, because the value lies too near to a decision or is a power of two, below
 * which the spacing is another
 */
function writeShortest(bytes: Buffer, at: number, value: number): number {
  scratch[0] = value;
  const high = scratchWords[HIGH_WORD]!;
  if ((high & 0xfffff) === 0 && scratchWords[1 - HIGH_WORD] === 0) return 0;
  const exponent = (high >>> 20) - 1023;
  // 1233 / 4096 is just below log10(2): the guess may be one too low.
  let k = (exponent * 1233) >> 12;
  if (k >= 0 ? value >= powers[k + 1]! : value * powers[-k - 1]! >= 1) k++;
  const scale = 16 - k;
  if (scale > 22) return 0;

  const power = powers[scale]!;
  const product = value * power;
  const c = SPLITTER * value;
  const valueHigh = c - (c - value);
  const valueLow = value - valueHigh;
  const powerHigh = powerHighs[scale]!;
  const powerLow = powerLows[scale]!;
  const rest = valueHigh * powerHigh - product + valueHigh * powerLow + valueLow * powerHigh + valueLow * powerLow;

  // N = top · 1e8 + low. The subtraction is exact: both sides are multiples of the product's last bit.
  let top = Math.floor(product / 1e8);
  const low = product - top * 1e8 + rest;
  scratchWords[HIGH_WORD] = (exponent - 53 + 1023) << 20;
  scratchWords[1 - HIGH_WORD] = 0;
  const delta = scratch[0] * power;

  let unit = 100;
  let count = Math.round(low / 100);
  let distance = Math.abs(count * 100 - low);
  if (Math.abs(distance - delta) < MARGIN) return 0;
  if (distance > delta) {
    unit = 10;
    count = Math.round(low / 10);
    distance = Math.abs(count * 10 - low);
    if (Math.abs(distance - delta) < MARGIN || 5 - distance < MARGIN) return 0;
    if (distance > delta) {
      unit = 1;
      count = Math.round(low);
      if (0.5 - Math.abs(count - low) < MARGIN) return 0;
    }
  }
  let bottom = count * unit;
  if (bottom >= 1e8) {
    bottom -= 1e8;
    top++;
  } else if (bottom < 0) {
    bottom += 1e8;
    top--;
  }
  if (top >= 1e9 || top < 1e8) return 0;
  return k >= 0 ? writeWithPoint(bytes, at, top, bottom, k + 1) : writeBelowOne(bytes, at, top, bottom, -k - 1);
}

/** `whole` of the 17 digits, a point, the others. */
function writeWithPoint(bytes: Buffer, at: number, top: number, bottom: number, whole: number): number {
  // One place to the right, so that the digits before the point only have to move by one.
  let end = writePadded(bytes, writePadded(bytes, at + 1, top, 9), bottom, 8);
  for (let i = 0; i < whole; i++) bytes[at + i] = bytes[at + i + 1]!;
  const point = at + whole;
  bytes[point] = 0x2e;
  while (bytes[end - 1] === 0x30) end--;
  return end === point + 1 ? point : end;
}

/** `0.`, zeros, the 17 digits. */
function writeBelowOne(bytes: Buffer, at: number, top: number, bottom: number, zeros: number): number {
  bytes[at++] = 0x30;
  bytes[at++] = 0x2e;
  for (let i = 0; i < zeros; i++) bytes[at++] = 0x30;
  let end = writePadded(bytes, writePadded(bytes, at, top, 9), bottom, 8);
  while (bytes[end - 1] === 0x30) end--;
  return end;
}

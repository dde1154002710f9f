import type { BitReader, BitWriter } from '../../bytes/index.ts';

/** Payload bits behind 1, 2 … 8 ones of the prefix; the eighth has no closing zero. */
const PAYLOAD = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;
const WORD = 0x100000000;

/**
 * Writes a whole number (|value| ≤ 2^53) in one of nine classes of width.
 *
 * A class of n bits holds -(2^(n-1) - 1) … 2^(n-1): one above what two's complement would.
 *
 * @see Prometheus `tsdb/chunkenc/varbit.go`
 */
export function putVarbitInt(out: BitWriter, value: number): void {
  if (value === 0) {
    out.writeBit(0);
    return;
  }
  let ones = 1;
  while (ones < 8) {
    const half = 2 ** (PAYLOAD[ones] - 1);
    if (value > -half && value <= half) break;
    ones++;
  }
  putClass(out, value, ones);
}

/** Writes a whole number, 0 ≤ value ≤ 2^53, in the same classes. */
export function putVarbitUint(out: BitWriter, value: number): void {
  if (value === 0) {
    out.writeBit(0);
    return;
  }
  let ones = 1;
  while (ones < 8 && value >= 2 ** PAYLOAD[ones]) ones++;
  putClass(out, value, ones);
}

function putClass(out: BitWriter, value: number, ones: number): void {
  if (ones === 8) out.writeBits(0xff, 8);
  else out.writeBits((1 << (ones + 1)) - 2, ones + 1);
  const width = PAYLOAD[ones];
  if (width <= 32) out.writeBits(value, width);
  else {
    const high = Math.floor(value / WORD);
    out.writeBits64(high, value - high * WORD, width);
  }
}

function readPrefix(from: BitReader): number {
  let ones = 0;
  while (ones < 8 && from.readBit() === 1) ones++;
  return ones;
}

/** @throws {CorruptionError} at the end of the bits */
export function readVarbitInt(from: BitReader): number {
  const ones = readPrefix(from);
  if (ones === 0) return 0;
  const width = PAYLOAD[ones];
  if (width <= 32) {
    const bits = from.readBits(width);
    return bits > 2 ** (width - 1) ? bits - 2 ** width : bits;
  }
  const low = from.readBits64(width);
  const { high } = from;
  if (width === 64) return (high | 0) * WORD + low;
  const value = high * WORD + low;
  // Subtract from the high word first: the whole may have more than 53 bits.
  return value > 2 ** 55 ? (high - 2 ** 24) * WORD + low : value;
}

/** @throws {CorruptionError} at the end of the bits */
export function readVarbitUint(from: BitReader): number {
  const ones = readPrefix(from);
  if (ones === 0) return 0;
  const width = PAYLOAD[ones];
  if (width <= 32) return from.readBits(width);
  const low = from.readBits64(width);
  return from.high * WORD + low;
}

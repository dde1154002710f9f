/** Longest encoding of a 64-bit varint. */
export const MAX_VARINT_BYTES = 10;

/**
 * Writes `value` (a whole number, 0 ≤ value ≤ 2^53) as a base-128 varint and returns the offset after it.
 *
 * @see Go `encoding/binary`, PutUvarint
 */
export function writeUvarint(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7fffffff) {
    bytes[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/** Zigzag varint of a whole number, |value| ≤ 2^52; returns the offset after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  return writeUvarint(bytes, at, value < 0 ? -2 * value - 1 : 2 * value);
}

/** Bytes `writeUvarint` takes for `value`. */
export function uvarintBytes(value: number): number {
  let n = 1;
  while (value > 0x7f) {
    value = Math.floor(value / 128);
    n++;
  }
  return n;
}

/**
 * Reads varints from a bounded stretch of bytes. After a read, `at` is the offset after the varint, or -1 if there was none
 * (bytes ran out, or more than ten of them, or more than 64 bits).
 *
 * Values above 2^53 come out rounded; who needs all 64 bits takes `hi` and `lo`.
 */
export class VarintReader {
  at = 0;
  hi = 0;
  lo = 0;

  /** An unsigned varint from `bytes[at, end)`; 0 and `at = -1` when it is malformed. */
  uvarint(bytes: Uint8Array, at: number, end: number): number {
    let byte = at < end ? bytes[at] : 0x80;
    // One and two bytes are nearly all there is in indexes and logs.
    if (byte < 0x80) {
      this.at = at + 1;
      this.hi = 0;
      this.lo = byte;
      return byte;
    }
    let lo = 0;
    let hi = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) break;
      byte = bytes[at++];
      const low = byte & 0x7f;
      if (shift < 28) lo |= low << shift;
      else if (shift === 28) {
        lo |= low << 28;
        hi = low >>> 4;
      } else if (shift === 63 && byte > 1) break;
      else hi |= low << (shift - 32);
      if (byte < 0x80) {
        this.at = at;
        this.hi = hi >>> 0;
        this.lo = lo >>> 0;
        return (hi >>> 0) * 0x100000000 + (lo >>> 0);
      }
    }
    this.at = -1;
    this.hi = 0;
    this.lo = 0;
    return 0;
  }

  /** A zigzag varint. */
  varint(bytes: Uint8Array, at: number, end: number): number {
    const raw = this.uvarint(bytes, at, end);
    if (raw <= 0xffffffff) return (raw & 1) === 0 ? raw / 2 : -(raw + 1) / 2;
    // Halve before the sign is applied, on both words: the raw value may need more than 53 bits.
    const odd = (this.lo & 1) === 1;
    const half =
      (this.hi >>> 1) * 0x100000000 +
      (((this.hi & 1) << 31) | (this.lo >>> 1) | 0) +
      ((this.hi & 1) === 1 ? 0x100000000 : 0);
    return odd ? -half - 1 : half;
  }
}

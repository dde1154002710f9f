import { CorruptionError } from './corruption.ts';

/**
 * Writes bits, most significant first, into a buffer that grows. Not for the hot path: the float chunk encoder keeps its own position.
 */
export class BitWriter {
  #bytes: Uint8Array;
  /** Bits written so far. */
  bits = 0;

  constructor(capacity = 128) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes begun so far; the last one may be partial, its low bits zero. */
  get byteLength(): number {
    return (this.bits + 7) >>> 3;
  }

  /** A view; the next write may move or change it. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.byteLength);
  }

  /** The backing array, which is longer than what was written; replaced when it grows. */
  get backing(): Uint8Array {
    return this.#bytes;
  }

  #reserve(bits: number): void {
    const needed = (this.bits + bits + 7) >>> 3;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  writeBit(bit: number): void {
    this.#reserve(1);
    if (bit !== 0) this.#bytes[this.bits >>> 3] |= 0x80 >>> (this.bits & 7);
    this.bits++;
  }

  /** The low `count` (≤ 32) bits of `value`. */
  writeBits(value: number, count: number): void {
    this.#reserve(count);
    const bytes = this.#bytes;
    while (count > 0) {
      const free = 8 - (this.bits & 7);
      const take = count < free ? count : free;
      const part = (value >>> (count - take)) & ((1 << take) - 1);
      bytes[this.bits >>> 3] |= part << (free - take);
      this.bits += take;
      count -= take;
    }
  }

  /** The low `count` (≤ 64) bits of the two words. */
  writeBits64(high: number, low: number, count: number): void {
    if (count > 32) {
      this.writeBits(high, count - 32);
      this.writeBits(low, 32);
    } else this.writeBits(low, count);
  }

  writeByte(value: number): void {
    this.writeBits(value, 8);
  }
}

/** Reads bits, most significant first. @throws {CorruptionError} past the end */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** Position in bits from the beginning of the buffer. */
  at: number;
  /** Upper word of the last `readBits64`. */
  high = 0;

  /** @param from first byte @param to byte after the last */
  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.#bytes = bytes;
    this.at = from * 8;
    this.#end = to * 8;
  }

  get remaining(): number {
    return this.#end - this.at;
  }

  #need(count: number): void {
    if (count > this.#end - this.at) {
      throw new CorruptionError(`Expected ${count} more bits, found ${this.#end - this.at}`, { offset: this.at >>> 3 });
    }
  }

  readBit(): number {
    this.#need(1);
    const { at } = this;
    this.at = at + 1;
    return (this.#bytes[at >>> 3] >>> (7 - (at & 7))) & 1;
  }

  /** The next `count` (≤ 32) bits as an unsigned number. */
  readBits(count: number): number {
    this.#need(count);
    const bytes = this.#bytes;
    let value = 0;
    while (count > 0) {
      const left = 8 - (this.at & 7);
      const take = count < left ? count : left;
      const part = (bytes[this.at >>> 3] >>> (left - take)) & ((1 << take) - 1);
      value = take === 32 ? part : (value << take) | part;
      this.at += take;
      count -= take;
    }
    return value >>> 0;
  }

  /** The next `count` (≤ 64) bits: the low word is returned, the high one left in `high`. */
  readBits64(count: number): number {
    this.high = count > 32 ? this.readBits(count - 32) : 0;
    return this.readBits(count > 32 ? 32 : count);
  }
}

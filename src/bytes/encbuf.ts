import { crc32c } from './crc32c.ts';
import { MAX_VARINT_BYTES, writeUvarint, writeVarint } from './varint.ts';

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
const utf8 = new TextEncoder();

/**
 * Collects big-endian binary data in a buffer that grows and is reused: `reset`, put, take `bytes()`.
 *
 * What `bytes()` returns is a view that the next `put…` or `reset` may overwrite.
 */
export class Encbuf {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
  }

  reset(): void {
    this.length = 0;
  }

  /** A view of what has been put so far. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** A copy of what has been put so far. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  /** Makes room for `extra` bytes and returns the backing array, valid until the next growth; the caller moves `length` itself. */
  reserve(extra: number): Uint8Array {
    const needed = this.length + extra;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }

  putByte(value: number): void {
    this.reserve(1)[this.length++] = value;
  }

  putBe16(value: number): void {
    const bytes = this.reserve(2);
    bytes[this.length++] = value >>> 8;
    bytes[this.length++] = value;
  }

  putBe32(value: number): void {
    const bytes = this.reserve(4);
    bytes[this.length++] = value >>> 24;
    bytes[this.length++] = value >>> 16;
    bytes[this.length++] = value >>> 8;
    bytes[this.length++] = value;
  }

  /** A whole number, |value| ≤ 2^53, as int64 or uint64. */
  putBe64(value: number): void {
    const high = Math.floor(value / 0x100000000);
    this.putBe32(high);
    this.putBe32(value - high * 0x100000000);
  }

  /** The bits of a float. Any NaN is written as Go writes it, so a staleness marker goes through `putBe32` twice instead. */
  putBeFloat64(value: number): void {
    if (Number.isNaN(value)) {
      this.putBe32(0x7ff80000);
      this.putBe32(1);
      return;
    }
    scratch[0] = value;
    this.putBe32(scratchWords[1]);
    this.putBe32(scratchWords[0]);
  }

  putUvarint(value: number): void {
    this.length = writeUvarint(this.reserve(MAX_VARINT_BYTES), this.length, value);
  }

  putVarint(value: number): void {
    this.length = writeVarint(this.reserve(MAX_VARINT_BYTES), this.length, value);
  }

  /** Length in bytes as a uvarint, then the UTF-8 bytes. */
  putUvarintString(text: string): void {
    // Three bytes a UTF-16 unit is the most UTF-8 can take. Short ASCII, the common case, is written without the encoder.
    const { length } = text;
    const bytes = this.reserve(length * 3 + MAX_VARINT_BYTES);
    if (length < 0x80) {
      let at = this.length + 1;
      let i = 0;
      for (; i < length; i++) {
        const unit = text.charCodeAt(i);
        if (unit >= 0x80) break;
        bytes[at++] = unit;
      }
      if (i === length) {
        bytes[this.length] = length;
        this.length = at;
        return;
      }
    }
    const encoded = utf8.encode(text);
    this.putUvarint(encoded.length);
    this.putBytes(encoded);
  }

  putBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes, this.length);
    this.length += bytes.length;
  }

  putZeros(count: number): void {
    const bytes = this.reserve(count);
    bytes.fill(0, this.length, this.length + count);
    this.length += count;
  }

  /** Overwrites four bytes put earlier: for lengths that are known afterwards. */
  patchBe32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** Appends the CRC-32C of everything from offset `from`. */
  putCrc32c(from: number): void {
    this.putBe32(crc32c(this.#bytes, from, this.length));
  }
}

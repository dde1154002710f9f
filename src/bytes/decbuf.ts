import { CorruptionError } from './corruption.ts';
import { crc32c } from './crc32c.ts';
import { VarintReader } from './varint.ts';

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
const reader = new VarintReader();

/**
 * Reads big-endian binary data from a stretch of bytes, and throws `CorruptionError` with the offset instead of reading past its end.
 *
 * `base` is the offset of `bytes[0]` in the file, so that the error names the place in the file.
 */
export class Decbuf {
  readonly bytes: Uint8Array;
  readonly file: string | undefined;
  readonly base: number;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, place: { file?: string; base?: number; from?: number; to?: number } = {}) {
    this.bytes = bytes;
    this.file = place.file;
    this.base = place.base ?? 0;
    this.at = place.from ?? 0;
    this.end = place.to ?? bytes.length;
    if (this.at < 0 || this.end > bytes.length || this.at > this.end) {
      throw this.corrupt(`Section from ${this.at} to ${this.end} lies outside of ${bytes.length} bytes`);
    }
  }

  get remaining(): number {
    return this.end - this.at;
  }

  /** An error that names the present position. */
  corrupt(reason: string): CorruptionError {
    return new CorruptionError(reason, { file: this.file, offset: this.base + this.at });
  }

  #need(count: number): number {
    const { at } = this;
    if (count > this.end - at) throw this.corrupt(`Expected ${count} more bytes, found ${this.end - at}`);
    this.at = at + count;
    return at;
  }

  byte(): number {
    return this.bytes[this.#need(1)];
  }

  be16(): number {
    const at = this.#need(2);
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  be32(): number {
    const at = this.#need(4);
    const { bytes } = this;
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }

  /** An unsigned 64-bit number; above 2^53 rounded. */
  be64(): number {
    const high = this.be32();
    return high * 0x100000000 + this.be32();
  }

  /** A signed 64-bit number; beyond ±2^53 rounded. */
  be64Signed(): number {
    const high = this.be32() | 0;
    return high * 0x100000000 + this.be32();
  }

  beFloat64(): number {
    scratchWords[1] = this.be32();
    scratchWords[0] = this.be32();
    return scratch[0];
  }

  uvarint(): number {
    const value = reader.uvarint(this.bytes, this.at, this.end);
    if (reader.at < 0) throw this.corrupt('Malformed varint');
    this.at = reader.at;
    return value;
  }

  varint(): number {
    const value = reader.varint(this.bytes, this.at, this.end);
    if (reader.at < 0) throw this.corrupt('Malformed varint');
    this.at = reader.at;
    return value;
  }

  /** A uvarint that counts things of at least `minBytes` each, and so cannot exceed what is left to read. */
  count(minBytes = 1): number {
    const at = this.at;
    const value = this.uvarint();
    if (value * minBytes > this.end - this.at) {
      this.at = at;
      throw this.corrupt(`Count ${value} is more than the remaining ${this.remaining} bytes can hold`);
    }
    return value;
  }

  /** A view of the next `count` bytes. */
  take(count: number): Uint8Array {
    const at = this.#need(count);
    return this.bytes.subarray(at, at + count);
  }

  skip(count: number): void {
    this.#need(count);
  }

  /** Length as a uvarint, then that many bytes of UTF-8. */
  uvarintString(): string {
    const length = this.count();
    const at = this.#need(length);
    return decodeText(this.bytes, at, at + length);
  }

  /** A view of a length-prefixed byte string. */
  uvarintBytes(): Uint8Array {
    return this.take(this.count());
  }

  /** Checks that the four bytes at the end of the section are the CRC-32C of `bytes[from, end - 4)`, and moves the end before them. */
  static checked(bytes: Uint8Array, place: { file?: string; base?: number; from?: number; to?: number } = {}): Decbuf {
    const whole = new Decbuf(bytes, place);
    const end = whole.end - 4;
    if (end < whole.at) throw whole.corrupt(`Expected a checksum, found ${whole.remaining} bytes`);
    const stored = new Decbuf(bytes, { ...place, from: end, to: whole.end }).be32();
    const actual = crc32c(bytes, whole.at, end);
    if (stored !== actual) throw whole.corrupt(`Checksum is ${hex(actual)}, expected ${hex(stored)}`);
    return new Decbuf(bytes, { ...place, to: end });
  }
}

/** UTF-8 to text; malformed bytes become U+FFFD. A Node `Buffer` method does it without a copy of the bytes. */
export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  // A loop beats the call into the runtime for the short ASCII strings that labels are.
  if (to - from <= 24) {
    let text = '';
    let i = from;
    for (; i < to; i++) {
      const byte = bytes[i];
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (i === to) return text;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

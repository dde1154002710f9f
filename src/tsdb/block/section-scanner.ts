import { crc32c, VarintReader } from '../../bytes/index.ts';
import type { BlockFile } from './block-file.ts';
import type { ReadBuffers } from './read-buffers.ts';

const varints = new VarintReader();

/**
 * Reads a section of an index (length, contents, CRC-32C) from beginning to end, a buffer at a time, and checks the checksum on the way.
 *
 * ```
 * ┌──────────┬──────────────┬─────────────┐
 * │ len <4b> │ contents … │ CRC-32C <4b> │
 * └──────────┴──────────────┴─────────────┘
 * ```
 */
export class SectionScanner {
  readonly file: BlockFile;
  /** Bytes of the contents. */
  readonly length: number;
  /** Where the contents begin in the file. */
  readonly base: number;
  /** The buffer; what lies in `[pos, limit)` is still to be read. Replaced by the methods that read. */
  bytes: Uint8Array;
  pos = 0;
  limit = 0;
  /** Bytes of the contents that have been loaded. */
  #loaded = 0;
  #crc = 0;
  readonly #buffers: ReadBuffers;

  /** @throws {CorruptionError} when the file is too short for what the section claims to be */
  constructor(file: BlockFile, offset: number, buffers: ReadBuffers) {
    this.file = file;
    this.#buffers = buffers;
    this.bytes = buffers.take();
    try {
      file.read(this.bytes, 0, offset, 4);
      this.length = be32(this.bytes, 0);
      this.base = offset + 4;
      file.check(this.base, this.length + 4);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Offset, within the contents, of the next byte. */
  get offset(): number {
    return this.#loaded - (this.limit - this.pos);
  }

  get remaining(): number {
    return this.length - this.offset;
  }

  /** Has at least `count` bytes in `bytes[pos, limit)`. @throws {CorruptionError} where the section ends before */
  need(count: number): void {
    if (count > this.limit - this.pos) this.#fill(count);
  }

  #fill(count: number): void {
    if (count > this.remaining) {
      throw this.corrupt(`Expected ${count} more bytes of the section, found ${this.remaining}`);
    }
    this.#load(count);
  }

  /** Loads as much as the buffer holds, at least `count` bytes from `pos` on. */
  #load(count: number): void {
    const kept = this.limit - this.pos;
    if (count > this.bytes.length) {
      const larger = new Uint8Array(count);
      larger.set(this.bytes.subarray(this.pos, this.limit));
      this.#buffers.give(this.bytes);
      this.bytes = larger;
    } else this.bytes.copyWithin(0, this.pos, this.limit);
    const fresh = Math.min(this.bytes.length - kept, this.length - this.#loaded);
    this.pos = 0;
    this.limit = kept;
    this.file.read(this.bytes, kept, this.base + this.#loaded, fresh);
    this.#crc = crc32c(this.bytes, kept, kept + fresh, this.#crc);
    this.limit += fresh;
    this.#loaded += fresh;
  }

  be32(): number {
    this.need(4);
    const value = be32(this.bytes, this.pos);
    this.pos += 4;
    return value;
  }

  uvarint(): number {
    const most = Math.min(10, this.remaining);
    this.need(most);
    const value = varints.uvarint(this.bytes, this.pos, this.pos + most);
    if (varints.at < 0) throw this.corrupt('Malformed varint');
    this.pos = varints.at;
    return value;
  }

  /** Reads a length and leaves `pos` at the first of that many bytes, all of them loaded; the caller moves `pos` behind them. */
  prefixed(): number {
    const length = this.uvarint();
    this.need(length);
    return length;
  }

  /** Reads what is left and compares the checksum. @throws {CorruptionError} */
  finish(): void {
    while (this.#loaded < this.length) {
      this.pos = this.limit;
      this.#load(0);
    }
    this.pos = this.limit;
    const stored = new Uint8Array(4);
    this.file.read(stored, 0, this.base + this.length, 4);
    const expected = be32(stored, 0);
    if (this.#crc === expected) return;
    throw this.file.corrupt(`Checksum is ${hex(this.#crc)}, expected ${hex(expected)}`, this.base);
  }

  corrupt(reason: string): Error {
    return this.file.corrupt(reason, this.base + this.offset);
  }

  /** Gives the buffer back. Safe to call twice. */
  release(): void {
    this.#buffers.give(this.bytes);
    this.bytes = new Uint8Array(0);
    this.pos = 0;
    this.limit = 0;
  }
}

export function be32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

export function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

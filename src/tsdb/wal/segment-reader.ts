import * as fs from 'node:fs';
import { CorruptionError, crc32c, snappyDecodedLength, snappyDecodeInto, type Zstd } from '../../bytes/index.ts';
import {
  FIRST,
  FRAGMENT_HEADER_BYTES,
  FULL,
  KIND_MASK,
  LAST,
  MIDDLE,
  PAGE_BYTES,
  PAGE_END,
  SNAPPY,
  UNKNOWN_BITS,
  ZSTD,
} from './layout.ts';

/** Pages read from the file at a time. */
const READ_BYTES = 32 * PAGE_BYTES;

/** Larger than any commit: a record that claims to be longer is not one. */
const MAX_RECORD_BYTES = 512 * 2 ** 20;

/** A snappy copy of three bytes makes at most 64: no block can stand for more, whatever it declares. */
const MAX_SNAPPY_RATIO = 22;
/** Far more than log records reach; a frame that wants more is not one of ours. */
const MAX_ZSTD_RATIO = 1000;

/** How reading a segment went. */
export interface SegmentReport {
  readonly records: number;
  /** Stretches that could not be read, in the order of the file. Reading went on with the next page. */
  readonly corruptions: readonly CorruptionError[];
  /** The last record is not all there: what a crash leaves, and no harm, for it was never acknowledged. */
  readonly isTorn: boolean;
  /** Offset after the last whole record. */
  readonly end: number;
}

/**
 * Reads one segment from its beginning and hands out its records.
 *
 * @param onRecord gets a view that is valid during the call only; a `CorruptionError` it throws counts as damage of the record
 * @param zstd for logs that are compressed with it
 * @throws when the file cannot be read at all
 */
export function readSegment(file: string, onRecord: (record: Uint8Array) => void, zstd?: Zstd): SegmentReport {
  const fd = fs.openSync(file, 'r');
  try {
    return new SegmentReader(file, onRecord, zstd).read(fd);
  } finally {
    fs.closeSync(fd);
  }
}

class SegmentReader {
  readonly #file: string;
  readonly #zstd: Zstd | undefined;
  readonly #onRecord: (record: Uint8Array) => void;
  readonly #corruptions: CorruptionError[] = [];
  #records = 0;
  #end = 0;
  /** The record that is being put together, while it is. */
  #parts = new Uint8Array(PAGE_BYTES * 2);
  #partsLength = -1;
  #compression = 0;
  #decoded = new Uint8Array(PAGE_BYTES * 4);

  constructor(file: string, onRecord: (record: Uint8Array) => void, zstd: Zstd | undefined) {
    this.#file = file;
    this.#zstd = zstd;
    this.#onRecord = onRecord;
  }

  read(fd: number): SegmentReport {
    const buffer = new Uint8Array(READ_BYTES);
    let isTorn = false;
    for (let base = 0; ; base += READ_BYTES) {
      const length = readFully(fd, buffer, base);
      for (let page = 0; page < length; page += PAGE_BYTES) {
        isTorn = this.#page(buffer, page, Math.min(page + PAGE_BYTES, length), base) || this.#partsLength >= 0;
      }
      if (length < READ_BYTES) break;
    }
    return { records: this.#records, corruptions: this.#corruptions, isTorn, end: this.#end };
  }

  /** @returns whether the page ends within a fragment because the file does */
  #page(bytes: Uint8Array, from: number, to: number, base: number): boolean {
    const isCut = to - from < PAGE_BYTES;
    let at = from;
    while (at < to) {
      const head = bytes[at];
      const kind = head & KIND_MASK;
      if (kind === PAGE_END) {
        for (let i = at; i < to; i++) {
          if (bytes[i] !== 0)
            return this.#damaged(`Expected zeros up to the end of the page, found ${bytes[i]}`, base + i);
        }
        return false;
      }
      if (at + FRAGMENT_HEADER_BYTES > to) {
        return isCut || this.#damaged('A fragment begins where none has room', base + at);
      }
      const size = (bytes[at + 1] << 8) | bytes[at + 2];
      const stored = ((bytes[at + 3] << 24) | (bytes[at + 4] << 16) | (bytes[at + 5] << 8) | bytes[at + 6]) >>> 0;
      const start = at + FRAGMENT_HEADER_BYTES;
      const end = start + size;
      if (end - from > PAGE_BYTES)
        return this.#damaged(`A fragment of ${size} bytes does not fit into its page`, base + at);
      if (end > to) return true;
      const actual = crc32c(bytes, start, end);
      if (actual !== stored) {
        return this.#damaged(`Checksum is ${hex(actual)}, expected ${hex(stored)}`, base + at);
      }
      const problem = this.#fragment(head, kind, bytes, start, end);
      if (problem !== undefined) return this.#damaged(problem, base + at);
      if (this.#partsLength < 0) this.#end = base + end;
      at = end;
    }
    return false;
  }

  /** @returns what is wrong with it */
  #fragment(head: number, kind: number, bytes: Uint8Array, from: number, to: number): string | undefined {
    if ((head & UNKNOWN_BITS) !== 0) return `Unknown flags in the fragment's first byte ${hex(head)}`;
    switch (kind) {
      case FULL:
        if (this.#partsLength >= 0) return 'A whole record stands within another';
        return this.#record(head, bytes, from, to);
      case FIRST:
        if (this.#partsLength >= 0) return 'A record begins within another';
        this.#partsLength = 0;
        this.#compression = head & ~KIND_MASK;
        this.#add(bytes, from, to);
        return undefined;
      case MIDDLE:
      case LAST:
        // After damage the rest of the record that was lost is passed over.
        if (this.#partsLength < 0)
          return this.#corruptions.length > 0 ? undefined : 'A record continues that never began';
        if (this.#partsLength + to - from > MAX_RECORD_BYTES)
          return `A record is longer than ${MAX_RECORD_BYTES} bytes`;
        this.#add(bytes, from, to);
        if (kind === MIDDLE) return undefined;
        {
          const length = this.#partsLength;
          this.#partsLength = -1;
          return this.#record(this.#compression, this.#parts, 0, length);
        }
      default:
        return `Unknown kind of fragment ${kind}`;
    }
  }

  #record(head: number, bytes: Uint8Array, from: number, to: number): string | undefined {
    try {
      this.#onRecord(this.#decompress(head, bytes, from, to));
      this.#records++;
      return undefined;
    } catch (error) {
      if (error instanceof CorruptionError) return error.reason;
      throw error;
    }
  }

  #decompress(head: number, bytes: Uint8Array, from: number, to: number): Uint8Array {
    if ((head & SNAPPY) !== 0) {
      const length = snappyDecodedLength(bytes, from, to, Math.min(MAX_RECORD_BYTES, (to - from) * MAX_SNAPPY_RATIO));
      if (this.#decoded.length < length) this.#decoded = new Uint8Array(length * 2);
      snappyDecodeInto(bytes, from, to, this.#decoded, 0);
      return this.#decoded.subarray(0, length);
    }
    if ((head & ZSTD) !== 0) {
      if (this.#zstd === undefined)
        throw new Error(`Cannot read "${this.#file}": it is compressed with zstd, which is not loaded`);
      return this.#zstd.decompress(bytes.subarray(from, to), Math.min(MAX_RECORD_BYTES, (to - from) * MAX_ZSTD_RATIO));
    }
    return bytes.subarray(from, to);
  }

  #add(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#partsLength + to - from;
    if (needed > this.#parts.length) {
      const grown = new Uint8Array(Math.max(needed, this.#parts.length * 2));
      grown.set(this.#parts.subarray(0, this.#partsLength));
      this.#parts = grown;
    }
    this.#parts.set(bytes.subarray(from, to), this.#partsLength);
    this.#partsLength = needed;
  }

  /** Notes the damage and gives up the page and the record under way. */
  #damaged(reason: string, offset: number): false {
    this.#corruptions.push(new CorruptionError(reason, { file: this.#file, offset }));
    this.#partsLength = -1;
    return false;
  }
}

function readFully(fd: number, buffer: Uint8Array, position: number): number {
  let length = 0;
  while (length < buffer.length) {
    const count = fs.readSync(fd, buffer, length, buffer.length - length, position + length);
    if (count === 0) break;
    length += count;
  }
  return length;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

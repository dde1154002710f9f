import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { CorruptionError, crc32c, snappyDecodedLength, snappyDecodeInto, type Zstd } from '../../bytes/index.ts';
import {
  FLAG_SNAPPY,
  FLAG_ZSTD,
  FRAGMENT_FIRST,
  FRAGMENT_FULL,
  FRAGMENT_HEADER_BYTES,
  FRAGMENT_LAST,
  FRAGMENT_MIDDLE,
  FRAGMENT_PAGE_END,
  FRAGMENT_RESERVED_MASK,
  FRAGMENT_TYPE_MASK,
  MAX_RECORD_BYTES,
  PAGE_BYTES,
  segmentName,
} from './format.ts';

/** Read at once: pages are small, system calls are not free. */
const WINDOW_BYTES = 32 * PAGE_BYTES;

/** Where a log could not be read any further. */
export interface LogDamage {
  readonly segment: number;
  /** Offset of the first byte that belongs to no whole record: what stands before it is good. */
  readonly offset: number;
  readonly error: CorruptionError;
}

/** A record is compressed with zstd, and the reader was not given the means: load them and read again. */
export class ZstdNeeded extends Error {
  override readonly name = 'ZstdNeeded';

  constructor() {
    super('The log has records compressed with zstd');
  }
}

/**
 * Receives a decompressed record in `bytes[from, to)`, a buffer that is reused: nothing of it may be kept. It may throw
 * `CorruptionError` for a record it cannot decode, which ends the reading there.
 */
export type RecordHandler = (bytes: Uint8Array, from: number, to: number) => void;

/**
 * Reads the segments of a log directory record by record.
 *
 * The last page of a segment may be partial: a process that was killed leaves it so, and the next one begins another segment.
 */
export class LogReader {
  readonly #dir: string;
  readonly #zstd: Zstd | undefined;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  /** A record of several fragments, still compressed. */
  #joined = new Uint8Array(PAGE_BYTES * 4);
  #unpacked = new Uint8Array(PAGE_BYTES * 8);
  /** Bytes read so far, for progress. */
  bytesRead = 0;

  constructor(dir: string, zstd?: Zstd) {
    this.#dir = dir;
    this.#zstd = zstd;
  }

  /** Reads one segment. Returns where it is damaged, if it is. @throws what the file system says */
  readSegment(segment: number, onRecord: RecordHandler): LogDamage | undefined {
    const file = path.join(this.#dir, segmentName(segment));
    const fd = openSync(file, 'r');
    try {
      return this.#read(fd, segment, file, onRecord);
    } finally {
      closeSync(fd);
    }
  }

  #read(fd: number, segment: number, file: string, onRecord: RecordHandler): LogDamage | undefined {
    const size = fstatSync(fd).size;
    let good = 0;
    let joinedLength = 0;
    let joinedFlags = 0;
    let inRecord = false;
    const damaged = (reason: string, at: number): LogDamage => ({
      segment,
      offset: good,
      error: new CorruptionError(reason, { file, offset: at }),
    });
    for (let windowAt = 0; windowAt < size; windowAt += WINDOW_BYTES) {
      const length = readFully(fd, this.#window, windowAt, Math.min(WINDOW_BYTES, size - windowAt));
      this.bytesRead += length;
      const window = this.#window;
      for (let page = 0; page < length; page += PAGE_BYTES) {
        const pageEnd = Math.min(page + PAGE_BYTES, length);
        let at = page;
        while (at < pageEnd) {
          const head = window[at];
          const type = head & FRAGMENT_TYPE_MASK;
          // 1. The end of a page is zeros.
          if (type === FRAGMENT_PAGE_END) {
            for (let i = at; i < pageEnd; i++) {
              if (window[i] !== 0) return damaged('Unexpected bytes in the padding of a page', windowAt + i);
            }
            break;
          }
          // 2. The fragment's header.
          if (at + FRAGMENT_HEADER_BYTES > pageEnd) return damaged('Fragment header is cut short', windowAt + at);
          if ((head & FRAGMENT_RESERVED_MASK) !== 0 || type > FRAGMENT_LAST) {
            return damaged(`Unknown fragment type 0x${head.toString(16)}`, windowAt + at);
          }
          const dataAt = at + FRAGMENT_HEADER_BYTES;
          const dataLength = (window[at + 1] << 8) | window[at + 2];
          const dataEnd = dataAt + dataLength;
          if (dataEnd > pageEnd) {
            return damaged(
              `Fragment of ${dataLength} bytes does not fit the ${pageEnd - dataAt} left in its page`,
              windowAt + at,
            );
          }
          const stored =
            ((window[at + 3] << 24) | (window[at + 4] << 16) | (window[at + 5] << 8) | window[at + 6]) >>> 0;
          const actual = crc32c(window, dataAt, dataEnd);
          if (stored !== actual) {
            return damaged(
              `Fragment checksum is ${actual.toString(16)}, expected ${stored.toString(16)}`,
              windowAt + at,
            );
          }
          const starts = type === FRAGMENT_FULL || type === FRAGMENT_FIRST;
          if (starts === inRecord) {
            return damaged(starts ? 'Record begins inside another' : 'Record goes on that never began', windowAt + at);
          }
          // 3. Whole records are handed over as they lie; others are joined first.
          try {
            if (type === FRAGMENT_FULL) this.#deliver(window, dataAt, dataEnd, head, onRecord);
            else {
              if (type === FRAGMENT_FIRST) {
                joinedLength = 0;
                joinedFlags = head;
              }
              joinedLength = this.#join(window, dataAt, dataEnd, joinedLength);
              if (type === FRAGMENT_LAST) this.#deliver(this.#joined, 0, joinedLength, joinedFlags, onRecord);
            }
          } catch (error) {
            if (!(error instanceof CorruptionError)) throw error;
            return damaged(error.reason, windowAt + at);
          }
          inRecord = type === FRAGMENT_FIRST || type === FRAGMENT_MIDDLE;
          at = dataEnd;
          if (!inRecord) good = windowAt + at;
        }
      }
      if (length < Math.min(WINDOW_BYTES, size - windowAt)) break;
    }
    return inRecord ? damaged('Segment ends inside a record', size) : undefined;
  }

  #join(window: Uint8Array, from: number, to: number, length: number): number {
    const needed = length + to - from;
    if (needed > MAX_RECORD_BYTES) throw new CorruptionError(`Record has more than ${MAX_RECORD_BYTES} bytes`);
    if (needed > this.#joined.length) {
      const grown = new Uint8Array(Math.max(needed, this.#joined.length * 2));
      grown.set(this.#joined.subarray(0, length));
      this.#joined = grown;
    }
    this.#joined.set(window.subarray(from, to), length);
    return needed;
  }

  #deliver(bytes: Uint8Array, from: number, to: number, flags: number, onRecord: RecordHandler): void {
    if ((flags & FLAG_SNAPPY) !== 0) {
      const length = snappyDecodedLength(bytes, from, to, MAX_RECORD_BYTES);
      if (length > this.#unpacked.length) this.#unpacked = new Uint8Array(length * 2);
      snappyDecodeInto(bytes, from, to, this.#unpacked, 0);
      onRecord(this.#unpacked, 0, length);
    } else if ((flags & FLAG_ZSTD) !== 0) {
      if (this.#zstd === undefined) throw new ZstdNeeded();
      const unpacked = this.#zstd.decompress(bytes.subarray(from, to), MAX_RECORD_BYTES);
      onRecord(unpacked, 0, unpacked.length);
    } else onRecord(bytes, from, to);
  }
}

function readFully(fd: number, into: Uint8Array, position: number, length: number): number {
  let at = 0;
  while (at < length) {
    const n = readSync(fd, into, at, length - at, position + at);
    if (n === 0) break;
    at += n;
  }
  return at;
}

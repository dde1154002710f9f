import path from 'node:path';
import { crc32c, Encbuf, snappyEncode, snappyMaxLength, type Zstd } from '../../bytes/index.ts';
import { invariant } from '../../runtime/index.ts';
import { StorageError } from '../../storage/index.ts';
import {
  FIRST,
  FRAGMENT_HEADER_BYTES,
  FULL,
  LAST,
  listSegments,
  MIDDLE,
  PAGE_BYTES,
  SEGMENT_BYTES,
  segmentName,
  SNAPPY,
  ZSTD,
  type Compression,
} from './layout.ts';
import { systemLogFiles, type LogFiles } from './log-files.ts';

export interface SegmentWriterOptions {
  readonly compression?: Compression;
  /** A multiple of the page size; 128 MiB as Prometheus has it. */
  readonly segmentBytes?: number;
  readonly files?: LogFiles;
  /** Needed for compression with zstd. */
  readonly zstd?: Zstd;
}

/** Batches larger than this are written in pieces, so that the buffer does not keep growing. */
const FLUSH_BYTES = 4 * 2 ** 20;

/**
 * Appends records to the segments of a directory. It always begins a new segment, so that whatever a crash left at the end of the last one
 * stays where the reader expects it.
 *
 * What `append` was given has reached the operating system when it returns: it survives the end of the process, though not of the machine.
 */
export class SegmentWriter {
  readonly dir: string;
  readonly #files: LogFiles;
  readonly #compression: Compression;
  readonly #segmentBytes: number;
  readonly #zstd: Zstd | undefined;
  readonly #pending = new Encbuf(256 * 1024);
  #compressed = new Uint8Array(0);
  #fd: number | undefined;
  #segment: number;
  /** Bytes of the segment that are on disk. */
  #written = 0;
  /** Bytes of the segment, those pending included. */
  #length = 0;
  /** A failure left the segment in a state that nothing may follow. */
  #mustCut = false;

  private constructor(dir: string, options: SegmentWriterOptions) {
    this.dir = dir;
    this.#files = options.files ?? systemLogFiles;
    this.#compression = options.compression ?? 'snappy';
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#zstd = options.zstd;
    this.#segment = (listSegments(dir).at(-1) ?? -1) + 1;
  }

  /** @throws {StorageError} when the directory or the first segment cannot be made */
  static open(dir: string, options: SegmentWriterOptions = {}): SegmentWriter {
    invariant(options.compression !== 'zstd' || options.zstd !== undefined, 'zstd is loaded before it is used');
    const writer = new SegmentWriter(dir, options);
    try {
      writer.#files.mkdir(dir);
      writer.#fd = writer.#files.open(writer.#file());
    } catch (error) {
      throw failure('open', writer.#file(), error);
    }
    return writer;
  }

  /** The number of the segment that is written to. */
  get segment(): number {
    return this.#segment;
  }

  /**
   * Writes a batch of records, whole or not at all: when it throws, the log ends where it ended before.
   *
   * @throws {StorageError} when the disk does not take it
   */
  append(records: readonly Uint8Array[]): void {
    if (this.#mustCut) this.cut();
    const segment = this.#segment;
    const length = this.#length;
    try {
      for (const record of records) this.#put(record);
      this.#flush();
    } catch (error) {
      this.#abandon(segment, length);
      throw failure('write', this.#file(), error);
    }
  }

  /** Goes on in a new segment, whose number is returned. @throws {StorageError} */
  cut(): number {
    try {
      this.#next();
    } catch (error) {
      this.#mustCut = true;
      throw failure('write', this.#file(), error);
    }
    return this.#segment;
  }

  /** Makes sure that everything written survives the end of the machine. */
  sync(): void {
    if (this.#fd !== undefined) this.#files.sync(this.#fd);
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      this.#files.sync(fd);
    } finally {
      this.#files.close(fd);
    }
  }

  #file(): string {
    return path.join(this.dir, segmentName(this.#segment));
  }

  #put(record: Uint8Array): void {
    const { bytes, flag } = this.#compress(record);
    if (bytes.length > this.#room() && this.#length > 0) this.#next();
    let at = 0;
    let isFirst = true;
    do {
      const left = PAGE_BYTES - (this.#length % PAGE_BYTES);
      const size = Math.min(bytes.length - at, left - FRAGMENT_HEADER_BYTES);
      const isLast = at + size === bytes.length;
      const kind = isFirst ? (isLast ? FULL : FIRST) : isLast ? LAST : MIDDLE;
      this.#fragment(kind | flag, bytes, at, size);
      at += size;
      isFirst = false;
      const after = PAGE_BYTES - (this.#length % PAGE_BYTES);
      if (after < FRAGMENT_HEADER_BYTES) {
        this.#pending.putZeros(after);
        this.#length += after;
      }
      if (this.#pending.length >= FLUSH_BYTES) this.#flush();
    } while (at < bytes.length);
  }

  #fragment(kind: number, bytes: Uint8Array, at: number, size: number): void {
    const pending = this.#pending;
    pending.putByte(kind);
    pending.putBe16(size);
    pending.putBe32(crc32c(bytes, at, at + size));
    pending.putBytes(at === 0 && size === bytes.length ? bytes : bytes.subarray(at, at + size));
    this.#length += FRAGMENT_HEADER_BYTES + size;
  }

  /** Bytes of a record that still fit into the segment. */
  #room(): number {
    const inPage = PAGE_BYTES - (this.#length % PAGE_BYTES) - FRAGMENT_HEADER_BYTES;
    const pagesLeft = Math.floor(this.#segmentBytes / PAGE_BYTES) - Math.floor(this.#length / PAGE_BYTES) - 1;
    return inPage + Math.max(0, pagesLeft) * (PAGE_BYTES - FRAGMENT_HEADER_BYTES);
  }

  #compress(record: Uint8Array): { bytes: Uint8Array; flag: number } {
    if (this.#compression === 'none' || record.length === 0) return { bytes: record, flag: 0 };
    let bytes: Uint8Array;
    if (this.#compression === 'zstd') {
      bytes = this.#zstd!.compress(record);
    } else {
      const most = snappyMaxLength(record.length);
      if (this.#compressed.length < most) this.#compressed = new Uint8Array(most * 2);
      bytes = this.#compressed.subarray(0, snappyEncode(record, 0, record.length, this.#compressed, 0));
    }
    if (bytes.length >= record.length) return { bytes: record, flag: 0 };
    return { bytes, flag: this.#compression === 'zstd' ? ZSTD : SNAPPY };
  }

  #flush(): void {
    const bytes = this.#pending.bytes();
    let from = 0;
    while (from < bytes.length) {
      const count = this.#files.write(this.#fd!, bytes, from, bytes.length - from, this.#written);
      if (count === 0) throw new Error('the disk takes no more bytes');
      from += count;
      this.#written += count;
    }
    this.#pending.reset();
  }

  #next(): void {
    this.#flush();
    if (this.#fd !== undefined) {
      this.#files.sync(this.#fd);
      this.#files.close(this.#fd);
      this.#fd = undefined;
    }
    this.#segment++;
    this.#written = 0;
    this.#length = 0;
    this.#fd = this.#files.open(this.#file());
    this.#mustCut = false;
  }

  /** Takes back what of a failed batch is already on disk. */
  #abandon(segment: number, length: number): void {
    this.#pending.reset();
    if (segment === this.#segment && this.#fd !== undefined) {
      try {
        this.#files.truncate(this.#fd, length);
        this.#written = length;
        this.#length = length;
        return;
      } catch {
        // The reader passes over the torn record; what follows must begin in another file.
      }
    }
    this.#mustCut = true;
    this.#length = this.#written;
  }
}

function failure(what: string, file: string, error: unknown): StorageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const hint =
    code === 'ENOSPC'
      ? ': the disk is full, free space and it goes on by itself'
      : code === 'EROFS' || code === 'EACCES' || code === 'EPERM'
        ? ': the directory cannot be written, check its owner and mount'
        : '';
  return new StorageError(`Cannot ${what} the log "${file}": ${message}${hint}`, { cause: error });
}

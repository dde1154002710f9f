import {
  close,
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { crc32c, snappyEncode, snappyMaxLength, type Zstd } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';
import {
  FLAG_SNAPPY,
  FLAG_ZSTD,
  FRAGMENT_FIRST,
  FRAGMENT_FULL,
  FRAGMENT_HEADER_BYTES,
  FRAGMENT_LAST,
  FRAGMENT_MIDDLE,
  PAGE_BYTES,
  SEGMENT_BYTES,
  segmentIndex,
  segmentName,
  type Compression,
} from './format.ts';

/** Below this a record is not worth compressing: it would not fit fewer fragments or sectors. */
const MIN_COMPRESSED_BYTES = 32;

export interface LogWriterOptions {
  readonly dir: string;
  readonly compression: Compression;
  /** Needed for `compression: 'zstd'`. */
  readonly zstd?: Zstd;
  readonly segmentBytes?: number;
  /** First segment to write; it must not exist. Default: behind the last one. */
  readonly firstSegment?: number;
  /** Told when a finished segment could not be flushed to disk. */
  readonly onSyncError?: (error: StorageError) => void;
}

/**
 * Writes records into the numbered segments of a log directory.
 *
 * A batch of records reaches the operating system with one write before `log` returns, so that a killed process loses nothing it
 * acknowledged; the disk is only waited for when a segment ends and on `close`, as Prometheus does. A batch that cannot be written whole
 * is taken back from the file, and the log is as it was.
 */
export class LogWriter {
  readonly dir: string;
  readonly #compression: Compression;
  readonly #zstd: Zstd | undefined;
  readonly #segmentBytes: number;
  readonly #onSyncError: (error: StorageError) => void;
  #fd: number;
  #segment: number;
  /** Bytes in the segment file. */
  #size = 0;
  /** The file is longer than `#size`: a write failed half-way and the rest could not be taken back yet. */
  #torn = false;
  #closed = false;

  /** Records of the batch under way, compressed, one behind the other; where each ends and which flags it has. */
  #batch = new Uint8Array(128 * 1024);
  #batchLength = 0;
  readonly #batchEnds: number[] = [];
  readonly #batchFlags: number[] = [];
  /** The batch cut into fragments. */
  #out = new Uint8Array(160 * 1024);
  #outLength = 0;

  /** @throws {StorageError} when the directory cannot be written */
  constructor(options: LogWriterOptions) {
    this.dir = options.dir;
    this.#compression = options.compression;
    this.#zstd = options.zstd;
    this.#onSyncError = options.onSyncError ?? (() => {});
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    if (this.#compression === 'zstd' && this.#zstd === undefined) throw new StorageError('zstd is not loaded');
    try {
      mkdirSync(this.dir, { recursive: true });
      this.#segment = options.firstSegment ?? lastSegment(this.dir) + 1;
      this.#fd = openSync(path.join(this.dir, segmentName(this.#segment)), 'wx');
    } catch (cause) {
      throw new StorageError(`Cannot begin a log segment in ${this.dir}: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Number of the segment that is being written. */
  get segment(): number {
    return this.#segment;
  }

  /** Bytes written to the current segment. */
  get segmentSize(): number {
    return this.#size;
  }

  /** Writes one record. @throws {StorageError} */
  log(record: Uint8Array): void {
    this.begin();
    this.add(record);
    this.flush();
  }

  /** Begins a batch. What an earlier one left unfinished is forgotten. */
  begin(): void {
    this.#batchLength = 0;
    this.#batchEnds.length = 0;
    this.#batchFlags.length = 0;
  }

  /** Adds a record to the batch; its bytes are copied. */
  add(record: Uint8Array): void {
    let flags = 0;
    const at = this.#batchLength;
    if (this.#compression === 'snappy' && record.length >= MIN_COMPRESSED_BYTES) {
      const batch = this.#reserveBatch(snappyMaxLength(record.length));
      const end = snappyEncode(record, 0, record.length, batch, at);
      if (end - at < record.length) {
        this.#batchLength = end;
        flags = FLAG_SNAPPY;
      }
    } else if (this.#compression === 'zstd' && record.length >= MIN_COMPRESSED_BYTES) {
      const packed = this.#zstd!.compress(record);
      if (packed.length < record.length) {
        this.#reserveBatch(packed.length).set(packed, at);
        this.#batchLength = at + packed.length;
        flags = FLAG_ZSTD;
      }
    }
    if (flags === 0) {
      this.#reserveBatch(record.length).set(record, at);
      this.#batchLength = at + record.length;
    }
    this.#batchEnds.push(this.#batchLength);
    this.#batchFlags.push(flags);
  }

  #reserveBatch(extra: number): Uint8Array {
    const needed = this.#batchLength + extra;
    if (needed > this.#batch.length) {
      const grown = new Uint8Array(needed * 2);
      grown.set(this.#batch.subarray(0, this.#batchLength));
      this.#batch = grown;
    }
    return this.#batch;
  }

  /**
   * Hands the batch to the operating system in one write. It lies in one segment: a batch that does not fit the rest of the present one
   * begins the next, and one that is larger than a segment makes its segment larger.
   *
   * @throws {StorageError}; the log is then as it was before the batch
   */
  flush(): void {
    const records = this.#batchEnds.length;
    if (records === 0) return;
    const pages = Math.ceil(this.#batchLength / (PAGE_BYTES - FRAGMENT_HEADER_BYTES)) + 1;
    const most = this.#batchLength + (pages * 2 + records) * FRAGMENT_HEADER_BYTES;
    if (this.#size > 0 && this.#size + most > this.#segmentBytes) this.nextSegment();
    if (most > this.#out.length) this.#out = new Uint8Array(most * 2);
    this.#outLength = 0;
    let from = 0;
    for (let i = 0; i < records; i++) {
      const to = this.#batchEnds[i];
      this.#fragment(this.#batch, from, to, this.#batchFlags[i]);
      from = to;
    }
    this.begin();
    this.#write(this.#out, this.#outLength);
  }

  #fragment(data: Uint8Array, from: number, to: number, flags: number): void {
    const out = this.#out;
    let at = this.#outLength;
    let first = true;
    do {
      const room = PAGE_BYTES - ((this.#size + at) % PAGE_BYTES);
      const take = Math.min(to - from, room - FRAGMENT_HEADER_BYTES);
      const last = from + take === to;
      const type = first ? (last ? FRAGMENT_FULL : FRAGMENT_FIRST) : last ? FRAGMENT_LAST : FRAGMENT_MIDDLE;
      const crc = crc32c(data, from, from + take);
      out[at] = type | flags;
      out[at + 1] = take >>> 8;
      out[at + 2] = take;
      out[at + 3] = crc >>> 24;
      out[at + 4] = crc >>> 16;
      out[at + 5] = crc >>> 8;
      out[at + 6] = crc;
      out.set(data.subarray(from, from + take), at + FRAGMENT_HEADER_BYTES);
      at += FRAGMENT_HEADER_BYTES + take;
      from += take;
      first = false;
      // A page that cannot hold another header is filled with zeros.
      const left = PAGE_BYTES - ((this.#size + at) % PAGE_BYTES);
      if (left < FRAGMENT_HEADER_BYTES) {
        out.fill(0, at, at + left);
        at += left;
      }
    } while (from < to);
    this.#outLength = at;
  }

  #write(bytes: Uint8Array, length: number): void {
    if (this.#closed) throw new StorageError(`Cannot write to the log in ${this.dir}: it is closed`);
    this.#repairTorn();
    let written = 0;
    try {
      while (written < length) {
        written += writeSync(this.#fd, bytes, written, length - written, this.#size + written);
      }
    } catch (cause) {
      this.#torn = written > 0 || this.#torn;
      try {
        this.#repairTorn();
      } catch {
        // The next write tries again; until then nothing is appended behind the torn bytes.
      }
      throw new StorageError(`Cannot write to ${this.#file()}: ${reasonOf(cause)}`, { cause });
    }
    this.#size += length;
  }

  #repairTorn(): void {
    if (!this.#torn) return;
    try {
      ftruncateSync(this.#fd, this.#size);
    } catch (cause) {
      throw new StorageError(
        `Cannot take back a torn write at byte ${this.#size} of ${this.#file()}: ${reasonOf(cause)}`,
        {
          cause,
        },
      );
    }
    this.#torn = false;
  }

  /**
   * Ends the segment and begins the next; returns its number.
   *
   * @throws {StorageError}; the present segment then stays in use
   */
  nextSegment(): number {
    const padding = (PAGE_BYTES - (this.#size % PAGE_BYTES)) % PAGE_BYTES;
    if (padding > 0) this.#write(new Uint8Array(padding), padding);
    let fd: number;
    try {
      fd = openSync(path.join(this.dir, segmentName(this.#segment + 1)), 'wx');
    } catch (cause) {
      throw new StorageError(`Cannot begin segment ${this.#segment + 1} in ${this.dir}: ${reasonOf(cause)}`, { cause });
    }
    // The finished segment goes to disk in the background: waiting for 128 MiB here would hold up everything.
    const finished = this.#fd;
    const file = this.#file();
    fdatasync(finished, (error) => {
      if (error !== null)
        this.#onSyncError(new StorageError(`Cannot flush ${file}: ${error.message}`, { cause: error }));
      close(finished, () => {});
    });
    this.#fd = fd;
    this.#segment++;
    this.#size = 0;
    return this.#segment;
  }

  /** Waits until the disk has everything. */
  sync(): void {
    fdatasyncSync(this.#fd);
  }

  /** Flushes to disk and closes; closing twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#repairTorn();
      fdatasyncSync(this.#fd);
    } finally {
      closeSync(this.#fd);
    }
  }

  #file(): string {
    return path.join(this.dir, segmentName(this.#segment));
  }
}

/** Segments in a log directory, ascending; empty when there is no directory. */
export function listSegments(dir: string): number[] {
  if (!existsSync(dir)) return [];
  const found: number[] = [];
  for (const name of readdirSync(dir)) {
    const index = segmentIndex(name);
    if (index !== undefined) found.push(index);
  }
  return found.sort((a, b) => a - b);
}

function lastSegment(dir: string): number {
  return listSegments(dir).at(-1) ?? -1;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

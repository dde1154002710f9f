import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { crc32c, Encbuf } from '../../bytes/index.ts';
import { invariant } from '../../runtime/index.ts';
import { StorageError } from '../../storage/index.ts';
import {
  CHUNK_FRAME_BYTES,
  CHUNKS_DIR,
  CHUNKS_MAGIC,
  CHUNKS_VERSION,
  MAX_LENGTH_BYTES,
  SEGMENT_BYTES,
  SEGMENT_FACTOR,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './chunk-layout.ts';
import { FileWriter } from './file-writer.ts';
import type { Work } from './work.ts';

/**
 * Writes chunks one behind the other into the segments of a new block.
 *
 * @see Prometheus `tsdb/chunks/chunks.go`, Writer; docs/formats/chunks.md
 */
export class ChunkWriter {
  readonly #dir: string;
  readonly #segmentBytes: number;
  readonly #frame = new Encbuf(16);
  #segments = 0;
  #file: FileWriter | undefined;
  /** Segments that are full and wait for being flushed. */
  readonly #full: FileWriter[] = [];

  /** @throws {StorageError} */
  constructor(blockDir: string, segmentBytes = SEGMENT_BYTES) {
    invariant(segmentBytes > SEGMENT_HEADER_BYTES && segmentBytes <= SEGMENT_FACTOR, 'segment size within 32 bits');
    this.#dir = path.join(blockDir, CHUNKS_DIR);
    this.#segmentBytes = segmentBytes;
    try {
      mkdirSync(this.#dir, { recursive: true });
    } catch (error) {
      throw new StorageError(`Cannot create "${this.#dir}": ${(error as Error).message}`, { cause: error });
    }
  }

  /** Writes a chunk with the data `bytes[from, to)`; returns its reference. @throws {StorageError} */
  write(encoding: number, bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    const file = this.#segmentFor(MAX_LENGTH_BYTES + CHUNK_FRAME_BYTES + length);
    const ref = this.#ref(file);
    const frame = this.#frame;
    frame.reset();
    frame.putUvarint(length);
    frame.putByte(encoding);
    file.write(frame.bytes());
    file.write(bytes, from, to);
    const crc = crc32c(bytes, from, to, crc32c(frame.bytes(), frame.length - 1, frame.length));
    frame.reset();
    frame.putBe32(crc);
    file.write(frame.bytes());
    return ref;
  }

  /** Writes a chunk that stands in `bytes[from, to)` as it does in a segment, its checksum included. */
  copy(bytes: Uint8Array, from: number, to: number): number {
    const file = this.#segmentFor(to - from);
    const ref = this.#ref(file);
    file.write(bytes, from, to);
    return ref;
  }

  #ref(file: FileWriter): number {
    return (this.#segments - 1) * SEGMENT_FACTOR + file.position;
  }

  /** The segment that has room for so many bytes. A chunk larger than a whole segment gets one to itself. */
  #segmentFor(count: number): FileWriter {
    const file = this.#file;
    if (file !== undefined) {
      if (file.position === SEGMENT_HEADER_BYTES || file.position + count <= this.#segmentBytes) return file;
      file.flush();
      this.#full.push(file);
    }
    const next = new FileWriter(path.join(this.#dir, segmentName(this.#segments++)));
    this.#file = next;
    const header = this.#frame;
    header.reset();
    header.putBe32(CHUNKS_MAGIC);
    header.putByte(CHUNKS_VERSION);
    header.putZeros(3);
    next.write(header.bytes());
    return next;
  }

  /** Waits until the full segments are on the disk. */
  *settle(): Work<void> {
    for (let file = this.#full.shift(); file !== undefined; file = this.#full.shift()) yield* file.finish();
  }

  /** Waits until everything is on the disk. */
  *finish(): Work<void> {
    yield* this.settle();
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) yield* file.finish();
  }

  /** Lets the files go as they are. Safe to call twice. */
  close(): void {
    for (const file of this.#full) file.close();
    this.#file?.close();
  }
}

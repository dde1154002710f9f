import { readdirSync } from 'node:fs';
import path from 'node:path';
import { CorruptionError, crc32c, VarintReader } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';
import { BlockFile } from './block-file.ts';
import {
  CHUNK_FRAME_BYTES,
  CHUNKS_DIR,
  CHUNKS_MAGIC,
  CHUNKS_VERSION,
  MAX_LENGTH_BYTES,
  SEGMENT_FACTOR,
  SEGMENT_HEADER_BYTES,
} from './chunk-layout.ts';
import { FileWindow } from './file-window.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { be32, hex } from './section-scanner.ts';

/** Longer chunks than this are damage: 120 histograms of a thousand float buckets take one megabyte. */
const MAX_CHUNK_BYTES = 64 * 2 ** 20;

const varints = new VarintReader();

/** The segments of a block's chunks, open. */
export class ChunkSegments {
  readonly dir: string;
  readonly files: readonly BlockFile[];

  private constructor(dir: string, files: readonly BlockFile[]) {
    this.dir = dir;
    this.files = files;
  }

  /** Opens all segments of a block and looks at their headers. @throws {CorruptionError} @throws {StorageError} */
  static open(blockDir: string): ChunkSegments {
    const dir = path.join(blockDir, CHUNKS_DIR);
    const files: BlockFile[] = [];
    try {
      for (const name of segmentNames(dir)) {
        const file = BlockFile.open(path.join(dir, name));
        files.push(file);
        checkHeader(file);
      }
    } catch (error) {
      for (const file of files) file.close();
      throw error;
    }
    return new ChunkSegments(dir, files);
  }

  get size(): number {
    return this.files.reduce((total, file) => total + file.size, 0);
  }

  /** Safe to call twice. */
  close(): void {
    for (const file of this.files) file.close();
  }
}

function segmentNames(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(a) - Number(b));
  } catch (error) {
    throw new StorageError(`Cannot list "${dir}": ${(error as Error).message}`, { cause: error });
  }
}

function checkHeader(file: BlockFile): void {
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  file.read(header, 0, 0, SEGMENT_HEADER_BYTES);
  const magic = be32(header, 0);
  if (magic !== CHUNKS_MAGIC) throw file.corrupt(`Segment begins with ${hex(magic)}, expected ${hex(CHUNKS_MAGIC)}`, 0);
  if (header[4] !== CHUNKS_VERSION) {
    throw file.corrupt(`Segment has version ${header[4]}, expected ${CHUNKS_VERSION}`, 4);
  }
}

/**
 * Reads chunks one at a time, those that lie close together with one read of the disk.
 *
 * After `load`, the chunk's data are `bytes[from, to)`, until the next `load`.
 */
export class ChunkCursor {
  readonly #segments: ChunkSegments;
  readonly #buffers: ReadBuffers;
  #window: FileWindow | undefined;
  bytes: Uint8Array = new Uint8Array(0);
  /** The data of the chunk. */
  from = 0;
  to = 0;
  encoding = 0;
  /** Where the whole chunk begins, length field included; it ends at `to + 4`. */
  frameFrom = 0;

  constructor(segments: ChunkSegments, buffers: ReadBuffers) {
    this.#segments = segments;
    this.#buffers = buffers;
  }

  /**
   * Loads the chunk at `ref` and compares its checksum.
   *
   * @param ahead how many bytes from there on will be wanted
   * @throws {CorruptionError}
   * @throws {StorageError}
   */
  load(ref: number, ahead: number): void {
    const segment = Math.floor(ref / SEGMENT_FACTOR);
    const offset = ref - segment * SEGMENT_FACTOR;
    const window = this.#windowOf(segment, offset);
    const { file } = window;
    const head = Math.max(1, Math.min(MAX_LENGTH_BYTES, file.size - offset));
    let at = window.need(offset, head, ahead);
    const length = varints.uvarint(window.bytes, at, at + head);
    if (varints.at < 0) throw file.corrupt('Malformed length of a chunk', offset);
    const lengthBytes = varints.at - at;
    if (length > MAX_CHUNK_BYTES || length < 2) throw file.corrupt(`Chunk claims ${length} bytes`, offset);
    const frame = lengthBytes + length + CHUNK_FRAME_BYTES;
    at = window.need(offset, frame, ahead);
    const { bytes } = window;
    const dataFrom = at + lengthBytes + 1;
    const dataTo = dataFrom + length;
    const actual = crc32c(bytes, dataFrom - 1, dataTo);
    const expected = be32(bytes, dataTo);
    if (actual !== expected) {
      throw file.corrupt(`Checksum of a chunk is ${hex(actual)}, expected ${hex(expected)}`, offset);
    }
    this.bytes = bytes;
    this.frameFrom = at;
    this.from = dataFrom;
    this.to = dataTo;
    this.encoding = bytes[dataFrom - 1];
  }

  #windowOf(segment: number, offset: number): FileWindow {
    const file = this.#segments.files[segment];
    if (file === undefined) {
      const { dir, files } = this.#segments;
      throw new CorruptionError(`Chunk at ${offset} lies in segment ${segment} of ${files.length}`, { file: dir });
    }
    if (this.#window?.file !== file) {
      this.#window?.release();
      this.#window = new FileWindow(file, this.#buffers);
    }
    return this.#window;
  }

  /** Whether the bytes at `ref` are in memory already. */
  holds(ref: number): boolean {
    const window = this.#window;
    if (window === undefined) return false;
    const offset = ref % SEGMENT_FACTOR;
    return (
      offset >= window.start &&
      offset < window.end &&
      window.file === this.#segments.files[Math.floor(ref / SEGMENT_FACTOR)]
    );
  }

  /** The file and offset of the chunk loaded last, for errors about what is inside. */
  where(at: number): { file: string; offset: number } {
    const window = this.#window!;
    return { file: window.file.path, offset: window.start + at };
  }

  /** Gives the buffer back. The cursor may be used again. */
  release(): void {
    this.#window?.release();
    this.#window = undefined;
    this.bytes = new Uint8Array(0);
  }
}

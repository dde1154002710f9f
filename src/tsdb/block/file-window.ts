import { VarintReader } from '../../bytes/index.ts';
import type { BlockFile } from './block-file.ts';
import type { ReadBuffers } from './read-buffers.ts';

const varints = new VarintReader();

/**
 * A stretch of a file in memory that slides to where it is needed. Whoever reads in ascending order and close together pays one read for
 * many records.
 *
 * The contents of `bytes` are valid until the next `need`.
 */
export class FileWindow {
  readonly file: BlockFile;
  bytes: Uint8Array;
  /** What of the file is in `bytes`: `[start, end)`. */
  start = 0;
  end = 0;
  readonly #buffers: ReadBuffers;

  constructor(file: BlockFile, buffers: ReadBuffers) {
    this.file = file;
    this.#buffers = buffers;
    this.bytes = buffers.take();
  }

  /**
   * Brings `[offset, offset + length)` into memory and returns where it begins in `bytes`.
   *
   * @param ahead how many bytes are worth reading from `offset` on if anything has to be read; at most the buffer's size is read for it
   * @throws {CorruptionError} when the file ends before
   */
  need(offset: number, length: number, ahead: number): number {
    if (offset >= this.start && offset + length <= this.end) return offset - this.start;
    this.file.check(offset, length);
    if (length > this.bytes.length) {
      this.#buffers.give(this.bytes);
      this.bytes = new Uint8Array(length);
    }
    const count = Math.min(Math.max(length, Math.min(ahead, this.bytes.length)), this.file.size - offset);
    this.start = 0;
    this.end = 0;
    this.file.read(this.bytes, 0, offset, count);
    this.start = offset;
    this.end = offset + count;
    return 0;
  }

  /** Gives the buffer back; the window must not be used afterwards. */
  release(): void {
    this.#buffers.give(this.bytes);
    this.bytes = new Uint8Array(0);
    this.start = 0;
    this.end = 0;
  }

  /**
   * Reads the uvarint at `offset` of the file; `next` is then the offset behind it.
   *
   * @throws {CorruptionError}
   */
  uvarint(offset: number, ahead: number): number {
    const most = Math.max(1, Math.min(10, this.file.size - offset));
    const at = this.need(offset, most, ahead);
    const value = varints.uvarint(this.bytes, at, at + most);
    if (varints.at < 0) throw this.file.corrupt('Malformed varint', offset);
    this.next = offset + varints.at - at;
    return value;
  }

  next = 0;
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CorruptionError } from '../../bytes/index.ts';
import { StorageError } from '../../storage/index.ts';

/**
 * A file that is read at any place and never changed. The operating system's page cache is the only cache: a read of a few kilobytes that
 * it holds takes a microsecond or two, and memory stays flat however many blocks are open.
 */
export class BlockFile {
  readonly path: string;
  readonly size: number;
  #fd: number | undefined;

  private constructor(path: string, fd: number, size: number) {
    this.path = path;
    this.#fd = fd;
    this.size = size;
  }

  /** @throws {StorageError} when the file cannot be opened */
  static open(path: string): BlockFile {
    let fd: number | undefined;
    try {
      fd = openSync(path, 'r');
      return new BlockFile(path, fd, fstatSync(fd).size);
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw new StorageError(`Cannot open "${path}": ${(error as Error).message}`, { cause: error });
    }
  }

  /**
   * Fills `target[at, at + length)` with the bytes of the file from `offset` on.
   *
   * @throws {CorruptionError} when the file ends before
   * @throws {StorageError} when the disk does not give them
   */
  read(target: Uint8Array, at: number, offset: number, length: number): void {
    this.check(offset, length);
    if (this.#fd === undefined) throw new StorageError(`Cannot read "${this.path}": it has been closed`);
    let done = 0;
    while (done < length) {
      let count: number;
      try {
        count = readSync(this.#fd, target, at + done, length - done, offset + done);
      } catch (error) {
        throw new StorageError(`Cannot read "${this.path}" at byte ${offset + done}: ${(error as Error).message}`, {
          cause: error,
        });
      }
      // The file was as long as `size` when it was opened; someone has cut it since.
      if (count === 0) throw this.corrupt(`Expected ${length - done} more bytes, found none`, offset + done);
      done += count;
    }
  }

  /** @throws {CorruptionError} unless `length` bytes follow `offset` in the file */
  check(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return;
    throw this.corrupt(`Expected ${length} bytes, found ${Math.max(0, this.size - offset)}`, offset);
  }

  corrupt(reason: string, offset: number): CorruptionError {
    return new CorruptionError(reason, { file: this.path, offset });
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }
}

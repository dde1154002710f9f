import { closeSync, openSync, writeSync } from 'node:fs';
import { StorageError } from '../../storage/index.ts';
import type { Work } from './work.ts';

const BUFFER_BYTES = 256 * 1024;

/**
 * Writes a new file from beginning to end through a buffer; what was written may be overwritten in place afterwards.
 *
 * All methods throw `StorageError` when the disk does not take it.
 */
export class FileWriter {
  readonly path: string;
  #fd: number | undefined;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #used = 0;
  #flushed = 0;

  /** The file must not exist. */
  constructor(path: string) {
    this.path = path;
    this.#fd = this.#try('create', () => openSync(path, 'wx+'));
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#flushed + this.#used;
  }

  write(bytes: Uint8Array, from = 0, to = bytes.length): void {
    if (to - from > BUFFER_BYTES - this.#used) {
      this.flush();
      if (to - from > BUFFER_BYTES) {
        this.#writeAt(bytes, from, to, this.#flushed);
        this.#flushed += to - from;
        return;
      }
    }
    // A loop is faster than a call for the few bytes of a length or a checksum.
    if (to - from < 24) for (let i = from; i < to; i++) this.#buffer[this.#used++] = bytes[i];
    else {
      this.#buffer.set(bytes.subarray(from, to), this.#used);
      this.#used += to - from;
    }
  }

  /** Writes zeros until the position is a multiple of `align`. */
  pad(align: number): void {
    const over = this.position % align;
    if (over > 0) this.write(new Uint8Array(align - over));
  }

  /** Overwrites bytes written earlier. */
  overwrite(bytes: Uint8Array, at: number): void {
    this.flush();
    this.#writeAt(bytes, 0, bytes.length, at);
  }

  flush(): void {
    if (this.#used === 0) return;
    this.#writeAt(this.#buffer, 0, this.#used, this.#flushed);
    this.#flushed += this.#used;
    this.#used = 0;
  }

  #writeAt(bytes: Uint8Array, from: number, to: number, at: number): void {
    while (from < to) {
      const count = this.#try('write', () => writeSync(this.#fd!, bytes, from, to - from, at));
      from += count;
      at += count;
    }
  }

  #try<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC' ? ': the disk is full' : '';
      throw new StorageError(`Cannot ${what} "${this.path}": ${(error as Error).message}${full}`, { cause: error });
    }
  }

  /** Writes what is left, waits until it is on the disk, and closes the file. */
  *finish(): Work<void> {
    this.flush();
    yield this.#fd;
    this.close();
  }

  /** Closes the file as it is. Safe to call twice. */
  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }
}

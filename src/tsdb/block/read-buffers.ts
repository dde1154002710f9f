/** Most buffers that are kept for the next reader; more are given back to the collector. */
const KEPT = 8;
const BUFFER_BYTES = 64 * 1024;

/**
 * Buffers for reading files, lent and given back, so that a query over a hundred blocks does not allocate hundreds of them.
 *
 * Reading is synchronous, so few are out at a time.
 */
export class ReadBuffers {
  readonly #free: Uint8Array[] = [];

  /** A buffer of 64 KiB with arbitrary contents. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  /** Takes back a buffer nobody reads any more; one of another size is forgotten. */
  give(buffer: Uint8Array): void {
    if (buffer.length === BUFFER_BYTES && this.#free.length < KEPT) this.#free.push(buffer);
  }
}

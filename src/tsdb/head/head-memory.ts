import { WASM_PAGE_BYTES, makeMemory, type WasmMemory } from '../../bytes/index.ts';
import { floatAppendKernel, type FloatAppendKernel } from '../../kernels/index.ts';
import { StorageError } from '../../storage/index.ts';

export const PAGE_BYTES = WASM_PAGE_BYTES;
/** All there can be: addresses inside a memory have 32 bits. */
const MAX_PAGES = 65536;
/** Added at once. Address space only: what is not touched takes no memory. */
const GROWTH_PAGES = 64;
/** The first page is for what the kernel needs beside the samples. */
const BOUNDS = 64;
const SLOT_SIZES = 128;

/**
 * One shared memory for what the appending kernel touches: series records, chunk slots, staged samples. It is handed out in runs of
 * pages of 64 KiB. Other threads may read it.
 *
 * A memory that grows in place is also the reason why growing a table leaves nothing behind for the garbage collector.
 */
export class HeadMemory {
  readonly #memory: WasmMemory;
  readonly kernel: FloatAppendKernel;
  /** The whole memory; replaced when it grows, and older views stay valid for what they cover. */
  bytes: Uint8Array;
  #pages: number;
  #used = 1;
  /** Freed runs: addresses by number of pages. */
  readonly #free = new Map<number, number[]>();
  /** Lowest and highest time the kernel has appended. */
  readonly bounds: Float64Array;
  readonly boundsAt = BOUNDS;
  readonly slotSizesAt = SLOT_SIZES;

  constructor(slotSizes: readonly number[]) {
    this.#memory = reserve();
    this.kernel = floatAppendKernel(this.#memory);
    this.bytes = new Uint8Array(this.#memory.buffer);
    this.#pages = this.bytes.length / PAGE_BYTES;
    this.bounds = new Float64Array(this.#memory.buffer, BOUNDS, 2);
    new Uint16Array(this.#memory.buffer, SLOT_SIZES, slotSizes.length).set(slotSizes);
  }

  /** The buffer as it is now, for readers in other threads. */
  get buffer(): SharedArrayBuffer {
    return this.#memory.buffer as SharedArrayBuffer;
  }

  /** Bytes handed out. */
  get usedBytes(): number {
    let free = 0;
    for (const [pages, addresses] of this.#free) free += pages * addresses.length;
    return (this.#used - free) * PAGE_BYTES;
  }

  /** A run of pages; its bytes hold anything. Returns its address. @throws {StorageError} when four GiB are used up */
  allocate(pages: number): number {
    const same = this.#free.get(pages);
    if (same !== undefined && same.length > 0) return same.pop()!;
    for (const [size, addresses] of this.#free) {
      if (size <= pages || addresses.length === 0) continue;
      const address = addresses.pop()!;
      this.free(address + pages * PAGE_BYTES, size - pages);
      return address;
    }
    const at = this.#used;
    if (at + pages > this.#pages) this.#grow(at + pages - this.#pages);
    this.#used = at + pages;
    return at * PAGE_BYTES;
  }

  /** Takes a run back, whole or in parts. */
  free(address: number, pages: number): void {
    const same = this.#free.get(pages);
    if (same === undefined) this.#free.set(pages, [address]);
    else same.push(address);
  }

  #grow(pages: number): void {
    const extra = Math.min(Math.max(pages, GROWTH_PAGES), MAX_PAGES - this.#pages);
    try {
      if (extra < pages) throw new RangeError(`${MAX_PAGES} pages are all there can be`);
      this.#memory.grow(extra);
    } catch (cause) {
      throw new StorageError(
        `Cannot grow the head beyond ${this.#pages * PAGE_BYTES} bytes: ${(cause as Error).message}`,
        { cause },
      );
    }
    this.bytes = new Uint8Array(this.#memory.buffer);
    this.#pages = this.bytes.length / PAGE_BYTES;
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }
}

/** Reserves the address space, as much of it as the system grants. */
function reserve(): WasmMemory {
  for (let maximum = MAX_PAGES; ; maximum /= 2) {
    try {
      return makeMemory(GROWTH_PAGES, { maximum });
    } catch (error) {
      if (maximum <= 1024) throw error;
    }
  }
}

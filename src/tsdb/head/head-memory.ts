import { WASM_PAGE_BYTES, makeSharedMemory, type WasmMemory } from '../../bytes/index.ts';
import {
  SHARED_LEFT,
  SHARED_LEFT_LIST,
  SHARED_SLOT_SIZES,
  SHARED_STACK_BYTES,
  SHARED_STACK_SLOTS,
  SHARED_STACKS,
  SHARED_UNKNOWN,
  headKernels,
  type HeadKernels,
} from '../../kernels/index.ts';
import { StorageError } from '../../storage/index.ts';

export const PAGE_BYTES = WASM_PAGE_BYTES;
/** All there can be: addresses inside a memory have 32 bits. */
const MAX_PAGES = 65536;
/** Added at once. Address space only: what is not touched takes no memory. */
const GROWTH_PAGES = 64;
/** The first page is for what the kernel shares with the head: see kernels/head-kernels.wat.ts. */
const SHARED = 1024;

/**
 * One shared memory for what the appending kernel touches: series records, chunk slots, staged samples. It is handed out in runs of
 * pages of 64 KiB. Other threads may read it.
 *
 * A memory that grows in place is also the reason why growing a table leaves nothing behind for the garbage collector.
 */
export class HeadMemory {
  readonly #memory: WasmMemory;
  readonly kernels: HeadKernels;
  /** The whole memory in three views; replaced when it grows, and older ones stay valid for what they cover. */
  bytes: Uint8Array;
  words: Int32Array;
  floats: Float64Array;
  #pages: number;
  #used = 1;
  /** Freed runs: addresses by number of pages. */
  readonly #free = new Map<number, number[]>();
  /** Lowest and highest time the kernel has appended. */
  readonly bounds: Float64Array;
  readonly sharedAt = SHARED;
  readonly #shared: Int32Array;

  constructor(slotSizes: readonly number[]) {
    this.#memory = makeSharedMemory(GROWTH_PAGES);
    this.kernels = headKernels(this.#memory);
    this.bytes = new Uint8Array(this.#memory.buffer);
    this.words = new Int32Array(this.#memory.buffer);
    this.floats = new Float64Array(this.#memory.buffer);
    this.#pages = this.bytes.length / PAGE_BYTES;
    this.bounds = new Float64Array(this.#memory.buffer, SHARED, 2);
    this.#shared = new Int32Array(this.#memory.buffer, SHARED, (PAGE_BYTES - SHARED) / 4);
    new Uint16Array(this.#memory.buffer, SHARED + SHARED_SLOT_SIZES, slotSizes.length).set(slotSizes);
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

  /** Fills the stack of free slots of a size class that the kernel takes from. */
  stockSlots(sizeClass: number, allocate: () => number): void {
    const at = (SHARED_STACKS + SHARED_STACK_BYTES * sizeClass) / 4;
    for (let n = this.#shared[at]; n < SHARED_STACK_SLOTS; n++) {
      this.#shared[at + n + 1] = allocate();
      this.#shared[at] = n + 1;
    }
  }

  /** Of the record last decoded, the samples whose series is not known. */
  get unknownRefs(): number {
    return this.#shared[SHARED_UNKNOWN / 4];
  }

  /** Hands over the slots that chunks have left since the last call. */
  takeLeftSlots(free: (address: number, sizeClass: number) => void): void {
    const shared = this.#shared;
    const left = shared[SHARED_LEFT / 4];
    shared[SHARED_LEFT / 4] = 0;
    for (let i = 0, at = SHARED_LEFT_LIST / 4; i < left; i++, at += 2) free(shared[at] >>> 0, shared[at + 1]);
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
    this.words = new Int32Array(this.#memory.buffer);
    this.floats = new Float64Array(this.#memory.buffer);
    this.#pages = this.bytes.length / PAGE_BYTES;
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }
}

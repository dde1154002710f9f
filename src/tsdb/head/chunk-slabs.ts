import { invariant } from '../../runtime/index.ts';
import { PAGE_BYTES, type HeadMemory } from './head-memory.ts';

/** Chunks are addressed in units of this many bytes. */
export const UNIT_BYTES = 16;
const UNITS_PER_PAGE = PAGE_BYTES / UNIT_BYTES;
const PAGE_SHIFT = Math.log2(UNITS_PER_PAGE);
const NO_PAGE = -1;

/**
 * Slot sizes a growing float chunk passes through: about a third more each time, so that a slot is five sixths full on average.
 * The last one holds the largest chunk there is (1,005 bytes when the last sample comes) and the writer's margin.
 */
export const SLOT_BYTES: readonly number[] = [48, 80, 112, 160, 224, 304, 416, 560, 752, 1040];

/**
 * Slots of a few sizes for growing chunks, in pages of the head's memory, which threads that only read may see.
 *
 * A page of 64 KiB holds slots of one size; an address counts 16-byte units of the whole memory. A freed slot is handed out again only
 * when nobody who might still read it is left: readers `pin` while they hold addresses. A page whose slots are all free serves any size
 * again; memory is not given back to the system.
 */
export class ChunkSlabs {
  readonly #memory: HeadMemory;
  #pageClass = new Uint8Array(256);
  #pageUsed = new Uint16Array(256);
  /** Slots of the page that were handed out at least once; those behind were never touched. */
  #pageBegun = new Uint16Array(256);
  /** First freed slot of the page as slot index + 1; the slot's first two bytes name the next. */
  #pageFree = new Uint16Array(256);
  /** Doubly linked list, per size, of pages with room. */
  #pageNext = new Int32Array(256);
  #pagePrevious = new Int32Array(256);
  readonly #roomy = new Int32Array(SLOT_BYTES.length).fill(NO_PAGE);
  #usedBytes = 0;

  #epoch = 0;
  /** Readers per epoch, oldest first. */
  readonly #pins = new Map<number, number>();
  #deferredAddresses: number[] = [];
  #deferredClasses: number[] = [];
  #deferredEpochs: number[] = [];
  #deferredFrom = 0;

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /** The memory the slots lie in: an address times `UNIT_BYTES` is an offset. Taken anew after anything that allocates. */
  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  /** Bytes in slots that are handed out. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A slot of size `SLOT_BYTES[sizeClass]`; its bytes hold anything. */
  allocate(sizeClass: number): number {
    let page = this.#roomy[sizeClass];
    if (page === NO_PAGE) page = this.#openPage(sizeClass);
    const slotBytes = SLOT_BYTES[sizeClass];
    const free = this.#pageFree[page];
    let slot: number;
    if (free !== 0) {
      slot = free - 1;
      const at = page * PAGE_BYTES + slot * slotBytes;
      const { bytes } = this.#memory;
      this.#pageFree[page] = bytes[at] | (bytes[at + 1] << 8);
    } else slot = this.#pageBegun[page]++;
    this.#pageUsed[page]++;
    if (this.#pageFree[page] === 0 && (this.#pageBegun[page] + 1) * slotBytes > PAGE_BYTES)
      this.#unlink(page, sizeClass);
    this.#usedBytes += slotBytes;
    return page * UNITS_PER_PAGE + slot * (slotBytes / UNIT_BYTES);
  }

  /** Gives a slot back; while readers are pinned it stays as it is. */
  free(address: number, sizeClass: number): void {
    this.#usedBytes -= SLOT_BYTES[sizeClass];
    if (this.#pins.size === 0) {
      this.#release(address, sizeClass);
      return;
    }
    this.#deferredAddresses.push(address);
    this.#deferredClasses.push(sizeClass);
    this.#deferredEpochs.push(this.#epoch);
  }

  /** Announces a reader; every slot in use now stays readable until `unpin` of the returned epoch. */
  pin(): number {
    const epoch = ++this.#epoch;
    this.#pins.set(epoch, 1);
    return epoch;
  }

  unpin(epoch: number): void {
    invariant(this.#pins.delete(epoch), `Reader epoch ${epoch} is not pinned`);
    const { value: oldest } = this.#pins.keys().next() as { value: number | undefined };
    // A slot freed in epoch e may be known to readers pinned up to e.
    let at = this.#deferredFrom;
    for (; at < this.#deferredAddresses.length; at++) {
      if (oldest !== undefined && this.#deferredEpochs[at] >= oldest) break;
      this.#release(this.#deferredAddresses[at], this.#deferredClasses[at]);
    }
    this.#deferredFrom = at;
    if (at > 1024 || at === this.#deferredAddresses.length) {
      this.#deferredAddresses = this.#deferredAddresses.slice(at);
      this.#deferredClasses = this.#deferredClasses.slice(at);
      this.#deferredEpochs = this.#deferredEpochs.slice(at);
      this.#deferredFrom = 0;
    }
  }

  #release(address: number, sizeClass: number): void {
    const page = address >>> PAGE_SHIFT;
    const slotBytes = SLOT_BYTES[sizeClass];
    const wasFull = this.#pageFree[page] === 0 && (this.#pageBegun[page] + 1) * slotBytes > PAGE_BYTES;
    if (--this.#pageUsed[page] === 0) {
      if (!wasFull) this.#unlink(page, sizeClass);
      this.#memory.free(page * PAGE_BYTES, 1);
      return;
    }
    const slot = ((address & (UNITS_PER_PAGE - 1)) * UNIT_BYTES) / slotBytes;
    const { bytes } = this.#memory;
    const at = address * UNIT_BYTES;
    bytes[at] = this.#pageFree[page];
    bytes[at + 1] = this.#pageFree[page] >>> 8;
    this.#pageFree[page] = slot + 1;
    if (wasFull) this.#link(page, sizeClass);
  }

  #openPage(sizeClass: number): number {
    const page = this.#memory.allocate(1) / PAGE_BYTES;
    if (page >= this.#pageClass.length) this.#growTables(page);
    this.#pageClass[page] = sizeClass;
    this.#pageUsed[page] = 0;
    this.#pageBegun[page] = 0;
    this.#pageFree[page] = 0;
    this.#link(page, sizeClass);
    return page;
  }

  #growTables(page: number): void {
    const grow = <T extends Uint8Array | Uint16Array | Int32Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    const size = page * 2;
    this.#pageClass = grow(this.#pageClass, new Uint8Array(size));
    this.#pageUsed = grow(this.#pageUsed, new Uint16Array(size));
    this.#pageBegun = grow(this.#pageBegun, new Uint16Array(size));
    this.#pageFree = grow(this.#pageFree, new Uint16Array(size));
    this.#pageNext = grow(this.#pageNext, new Int32Array(size));
    this.#pagePrevious = grow(this.#pagePrevious, new Int32Array(size));
  }

  #link(page: number, sizeClass: number): void {
    const head = this.#roomy[sizeClass];
    this.#pageNext[page] = head;
    this.#pagePrevious[page] = NO_PAGE;
    if (head !== NO_PAGE) this.#pagePrevious[head] = page;
    this.#roomy[sizeClass] = page;
  }

  #unlink(page: number, sizeClass: number): void {
    const next = this.#pageNext[page];
    const previous = this.#pagePrevious[page];
    if (next !== NO_PAGE) this.#pagePrevious[next] = previous;
    if (previous !== NO_PAGE) this.#pageNext[previous] = next;
    else this.#roomy[sizeClass] = next;
  }
}

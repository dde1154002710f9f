import { I32_WINDOW, EMPTY_WINDOW, RECORD_F64, RECORD_I32 } from '../../kernels/index.ts';
import { GrowableWords } from '../../bytes/index.ts';
import type { Labels } from '../../model/index.ts';
import { StorageError } from '../../storage/index.ts';
import { PAGE_BYTES, type HeadMemory } from './head-memory.ts';
import type { LabelIndex } from './label-index.ts';

/**
 * A series is a record of 64 bytes, one cache line, in the head's memory. Its slot is its address divided by 64; slot 0 is none.
 *
 * ```
 * byte  0 ─ 27  growing float chunk (kernels/xor-encode: last time and value, delta, bits, window and sample count)
 *      28  i32  address of the growing chunk's slot, in units of ChunkSlabs
 *      32  f64  time at which the next chunk must begin
 *      40  f64  time of the growing chunk's first sample
 *      48  i32  newest closed chunk (ClosedChunks), 0: none
 *      52  i32  where the labels begin in the label words
 *      56  i32  hash of the labels
 *      60  i32  flags: size class in the low byte, then the bits below
 * ```
 */
export const I32_ADDRESS = 7;
export const F64_NEXT_AT = 4;
export const F64_CHUNK_MINT = 5;
export const I32_CLOSED = 12;
export const I32_LABELS = 13;
export const I32_HASH = 14;
export const I32_FLAGS = 15;

export const CLASS_MASK = 0xff;
/** A float chunk is open: the first half of the record and the address are valid. */
export const FLAG_FLOAT_OPEN = 0x100;
/** A histogram chunk is open: its state is an object of its own. */
export const FLAG_HISTOGRAM_OPEN = 0x200;
/** The newest sample was a histogram. */
export const FLAG_LAST_HISTOGRAM = 0x400;
/** The newest sample was a staleness marker. */
export const FLAG_STALE = 0x800;
/** An appender holds a staged sample for it, so it must not be removed. */
export const FLAG_PENDING = 0x1000;

/** Label words before the pair numbers: the ref, the number of pairs, the number of the metadata. */
const LABEL_HEADER = 3;
const LABEL_METADATA = 2;
const RECORD_BYTES = RECORD_F64 * 8;
const RECORDS_PER_PAGE = PAGE_BYTES / RECORD_BYTES;
const REF_PAGE_BITS = 16;
const REF_PAGE = 1 << REF_PAGE_BITS;
/** Memory pages of a page of refs, and of the directory. */
const REF_PAGE_PAGES = (REF_PAGE * 4) / PAGE_BYTES;
/** Refs are words. */
export const MAX_REF = 0xffffffff;

/**
 * All series of the head: records, labels, the way from a label set to its series and from a ref to its slot.
 *
 * Refs count up and are never used twice, so that lists of them stay ascending and a ref held too long is recognised; slots are reused.
 */
export class SeriesTable {
  readonly #index: LabelIndex;
  readonly #memory: HeadMemory;
  /** Pages of records: numbers of their first slots. The last one is filled up to `#nextSlot`. */
  readonly #pages: number[] = [];
  #nextSlot = 0;
  readonly #freeSlots: number[] = [];
  #nextRef = 1;
  #count = 0;

  readonly #labelMemory = new GrowableWords();
  #labelWords = this.#labelMemory.words;
  #labelsUsed = 1;
  /** Freed stretches of label words by their length. */
  readonly #freeLabels = new Map<number, number[]>();

  /** Open addressing: slot, or 0. */
  #hashed = new Uint32Array(1 << 12);
  #pairScratch = new Uint32Array(64);

  /** Slots by ref, in pages of 65,536; their addresses stand in the directory, where the kernels look. */
  readonly #refPages: (Int32Array | undefined)[] = [];
  readonly #refPageLive: number[] = [];
  readonly #directory: Int32Array;
  readonly directoryAt: number;

  constructor(index: LabelIndex, memory: HeadMemory) {
    this.#index = index;
    this.#memory = memory;
    this.directoryAt = memory.allocate(REF_PAGE_PAGES);
    this.#directory = memory.i32(this.directoryAt, REF_PAGE).fill(0);
  }

  /** The head's memory as floats: record `slot` begins at `f64[slot * RECORD_F64]`. Taken anew after anything that may have grown it. */
  get f64(): Float64Array {
    return this.#memory.floats;
  }

  /** The head's memory as words: record `slot` begins at `i32[slot * RECORD_I32]`. Taken anew after anything that may have grown it. */
  get i32(): Int32Array {
    return this.#memory.words;
  }

  get count(): number {
    return this.#count;
  }

  /** Calls back for each slot in use. Series may be removed meanwhile, not added. */
  forEach(visit: (slot: number) => void): void {
    for (const first of this.#pages) {
      const end = first + RECORDS_PER_PAGE;
      for (let slot = first; slot < end; slot++) {
        if (this.i32[slot * RECORD_I32 + I32_LABELS] !== 0) visit(slot);
      }
    }
  }

  /** The ref the next series gets. */
  get nextRef(): number {
    return this.#nextRef;
  }

  /** Bytes of records, labels, hash table and ref table that are in use. */
  get usedBytes(): number {
    const refPages = this.#refPages.reduce((sum, page) => sum + (page === undefined ? 0 : page.byteLength), 0);
    return this.#pages.length * PAGE_BYTES + this.#labelsUsed * 4 + this.#hashed.byteLength + refPages;
  }

  /** The slot of a ref, or 0 when there is no such series (any more). */
  slot(ref: number): number {
    const page = this.#refPages[ref >>> REF_PAGE_BITS];
    return page === undefined ? 0 : page[ref & (REF_PAGE - 1)];
  }

  ref(slot: number): number {
    return this.#labelWords[this.i32[slot * RECORD_I32 + I32_LABELS]];
  }

  /** Number of the series' metadata; 0: none. */
  metadata(slot: number): number {
    return this.#labelWords[this.i32[slot * RECORD_I32 + I32_LABELS] + LABEL_METADATA];
  }

  setMetadata(slot: number, number: number): void {
    this.#labelWords[this.i32[slot * RECORD_I32 + I32_LABELS] + LABEL_METADATA] = number;
  }

  labels(slot: number): Labels {
    const at = this.i32[slot * RECORD_I32 + I32_LABELS];
    return this.#index.labels(this.#labelWords, at + LABEL_HEADER, at + LABEL_HEADER + this.#labelWords[at + 1]);
  }

  /** The pair numbers of a series lie in `labelWords` at `[pairsFrom, pairsFrom + pairCount)`. */
  get labelWords(): Uint32Array {
    return this.#labelWords;
  }

  pairsFrom(slot: number): number {
    return this.i32[slot * RECORD_I32 + I32_LABELS] + LABEL_HEADER;
  }

  pairCount(slot: number): number {
    return this.#labelWords[this.i32[slot * RECORD_I32 + I32_LABELS] + 1];
  }

  /** The slot of the series with these labels, or 0. */
  find(labels: Labels): number {
    const { pairs } = labels;
    const count = pairs.length >> 1;
    if (count > this.#pairScratch.length) this.#pairScratch = new Uint32Array(count * 2);
    const scratch = this.#pairScratch;
    for (let i = 0; i < count; i++) {
      const pair = this.#index.pair(pairs[2 * i], pairs[2 * i + 1]);
      if (pair === 0) return 0;
      scratch[i] = pair;
    }
    return this.findPairs(scratch, count);
  }

  /** The slot of the series with these pairs (by name, each name once), or 0. */
  findPairs(pairs: Uint32Array, count: number): number {
    return this.#lookUp(pairs, count, hashOf(pairs, count));
  }

  /** Adds a series that `find` does not know; returns its slot. @throws {StorageError} when refs have run out */
  add(labels: Labels): number {
    const { pairs } = labels;
    const count = pairs.length >> 1;
    if (count > this.#pairScratch.length) this.#pairScratch = new Uint32Array(count * 2);
    const scratch = this.#pairScratch;
    for (let i = 0; i < count; i++) scratch[i] = this.#index.intern(pairs[2 * i], pairs[2 * i + 1]);
    return this.addPairs(scratch, count, this.#nextRef);
  }

  /**
   * Adds the series with these pairs, which `findPairs` does not know, under a ref that is free.
   *
   * @throws {StorageError} when refs have run out
   */
  addPairs(pairs: Uint32Array, count: number, ref: number): number {
    if (ref > MAX_REF) throw new StorageError('Cannot add a series: all 2^32 references are used up');
    const slot = this.#freeSlots.pop() ?? this.#newSlot();
    const at = this.#allocateLabels(count + LABEL_HEADER);
    this.#labelWords[at] = ref;
    this.#labelWords[at + 1] = count;
    this.#labelWords[at + LABEL_METADATA] = 0;
    this.#labelWords.set(pairs.subarray(0, count), at + LABEL_HEADER);

    const f = slot * RECORD_F64;
    const w = slot * RECORD_I32;
    this.f64.fill(0, f, f + RECORD_F64);
    this.f64[f] = -Infinity;
    this.i32[w + I32_WINDOW] = EMPTY_WINDOW;
    this.i32[w + I32_LABELS] = at;
    const hash = hashOf(pairs, count);
    this.i32[w + I32_HASH] = hash;
    this.#count++;
    if (this.#count * 5 > this.#hashed.length * 3) this.#rehash(this.#hashed.length * 2);
    insertHashed(this.#hashed, slot, hash);

    this.#setSlot(ref, slot);
    const inOrder = ref >= this.#nextRef;
    if (inOrder) this.#nextRef = ref + 1;
    // A log lists series in the order of their refs but for rare cases, which are put in order at the end of the replay.
    if (!inOrder) this.#unordered = true;
    this.#index.append(0, ref);
    for (let i = 0; i < count; i++) this.#index.append(pairs[i], ref);
    return slot;
  }

  #unordered = false;

  /** Whether a series was added with a ref below an earlier one since the last call: the postings then need sorting. */
  takeUnordered(): boolean {
    const unordered = this.#unordered;
    this.#unordered = false;
    return unordered;
  }

  /** Makes sure that new series get refs from `ref` on. */
  raiseNextRef(ref: number): void {
    if (ref > this.#nextRef) this.#nextRef = ref;
  }

  /** Frees slots of series; their pairs are added to `touched`, from whose postings the caller has to take the refs. */
  remove(slot: number, touched: Set<number>): void {
    const w = slot * RECORD_I32;
    const at = this.i32[w + I32_LABELS];
    const words = this.#labelWords;
    const count = words[at + 1];
    for (let i = at + LABEL_HEADER; i < at + LABEL_HEADER + count; i++) touched.add(words[i]);
    this.#setSlot(words[at], 0);
    removeHashed(this.#hashed, this.i32, slot);
    const size = count + LABEL_HEADER;
    const free = this.#freeLabels.get(size);
    if (free === undefined) this.#freeLabels.set(size, [at]);
    else free.push(at);
    this.i32[w + I32_LABELS] = 0;
    this.i32[w + I32_FLAGS] = 0;
    this.#freeSlots.push(slot);
    this.#count--;
  }

  #newSlot(): number {
    if (this.#nextSlot % RECORDS_PER_PAGE === 0) {
      const address = this.#memory.allocate(1);
      this.#memory.bytes.fill(0, address, address + PAGE_BYTES);
      this.#nextSlot = address / RECORD_BYTES;
      this.#pages.push(this.#nextSlot);
    }
    return this.#nextSlot++;
  }

  #allocateLabels(size: number): number {
    const free = this.#freeLabels.get(size)?.pop();
    if (free !== undefined) return free;
    const at = this.#labelsUsed;
    this.#labelsUsed += size;
    this.#labelWords = this.#labelMemory.reserve(this.#labelsUsed);
    return at;
  }

  #lookUp(pairs: Uint32Array, count: number, hash: number): number {
    const mask = this.#hashed.length - 1;
    const words = this.#labelWords;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const slot = this.#hashed[i];
      if (slot === 0) return 0;
      const w = slot * RECORD_I32;
      if (this.i32[w + I32_HASH] !== hash) continue;
      const at = this.i32[w + I32_LABELS];
      if (words[at + 1] === count && samePairs(words, at + LABEL_HEADER, pairs, count)) return slot;
    }
  }

  #rehash(size: number): void {
    const fresh = new Uint32Array(size);
    for (const slot of this.#hashed) {
      if (slot !== 0) insertHashed(fresh, slot, this.i32[slot * RECORD_I32 + I32_HASH]);
    }
    this.#hashed = fresh;
  }

  #setSlot(ref: number, slot: number): void {
    const number = ref >>> REF_PAGE_BITS;
    let page = this.#refPages[number];
    if (page === undefined) {
      const address = this.#memory.allocate(REF_PAGE_PAGES);
      page = this.#memory.i32(address, REF_PAGE).fill(0);
      this.#directory[number] = address;
      this.#refPages[number] = page;
      this.#refPageLive[number] = 0;
    }
    page[ref & (REF_PAGE - 1)] = slot;
    this.#refPageLive[number] += slot === 0 ? -1 : 1;
    // A page of refs that are all gone is dropped, unless refs of it are still to come.
    if (this.#refPageLive[number] === 0 && number < this.#nextRef >>> REF_PAGE_BITS) {
      this.#memory.free(this.#directory[number] >>> 0, REF_PAGE_PAGES);
      this.#directory[number] = 0;
      this.#refPages[number] = undefined;
    }
  }
}

function hashOf(pairs: Uint32Array, count: number): number {
  let hash = 0x811c9dc5 ^ count;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ pairs[i], 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995);
  return hash ^ (hash >>> 15);
}

function samePairs(words: Uint32Array, from: number, pairs: Uint32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (words[from + i] !== pairs[i]) return false;
  return true;
}

function insertHashed(hashed: Uint32Array, slot: number, hash: number): void {
  const mask = hashed.length - 1;
  let i = hash & mask;
  while (hashed[i] !== 0) i = (i + 1) & mask;
  hashed[i] = slot;
}

/** Deletes by moving later entries of the probe chain forward, so that no graves are left. */
function removeHashed(hashed: Uint32Array, i32: Int32Array, slot: number): void {
  const mask = hashed.length - 1;
  let hole = i32[slot * RECORD_I32 + I32_HASH] & mask;
  while (hashed[hole] !== slot) hole = (hole + 1) & mask;
  for (let i = (hole + 1) & mask; hashed[i] !== 0; i = (i + 1) & mask) {
    const home = i32[hashed[i] * RECORD_I32 + I32_HASH] & mask;
    // The entry may move to the hole if its home does not lie behind it.
    if (((i - home) & mask) >= ((i - hole) & mask)) {
      hashed[hole] = hashed[i];
      hole = i;
    }
  }
  hashed[hole] = 0;
}

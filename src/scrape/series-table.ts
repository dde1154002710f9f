import type { SeriesRef } from '../storage/index.ts';

/** No entry. */
export const NONE = -1;

/** Reference of a series that relabelling drops. */
export const DROPPED: SeriesRef = 0;
/** The store has let the series go: it has to be looked up anew. */
export const LOST: SeriesRef = -1;

/**
 * The series a target exposes, by the bytes that name them. An entry is a number; what is known of it lies in columns, its text in one
 * buffer, so that a series costs its text and some 40 bytes, and the collector has nothing to walk.
 *
 * The columns are replaced when they grow: take them anew after `add` and `keep`.
 */
export class SeriesTable {
  /** Number of entries: they are 0 … size - 1. */
  size = 0;
  /** Reference in the store, or {@link DROPPED} or {@link LOST}. */
  refs = new Float64Array(INITIAL);
  /** The scrape that exposed the series last. */
  seen = new Uint32Array(INITIAL);
  /** The last scrape whose sample was taken and that watches for the series' end. */
  tracked = new Uint32Array(INITIAL);
  /** Where the series stands on the page: its line among all lines with samples, or {@link NONE}. */
  positions = new Int32Array(INITIAL);
  /** The text of entry e is `text[ends[e - 1] … ends[e] - 1]`. */
  ends = new Uint32Array(INITIAL);
  text: Buffer = Buffer.allocUnsafeSlow(1024);
  view: DataView = viewOf(this.text);
  #hashes = new Uint32Array(INITIAL);
  /** Open addressing: entry + 1, or 0; its length is a power of two, at most half full. */
  #slots = new Int32Array(INITIAL * 2);

  /** The entry with the bytes `from … to - 1`, or {@link NONE}. */
  find(bytes: Buffer, view: DataView, from: number, to: number): number {
    const length = to - from;
    const hash = hashOf(bytes, view, from, length);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) return NONE;
      if (this.#hashes[entry] !== hash) continue;
      const start = entry === 0 ? 0 : this.ends[entry - 1]!;
      if (this.ends[entry]! - start === length && sameBytes(this.text, this.view, start, bytes, view, from, length))
        return entry;
    }
  }

  /** A new entry; `find` must have said that there is none. */
  add(bytes: Buffer, view: DataView, from: number, to: number, ref: SeriesRef): number {
    if (this.size === this.refs.length) this.#resize(this.size * 2);
    const entry = this.size++;
    const start = entry === 0 ? 0 : this.ends[entry - 1]!;
    const end = start + to - from;
    if (end > this.text.length) this.#moveText(Math.max(end, this.text.length * 2), start);
    bytes.copy(this.text, start, from, to);
    this.ends[entry] = end;
    this.refs[entry] = ref;
    this.seen[entry] = 0;
    this.tracked[entry] = 0;
    this.positions[entry] = NONE;
    this.#hashes[entry] = hashOf(bytes, view, from, to - from);
    this.#place(entry);
    return entry;
  }

  /**
   * Keeps the entries that `isKept` names, in their order and under new numbers, and gives back room that is not needed.
   *
   * @returns the new number of each old entry, or {@link NONE}
   */
  keep(isKept: (entry: number) => boolean): Int32Array {
    const renumbered = new Int32Array(this.size).fill(NONE);
    let kept = 0;
    let end = 0;
    let start = 0;
    for (let entry = 0; entry < this.size; entry++) {
      const oldEnd = this.ends[entry]!;
      if (isKept(entry)) {
        this.text.copyWithin(end, start, oldEnd);
        end += oldEnd - start;
        this.ends[kept] = end;
        this.refs[kept] = this.refs[entry]!;
        this.seen[kept] = this.seen[entry]!;
        this.tracked[kept] = this.tracked[entry]!;
        this.positions[kept] = this.positions[entry]!;
        this.#hashes[kept] = this.#hashes[entry]!;
        renumbered[entry] = kept++;
      }
      start = oldEnd;
    }
    this.size = kept;
    this.#resize(Math.max(INITIAL, kept));
    this.#moveText(Math.max(end, 64), end);
    return renumbered;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.text.length + this.refs.length * 28 + this.#slots.length * 4;
  }

  #resize(capacity: number): void {
    const { size } = this;
    const move = <C extends Float64Array | Uint32Array | Int32Array>(from: C, to: C): C => {
      to.set(from.subarray(0, size));
      return to;
    };
    this.refs = move(this.refs, new Float64Array(capacity));
    this.seen = move(this.seen, new Uint32Array(capacity));
    this.tracked = move(this.tracked, new Uint32Array(capacity));
    this.positions = move(this.positions, new Int32Array(capacity));
    this.ends = move(this.ends, new Uint32Array(capacity));
    this.#hashes = move(this.#hashes, new Uint32Array(capacity));
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.#slots = new Int32Array(slots);
    for (let entry = 0; entry < size; entry++) this.#place(entry);
  }

  #moveText(capacity: number, used: number): void {
    // Not from the shared pool: it lives as long as the target does.
    const text = Buffer.allocUnsafeSlow(capacity);
    this.text.copy(text, 0, 0, used);
    this.text = text;
    this.view = viewOf(text);
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[entry]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }
}

const INITIAL = 16;

/** A view for {@link sameBytes}; a buffer's own elements are read byte by byte only. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Whether `length` bytes are the same in both; the caller has checked the bounds. Words of four, then what is left. */
export function sameBytes(
  a: Uint8Array,
  aView: DataView,
  aStart: number,
  b: Uint8Array,
  bView: DataView,
  bStart: number,
  length: number,
): boolean {
  const words = length & ~3;
  let i = 0;
  for (; i < words; i += 4) if (aView.getInt32(aStart + i, true) !== bView.getInt32(bStart + i, true)) return false;
  for (; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** Mixes words of four; the final steps are those of MurmurHash3, so that the low bits are good ones. */
function hashOf(bytes: Uint8Array, view: DataView, start: number, length: number): number {
  const words = length & ~3;
  let hash = length;
  let i = 0;
  for (; i < words; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(start + i, true), 0x9e3779b1);
    hash = (hash << 13) | (hash >>> 19);
  }
  for (; i < length; i++) hash = Math.imul(hash ^ bytes[start + i]!, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

import {
  ENCODING_XOR,
  F64_LAST_T,
  I32_BITS,
  I32_WINDOW,
  MAX_SAMPLE_BYTES,
  RECORD_F64,
  RECORD_I32,
  STALE_HIGH,
  STALE_LOW,
  appendXor,
  beginXor,
  finishXor,
} from '../../kernels/index.ts';
import { SLOT_BYTES, UNIT_BYTES, type ChunkSlabs } from './chunk-slabs.ts';
import { IN_SLAB, type ClosedChunks } from './closed-chunks.ts';
import {
  CLASS_MASK,
  F64_CHUNK_MINT,
  F64_NEXT_AT,
  FLAG_FLOAT_OPEN,
  FLAG_HISTOGRAM_OPEN,
  FLAG_LAST_HISTOGRAM,
  FLAG_PENDING,
  FLAG_STALE,
  I32_ADDRESS,
  I32_CLOSED,
  I32_FLAGS,
  type SeriesTable,
} from './series-table.ts';

/** Samples a chunk is meant to hold; at a quarter of it the end is foretold, at twice it the chunk is cut whatever was foretold. */
export const SAMPLES_PER_CHUNK = 120;
/** A chunk that is larger takes no further sample: one more then cannot bring it above 1 KiB. */
const MAX_BYTES_BEFORE_APPEND = 1024 - 19;

/**
 * The growing float chunks of all series: cutting, growing and closing them.
 *
 * @see Prometheus `tsdb/head_append.go`, appendPreprocessor
 */
export class FloatChunks {
  readonly #table: SeriesTable;
  readonly #slabs: ChunkSlabs;
  readonly #closed: ClosedChunks;
  readonly #chunkRangeMs: number;
  /** Called before a float chunk begins where a histogram chunk is open. */
  readonly #closeHistogram: (slot: number) => void;
  /** Chunks begun since the start. */
  created = 0;

  constructor(
    table: SeriesTable,
    slabs: ChunkSlabs,
    closed: ClosedChunks,
    chunkRangeMs: number,
    closeHistogram: (slot: number) => void,
  ) {
    this.#table = table;
    this.#slabs = slabs;
    this.#closed = closed;
    this.#chunkRangeMs = chunkRangeMs;
    this.#closeHistogram = closeHistogram;
  }

  /**
   * Appends a sample in order; `false`, and nothing done, when `t` is not above the series' newest sample.
   * `high` and `low` are the value's words.
   */
  append(slot: number, t: number, high: number, low: number): boolean {
    const { f64, i32 } = this.#table;
    const f = slot * RECORD_F64;
    const w = slot * RECORD_I32;
    if (t <= f64[f + F64_LAST_T]) return false;
    let flags = i32[w + I32_FLAGS];
    let fresh = false;
    if ((flags & FLAG_FLOAT_OPEN) === 0) {
      if ((flags & FLAG_HISTOGRAM_OPEN) !== 0) this.#closeHistogram(slot);
      this.#begin(slot, t);
      fresh = true;
    }
    const bytes = (i32[w + I32_BITS] + 7) >>> 3;
    const samples = i32[w + I32_WINDOW] & 0xffff;
    if (!fresh) {
      // 1. At a quarter of the samples wanted, spread those still to come evenly over what is left of the chunk range.
      if (samples === SAMPLES_PER_CHUNK / 4) {
        f64[f + F64_NEXT_AT] = chunkEndTime(f64[f + F64_CHUNK_MINT], f64[f + F64_LAST_T], f64[f + F64_NEXT_AT], 4);
      }
      // 2. Cut by time, by count, by size.
      if (t >= f64[f + F64_NEXT_AT] || samples >= SAMPLES_PER_CHUNK * 2 || bytes > MAX_BYTES_BEFORE_APPEND) {
        this.close(slot);
        this.#begin(slot, t);
        fresh = true;
      }
    }
    // 3. A fresh chunk's slot is large enough.
    if (!fresh && bytes + MAX_SAMPLE_BYTES > SLOT_BYTES[flags & CLASS_MASK]) this.#grow(slot, bytes);
    flags = i32[w + I32_FLAGS];
    const address = i32[w + I32_ADDRESS] >>> 0;
    appendXor(f64, i32, slot, this.#slabs.bytes, address * UNIT_BYTES, t, high, low);
    const stale = high === STALE_HIGH && low === STALE_LOW ? FLAG_STALE : 0;
    i32[w + I32_FLAGS] = (flags & ~(FLAG_STALE | FLAG_LAST_HISTOGRAM | FLAG_PENDING)) | stale;
    return true;
  }

  #begin(slot: number, t: number): void {
    const { f64, i32 } = this.#table;
    const f = slot * RECORD_F64;
    const w = slot * RECORD_I32;
    beginXor(i32, slot);
    i32[w + I32_ADDRESS] = this.#slabs.allocate(0);
    i32[w + I32_FLAGS] = (i32[w + I32_FLAGS] & ~CLASS_MASK) | FLAG_FLOAT_OPEN;
    f64[f + F64_CHUNK_MINT] = t;
    f64[f + F64_NEXT_AT] = rangeEnd(t, this.#chunkRangeMs);
    this.created++;
  }

  /** Moves the chunk to a slot of the next size. The old slot keeps its bytes for those who read them. */
  #grow(slot: number, bytes: number): void {
    const { i32 } = this.#table;
    const w = slot * RECORD_I32;
    const flags = i32[w + I32_FLAGS];
    const sizeClass = flags & CLASS_MASK;
    const from = i32[w + I32_ADDRESS] >>> 0;
    const to = this.#slabs.allocate(sizeClass + 1);
    const all = this.#slabs.bytes;
    const at = from * UNIT_BYTES;
    all.copyWithin(to * UNIT_BYTES, at, at + bytes);
    this.#slabs.free(from, sizeClass);
    i32[w + I32_ADDRESS] = to;
    i32[w + I32_FLAGS] = flags + 1;
  }

  /** Finishes the growing chunk, if there is one; it becomes the newest closed chunk of its series. */
  close(slot: number): void {
    const { f64, i32 } = this.#table;
    const f = slot * RECORD_F64;
    const w = slot * RECORD_I32;
    const flags = i32[w + I32_FLAGS];
    if ((flags & FLAG_FLOAT_OPEN) === 0) return;
    const address = i32[w + I32_ADDRESS] >>> 0;
    finishXor(i32, slot, this.#slabs.bytes, address * UNIT_BYTES);
    i32[w + I32_CLOSED] = this.#closed.add(
      f64[f + F64_CHUNK_MINT],
      f64[f + F64_LAST_T],
      i32[w + I32_CLOSED],
      address,
      // The size class travels in the top byte's place of the length: lengths in slabs stay below 2^16.
      ((i32[w + I32_BITS] + 7) >>> 3) | ((flags & CLASS_MASK) << 16),
      ENCODING_XOR,
      i32[w + I32_WINDOW] & 0xffff,
      IN_SLAB,
    );
    i32[w + I32_FLAGS] = flags & ~(FLAG_FLOAT_OPEN | CLASS_MASK);
  }

  /** Throws the growing chunk away. */
  drop(slot: number): void {
    const { i32 } = this.#table;
    const w = slot * RECORD_I32;
    const flags = i32[w + I32_FLAGS];
    if ((flags & FLAG_FLOAT_OPEN) === 0) return;
    this.#slabs.free(i32[w + I32_ADDRESS] >>> 0, flags & CLASS_MASK);
    i32[w + I32_FLAGS] = flags & ~(FLAG_FLOAT_OPEN | CLASS_MASK);
  }
}

/** End of the chunk range that holds `t`: the next multiple, towards zero before the epoch, as Go divides. */
export function rangeEnd(t: number, rangeMs: number): number {
  return Math.trunc(t / rangeMs) * rangeMs + rangeMs;
}

/** When a chunk that is now 1/`ratioToFull` full should end, so that the chunks of the range come out alike. */
export function chunkEndTime(mint: number, lastT: number, rangeEndT: number, ratioToFull: number): number {
  const chunks = (rangeEndT - mint) / ((lastT - mint + 1) * ratioToFull);
  if (chunks <= 1) return rangeEndT;
  return Math.trunc(mint + (rangeEndT - mint) / Math.floor(chunks));
}

import { F64_LAST_T, I32_LAST_HIGH, I32_LAST_LOW, RECORD_F64, RECORD_I32 } from '../../kernels/index.ts';
import type { Histogram, Labels, Matcher } from '../../model/index.ts';
import {
  ACCEPTED,
  DUPLICATE_TIMESTAMP,
  OUT_OF_BOUNDS,
  OUT_OF_ORDER,
  TOO_OLD,
  type AppendVerdict,
} from '../../storage/index.ts';
import type { HistogramKind } from '../chunkenc/histogram-chunk.ts';
import { Tombstones } from '../tombstones.ts';
import { ChunkSlabs, SLOT_BYTES } from './chunk-slabs.ts';
import { ClosedChunks, IN_BLOB, IN_SLAB } from './closed-chunks.ts';
import { ExemplarRing } from './exemplar-ring.ts';
import { FloatChunks } from './float-chunks.ts';
import { HeadMemory } from './head-memory.ts';
import { HistogramChunks, sameHistogram } from './histogram-chunks.ts';
import { LabelIndex } from './label-index.ts';
import { MetadataTable } from './metadata-table.ts';
import type { SampleColumns } from './sample-columns.ts';
import { matchSeries } from './series-matching.ts';
import {
  F64_CHUNK_MINT,
  FLAG_FLOAT_OPEN,
  FLAG_HISTOGRAM_OPEN,
  FLAG_LAST_HISTOGRAM,
  FLAG_PENDING,
  I32_CLOSED,
  I32_FLAGS,
  SeriesTable,
} from './series-table.ts';

export interface HeadOptions {
  /** Width of the ranges that chunks do not cross and blocks are made of. */
  readonly chunkRangeMs: number;
  readonly maxExemplars: number;
  /** How much older than the head's newest sample an out-of-order sample may be; 0: none is taken. */
  readonly outOfOrderWindowMs: number;
}

/** Samples that were refused or dropped, by reason; plain numbers, read by the metrics. */
export interface HeadCounters {
  floatsAppended: number;
  histogramsAppended: number;
  outOfOrder: number;
  outOfBounds: number;
  tooOld: number;
  seriesCreated: number;
  seriesRemoved: number;
}

/**
 * The newest samples, in memory: series, their labels and postings, growing and closed chunks.
 *
 * One thread writes; what it does between two turns of the event loop is seen whole or not at all. Nothing here knows of the log: the
 * appender writes it before it applies, the replay applies what was written.
 */
export class Head {
  readonly options: HeadOptions;
  readonly index = new LabelIndex();
  readonly memory = new HeadMemory(SLOT_BYTES);
  readonly table = new SeriesTable(this.index, this.memory);
  readonly slabs = new ChunkSlabs(this.memory);
  readonly closed = new ClosedChunks();
  readonly floats: FloatChunks;
  readonly histograms: HistogramChunks;
  readonly exemplars: ExemplarRing;
  readonly metadata = new MetadataTable(this.table);
  readonly tombstones = new Tombstones();
  readonly counters: HeadCounters = {
    floatsAppended: 0,
    histogramsAppended: 0,
    outOfOrder: 0,
    outOfBounds: 0,
    tooOld: 0,
    seriesCreated: 0,
    seriesRemoved: 0,
  };
  /** Readers with selected series, whose labels have to be kept before series go. */
  readonly readers = new Set<{ keepLabels(): void }>();
  /** Oldest and newest sample time; Infinity and -Infinity while there is none. */
  mint = Infinity;
  maxt = -Infinity;
  /** Nothing older is taken: it lies in blocks. */
  minValidT = -Infinity;

  constructor(options: HeadOptions) {
    this.options = options;
    this.floats = new FloatChunks(this.table, this.slabs, this.closed, options.chunkRangeMs, (slot) => {
      this.histograms.close(slot);
    });
    this.histograms = new HistogramChunks(this.table, this.closed, options.chunkRangeMs, (slot) => {
      this.floats.close(slot);
    });
    this.exemplars = new ExemplarRing(options.maxExemplars);
  }

  get seriesCount(): number {
    return this.table.count;
  }

  get chunkCount(): number {
    return this.closed.count + this.#openChunks();
  }

  #openChunks(): number {
    const { i32 } = this.table;
    let open = 0;
    this.table.forEach((slot) => {
      if ((i32[slot * RECORD_I32 + I32_FLAGS] & (FLAG_FLOAT_OPEN | FLAG_HISTOGRAM_OPEN)) !== 0) open++;
    });
    return open;
  }

  /** Oldest time an appender that begins now takes: not in blocks, and not half a chunk range behind the newest sample. */
  get appendableMinT(): number {
    return Math.max(this.minValidT, this.maxt - this.options.chunkRangeMs / 2);
  }

  /** The series with these labels, made if new; its slot. */
  getOrCreate(labels: Labels): number {
    const known = this.table.find(labels);
    if (known !== 0) return known;
    this.counters.seriesCreated++;
    return this.table.add(labels);
  }

  matching(matchers: readonly Matcher[]): Uint32Array {
    return matchSeries(this.index, this.table, matchers);
  }

  /** Whether a float may come next. `high`, `low`: its words. Told before anything is staged, and again when it is applied. */
  floatVerdict(slot: number, t: number, high: number, low: number, minT: number): AppendVerdict {
    const lastT = this.table.f64[slot * RECORD_F64 + F64_LAST_T];
    if (t >= minT) {
      if (t > lastT) return ACCEPTED;
      if (t === lastT) {
        const w = slot * RECORD_I32;
        const { i32 } = this.table;
        const same =
          (i32[w + I32_FLAGS] & FLAG_LAST_HISTOGRAM) === 0 &&
          i32[w + I32_LAST_HIGH] === (high | 0) &&
          i32[w + I32_LAST_LOW] === (low | 0);
        return same ? ACCEPTED : DUPLICATE_TIMESTAMP;
      }
    }
    return this.#lateVerdict(t, minT);
  }

  histogramVerdict(slot: number, t: number, histogram: Histogram | undefined, minT: number): AppendVerdict {
    const lastT = this.table.f64[slot * RECORD_F64 + F64_LAST_T];
    if (t >= minT) {
      if (t > lastT) return ACCEPTED;
      if (t === lastT) {
        const open = this.histograms.open(slot);
        return open !== undefined && sameHistogram(open.last, histogram) ? ACCEPTED : DUPLICATE_TIMESTAMP;
      }
    }
    return this.#lateVerdict(t, minT);
  }

  #lateVerdict(t: number, minT: number): AppendVerdict {
    const { outOfOrderWindowMs } = this.options;
    if (outOfOrderWindowMs > 0) return TOO_OLD;
    return t < minT ? OUT_OF_BOUNDS : OUT_OF_ORDER;
  }

  countVerdict(verdict: AppendVerdict): void {
    if (verdict === OUT_OF_ORDER) this.counters.outOfOrder++;
    else if (verdict === OUT_OF_BOUNDS) this.counters.outOfBounds++;
    else if (verdict === TOO_OLD) this.counters.tooOld++;
  }

  readonly #freeSlot = (address: number, sizeClass: number): void => {
    this.slabs.free(address, sizeClass);
  };

  /** Applies floats `[from, to)` in order. Samples that are no longer in order are dropped. */
  applyFloats(columns: SampleColumns, from: number, to: number): void {
    const { memory, floats } = this;
    const { kernels, bounds } = memory;
    const { slots, ts, words } = columns;
    bounds[0] = this.mint;
    bounds[1] = this.maxt;
    let dropped = 0;
    for (let i = from; i < to; i++) {
      // The kernel takes what is ordinary, and leaves the rest one by one.
      i = kernels.appendFloats(0, columns.slotsAt, columns.tsAt, columns.valuesAt, i, to, memory.sharedAt);
      memory.takeLeftSlots(this.#freeSlot);
      if (i === to) break;
      const t = ts[i];
      if (!floats.append(slots[i], t, words[2 * i + 1], words[2 * i])) {
        this.clearPending(slots[i]);
        dropped++;
        continue;
      }
      if (t < bounds[0]) bounds[0] = t;
      if (t > bounds[1]) bounds[1] = t;
    }
    [this.mint, this.maxt] = bounds;
    this.counters.floatsAppended += to - from - dropped;
  }

  applyHistogram(slot: number, t: number, histogram: Histogram | undefined, kind: HistogramKind): void {
    if (!this.histograms.append(slot, t, histogram, kind)) return;
    this.counters.histogramsAppended++;
    if (t < this.mint) this.mint = t;
    if (t > this.maxt) this.maxt = t;
  }

  /** Whether the series' newest sample is a histogram. */
  isHistogram(slot: number): boolean {
    return (this.table.i32[slot * RECORD_I32 + I32_FLAGS] & FLAG_LAST_HISTOGRAM) !== 0;
  }

  setPending(slot: number): void {
    this.table.i32[slot * RECORD_I32 + I32_FLAGS] |= FLAG_PENDING;
  }

  clearPending(slot: number): void {
    this.table.i32[slot * RECORD_I32 + I32_FLAGS] &= ~FLAG_PENDING;
  }

  /**
   * Forgets chunks that end before `mint` and series without chunks. Series an appender has staged samples for stay.
   *
   * @returns refs of the removed series
   */
  truncate(mint: number): number[] {
    const { table } = this;
    const touched = new Set<number>();
    const removed: number[] = [];
    const removedSlots: number[] = [];
    let oldest = Infinity;
    table.forEach((slot) => {
      const seriesMint = this.#truncateSeries(slot, mint);
      if (seriesMint < oldest) oldest = seriesMint;
      if (seriesMint === Infinity && (table.i32[slot * RECORD_I32 + I32_FLAGS] & FLAG_PENDING) === 0) {
        removed.push(table.ref(slot));
        removedSlots.push(slot);
      }
    });
    if (removed.length > 0) for (const reader of this.readers) reader.keepLabels();
    for (const ref of removed) this.tombstones.delete(ref);
    this.tombstones.truncate(mint);
    for (const slot of removedSlots) table.remove(slot, touched);
    if (removed.length > 0) this.index.remove(touched, (ref) => table.slot(ref) !== 0);
    this.counters.seriesRemoved += removed.length;
    this.mint = this.maxt === -Infinity ? Infinity : Math.max(mint, Math.min(oldest, this.maxt));
    if (mint > this.minValidT) this.minValidT = mint;
    return removed;
  }

  /** Drops a series' chunks that end before `mint`; returns the time of its oldest sample left, or Infinity. */
  #truncateSeries(slot: number, mint: number): number {
    const { closed } = this;
    const { f64, i32 } = this.table;
    const w = slot * RECORD_I32;
    let oldest = Infinity;
    let newer = 0;
    for (let entry = i32[w + I32_CLOSED]; entry !== 0;) {
      const older = closed.older(entry);
      if (closed.maxt(entry) < mint) {
        this.#releaseClosed(entry);
        if (newer === 0) i32[w + I32_CLOSED] = older;
        else closed.setOlder(newer, older);
      } else {
        oldest = Math.min(oldest, closed.mint(entry));
        newer = entry;
      }
      entry = older;
    }
    const flags = i32[w + I32_FLAGS];
    const lastT = f64[slot * RECORD_F64 + F64_LAST_T];
    if ((flags & FLAG_FLOAT_OPEN) !== 0) {
      if (lastT < mint) this.floats.drop(slot);
      else oldest = Math.min(oldest, f64[slot * RECORD_F64 + F64_CHUNK_MINT]);
    } else if ((flags & FLAG_HISTOGRAM_OPEN) !== 0) {
      if (lastT < mint) this.histograms.drop(slot);
      else oldest = Math.min(oldest, this.histograms.open(slot)!.mint);
    }
    return oldest;
  }

  #releaseClosed(entry: number): void {
    const { closed } = this;
    const file = closed.file(entry);
    if (file === IN_SLAB) this.slabs.free(closed.where(entry), closed.sizeClass(entry));
    else if (file === IN_BLOB) this.histograms.releaseBlob(closed.where(entry));
    closed.release(entry);
  }
}

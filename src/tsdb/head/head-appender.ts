import { NAN_HIGH, NAN_LOW, STALE_HIGH, STALE_LOW } from '../../kernels/index.ts';
import type { Exemplar, Histogram, Labels, Metadata } from '../../model/index.ts';
import {
  ACCEPTED,
  StorageError,
  UNKNOWN_SERIES,
  type Appender,
  type AppendVerdict,
  type SeriesRef,
} from '../../storage/index.ts';
import { invariant } from '../../runtime/index.ts';
import type { HistogramKind } from '../chunkenc/histogram-chunk.ts';
import type { HeadMemory } from './head-memory.ts';
import type { Head } from './head.ts';
import { SampleColumns } from './sample-columns.ts';

/** A staged histogram sample. */
export interface StagedHistogram {
  readonly ref: number;
  slot: number;
  readonly t: number;
  /** `undefined`: a staleness marker. */
  readonly histogram: Histogram | undefined;
  readonly kind: HistogramKind;
  /** Number of floats that were staged before it: it is applied behind them. */
  readonly floatsBefore: number;
}

/**
 * What an appender has staged: floats in order, in columns with `refs` beside them, then the rarer kinds as objects. Reused from one
 * appender to the next.
 */
export class Staging {
  length = 0;
  readonly columns: SampleColumns;
  refs: Float64Array;
  histograms: StagedHistogram[] = [];
  exemplars: { readonly ref: number; readonly exemplar: Exemplar }[] = [];
  metadata: { readonly ref: number; slot: number; readonly metadata: Metadata }[] = [];

  constructor(memory: HeadMemory) {
    this.columns = new SampleColumns(memory);
    this.refs = new Float64Array(this.columns.capacity);
  }

  grow(): void {
    this.columns.reserve(this.columns.capacity * 2);
    const { refs } = this;
    this.refs = new Float64Array(this.columns.capacity);
    this.refs.set(refs);
  }

  clear(): void {
    this.length = 0;
    if (this.histograms.length > 0) this.histograms = [];
    if (this.exemplars.length > 0) this.exemplars = [];
    if (this.metadata.length > 0) this.metadata = [];
  }
}

/** What an appender needs of the store around the head. */
export interface AppendLog {
  /** Writes what is staged, and series not logged yet, to the log. @throws {StorageError} and has then changed nothing */
  write(staging: Staging): void;
}

/** Stagings kept for the next appenders, and how large they may be. */
const MAX_IDLE = 16;
const MAX_IDLE_SAMPLES = 1 << 17;

/** Appenders of one head share stagings, which are pooled. */
export class AppenderPool {
  readonly #head: Head;
  readonly #log: AppendLog;
  readonly #idle: Staging[] = [];
  /** Appenders that are neither committed nor rolled back. */
  active = 0;

  constructor(head: Head, log: AppendLog) {
    this.#head = head;
    this.#log = log;
  }

  appender(): Appender {
    this.active++;
    return new HeadAppender(this.#head, this.#log, this.#idle.pop() ?? new Staging(this.#head.memory), this);
  }

  release(staging: Staging): void {
    this.active--;
    staging.clear();
    // A burst must not hold its memory for good.
    if (this.#idle.length < MAX_IDLE && staging.columns.capacity <= MAX_IDLE_SAMPLES) this.#idle.push(staging);
    else staging.columns.release();
  }
}

class HeadAppender implements Appender {
  readonly #head: Head;
  readonly #log: AppendLog;
  readonly #pool: AppenderPool;
  #staging: Staging | undefined;
  /** Oldest time taken; fixed by the head's newest sample when the appender began, or by its own first sample in an empty head. */
  #minT: number;

  constructor(head: Head, log: AppendLog, staging: Staging, pool: AppenderPool) {
    this.#head = head;
    this.#log = log;
    this.#staging = staging;
    this.#pool = pool;
    this.#minT = head.appendableMinT;
  }

  #staged(): Staging {
    invariant(this.#staging !== undefined, 'An appender is used after its commit or rollback');
    return this.#staging;
  }

  series(labels: Labels): SeriesRef {
    if (labels.size === 0) throw new StorageError('Cannot add a series without labels');
    const { table } = this.#head;
    return table.ref(this.#head.getOrCreate(labels));
  }

  append(ref: SeriesRef, t: number, v: number): AppendVerdict {
    const staging = this.#staged();
    const i = staging.length;
    if (i === staging.refs.length) staging.grow();
    const { columns } = staging;
    if (v === v) columns.values[i] = v;
    else {
      // NaN is stored with Go's bits, not with whatever payload the engine carries.
      columns.words[2 * i + 1] = NAN_HIGH;
      columns.words[2 * i] = NAN_LOW;
    }
    return this.#stage(staging, ref, t);
  }

  appendStale(ref: SeriesRef, t: number): AppendVerdict {
    const staging = this.#staged();
    const slot = this.#head.table.slot(ref);
    if (slot !== 0 && this.#isHistogramNow(staging, slot)) {
      return this.#stageHistogram(staging, ref, slot, t, undefined, this.#lastKind(staging, slot));
    }
    const i = staging.length;
    if (i === staging.refs.length) staging.grow();
    staging.columns.words[2 * i + 1] = STALE_HIGH;
    staging.columns.words[2 * i] = STALE_LOW;
    return this.#stage(staging, ref, t);
  }

  /** Counts the float whose value already lies behind the staged ones in, if it is taken. */
  #stage(staging: Staging, ref: number, t: number): AppendVerdict {
    const head = this.#head;
    const slot = head.table.slot(ref);
    if (slot === 0) return UNKNOWN_SERIES;
    const i = staging.length;
    const { slots, ts, words } = staging.columns;
    const verdict = head.floatVerdict(slot, t, words[2 * i + 1], words[2 * i], this.#minT);
    if (verdict !== ACCEPTED) {
      head.countVerdict(verdict);
      return verdict;
    }
    head.setPending(slot);
    staging.refs[i] = ref;
    slots[i] = slot;
    ts[i] = t;
    staging.length = i + 1;
    if (this.#minT === -Infinity) this.#minT = Math.max(head.minValidT, t - head.options.chunkRangeMs / 2);
    return ACCEPTED;
  }

  /** Whether the newest sample, staged ones included, is a histogram. */
  #isHistogramNow(staging: Staging, slot: number): boolean {
    const staged = staging.histograms.findLast((sample) => sample.slot === slot);
    return staged === undefined ? this.#head.isHistogram(slot) : true;
  }

  #lastKind(staging: Staging, slot: number): HistogramKind {
    const staged = staging.histograms.findLast((sample) => sample.slot === slot);
    return staged?.kind ?? this.#head.histograms.open(slot)?.writer.kind ?? 'int';
  }

  appendHistogram(ref: SeriesRef, t: number, histogram: Histogram): AppendVerdict {
    const staging = this.#staged();
    const slot = this.#head.table.slot(ref);
    if (slot === 0) return UNKNOWN_SERIES;
    return this.#stageHistogram(staging, ref, slot, t, histogram, histogram.kind);
  }

  #stageHistogram(
    staging: Staging,
    ref: number,
    slot: number,
    t: number,
    histogram: Histogram | undefined,
    kind: HistogramKind,
  ): AppendVerdict {
    const head = this.#head;
    const verdict = head.histogramVerdict(slot, t, histogram, this.#minT);
    if (verdict !== ACCEPTED) {
      head.countVerdict(verdict);
      return verdict;
    }
    head.setPending(slot);
    staging.histograms.push({ ref, slot, t, histogram, kind, floatsBefore: staging.length });
    if (this.#minT === -Infinity) this.#minT = Math.max(head.minValidT, t - head.options.chunkRangeMs / 2);
    return ACCEPTED;
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): boolean {
    const staging = this.#staged();
    if (this.#head.table.slot(ref) === 0 || !this.#head.exemplars.accepts(ref, exemplar)) return false;
    staging.exemplars.push({ ref, exemplar });
    return true;
  }

  updateMetadata(ref: SeriesRef, metadata: Metadata): void {
    const staging = this.#staged();
    const slot = this.#head.table.slot(ref);
    if (slot === 0) return;
    const known = this.#head.metadata.get(slot);
    if (known?.type === metadata.type && known.help === metadata.help && known.unit === metadata.unit) return;
    staging.metadata.push({ ref, slot, metadata });
  }

  commit(): void {
    const staging = this.#staged();
    const head = this.#head;
    this.#forgetRemoved(staging);
    try {
      this.#log.write(staging);
    } catch (error) {
      this.#abandon(staging);
      throw error;
    }
    // Everything below cannot fail: readers see all of it or, before, none.
    let from = 0;
    for (const sample of staging.histograms) {
      if (sample.floatsBefore > from) {
        head.applyFloats(staging.columns, from, sample.floatsBefore);
        from = sample.floatsBefore;
      }
      head.applyHistogram(sample.slot, sample.t, sample.histogram, sample.kind);
    }
    head.applyFloats(staging.columns, from, staging.length);
    for (const { ref, exemplar } of staging.exemplars) head.exemplars.add(ref, exemplar);
    for (const { slot, metadata } of staging.metadata) head.metadata.set(slot, metadata);
    this.#finish(staging);
  }

  rollback(): void {
    this.#abandon(this.#staged());
  }

  /** Lets the series of staged samples go that were not applied. */
  #abandon(staging: Staging): void {
    const { slots } = staging.columns;
    for (let i = 0; i < staging.length; i++) this.#head.clearPending(slots[i]);
    this.#finish(staging);
  }

  #finish(staging: Staging): void {
    for (const { slot } of staging.histograms) this.#head.clearPending(slot);
    this.#staging = undefined;
    this.#pool.release(staging);
  }

  /** Takes out samples whose series was removed between their staging and now: its slot may belong to another. */
  #forgetRemoved(staging: Staging): void {
    const { table } = this.#head;
    const removed = (ref: number, slot: number) => table.slot(ref) !== slot;
    let kept = 0;
    const { refs } = staging;
    const { slots, ts, words } = staging.columns;
    for (let i = 0; i < staging.length; i++) {
      if (removed(refs[i], slots[i])) continue;
      if (kept !== i) {
        refs[kept] = refs[i];
        slots[kept] = slots[i];
        ts[kept] = ts[i];
        words[2 * kept] = words[2 * i];
        words[2 * kept + 1] = words[2 * i + 1];
      }
      kept++;
    }
    staging.length = kept;
    staging.histograms = staging.histograms.filter((sample) => !removed(sample.ref, sample.slot));
    staging.exemplars = staging.exemplars.filter(({ ref }) => table.slot(ref) !== 0);
    staging.metadata = staging.metadata.filter(({ ref, slot }) => !removed(ref, slot));
  }
}

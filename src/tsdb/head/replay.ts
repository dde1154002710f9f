import { Labels, compareText, type Exemplar, type Histogram, type Metadata } from '../../model/index.ts';
import type { RecordSink, SampleBatch } from '../wal/record-decode.ts';
import type { Head } from './head.ts';
import { PairCache } from './pair-cache.ts';
import { SampleColumns } from './sample-columns.ts';
import { MAX_REF } from './series-table.ts';

/** Name numbers whose order among each other is remembered in a square table. */
const REMEMBERED_NAMES = 256;

/** What a replay could not use. */
export interface ReplayStats {
  /** Samples, exemplars and others whose series the log does not name. */
  unknownRefs: number;
  /** Records of unknown types. */
  unknownRecords: number;
  samples: number;
}

/**
 * Applies log records to a head that is being filled.
 *
 * A series keeps the ref it has in the log. Where a label set appears under several refs (it was removed and came back), all of them lead
 * to the first; a ref beyond 2^32 leads to a series with a ref of its own.
 */
export class Replay implements RecordSink {
  readonly stats: ReplayStats = { unknownRefs: 0, unknownRecords: 0, samples: 0 };
  readonly #head: Head;
  /** Log ref → slot, where that is not what the table says. */
  readonly #aliases = new Map<number, number>();
  readonly #pairs: PairCache;
  #pairScratch = new Uint32Array(64);
  readonly #columns: SampleColumns;
  readonly #ordered = new Uint8Array(REMEMBERED_NAMES * REMEMBERED_NAMES);

  constructor(head: Head) {
    this.#head = head;
    this.#columns = new SampleColumns(head.memory);
    this.#pairs = new PairCache((name, value) => head.index.intern(name, value));
  }

  /** Brings the postings in order if refs came out of order. Call when everything has been applied. */
  finish(): void {
    this.#columns.release();
    if (this.#head.table.takeUnordered()) this.#head.index.sortPostings();
  }

  /** Refs that lead to a series with another ref: their records are needed as long as the segments that use them. */
  aliases(): IterableIterator<number> {
    return this.#aliases.keys();
  }

  #slot(ref: number): number {
    const slot = ref <= MAX_REF ? this.#head.table.slot(ref) : 0;
    return slot !== 0 || this.#aliases.size === 0 ? slot : (this.#aliases.get(ref) ?? 0);
  }

  series(ref: number, bytes: Uint8Array, from: number, to: number, count: number): void {
    if (count > this.#pairScratch.length) this.#pairScratch = new Uint32Array(count * 2);
    const pairs = this.#pairScratch;
    let at = from;
    let size = 0;
    let isOrdered = true;
    for (let i = 0; i < count; i++) {
      const pair = this.#pairs.at(bytes, at, to);
      at = this.#pairs.end;
      if (pair === 0) continue;
      if (size > 0 && !this.#inOrder(pairs[size - 1], pair)) isOrdered = false;
      pairs[size++] = pair;
    }
    if (!isOrdered) size = this.#order(pairs, size);
    if (size === 0) return;
    const { table, counters } = this.#head;
    const existing = table.findPairs(pairs, size);
    if (existing !== 0) {
      if (table.ref(existing) !== ref) this.#aliases.set(ref, existing);
      if (ref < MAX_REF) table.raiseNextRef(ref + 1);
      return;
    }
    counters.seriesCreated++;
    if (ref === 0 || ref > MAX_REF || table.slot(ref) !== 0) {
      this.#aliases.set(ref, table.addPairs(pairs, size, table.nextRef));
    } else table.addPairs(pairs, size, ref);
  }

  /** Whether the name of pair `b` comes behind that of `a`. */
  #inOrder(a: number, b: number): boolean {
    const { index } = this.#head;
    const nameA = index.nameIdOf(a);
    const nameB = index.nameIdOf(b);
    const remembered = nameA < REMEMBERED_NAMES && nameB < REMEMBERED_NAMES;
    const at = nameA * REMEMBERED_NAMES + nameB;
    if (remembered && this.#ordered[at] === 1) return true;
    const inOrder = compareText(index.nameOf(a), index.nameOf(b)) < 0;
    if (remembered && inOrder) this.#ordered[at] = 1;
    return inOrder;
  }

  /** Sorts pairs by name, each name once. Nobody should have written them otherwise. */
  #order(pairs: Uint32Array, count: number): number {
    const { index } = this.#head;
    const labels = Labels.fromPairs(
      Array.from(pairs.subarray(0, count), (pair): [string, string] => [index.nameOf(pair), index.valueOf(pair)]),
    );
    for (let i = 0; i < labels.size; i++) pairs[i] = index.pair(labels.pairs[2 * i], labels.pairs[2 * i + 1]);
    return labels.size;
  }

  samples(batch: SampleBatch): void {
    const { length, refs, ts, words } = batch;
    const columns = this.#columns;
    columns.reserve(length);
    const { slots, ts: keptTs, words: keptWords } = columns;
    const head = this.#head;
    const { minValidT } = head;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const slot = this.#slot(refs[i]);
      if (slot === 0) {
        this.stats.unknownRefs++;
        continue;
      }
      if (ts[i] < minValidT) continue;
      slots[kept] = slot;
      keptTs[kept] = ts[i];
      keptWords[2 * kept] = words[2 * i];
      keptWords[2 * kept + 1] = words[2 * i + 1];
      kept++;
    }
    head.applyFloats(columns, 0, kept);
    this.stats.samples += kept;
  }

  histogram(ref: number, t: number, histogram: Histogram | undefined, kind: 'int' | 'float'): void {
    const slot = this.#slot(ref);
    if (slot === 0) this.stats.unknownRefs++;
    else if (t >= this.#head.minValidT) {
      this.#head.applyHistogram(slot, t, histogram, kind);
      this.stats.samples++;
    }
  }

  tombstone(ref: number, mint: number, maxt: number): void {
    const slot = this.#slot(ref);
    if (slot === 0) this.stats.unknownRefs++;
    else this.#head.tombstones.add(this.#head.table.ref(slot), mint, maxt);
  }

  exemplar(ref: number, exemplar: Exemplar): void {
    const slot = this.#slot(ref);
    if (slot === 0) this.stats.unknownRefs++;
    else if (exemplar.t >= this.#head.minValidT) this.#head.exemplars.add(this.#head.table.ref(slot), exemplar);
  }

  metadata(ref: number, metadata: Metadata): void {
    const slot = this.#slot(ref);
    if (slot === 0) this.stats.unknownRefs++;
    else this.#head.metadata.set(slot, metadata);
  }

  mmapMarker(): void {
    // Markers tell which out-of-order samples lie in chunk files; the replay of that log reads them itself.
  }

  unknown(): void {
    this.stats.unknownRecords++;
  }
}

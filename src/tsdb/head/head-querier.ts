import {
  decodeXor,
  F64_LAST_T,
  I32_BITS,
  I32_WINDOW,
  RECORD_F64,
  RECORD_I32,
  ENCODING_XOR,
} from '../../kernels/index.ts';
import { compareLabels, compareText, type Labels, type Matcher, type SampleColumn } from '../../model/index.ts';
import type { LabelHints, LabelNames, Querier, SelectHints, Series, SeriesSet } from '../../storage/index.ts';
import { decodeChunk } from '../chunkenc/decode-chunk.ts';
import { dropDeleted, type Interval } from '../tombstones.ts';
import { UNIT_BYTES } from './chunk-slabs.ts';
import { IN_BLOB, IN_SLAB } from './closed-chunks.ts';
import type { Head } from './head.ts';
import {
  F64_CHUNK_MINT,
  FLAG_FLOAT_OPEN,
  FLAG_HISTOGRAM_OPEN,
  I32_ADDRESS,
  I32_CLOSED,
  I32_FLAGS,
} from './series-table.ts';

/**
 * Where the chunks of selected series lie, as they were when they were selected: what is appended later does not show.
 *
 * Columns, one entry a chunk. `place` is `IN_SLAB` (`where` is an address), `IN_BLOB` (`where` indexes `blobs`) or a file number
 * (`where` is the offset of the chunk's data in it). The columns can be sent to a thread that reads the shared slabs.
 */
export class ChunkDescriptors {
  length = 0;
  mint = new Float64Array(64);
  maxt = new Float64Array(64);
  place = new Uint16Array(64);
  where = new Uint32Array(64);
  bytes = new Uint32Array(64);
  samples = new Uint16Array(64);
  encoding = new Uint8Array(64);
  readonly blobs: Uint8Array[] = [];

  push(
    mint: number,
    maxt: number,
    place: number,
    where: number,
    bytes: number,
    samples: number,
    encoding: number,
  ): void {
    if (this.length === this.mint.length) this.#grow();
    const i = this.length++;
    this.mint[i] = mint;
    this.maxt[i] = maxt;
    this.place[i] = place;
    this.where[i] = where;
    this.bytes[i] = bytes;
    this.samples[i] = samples;
    this.encoding[i] = encoding;
  }

  #grow(): void {
    const capacity = this.mint.length * 2;
    const grown = <T extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(fresh: T, old: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.mint = grown(new Float64Array(capacity), this.mint);
    this.maxt = grown(new Float64Array(capacity), this.maxt);
    this.place = grown(new Uint16Array(capacity), this.place);
    this.where = grown(new Uint32Array(capacity), this.where);
    this.bytes = grown(new Uint32Array(capacity), this.bytes);
    this.samples = grown(new Uint16Array(capacity), this.samples);
    this.encoding = grown(new Uint8Array(capacity), this.encoding);
  }
}

/** Reads the head between two instants. Slots it refers to stay untouched until it is closed. */
export class HeadQuerier implements Querier {
  readonly mint: number;
  readonly maxt: number;
  readonly #head: Head;
  readonly #epoch: number;
  readonly #series: HeadSeries[][] = [];
  #closed = false;

  constructor(head: Head, mint: number, maxt: number) {
    this.mint = mint;
    this.maxt = maxt;
    this.#head = head;
    this.#epoch = head.slabs.pin();
    head.readers.add(this);
  }

  select(matchers: readonly Matcher[], options: { sorted: boolean; hints?: SelectHints }): SeriesSet {
    const { hints } = options;
    const mint = Math.max(this.mint, hints?.mint ?? -Infinity);
    const maxt = Math.min(this.maxt, hints?.maxt ?? Infinity);
    const head = this.#head;
    const refs = head.matching(matchers);
    const chunks = new ChunkDescriptors();
    const series: HeadSeries[] = [];
    const limit = hints?.limit !== undefined && hints.limit > 0 && !options.sorted ? hints.limit : Infinity;
    for (let i = 0; i < refs.length && series.length < limit; i++) {
      const slot = head.table.slot(refs[i]);
      const from = chunks.length;
      describeChunks(head, slot, mint, maxt, chunks);
      if (chunks.length === from) continue;
      series.push(new HeadSeries(head, slot, chunks, from, chunks.length, head.tombstones.get(refs[i])));
    }
    if (options.sorted) {
      series.sort((a, b) => compareLabels(a.labels, b.labels));
      if (hints?.limit !== undefined && hints.limit > 0) series.length = Math.min(series.length, hints.limit);
    }
    this.#series.push(series);
    return { series, warnings: [] };
  }

  labelNames(matchers: readonly Matcher[], hints?: LabelHints): LabelNames {
    const { index } = this.#head;
    const names =
      matchers.length === 0
        ? Array.from(index.names(), ({ name }) => name)
        : Array.from(
            this.#pairsOf(matchers, (pair) => index.nameIdOf(pair)),
            ([, pair]) => index.nameOf(pair),
          );
    return limited(names.sort(compareText), hints);
  }

  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): LabelNames {
    const { index } = this.#head;
    const entry = index.name(name);
    if (entry === undefined) return { values: [], warnings: [] };
    if (matchers.length === 0) return limited(index.sortedValues(entry), hints);
    if (matchers.every((matcher) => matcher.name === name)) {
      return limited(
        index.sortedValues(entry).filter((value) => matchers.every((matcher) => matcher.matches(value))),
        hints,
      );
    }
    const pairs = this.#pairsOf(matchers, (pair) => (index.nameIdOf(pair) === entry.id ? pair : -1));
    pairs.delete(-1);
    return limited(Array.from(pairs.keys(), (pair) => index.valueOf(pair)).sort(compareText), hints);
  }

  /** The pairs of the matching series, one for each distinct key. */
  #pairsOf(matchers: readonly Matcher[], key: (pair: number) => number): Map<number, number> {
    const { table } = this.#head;
    const found = new Map<number, number>();
    const seen = new Set<number>();
    for (const ref of this.#head.matching(matchers)) {
      const slot = table.slot(ref);
      const from = table.pairsFrom(slot);
      const to = from + table.pairCount(slot);
      for (let i = from; i < to; i++) {
        const pair = table.labelWords[i];
        if (seen.has(pair)) continue;
        seen.add(pair);
        found.set(key(pair), pair);
      }
    }
    return found;
  }

  /** Builds the labels that were not asked for yet: series are about to be removed. */
  keepLabels(): void {
    for (const list of this.#series) for (const series of list) void series.labels;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#head.readers.delete(this);
    this.#head.slabs.unpin(this.#epoch);
  }
}

function limited(values: readonly string[], hints: LabelHints | undefined): LabelNames {
  const limit = hints?.limit ?? 0;
  return { values: limit > 0 && values.length > limit ? values.slice(0, limit) : values, warnings: [] };
}

/** Lists the chunks of a series that overlap the bounds, oldest first. */
function describeChunks(head: Head, slot: number, mint: number, maxt: number, out: ChunkDescriptors): void {
  const { closed } = head;
  const { f64, i32 } = head.table;
  const w = slot * RECORD_I32;
  const begin = out.length;
  for (let entry = i32[w + I32_CLOSED]; entry !== 0; entry = closed.older(entry)) {
    if (closed.mint(entry) > maxt) continue;
    if (closed.maxt(entry) < mint) break;
    let where = closed.where(entry);
    const place = closed.file(entry);
    if (place === IN_BLOB) where = out.blobs.push(head.histograms.blob(where)) - 1;
    out.push(
      closed.mint(entry),
      closed.maxt(entry),
      place,
      where,
      closed.bytes(entry),
      closed.samples(entry),
      closed.encoding(entry),
    );
  }
  reverse(out, begin);
  const flags = i32[w + I32_FLAGS];
  const lastT = f64[slot * RECORD_F64 + F64_LAST_T];
  if (lastT < mint) return;
  if ((flags & FLAG_FLOAT_OPEN) !== 0) {
    const chunkMint = f64[slot * RECORD_F64 + F64_CHUNK_MINT];
    if (chunkMint > maxt) return;
    out.push(
      chunkMint,
      lastT,
      IN_SLAB,
      i32[w + I32_ADDRESS] >>> 0,
      (i32[w + I32_BITS] + 7) >>> 3,
      i32[w + I32_WINDOW] & 0xffff,
      ENCODING_XOR,
    );
  } else if ((flags & FLAG_HISTOGRAM_OPEN) !== 0) {
    const { writer, mint: chunkMint } = head.histograms.open(slot)!;
    if (chunkMint > maxt) return;
    const bytes = writer.toBytes();
    out.push(chunkMint, lastT, IN_BLOB, out.blobs.push(bytes) - 1, bytes.length, writer.samples, writer.encoding);
  }
}

/** Turns the entries from `from` on round: closed chunks are chained newest first. */
function reverse(list: ChunkDescriptors, from: number): void {
  for (let i = from, j = list.length - 1; i < j; i++, j--) {
    for (const column of [list.mint, list.maxt, list.place, list.where, list.bytes, list.samples, list.encoding]) {
      const kept = column[i];
      column[i] = column[j];
      column[j] = kept;
    }
  }
}

/** One selected series of the head. */
export class HeadSeries implements Series {
  readonly #head: Head;
  readonly #slot: number;
  readonly chunks: ChunkDescriptors;
  readonly from: number;
  readonly to: number;
  readonly #deleted: readonly Interval[] | undefined;
  #labels: Labels | undefined;

  constructor(
    head: Head,
    slot: number,
    chunks: ChunkDescriptors,
    from: number,
    to: number,
    deleted: readonly Interval[] | undefined,
  ) {
    this.#head = head;
    this.#slot = slot;
    this.chunks = chunks;
    this.from = from;
    this.to = to;
    this.#deleted = deleted;
  }

  get labels(): Labels {
    return (this.#labels ??= this.#head.table.labels(this.#slot));
  }

  read(column: SampleColumn, mint: number, maxt: number): void {
    const { chunks } = this;
    const begin = column.length;
    for (let i = this.from; i < this.to; i++) {
      if (chunks.maxt[i] < mint || chunks.mint[i] > maxt) continue;
      const place = chunks.place[i];
      const length = chunks.bytes[i];
      if (place === IN_SLAB) {
        const at = chunks.where[i] * UNIT_BYTES;
        decodeXor(this.#head.slabs.bytes, at, at + length, chunks.samples[i], column, mint, maxt);
      } else if (place === IN_BLOB) {
        const bytes = chunks.blobs[chunks.where[i]];
        decodeChunk(bytes, 0, length, chunks.encoding[i], chunks.samples[i], column, mint, maxt);
      }
    }
    if (this.#deleted !== undefined) dropDeleted(column, begin, this.#deleted);
  }
}

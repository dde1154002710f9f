import { compareText, type Matcher } from '../../model/index.ts';
import {
  StorageError,
  type LabelHints,
  type LabelNames,
  type Querier,
  type Queryable,
  type SelectHints,
  type SeriesSet,
} from '../../storage/index.ts';
import { Tombstones } from '../tombstones.ts';
import { BlockSeriesSet } from './block-series.ts';
import { ChunkCursor, ChunkSegments } from './chunk-reader.ts';
import { IndexReader } from './index-reader.ts';
import { labelNamesOf, labelValuesOf } from './label-queries.ts';
import { matchSeries, selectSeries } from './match-series.ts';
import { readMeta, writeMeta, type BlockMeta } from './meta.ts';
import { ReadBuffers } from './read-buffers.ts';
import type { SeriesTable } from './series-table.ts';
import { covers } from './intervals.ts';
import { readTombstones, writeTombstones } from './tombstone-file.ts';

export interface BlockOptions {
  /** Shared by the blocks of a database, so that their readers use the same few buffers. */
  readonly buffers?: ReadBuffers;
}

/**
 * A block of a database's directory, open for reading: a stretch of time of many series, which never changes but for what is marked as
 * deleted.
 *
 * Any number of queriers may be open at once. A block may be closed, and its directory deleted, while some are: they go on, and the files are
 * closed with the last of them.
 *
 * @see Prometheus `tsdb/block.go` (3.x); docs/formats
 */
export class Block implements Queryable {
  readonly dir: string;
  /** For the writer that merges blocks. */
  readonly index: IndexReader;
  readonly segments: ChunkSegments;
  readonly buffers: ReadBuffers;
  #meta: BlockMeta;
  #tombstones: Tombstones;
  #tombstoneBytes: number;
  #readers = 0;
  #isClosed = false;

  private constructor(
    dir: string,
    meta: BlockMeta,
    index: IndexReader,
    segments: ChunkSegments,
    stones: { tombstones: Tombstones; size: number },
    buffers: ReadBuffers,
  ) {
    this.dir = dir;
    this.#meta = meta;
    this.index = index;
    this.segments = segments;
    this.#tombstones = stones.tombstones;
    this.#tombstoneBytes = stones.size;
    this.buffers = buffers;
  }

  /**
   * Opens the block in a directory. Only headers are read; damage further inside shows when it is read.
   *
   * @throws {CorruptionError}
   * @throws {StorageError}
   */
  static open(dir: string, options: BlockOptions = {}): Block {
    const buffers = options.buffers ?? new ReadBuffers();
    const meta = readMeta(dir);
    const stones = readTombstones(dir);
    const index = IndexReader.open(dir, buffers);
    try {
      return new Block(dir, meta, index, ChunkSegments.open(dir), stones, buffers);
    } catch (error) {
      index.close();
      throw error;
    }
  }

  get meta(): BlockMeta {
    return this.#meta;
  }

  get tombstones(): Tombstones {
    return this.#tombstones;
  }

  /** Bytes on disk of index, chunks and tombstones. */
  get size(): number {
    return this.index.size + this.segments.size + this.#tombstoneBytes;
  }

  /** Whether any sample may lie in [mint, maxt] (ms, inclusive). */
  overlaps(mint: number, maxt: number): boolean {
    return this.#meta.minTime <= maxt && mint < this.#meta.maxTime;
  }

  /** @throws {StorageError} when the block has been closed */
  querier(mint: number, maxt: number): BlockQuerier {
    this.retain();
    return new BlockQuerier(this, mint, maxt);
  }

  /** Keeps the files open until `release`, whoever closes the block. */
  retain(): void {
    if (this.#isClosed) throw new StorageError(`Block ${this.#meta.ulid} has been closed`);
    this.#readers++;
  }

  release(): void {
    this.#readers--;
    this.#closeFiles();
  }

  /**
   * Marks the samples between mint and maxt (ms, inclusive) of all series that satisfy the matchers as deleted, on disk and for queriers
   * opened from now on.
   *
   * @returns how many series are concerned
   * @throws {CorruptionError}
   * @throws {StorageError}
   */
  delete(mint: number, maxt: number, matchers: readonly Matcher[]): number {
    const table = selectSeries(this.index, matchers, { mint: -Infinity, maxt: Infinity });
    const tombstones = copyOf(this.#tombstones);
    let concerned = 0;
    for (let i = 0; i < table.length; i++) {
      const first = table.chunkStart(i);
      const last = table.chunkEnds[i] - 1;
      let overlaps = false;
      for (let chunk = first; chunk <= last && !overlaps; chunk++) {
        overlaps = table.mint[chunk] <= maxt && mint <= table.maxt[chunk];
      }
      if (!overlaps) continue;
      // No further than there are samples: the bounds asked for may be as far away as can be.
      tombstones.add(table.refs[i], Math.max(mint, table.mint[first]), Math.min(maxt, table.maxt[last]));
      concerned++;
    }
    if (concerned === 0) return 0;
    this.#tombstoneBytes = writeTombstones(this.dir, tombstones);
    this.#tombstones = tombstones;
    this.setMeta({ ...this.#meta, stats: { ...this.#meta.stats, numTombstones: tombstones.count } });
    return concerned;
  }

  /** Writes what `meta.json` says anew. @throws {StorageError} */
  setMeta(meta: BlockMeta): void {
    writeMeta(this.dir, meta);
    this.#meta = meta;
  }

  /** No querier can be opened any more; the files are closed when the last one is. Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    this.#closeFiles();
  }

  #closeFiles(): void {
    if (!this.#isClosed || this.#readers > 0) return;
    this.index.close();
    this.segments.close();
  }
}

/** A view of a block: tombstones as they were when it was opened. Nothing it does waits. */
export class BlockQuerier implements Querier {
  readonly mint: number;
  readonly maxt: number;
  readonly #block: Block;
  /** As they were when the querier was opened. */
  readonly #tombstones: Tombstones;
  readonly #cursors: ChunkCursor[] = [];
  #isClosed = false;

  constructor(block: Block, mint: number, maxt: number) {
    this.#block = block;
    this.#tombstones = block.tombstones;
    this.mint = mint;
    this.maxt = maxt;
  }

  select(matchers: readonly Matcher[], { hints }: { sorted: boolean; hints?: SelectHints }): SeriesSet {
    const { index } = this.#block;
    const mint = Math.max(this.mint, hints?.mint ?? -Infinity);
    const maxt = Math.min(this.maxt, hints?.maxt ?? Infinity);
    const limit = hints?.limit ?? 0;
    const table = this.#tombstones.isEmpty
      ? selectSeries(index, matchers, { mint, maxt, labelsOnly: hints?.labelsOnly === true }, limit)
      : this.#selectUndeleted(matchers, mint, maxt, limit);
    const cursor = new ChunkCursor(this.#block.segments, this.#block.buffers);
    this.#cursors.push(cursor);
    return new BlockSeriesSet(table, index, cursor, this.#tombstones);
  }

  /** Series of which all chunks in the range have been deleted are not there. */
  #selectUndeleted(matchers: readonly Matcher[], mint: number, maxt: number, limit: number): SeriesTable {
    const table = selectSeries(this.#block.index, matchers, { mint, maxt });
    const keep = new Uint8Array(table.length);
    let left = limit > 0 ? limit : Infinity;
    for (let i = 0; i < table.length && left > 0; i++) {
      const intervals = this.#tombstones.get(table.refs[i]);
      for (let chunk = table.chunkStart(i); chunk < table.chunkEnds[i]; chunk++) {
        if (covers(intervals, table.mint[chunk], table.maxt[chunk])) continue;
        keep[i] = 1;
        left--;
        break;
      }
    }
    table.filter(keep);
    return table;
  }

  labelNames(matchers: readonly Matcher[], hints?: LabelHints): LabelNames {
    const { index } = this.#block;
    const values =
      matchers.length === 0 ? index.labelNames() : labelNamesOf(index, matchSeries(index, matchers)).sort(compareText);
    return { values: limited(values, hints), warnings: [] };
  }

  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): LabelNames {
    return { values: labelValuesOf(this.#block.index, name, matchers, hints?.limit ?? 0), warnings: [] };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const cursor of this.#cursors) cursor.release();
    this.#block.release();
  }
}

function copyOf(tombstones: Tombstones): Tombstones {
  const copy = new Tombstones();
  for (const [ref, intervals] of tombstones.entries()) {
    for (const { mint, maxt } of intervals) copy.add(ref, mint, maxt);
  }
  return copy;
}

function limited(values: string[], hints: LabelHints | undefined): string[] {
  const limit = hints?.limit ?? 0;
  return limit > 0 ? values.slice(0, limit) : values;
}

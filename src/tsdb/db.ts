import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { loadZstd, type Zstd } from '../bytes/index.ts';
import { compareLabels, type Exemplar, type Matcher } from '../model/index.ts';
import type { Clock, Logger, Registry } from '../runtime/index.ts';
import {
  StorageError,
  type Appendable,
  type Appender,
  type ExemplarQueryable,
  type ExemplarSeries,
  type Querier,
  type Queryable,
} from '../storage/index.ts';
import { registerDbMetrics } from './db-metrics.ts';
import { lockDirectory } from './dir-lock.ts';
import { headStats, type HeadStats } from './head-stats.ts';
import { AppenderPool } from './head/head-appender.ts';
import { HeadQuerier } from './head/head-querier.ts';
import { Head } from './head/head.ts';
import { Replay } from './head/replay.ts';
import { SeriesLog } from './head/series-log.ts';
import type { Compression } from './wal/format.ts';
import { runCheckpoint } from './wal/checkpoint-job.ts';
import { removeReplaced } from './wal/checkpoint.ts';
import { ZstdNeeded } from './wal/log-reader.ts';
import { LogWriter, listSegments } from './wal/log-writer.ts';
import { replayWal, type ReplayProgress } from './wal/wal-replay.ts';

const HOUR_MS = 3_600_000;

export interface DbOptions {
  /** Made if it is missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the store's own metrics are registered. */
  readonly registry?: Registry;
  /** Blocks that end longer ago are removed; 0: never. */
  readonly retentionMs?: number;
  /** Oldest blocks are removed while all files together take more; 0: no limit. */
  readonly retentionBytes?: number;
  /** Width of the youngest blocks. Default two hours. */
  readonly minBlockRangeMs?: number;
  readonly walCompression?: Compression;
  readonly walSegmentBytes?: number;
  /** How far behind the newest sample out-of-order samples are still taken; 0: not at all. */
  readonly outOfOrderWindowMs?: number;
  /** Exemplars held; 0: none are. */
  readonly maxExemplars?: number;
  /** Leave the directory unlocked: for readers of a copy. */
  readonly noLock?: boolean;
  readonly onReplayProgress?: (progress: ReplayProgress) => void;
}

/** Opens the store in a directory: reads the log, repairs its end, and is ready to take samples. @throws {StorageError} */
export async function openDb(options: DbOptions): Promise<Db> {
  try {
    mkdirSync(options.dir, { recursive: true });
  } catch (cause) {
    throw new StorageError(`Cannot make the data directory ${options.dir}: ${(cause as Error).message}`, { cause });
  }
  const unlock = options.noLock === true ? () => {} : lockDirectory(options.dir);
  try {
    let zstd = options.walCompression === 'zstd' ? await loadZstd() : undefined;
    for (;;) {
      try {
        return new Db(options, unlock, zstd);
      } catch (error) {
        if (!(error instanceof ZstdNeeded) || zstd !== undefined) throw error;
        zstd = await loadZstd();
      }
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * Prometheus's time series database in one directory: a head in memory with its write-ahead log, and blocks.
 *
 * Made by `openDb`. Appending, committing and selecting are synchronous.
 */
export class Db implements Appendable, Queryable, ExemplarQueryable {
  readonly dir: string;
  readonly head: Head;
  readonly #options: DbOptions;
  readonly #logger: Logger;
  readonly #unlock: () => void;
  readonly #wal: LogWriter;
  readonly #appenders: AppenderPool;
  /** Refs of removed series, with the segment that was written when they went: until it is gone, their records are needed. */
  readonly #removed = new Map<number, number>();
  #truncation: Promise<void> = Promise.resolve();
  #closed = false;
  /** Damaged places met in the log when the store was opened. */
  readonly walCorruptions: number;

  constructor(options: DbOptions, unlock: () => void, zstd: Zstd | undefined) {
    this.dir = options.dir;
    this.#options = options;
    this.#logger = options.logger;
    this.#unlock = unlock;
    this.head = new Head({
      chunkRangeMs: options.minBlockRangeMs ?? 2 * HOUR_MS,
      maxExemplars: options.maxExemplars ?? 100_000,
      outOfOrderWindowMs: options.outOfOrderWindowMs ?? 0,
    });
    const walDir = path.join(options.dir, 'wal');
    this.walCorruptions = this.#replay(walDir, zstd);
    this.#wal = new LogWriter({
      dir: walDir,
      compression: options.walCompression ?? 'snappy',
      zstd,
      segmentBytes: options.walSegmentBytes,
      onSyncError: (error) => {
        this.#logger.error('Log segment was not flushed to disk', { error });
      },
    });
    this.#appenders = new AppenderPool(this.head, new SeriesLog(this.head, this.#wal));
    if (options.registry !== undefined) {
      registerDbMetrics(options.registry, this.head, {
        segment: () => this.#wal.segment,
        corruptions: () => this.walCorruptions,
      });
    }
  }

  /** What the head holds; `limit` rows a table. */
  stats(limit: number): HeadStats {
    return headStats(this.head, limit);
  }

  #replay(walDir: string, zstd: Zstd | undefined): number {
    const { clock } = this.#options;
    const began = clock.monotonic();
    const replay = new Replay(this.head);
    const result = replayWal(
      { dir: walDir, logger: this.#logger, zstd, onProgress: this.#options.onReplayProgress },
      replay,
    );
    replay.finish();
    for (const ref of replay.aliases()) this.#removed.set(ref, result.lastSegment);
    const { unknownRefs, unknownRecords, samples } = replay.stats;
    if (unknownRefs > 0 || unknownRecords > 0) {
      this.#logger.warn('Log holds records that could not be used', { unknown_refs: unknownRefs, unknownRecords });
    }
    if (result.bytes > 0) {
      this.#logger.info('Log was replayed', {
        segments: result.lastSegment - result.firstSegment + 1,
        samples,
        series: this.head.seriesCount,
        duration_ms: Math.round(clock.monotonic() - began),
      });
    }
    return result.damages.length;
  }

  appender(): Appender {
    if (this.#closed) throw new StorageError(`Store ${this.dir} is closed`);
    return this.#appenders.appender();
  }

  querier(mint: number, maxt: number): Querier {
    return new HeadQuerier(this.head, mint, maxt);
  }

  exemplars(mint: number, maxt: number, matchers: readonly (readonly Matcher[])[]): readonly ExemplarSeries[] {
    const { head } = this;
    const refs = new Set<number>();
    for (const list of matchers) for (const ref of head.matching(list)) refs.add(ref);
    const found: ExemplarSeries[] = [];
    for (const [ref, exemplars] of head.exemplars.select(refs, mint, maxt)) {
      found.push({ labels: head.table.labels(head.table.slot(ref)), exemplars: sortedByTime(exemplars) });
    }
    return found.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  /**
   * Forgets the head's samples before `mint`, which must be in blocks by now, and the log's: what is still needed of its older segments
   * goes into a checkpoint. Memory is free when this returns, the log when the promise is fulfilled; one truncation waits for another.
   */
  truncate(mint: number): Promise<void> {
    const segment = this.#wal.segment;
    for (const ref of this.head.truncate(mint)) this.#removed.set(ref, segment);
    this.#truncation = this.#truncation.then(() => this.#truncateLog(mint));
    return this.#truncation;
  }

  async #truncateLog(mint: number): Promise<void> {
    if (this.#closed) return;
    const { dir } = this.#wal;
    const segments = listSegments(dir);
    const [first] = segments;
    // The segment being written is left alone, and of the others the newest third: most of it is needed still.
    const last = this.#wal.segment - 1;
    const to = first + Math.floor(((last - first) * 2) / 3);
    this.#wal.nextSegment();
    if (last < 0 || to <= first) return;
    const { clock } = this.#options;
    const began = clock.monotonic();
    try {
      const stats = await runCheckpoint({
        dir,
        to,
        mint,
        compression: this.#options.walCompression ?? 'snappy',
        kept: this.#neededRefs(to),
      });
      removeReplaced(dir, to);
      for (const [ref, segment] of this.#removed) if (segment <= to) this.#removed.delete(ref);
      this.#logger.info('Log was truncated', {
        checkpoint: to,
        ...stats,
        duration_ms: Math.round(clock.monotonic() - began),
      });
    } catch (error) {
      // The log is longer than it needs to be, and complete: the next truncation tries again.
      this.#logger.error('Log was not truncated', { error });
    }
  }

  /** A bit for each ref whose series records are still needed once the segments up to `to` are gone. */
  #neededRefs(to: number): SharedArrayBuffer {
    const { table } = this.head;
    const buffer = new SharedArrayBuffer((table.nextRef >>> 3) + 1);
    const bits = new Uint8Array(buffer);
    table.forEach((slot) => {
      const ref = table.ref(slot);
      bits[ref >>> 3] |= 1 << (ref & 7);
    });
    for (const [ref, segment] of this.#removed) {
      if (segment > to && ref < table.nextRef) bits[ref >>> 3] |= 1 << (ref & 7);
    }
    return buffer;
  }

  /** Flushes the log and lets the directory go; closing twice is fine. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#truncation;
    try {
      this.#wal.close();
    } finally {
      this.#unlock();
    }
  }
}

function sortedByTime(exemplars: readonly Exemplar[]): readonly Exemplar[] {
  return [...exemplars].sort((a, b) => a.t - b.t);
}

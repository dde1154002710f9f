import path from 'node:path';
import { loadZstd, type CorruptionError, type Zstd } from '../../bytes/index.ts';
import type { Logger } from '../../runtime/index.ts';
import { invariant } from '../../runtime/index.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { checkpointName, listCheckpoints, listSegments, segmentName, type Compression } from './layout.ts';
import type { LogFiles } from './log-files.ts';
import { RecordDecoder } from './record-decoder.ts';
import { RecordEncoder, type LogBatch } from './record-encoder.ts';
import type { LogHandler } from './record.ts';
import { repairSegment } from './repair.ts';
import { readSegment, type SegmentReport } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';

export interface WriteAheadLogOptions {
  readonly logger: Logger;
  /** Snappy, unless given. */
  readonly compression?: Compression;
  readonly segmentBytes?: number;
  readonly files?: LogFiles;
}

/** How a replay went. */
export interface ReplayReport {
  readonly segments: number;
  readonly records: number;
  /** What could not be read; everything before and after it could. */
  readonly corruptions: readonly CorruptionError[];
}

/** Where a replay is: segment numbers, the last one inclusive. */
export type ReplayProgress = (first: number, last: number, current: number) => void;

/**
 * The write-ahead log of a head: replay it once, then log every commit before it is applied.
 *
 * The directory and the bytes are Prometheus's, both ways.
 */
export class WriteAheadLog {
  readonly dir: string;
  readonly #options: WriteAheadLogOptions;
  readonly #zstd: Zstd;
  readonly #encoder = new RecordEncoder();
  #writer: SegmentWriter | undefined;

  private constructor(dir: string, options: WriteAheadLogOptions, zstd: Zstd) {
    this.dir = dir;
    this.#options = options;
    this.#zstd = zstd;
  }

  static async open(dir: string, options: WriteAheadLogOptions): Promise<WriteAheadLog> {
    return new WriteAheadLog(dir, options, await loadZstd());
  }

  /**
   * Hands everything in the log to `handler`, oldest first, repairs what a crash or the disk has damaged, and makes the log ready for `log`.
   * Gives way to other work between segments.
   *
   * @throws {StorageError} when the log cannot be opened for writing
   */
  async replay(handler: LogHandler, progress: ReplayProgress = () => {}): Promise<ReplayReport> {
    const decoder = new RecordDecoder(handler);
    const corruptions: CorruptionError[] = [];
    let records = 0;
    let segments = 0;
    const read = (dir: string, segment: number) => {
      const file = path.join(dir, segmentName(segment));
      const report = readSegment(
        file,
        (record) => {
          decoder.decode(record);
        },
        this.#zstd,
      );
      segments++;
      records += report.records;
      corruptions.push(...report.corruptions);
      this.#repair(dir, segment, report);
    };
    const checkpoint = listCheckpoints(this.dir).at(-1);
    if (checkpoint !== undefined) {
      const dir = path.join(this.dir, checkpointName(checkpoint));
      for (const segment of listSegments(dir)) read(dir, segment);
    }
    const rest = listSegments(this.dir).filter((segment) => segment > (checkpoint ?? -1));
    for (const segment of rest) {
      progress(rest[0], rest.at(-1)!, segment);
      read(this.dir, segment);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (decoder.unknown > 0) {
      this.#options.logger.warn('Passed over records of an unknown kind in the log', {
        dir: this.dir,
        records: decoder.unknown,
      });
    }
    const { compression, segmentBytes, files } = this.#options;
    this.#writer = SegmentWriter.open(this.dir, {
      zstd: this.#zstd,
      ...(compression === undefined ? {} : { compression }),
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
      ...(files === undefined ? {} : { files }),
    });
    return { segments, records, corruptions };
  }

  /** The segment that is written to. */
  get segment(): number {
    invariant(this.#writer !== undefined, 'the log is replayed before it is used');
    return this.#writer.segment;
  }

  /**
   * Writes a commit; it survives the end of the process once this returns.
   *
   * @throws {StorageError} when the disk does not take it: then nothing of it is in the log
   */
  log(batch: LogBatch): void {
    invariant(this.#writer !== undefined, 'the log is replayed before it is used');
    const records = this.#encoder.encode(batch);
    if (records.length > 0) this.#writer.append(records);
  }

  /**
   * Drops what is in blocks by now: begins a new segment and condenses the older two thirds of the log into a checkpoint.
   *
   * @param mint everything before this (ms) is in blocks
   * @param keep whether a series is still in use
   * @returns the last segment that went into the checkpoint; `undefined` when there is too little to be worth it
   */
  truncate(mint: number, keep: (ref: number) => boolean): number | undefined {
    invariant(this.#writer !== undefined, 'the log is replayed before it is used');
    this.#writer.cut();
    const [first] = listSegments(this.dir);
    const upTo = first + Math.floor(((this.#writer.segment - 2 - first) * 2) / 3);
    if (upTo <= first) return undefined;
    writeCheckpoint(this.dir, {
      upTo,
      mint,
      keep,
      compression: this.#options.compression ?? 'snappy',
      zstd: this.#zstd,
    });
    return upTo;
  }

  /** Safe to call twice. */
  close(): void {
    this.#writer?.close();
  }

  #repair(dir: string, segment: number, report: SegmentReport): void {
    const { logger, compression = 'snappy' } = this.#options;
    for (const corruption of report.corruptions) {
      logger.error('Damage in the write-ahead log, going on behind it', {
        file: corruption.file,
        offset: corruption.offset,
        error: corruption,
      });
    }
    if (report.corruptions.length === 0 && !report.isTorn) return;
    try {
      repairSegment(dir, segment, report, { compression, zstd: this.#zstd });
    } catch (error) {
      logger.error('Repairing the write-ahead log failed, it stays as it is', { dir, segment, error });
    }
  }
}

import { existsSync, fsyncSync, openSync, closeSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Encbuf, type Zstd } from '../../bytes/index.ts';
import { CUSTOM_BUCKETS_SCHEMA, type Exemplar, type Histogram, type Metadata } from '../../model/index.ts';
import { StorageError } from '../../storage/index.ts';
import { checkpointIndex, checkpointName, RECORD_SERIES, segmentName, type Compression } from './format.ts';
import { LogReader } from './log-reader.ts';
import { LogWriter, listSegments } from './log-writer.ts';
import { RecordDecoder, type RecordSink, type SampleBatch } from './record-decode.ts';
import {
  encodeExemplars,
  encodeHistograms,
  encodeMetadata,
  encodeSamples,
  encodeTombstones,
  type HistogramSample,
} from './record-encode.ts';
import { lastCheckpoint } from './wal-replay.ts';

/** Records are written in batches of about this size. */
const BATCH_BYTES = 1 << 20;

export interface CheckpointOptions {
  /** The log directory. */
  readonly dir: string;
  /** Last segment that the checkpoint replaces; segments up to it must not be written any more. */
  readonly to: number;
  /** Whether records of a series are kept. */
  readonly keep: (ref: number) => boolean;
  /** Samples and exemplars before this are left out. */
  readonly mint: number;
  readonly compression: Compression;
  readonly zstd?: Zstd;
}

export interface CheckpointStats {
  readonly series: number;
  readonly droppedSeries: number;
  readonly samples: number;
  readonly droppedSamples: number;
}

/**
 * Writes what is still needed of the previous checkpoint and of the segments up to `to` into `checkpoint.<to>`, which appears when it is
 * complete and on disk.
 *
 * @throws {StorageError} when a segment is damaged or something cannot be written; nothing has changed then
 */
export function writeCheckpoint(options: CheckpointOptions): CheckpointStats {
  const { dir, to } = options;
  const previous = lastCheckpoint(dir);
  const segments = listSegments(dir).filter((segment) => segment > previous && segment <= to);
  const target = path.join(dir, checkpointName(to));
  const temporary = `${target}.tmp`;
  removeUnfinished(dir);
  const log = new LogWriter({ dir: temporary, compression: options.compression, zstd: options.zstd, firstSegment: 0 });
  try {
    const sieve = new Sieve(log, options);
    if (previous >= 0) {
      const previousDir = path.join(dir, checkpointName(previous));
      sift(previousDir, listSegments(previousDir), options.zstd, sieve);
    }
    sift(dir, segments, options.zstd, sieve);
    sieve.finish();
    log.close();
    syncDirectory(temporary);
    renameSync(temporary, target);
    syncDirectory(dir);
    return sieve.stats;
  } catch (error) {
    try {
      log.close();
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    throw error instanceof StorageError
      ? error
      : new StorageError(`Cannot write checkpoint ${target}: ${(error as Error).message}`, { cause: error });
  }
}

/** Removes the segments and checkpoints that a checkpoint up to `to` has replaced. */
export function removeReplaced(dir: string, to: number): void {
  for (const segment of listSegments(dir)) if (segment <= to) rmSync(path.join(dir, segmentName(segment)));
  for (const name of readdirSync(dir)) {
    const index = checkpointIndex(name);
    if (index !== undefined && index < to) rmSync(path.join(dir, name), { recursive: true });
  }
}

function removeUnfinished(dir: string): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    if (/^checkpoint\.\d+\.tmp$/.test(name)) rmSync(path.join(dir, name), { recursive: true });
  }
}

function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function sift(dir: string, segments: readonly number[], zstd: Zstd | undefined, sieve: Sieve): void {
  const reader = new LogReader(dir, zstd);
  const decoder = new RecordDecoder();
  for (const segment of segments) {
    const damage = reader.readSegment(segment, (bytes, from, to) => {
      decoder.decode(bytes, from, to, sieve);
      sieve.endRecord();
    });
    if (damage !== undefined) {
      throw new StorageError(`Cannot make a checkpoint of a damaged log: ${damage.error.message}`, {
        cause: damage.error,
      });
    }
  }
}

/** Passes on what is to be kept, record by record. */
class Sieve implements RecordSink {
  readonly #log: LogWriter;
  readonly #keep: (ref: number) => boolean;
  readonly #mint: number;
  readonly #out = new Encbuf(64 * 1024);
  readonly #seriesOut = new Encbuf(64 * 1024);
  #batchBytes = 0;
  #histograms: HistogramSample[] = [];
  #exemplars: { ref: number; exemplar: Exemplar }[] = [];
  #tombstones: { ref: number; mint: number; maxt: number }[] = [];
  /** The newest of each series: older ones are of no use. */
  readonly #metadata = new Map<number, Metadata>();
  readonly stats = { series: 0, droppedSeries: 0, samples: 0, droppedSamples: 0 };

  constructor(log: LogWriter, options: CheckpointOptions) {
    this.#log = log;
    this.#keep = options.keep;
    this.#mint = options.mint;
    log.begin();
  }

  series(ref: number, bytes: Uint8Array, from: number, to: number, count: number): void {
    this.stats.series++;
    if (!this.#keep(ref)) {
      this.stats.droppedSeries++;
      return;
    }
    const out = this.#seriesOut;
    if (out.length === 0) out.putByte(RECORD_SERIES);
    out.putBe64(ref);
    out.putUvarint(count);
    out.putBytes(bytes.subarray(from, to));
  }

  samples(batch: SampleBatch): void {
    const { length, refs, ts, words } = batch;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      if (ts[i] < this.#mint) continue;
      refs[kept] = refs[i];
      ts[kept] = ts[i];
      words[2 * kept] = words[2 * i];
      words[2 * kept + 1] = words[2 * i + 1];
      kept++;
    }
    this.stats.samples += length;
    this.stats.droppedSamples += length - kept;
    if (kept === 0) return;
    encodeSamples(this.#out, refs, ts, words, 0, kept);
    this.#add(this.#out);
  }

  histogram(ref: number, t: number, histogram: Histogram | undefined, kind: 'int' | 'float'): void {
    this.stats.samples++;
    if (t >= this.#mint) this.#histograms.push({ ref, t, histogram, kind });
    else this.stats.droppedSamples++;
  }

  tombstone(ref: number, mint: number, maxt: number): void {
    if (maxt >= this.#mint && this.#keep(ref)) this.#tombstones.push({ ref, mint, maxt });
  }

  exemplar(ref: number, exemplar: Exemplar): void {
    if (exemplar.t >= this.#mint) this.#exemplars.push({ ref, exemplar });
  }

  metadata(ref: number, metadata: Metadata): void {
    if (this.#keep(ref)) this.#metadata.set(ref, metadata);
  }

  mmapMarker(): void {
    // Markers belong to the log of out-of-order samples, which has no checkpoints.
  }

  unknown(): void {
    // Of no use to anybody who reads this log.
  }

  /** Writes what one record has left. */
  endRecord(): void {
    if (this.#seriesOut.length > 0) {
      this.#add(this.#seriesOut);
      this.#seriesOut.reset();
    }
    if (this.#histograms.length > 0) {
      for (const custom of [false, true]) {
        const some = this.#histograms.filter(
          ({ histogram }) => (histogram?.schema === CUSTOM_BUCKETS_SCHEMA) === custom,
        );
        if (some.length === 0) continue;
        encodeHistograms(this.#out, some, custom);
        this.#add(this.#out);
      }
      this.#histograms = [];
    }
    if (this.#exemplars.length > 0) {
      encodeExemplars(this.#out, this.#exemplars);
      this.#add(this.#out);
      this.#exemplars = [];
    }
    if (this.#tombstones.length > 0) {
      encodeTombstones(this.#out, this.#tombstones);
      this.#add(this.#out);
      this.#tombstones = [];
    }
  }

  #add(out: Encbuf): void {
    this.#log.add(out.bytes());
    this.#batchBytes += out.length;
    if (this.#batchBytes < BATCH_BYTES) return;
    this.#log.flush();
    this.#log.begin();
    this.#batchBytes = 0;
  }

  finish(): void {
    const updates = Array.from(this.#metadata, ([ref, metadata]) => ({ ref, metadata }));
    for (let from = 0; from < updates.length; from += 1000) {
      encodeMetadata(this.#out, updates.slice(from, from + 1000));
      this.#add(this.#out);
    }
    this.#log.flush();
  }
}

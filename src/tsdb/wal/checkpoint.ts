import * as fs from 'node:fs';
import path from 'node:path';
import type { Zstd } from '../../bytes/index.ts';
import type { Exemplar, Histogram, Labels, Metadata } from '../../model/index.ts';
import { checkpointName, listCheckpoints, listSegments, segmentName, type Compression } from './layout.ts';
import { RecordDecoder } from './record-decoder.ts';
import {
  RecordEncoder,
  type ExemplarEntry,
  type HistogramEntry,
  type LogBatch,
  type SeriesEntry,
  type TombstoneEntry,
} from './record-encoder.ts';
import { SampleBatch, type LogHandler } from './record.ts';
import { readSegment } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';

export interface CheckpointOptions {
  /** The last segment whose content goes into the checkpoint. */
  readonly upTo: number;
  /** Samples before this (ms) are in blocks already and are left out. */
  readonly mint: number;
  /** Whether anything still refers to the series. */
  readonly keep: (ref: number) => boolean;
  readonly compression: Compression;
  readonly zstd?: Zstd;
}

/** Records gathered before they are written: bounds the memory a checkpoint takes. */
const BATCH_ENTRIES = 10_000;

/**
 * Condenses the previous checkpoint and the segments up to `upTo` into a new checkpoint, then removes them. A crash at any moment leaves either
 * the old files or the new one, complete.
 *
 * @see Prometheus `tsdb/wlog/checkpoint.go`
 */
export function writeCheckpoint(dir: string, options: CheckpointOptions): void {
  const { upTo, compression, zstd } = options;
  const finished = path.join(dir, checkpointName(upTo));
  const temporary = `${finished}.tmp`;
  fs.rmSync(temporary, { recursive: true, force: true });
  const writer = SegmentWriter.open(temporary, { compression, ...(zstd === undefined ? {} : { zstd }) });
  try {
    const content = new CheckpointContent(writer, options);
    const decoder = new RecordDecoder(content);
    const previous = listCheckpoints(dir).at(-1);
    const read = (file: string) =>
      readSegment(
        file,
        (record) => {
          decoder.decode(record);
        },
        zstd,
      );
    if (previous !== undefined) {
      const from = path.join(dir, checkpointName(previous));
      for (const segment of listSegments(from)) read(path.join(from, segmentName(segment)));
    }
    for (const segment of listSegments(dir)) {
      if (segment > upTo || (previous !== undefined && segment <= previous)) continue;
      read(path.join(dir, segmentName(segment)));
    }
    content.finish();
  } finally {
    writer.close();
  }
  fs.rmSync(finished, { recursive: true, force: true });
  fs.renameSync(temporary, finished);
  for (const segment of listSegments(dir))
    if (segment <= upTo) fs.rmSync(path.join(dir, segmentName(segment)), { force: true });
  for (const older of listCheckpoints(dir)) {
    if (older < upTo) fs.rmSync(path.join(dir, checkpointName(older)), { recursive: true, force: true });
  }
}

/** Sieves what the log says and writes what is left. */
class CheckpointContent implements LogHandler {
  readonly #writer: SegmentWriter;
  readonly #encoder = new RecordEncoder();
  readonly #mint: number;
  readonly #keep: (ref: number) => boolean;
  #series: SeriesEntry[] = [];
  readonly #samples = new SampleBatch();
  #histograms: HistogramEntry[] = [];
  #exemplars: ExemplarEntry[] = [];
  #tombstones: TombstoneEntry[] = [];
  /** Only the newest of each series matters. */
  readonly #metadata = new Map<number, Metadata>();

  constructor(writer: SegmentWriter, { mint, keep }: CheckpointOptions) {
    this.#writer = writer;
    this.#mint = mint;
    this.#keep = keep;
  }

  series(ref: number, labels: Labels): void {
    if (!this.#keep(ref)) return;
    this.#series.push({ ref, labels });
    if (this.#series.length >= BATCH_ENTRIES) this.#flush();
  }

  samples(batch: SampleBatch): void {
    const kept = this.#samples;
    kept.reserve(batch.length);
    for (let i = 0; i < batch.length; i++) {
      if (batch.t[i] < this.#mint || !this.#keep(batch.refs[i])) continue;
      const n = kept.length++;
      kept.refs[n] = batch.refs[i];
      kept.t[n] = batch.t[i];
      kept.bits[2 * n] = batch.bits[2 * i];
      kept.bits[2 * n + 1] = batch.bits[2 * i + 1];
    }
    if (kept.length >= BATCH_ENTRIES) this.#flush();
  }

  histogram(ref: number, t: number, histogram: Histogram, isStale: boolean): void {
    if (t < this.#mint || !this.#keep(ref)) return;
    this.#histograms.push({ ref, t, histogram, isStale });
    if (this.#histograms.length >= BATCH_ENTRIES) this.#flush();
  }

  exemplar(ref: number, exemplar: Exemplar): void {
    if (exemplar.t < this.#mint || !this.#keep(ref)) return;
    this.#exemplars.push({ ref, exemplar });
    if (this.#exemplars.length >= BATCH_ENTRIES) this.#flush();
  }

  metadata(ref: number, metadata: Metadata): void {
    if (this.#keep(ref)) this.#metadata.set(ref, metadata);
  }

  tombstone(ref: number, mint: number, maxt: number): void {
    if (maxt < this.#mint || !this.#keep(ref)) return;
    this.#tombstones.push({ ref, mint, maxt });
    if (this.#tombstones.length >= BATCH_ENTRIES) this.#flush();
  }

  finish(): void {
    this.#flush();
    const metadata = Array.from(this.#metadata, ([ref, value]) => ({ ref, metadata: value }));
    for (let i = 0; i < metadata.length; i += BATCH_ENTRIES)
      this.#write({ metadata: metadata.slice(i, i + BATCH_ENTRIES) });
  }

  #flush(): void {
    this.#write({
      series: this.#series,
      samples: this.#samples,
      histograms: this.#histograms,
      exemplars: this.#exemplars,
      tombstones: this.#tombstones,
    });
    this.#series = [];
    this.#samples.length = 0;
    this.#histograms = [];
    this.#exemplars = [];
    this.#tombstones = [];
  }

  #write(batch: LogBatch): void {
    const records = this.#encoder.encode(batch);
    if (records.length > 0) this.#writer.append(records);
  }
}

import { RECORD_F64, RECORD_I32, F64_LAST_T } from '../../kernels/index.ts';
import type { Histogram, Span } from '../../model/index.ts';
import { HEADER_GAUGE, HEADER_RESET, HistogramChunkWriter, type HistogramKind } from '../chunkenc/histogram-chunk.ts';
import { IN_BLOB, type ClosedChunks } from './closed-chunks.ts';
import { chunkEndTime, rangeEnd } from './float-chunks.ts';
import {
  FLAG_HISTOGRAM_OPEN,
  FLAG_LAST_HISTOGRAM,
  FLAG_STALE,
  I32_CLOSED,
  I32_FLAGS,
  type SeriesTable,
} from './series-table.ts';

const TARGET_BYTES = 1024;
const MIN_SAMPLES = 10;

/** The growing histogram chunk of one series. */
export interface OpenHistogramChunk {
  readonly writer: HistogramChunkWriter;
  readonly mint: number;
  nextAt: number;
  hasEndTime: boolean;
  /** The newest sample, for telling duplicates; `undefined` for a staleness marker. */
  last: Histogram | undefined;
}

/**
 * Growing histogram chunks. Series with histograms are few and their samples large, so each has an object here.
 *
 * @see Prometheus `tsdb/head_append.go`, histogramsAppendPreprocessor and appendHistogram
 */
export class HistogramChunks {
  readonly #table: SeriesTable;
  readonly #closed: ClosedChunks;
  readonly #chunkRangeMs: number;
  readonly #closeFloat: (slot: number) => void;
  readonly #open = new Map<number, OpenHistogramChunk>();
  readonly #blobs = new Map<number, Uint8Array>();
  #nextBlob = 1;
  created = 0;

  constructor(table: SeriesTable, closed: ClosedChunks, chunkRangeMs: number, closeFloat: (slot: number) => void) {
    this.#table = table;
    this.#closed = closed;
    this.#chunkRangeMs = chunkRangeMs;
    this.#closeFloat = closeFloat;
  }

  open(slot: number): OpenHistogramChunk | undefined {
    return this.#open.get(slot);
  }

  /** Number of series whose newest chunk holds histograms. */
  get openCount(): number {
    return this.#open.size;
  }

  blob(number: number): Uint8Array {
    return this.#blobs.get(number)!;
  }

  releaseBlob(number: number): void {
    this.#blobs.delete(number);
  }

  /** Appends in order; `false`, and nothing done, when `t` is not above the series' newest sample. */
  append(slot: number, t: number, histogram: Histogram | undefined, kind: HistogramKind): boolean {
    const { f64, i32 } = this.#table;
    const f = slot * RECORD_F64;
    const w = slot * RECORD_I32;
    if (t <= f64[f + F64_LAST_T]) return false;
    const previous = this.#open.get(slot);
    let chunk = previous;
    // 1. A chunk of another kind is finished.
    if (chunk === undefined || chunk.writer.kind !== kind) chunk = this.#begin(slot, t, kind);
    else {
      // 2. At a quarter of the target size, spread what is still to come evenly over the chunk range.
      const bytes = chunk.writer.byteLength;
      const rangeStart = chunk.hasEndTime ? rangeEnd(chunk.mint, this.#chunkRangeMs) : chunk.nextAt;
      if (!chunk.hasEndTime && bytes >= TARGET_BYTES / 4) {
        chunk.nextAt = chunkEndTime(chunk.mint, f64[f + F64_LAST_T], chunk.nextAt, TARGET_BYTES / bytes);
        chunk.hasEndTime = true;
      }
      if (
        (t >= chunk.nextAt || bytes >= TARGET_BYTES * 2) &&
        (chunk.writer.samples >= MIN_SAMPLES || t >= rangeStart)
      ) {
        chunk = this.#begin(slot, t, kind);
      }
    }
    // 3. A fresh chunk says in its header how it follows the one before; an old one may not fit.
    if (chunk !== previous) {
      if (histogram?.counterResetHint === 'gauge') chunk.writer.header = HEADER_GAUGE;
      else if (histogram?.counterResetHint === 'reset') chunk.writer.header = HEADER_RESET;
      else if (previous?.writer.kind === kind) chunk.writer.header = previous.writer.fit(histogram).header;
      chunk.writer.appendFitting(t, histogram);
    } else {
      const fit = chunk.writer.fit(histogram);
      if (fit.ok) chunk.writer.append(t, histogram, fit);
      else {
        chunk = this.#begin(slot, t, kind);
        chunk.writer.header = fit.header;
        chunk.writer.appendFitting(t, histogram);
      }
    }
    chunk.last = histogram;
    f64[f + F64_LAST_T] = t;
    i32[w + I32_FLAGS] =
      (i32[w + I32_FLAGS] & ~FLAG_STALE) | FLAG_LAST_HISTOGRAM | (histogram === undefined ? FLAG_STALE : 0);
    return true;
  }

  #begin(slot: number, t: number, kind: HistogramKind): OpenHistogramChunk {
    this.#closeFloat(slot);
    this.close(slot);
    const chunk: OpenHistogramChunk = {
      writer: new HistogramChunkWriter(kind),
      mint: t,
      nextAt: rangeEnd(t, this.#chunkRangeMs),
      hasEndTime: false,
      last: undefined,
    };
    this.#open.set(slot, chunk);
    this.#table.i32[slot * RECORD_I32 + I32_FLAGS] |= FLAG_HISTOGRAM_OPEN;
    this.created++;
    return chunk;
  }

  /** Finishes the growing chunk, if there is one. */
  close(slot: number): void {
    const chunk = this.#open.get(slot);
    if (chunk === undefined) return;
    const { f64, i32 } = this.#table;
    const w = slot * RECORD_I32;
    const bytes = chunk.writer.toBytes();
    const number = this.#nextBlob++;
    this.#blobs.set(number, bytes);
    i32[w + I32_CLOSED] = this.#closed.add(
      chunk.mint,
      f64[slot * RECORD_F64 + F64_LAST_T],
      i32[w + I32_CLOSED],
      number,
      bytes.length,
      chunk.writer.encoding,
      chunk.writer.samples,
      IN_BLOB,
    );
    this.drop(slot);
  }

  /** Throws the growing chunk away. */
  drop(slot: number): void {
    this.#open.delete(slot);
    this.#table.i32[slot * RECORD_I32 + I32_FLAGS] &= ~FLAG_HISTOGRAM_OPEN;
  }
}

/** Whether two histograms are the same sample: floats by their bits, hints left out. */
export function sameHistogram(a: Histogram | undefined, b: Histogram | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind !== b.kind || a.schema !== b.schema || a.zeroThreshold !== b.zeroThreshold) return false;
  if (a.count !== b.count || a.zeroCount !== b.zeroCount || !Object.is(a.sum, b.sum)) return false;
  if (!sameSpans(a.positiveSpans, b.positiveSpans) || !sameSpans(a.negativeSpans, b.negativeSpans)) return false;
  if (!sameValues(a.customValues, b.customValues)) return false;
  if (a.kind === 'int') {
    return (
      b.kind === 'int' &&
      sameValues(a.positiveDeltas, b.positiveDeltas) &&
      sameValues(a.negativeDeltas, b.negativeDeltas)
    );
  }
  return (
    b.kind === 'float' &&
    sameValues(a.positiveBuckets, b.positiveBuckets) &&
    sameValues(a.negativeBuckets, b.negativeBuckets)
  );
}

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return a.length === b.length && a.every((span, i) => span.offset === b[i].offset && span.length === b[i].length);
}

function sameValues(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

import {
  appendXor,
  beginXor,
  ENCODING_XOR,
  finishXor,
  MAX_SAMPLE_BYTES,
  NAN_HIGH,
  NAN_LOW,
  RECORD_F64,
  STALE_HIGH,
  STALE_LOW,
  xorBytes,
} from '../../kernels/index.ts';
import { toIntHistogram, type FloatHistogram, type Histogram, type SampleColumn } from '../../model/index.ts';
import {
  HEADER_GAUGE,
  HEADER_RESET,
  HEADER_UNKNOWN,
  HistogramChunkWriter,
  type HistogramKind,
} from '../chunkenc/histogram-chunk.ts';
import type { EncodedChunk } from './chunk-layout.ts';

/** Samples a chunk holds at most. */
export const SAMPLES_PER_CHUNK = 120;
/** Time between neighbours that the encoder of floats can hold, ms. */
const MAX_STEP_MS = 2 ** 32;

const record = new Float64Array(RECORD_F64);
const recordWords = new Int32Array(record.buffer);
const scratch = new Uint8Array((SAMPLES_PER_CHUNK + 1) * MAX_SAMPLE_BYTES);

/**
 * Encodes the samples of a column as chunks of 120 at most, floats and histograms apart. A run of histograms whose counts are all whole
 * numbers becomes integer histograms, which is what they nearly always were. A staleness marker goes with the samples before it, else with
 * those behind it.
 *
 * Start timestamps are not kept: the encoding of floats that most readers know has no room for them.
 *
 * @param column ascending, each time once; borrowed
 * @see Prometheus `storage/series.go`, seriesToChunkEncoder (3.x)
 */
export function encodeChunks(column: SampleColumn): EncodedChunk[] {
  const chunks: EncodedChunk[] = [];
  for (let from = 0; from < column.length;) {
    const isHistogram = isHistogramAt(column, from);
    let to = from + 1;
    while (to < column.length && (column.stale[to] === 1 || isHistogramAt(column, to) === isHistogram)) to++;
    if (isHistogram) encodeHistograms(column, from, to, chunks);
    else encodeFloats(column, from, to, chunks);
    from = to;
  }
  return chunks;
}

/** Whether a sample is a histogram; of a marker, whether what comes behind it is one. */
function isHistogramAt(column: SampleColumn, i: number): boolean {
  const { histograms } = column;
  if (histograms === undefined) return false;
  while (i < column.length - 1 && column.stale[i] === 1) i++;
  return histograms[i] !== undefined;
}

function encodeFloats(column: SampleColumn, from: number, to: number, chunks: EncodedChunk[]): void {
  const { t, v, stale } = column;
  const words = new Int32Array(v.buffer, v.byteOffset, v.length * 2);
  for (let first = from; first < to;) {
    beginXor(recordWords, 0);
    let i = first;
    for (; i < to && i - first < SAMPLES_PER_CHUNK; i++) {
      if (i > first && t[i] - t[i - 1] >= MAX_STEP_MS) break;
      let high = words[2 * i + 1];
      let low = words[2 * i];
      if (stale[i] === 1) {
        high = STALE_HIGH;
        low = STALE_LOW;
      } else if (high === NAN_HIGH && low === 0) low = NAN_LOW;
      appendXor(record, recordWords, 0, scratch, 0, t[i], high, low);
    }
    finishXor(recordWords, 0, scratch, 0);
    const bytes = scratch.slice(0, xorBytes(recordWords, 0));
    chunks.push(chunk(ENCODING_XOR, bytes, i - first, t[first], t[i - 1]));
    first = i;
  }
}

function encodeHistograms(column: SampleColumn, from: number, to: number, chunks: EncodedChunk[]): void {
  const { kind, histograms } = ofOneKind(column.histograms!.slice(from, to));
  let writer = new HistogramChunkWriter(kind);
  let first = from;
  const end = (i: number): void => {
    chunks.push(chunk(writer.encoding, writer.toBytes(), writer.samples, column.t[first], column.t[i - 1]));
  };
  for (let i = from; i < to; i++) {
    const histogram = histograms[i - from];
    let header = HEADER_UNKNOWN;
    if (writer.samples > 0) {
      const fit = writer.fit(histogram);
      if (fit.ok && writer.samples < SAMPLES_PER_CHUNK) {
        writer.append(column.t[i], histogram, fit);
        continue;
      }
      end(i);
      writer = new HistogramChunkWriter(kind);
      first = i;
      ({ header } = fit);
    }
    writer.header = headerOf(histogram, header);
    writer.appendFitting(column.t[i], histogram);
  }
  end(to);
}

/** All as integer histograms if all can be, else all as float ones. Staleness markers, `undefined`, are both. */
function ofOneKind(floats: readonly (FloatHistogram | undefined)[]): {
  kind: HistogramKind;
  histograms: readonly (Histogram | undefined)[];
} {
  const ints: (Histogram | undefined)[] = [];
  for (const histogram of floats) {
    const int = histogram === undefined ? undefined : toIntHistogram(histogram);
    if (histogram !== undefined && int === undefined) return { kind: 'float', histograms: floats };
    ints.push(int);
  }
  return { kind: 'int', histograms: ints };
}

/** What a chunk that begins with this histogram says of a counter reset before it. */
function headerOf(histogram: Histogram | undefined, header: number): number {
  if (histogram?.counterResetHint === 'gauge') return HEADER_GAUGE;
  if (histogram?.counterResetHint === 'reset') return HEADER_RESET;
  return header === HEADER_GAUGE ? HEADER_UNKNOWN : header;
}

function chunk(encoding: number, bytes: Uint8Array, samples: number, mint: number, maxt: number): EncodedChunk {
  return { encoding, bytes, from: 0, to: bytes.length, samples, mint, maxt };
}

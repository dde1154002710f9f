import { type Encbuf, MAX_VARINT_BYTES, writeVarint } from '../../bytes/index.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  type Exemplar,
  type Histogram,
  type Labels,
  type Metadata,
  type MetricType,
  type Span,
} from '../../model/index.ts';
import {
  RECORD_CUSTOM_FLOAT_HISTOGRAMS,
  RECORD_CUSTOM_HISTOGRAMS,
  RECORD_EXEMPLARS,
  RECORD_FLOAT_HISTOGRAMS,
  RECORD_HISTOGRAMS,
  RECORD_METADATA,
  RECORD_MMAP_MARKERS,
  RECORD_SAMPLES,
  RECORD_SERIES,
  RECORD_TOMBSTONES,
} from './format.ts';

/** Metric types in the order of their codes. */
export const METRIC_TYPES: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/** Counter reset hints in the order of their codes. */
export const RESET_HINTS = ['unknown', 'reset', 'no_reset', 'gauge'] as const;

/** A histogram sample on its way to the log; `stale` stands for one that carries only the staleness marker. */
export interface HistogramSample {
  readonly ref: number;
  readonly t: number;
  /** `undefined`: a staleness marker. */
  readonly histogram: Histogram | undefined;
  /** Which kind a staleness marker is written as. */
  readonly kind: 'int' | 'float';
}

/** Begins a series record: then `putSeries` for each. */
export function beginSeries(out: Encbuf): void {
  out.reset();
  out.putByte(RECORD_SERIES);
}

export function putSeries(out: Encbuf, ref: number, labels: Labels): void {
  out.putBe64(ref);
  putLabels(out, labels);
}

function putLabels(out: Encbuf, labels: Labels): void {
  const { pairs } = labels;
  out.putUvarint(pairs.length >> 1);
  for (const text of pairs) out.putUvarintString(text);
}

/** The most bytes one sample takes in a samples record: two varints of up to six bytes beyond what refs and times need, one value. */
const MAX_SAMPLE_BYTES = MAX_VARINT_BYTES * 2 + 8;

/**
 * A samples record of the samples `[from, to)`: `refs[i]`, `ts[i]` and the value's words `words[2i]` (low), `words[2i + 1]` (high).
 *
 * @see Prometheus `tsdb/record/record.go`, samplesV1
 */
export function encodeSamples(
  out: Encbuf,
  refs: Float64Array | Uint32Array,
  ts: Float64Array,
  words: Int32Array,
  from: number,
  to: number,
): void {
  out.reset();
  out.putByte(RECORD_SAMPLES);
  if (from === to) return;
  const firstRef = refs[from];
  const firstT = ts[from];
  out.putBe64(firstRef);
  out.putBe64(firstT);
  const bytes = out.reserve((to - from) * MAX_SAMPLE_BYTES);
  let at = out.length;
  for (let i = from; i < to; i++) {
    const dref = refs[i] - firstRef;
    // Refs of one target lie close together: one or two bytes.
    if (dref >= -64 && dref < 64) bytes[at++] = dref < 0 ? -2 * dref - 1 : 2 * dref;
    else if (dref >= 0 && dref < 8192) {
      bytes[at++] = ((2 * dref) & 0x7f) | 0x80;
      bytes[at++] = dref >>> 6;
    } else at = writeVarint(bytes, at, dref);
    const dt = ts[i] - firstT;
    if (dt === 0) bytes[at++] = 0;
    else at = writeVarint(bytes, at, dt);
    const high = words[2 * i + 1];
    const low = words[2 * i];
    bytes[at] = high >>> 24;
    bytes[at + 1] = high >>> 16;
    bytes[at + 2] = high >>> 8;
    bytes[at + 3] = high;
    bytes[at + 4] = low >>> 24;
    bytes[at + 5] = low >>> 16;
    bytes[at + 6] = low >>> 8;
    bytes[at + 7] = low;
    at += 8;
  }
  out.length = at;
}

/**
 * A histogram record. All samples must be of one kind (int or float) and of one bucket family (exponential or custom), which choose the
 * record's type. Staleness markers count as exponential.
 */
export function encodeHistograms(out: Encbuf, samples: readonly HistogramSample[], custom: boolean): void {
  out.reset();
  const [first] = samples;
  const isFloat = first.kind === 'float';
  out.putByte(
    isFloat
      ? custom
        ? RECORD_CUSTOM_FLOAT_HISTOGRAMS
        : RECORD_FLOAT_HISTOGRAMS
      : custom
        ? RECORD_CUSTOM_HISTOGRAMS
        : RECORD_HISTOGRAMS,
  );
  out.putBe64(first.ref);
  out.putBe64(first.t);
  for (const { ref, t, histogram } of samples) {
    out.putVarint(ref - first.ref);
    out.putVarint(t - first.t);
    if (histogram === undefined) putStaleHistogram(out, isFloat);
    else putHistogram(out, histogram);
  }
}

/** An empty histogram whose sum is the staleness marker. */
function putStaleHistogram(out: Encbuf, isFloat: boolean): void {
  out.putByte(0);
  out.putVarint(0);
  out.putBeFloat64(0);
  if (isFloat) {
    out.putBeFloat64(0);
    out.putBeFloat64(0);
  } else {
    out.putUvarint(0);
    out.putUvarint(0);
  }
  out.putBe32(0x7ff00000);
  out.putBe32(2);
  for (let i = 0; i < 4; i++) out.putUvarint(0);
}

function putHistogram(out: Encbuf, h: Histogram): void {
  out.putByte(RESET_HINTS.indexOf(h.counterResetHint));
  out.putVarint(h.schema);
  out.putBeFloat64(h.zeroThreshold);
  if (h.kind === 'int') {
    out.putUvarint(h.zeroCount);
    out.putUvarint(h.count);
  } else {
    out.putBeFloat64(h.zeroCount);
    out.putBeFloat64(h.count);
  }
  out.putBeFloat64(h.sum);
  putSpans(out, h.positiveSpans);
  putSpans(out, h.negativeSpans);
  if (h.kind === 'int') {
    putDeltas(out, h.positiveDeltas);
    putDeltas(out, h.negativeDeltas);
  } else {
    putFloats(out, h.positiveBuckets);
    putFloats(out, h.negativeBuckets);
  }
  if (h.schema === CUSTOM_BUCKETS_SCHEMA) putFloats(out, h.customValues);
}

function putSpans(out: Encbuf, spans: readonly Span[]): void {
  out.putUvarint(spans.length);
  for (const { offset, length } of spans) {
    out.putVarint(offset);
    out.putUvarint(length);
  }
}

function putDeltas(out: Encbuf, deltas: Float64Array): void {
  out.putUvarint(deltas.length);
  for (let i = 0; i < deltas.length; i++) out.putVarint(deltas[i]);
}

function putFloats(out: Encbuf, values: Float64Array): void {
  out.putUvarint(values.length);
  for (let i = 0; i < values.length; i++) out.putBeFloat64(values[i]);
}

export function encodeExemplars(
  out: Encbuf,
  exemplars: readonly { readonly ref: number; readonly exemplar: Exemplar }[],
): void {
  out.reset();
  out.putByte(RECORD_EXEMPLARS);
  const [first] = exemplars;
  out.putBe64(first.ref);
  out.putBe64(first.exemplar.t);
  for (const { ref, exemplar } of exemplars) {
    out.putVarint(ref - first.ref);
    out.putVarint(exemplar.t - first.exemplar.t);
    out.putBeFloat64(exemplar.v);
    putLabels(out, exemplar.labels);
  }
}

export function encodeMetadata(
  out: Encbuf,
  updates: readonly { readonly ref: number; readonly metadata: Metadata }[],
): void {
  out.reset();
  out.putByte(RECORD_METADATA);
  for (const { ref, metadata } of updates) {
    out.putUvarint(ref);
    out.putByte(Math.max(0, METRIC_TYPES.indexOf(metadata.type)));
    out.putUvarint(2);
    out.putUvarintString('UNIT');
    out.putUvarintString(metadata.unit);
    out.putUvarintString('HELP');
    out.putUvarintString(metadata.help);
  }
}

export function encodeTombstones(
  out: Encbuf,
  stones: readonly { readonly ref: number; readonly mint: number; readonly maxt: number }[],
): void {
  out.reset();
  out.putByte(RECORD_TOMBSTONES);
  for (const { ref, mint, maxt } of stones) {
    out.putBe64(ref);
    out.putVarint(mint);
    out.putVarint(maxt);
  }
}

/** Out-of-order chunks that were written to the head chunk files: only in the log of out-of-order samples. */
export function encodeMmapMarkers(
  out: Encbuf,
  markers: readonly { readonly ref: number; readonly chunkRefHigh: number; readonly chunkRefLow: number }[],
): void {
  out.reset();
  out.putByte(RECORD_MMAP_MARKERS);
  for (const { ref, chunkRefHigh, chunkRefLow } of markers) {
    out.putBe64(ref);
    out.putBe32(chunkRefHigh);
    out.putBe32(chunkRefLow);
  }
}

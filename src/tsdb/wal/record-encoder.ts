import { Encbuf } from '../../bytes/index.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
  type Exemplar,
  type Histogram,
  type Labels,
  type Metadata,
  type Span,
} from '../../model/index.ts';
import {
  counterResetHints,
  CUSTOM_BUCKET_FLOAT_HISTOGRAMS,
  CUSTOM_BUCKET_HISTOGRAMS,
  EXEMPLARS,
  FLOAT_HISTOGRAMS,
  HISTOGRAMS,
  METADATA,
  metricTypes,
  SAMPLES,
  SERIES,
  TOMBSTONES,
  type SampleBatch,
} from './record.ts';

export interface SeriesEntry {
  readonly ref: number;
  readonly labels: Labels;
}

export interface HistogramEntry {
  readonly ref: number;
  readonly t: number;
  readonly histogram: Histogram;
  /** The sample says that the series is gone; the histogram then holds nothing but its kind and schema. */
  readonly isStale?: boolean;
}

export interface ExemplarEntry {
  readonly ref: number;
  readonly exemplar: Exemplar;
}

export interface MetadataEntry {
  readonly ref: number;
  readonly metadata: Metadata;
}

export interface TombstoneEntry {
  readonly ref: number;
  readonly mint: number;
  readonly maxt: number;
}

/** One commit, as the log takes it. What is absent or empty makes no record. */
export interface LogBatch {
  readonly series?: readonly SeriesEntry[];
  readonly samples?: SampleBatch;
  readonly histograms?: readonly HistogramEntry[];
  readonly exemplars?: readonly ExemplarEntry[];
  readonly metadata?: readonly MetadataEntry[];
  readonly tombstones?: readonly TombstoneEntry[];
}

/**
 * Encodes commits into records: series first, so that a reader knows a reference before its samples. The records are views of buffers
 * that the next `encode` reuses.
 */
export class RecordEncoder {
  readonly #buffers: Encbuf[] = [];

  encode(batch: LogBatch): Uint8Array[] {
    const records: Uint8Array[] = [];
    const record = (kind: number, write: (to: Encbuf) => void) => {
      const to = (this.#buffers[records.length] ??= new Encbuf());
      to.reset();
      to.putByte(kind);
      write(to);
      records.push(to.bytes());
    };
    if (batch.series?.length) record(SERIES, (to) => putSeries(to, batch.series!));
    if (batch.metadata?.length) record(METADATA, (to) => putMetadata(to, batch.metadata!));
    if (batch.samples !== undefined && batch.samples.length > 0)
      record(SAMPLES, (to) => putSamples(to, batch.samples!));
    for (const [kind, entries] of byKind(batch.histograms ?? [])) record(kind, (to) => putHistograms(to, entries));
    if (batch.exemplars?.length) record(EXEMPLARS, (to) => putExemplars(to, batch.exemplars!));
    if (batch.tombstones?.length) record(TOMBSTONES, (to) => putTombstones(to, batch.tombstones!));
    return records;
  }
}

function putLabels(to: Encbuf, { pairs }: Labels): void {
  to.putUvarint(pairs.length >> 1);
  for (let i = 0; i < pairs.length; i++) to.putUvarintString(pairs[i]);
}

function putSeries(to: Encbuf, entries: readonly SeriesEntry[]): void {
  for (const { ref, labels } of entries) {
    to.putBe64(ref);
    putLabels(to, labels);
  }
}

/** Most bytes one sample takes: two varints and the value. */
const MAX_SAMPLE_BYTES = 28;

function putSamples(to: Encbuf, { refs, t, bits, length }: SampleBatch): void {
  const baseRef = refs[0];
  const baseTime = t[0];
  to.putBe64(baseRef);
  to.putBe64(baseTime);
  let bytes = to.reserve(length * MAX_SAMPLE_BYTES);
  for (let i = 0; i < length; i++) {
    const delta = refs[i] - baseRef;
    const elapsed = t[i] - baseTime;
    // Samples of one scrape share their time and have near references: a byte or three.
    if (elapsed === 0 && delta >= 0 && delta < 0x100000) {
      let at = to.length;
      let zigzag = delta * 2;
      while (zigzag > 0x7f) {
        bytes[at++] = (zigzag & 0x7f) | 0x80;
        zigzag >>>= 7;
      }
      bytes[at++] = zigzag;
      bytes[at++] = 0;
      to.length = at;
    } else {
      to.putVarint(delta);
      to.putVarint(elapsed);
      bytes = to.reserve((length - i) * MAX_SAMPLE_BYTES);
    }
    const high = bits[2 * i + 1];
    const low = bits[2 * i];
    const at = to.length;
    bytes[at] = high >>> 24;
    bytes[at + 1] = high >>> 16;
    bytes[at + 2] = high >>> 8;
    bytes[at + 3] = high;
    bytes[at + 4] = low >>> 24;
    bytes[at + 5] = low >>> 16;
    bytes[at + 6] = low >>> 8;
    bytes[at + 7] = low;
    to.length = at + 8;
  }
}

function putExemplars(to: Encbuf, entries: readonly ExemplarEntry[]): void {
  const [first] = entries;
  to.putBe64(first.ref);
  to.putBe64(first.exemplar.t);
  for (const { ref, exemplar } of entries) {
    to.putVarint(ref - first.ref);
    to.putVarint(exemplar.t - first.exemplar.t);
    to.putBeFloat64(exemplar.v);
    putLabels(to, exemplar.labels);
  }
}

function putMetadata(to: Encbuf, entries: readonly MetadataEntry[]): void {
  for (const { ref, metadata } of entries) {
    to.putUvarint(ref);
    to.putByte(Math.max(0, metricTypes.indexOf(metadata.type)));
    to.putUvarint(2);
    to.putUvarintString('UNIT');
    to.putUvarintString(metadata.unit);
    to.putUvarintString('HELP');
    to.putUvarintString(metadata.help);
  }
}

function putTombstones(to: Encbuf, entries: readonly TombstoneEntry[]): void {
  for (const { ref, mint, maxt } of entries) {
    to.putBe64(ref);
    to.putVarint(mint);
    to.putVarint(maxt);
  }
}

/** Custom buckets have records of their own, because older readers do not know them. */
function byKind(entries: readonly HistogramEntry[]): Map<number, HistogramEntry[]> {
  const kinds = new Map<number, HistogramEntry[]>();
  for (const entry of entries) {
    const isCustom = entry.histogram.schema === CUSTOM_BUCKETS_SCHEMA;
    const kind =
      entry.histogram.kind === 'int'
        ? isCustom
          ? CUSTOM_BUCKET_HISTOGRAMS
          : HISTOGRAMS
        : isCustom
          ? CUSTOM_BUCKET_FLOAT_HISTOGRAMS
          : FLOAT_HISTOGRAMS;
    const list = kinds.get(kind);
    if (list === undefined) kinds.set(kind, [entry]);
    else list.push(entry);
  }
  return kinds;
}

function putHistograms(to: Encbuf, entries: readonly HistogramEntry[]): void {
  const [first] = entries;
  to.putBe64(first.ref);
  to.putBe64(first.t);
  for (const { ref, t, histogram, isStale } of entries) {
    to.putVarint(ref - first.ref);
    to.putVarint(t - first.t);
    putHistogram(to, histogram, isStale === true);
  }
}

function putHistogram(to: Encbuf, histogram: Histogram, isStale: boolean): void {
  to.putByte(counterResetHints.indexOf(histogram.counterResetHint));
  to.putVarint(histogram.schema);
  to.putBeFloat64(histogram.zeroThreshold);
  if (histogram.kind === 'int') {
    to.putUvarint(histogram.zeroCount);
    to.putUvarint(histogram.count);
  } else {
    to.putBeFloat64(histogram.zeroCount);
    to.putBeFloat64(histogram.count);
  }
  // The staleness marker is a bit pattern, which a number may lose on its way.
  if (isStale) {
    to.putBe32(STALE_NAN_HIGH);
    to.putBe32(STALE_NAN_LOW);
  } else {
    to.putBeFloat64(histogram.sum);
  }
  putSpans(to, histogram.positiveSpans);
  putSpans(to, histogram.negativeSpans);
  if (histogram.kind === 'int') {
    putVarints(to, histogram.positiveDeltas);
    putVarints(to, histogram.negativeDeltas);
  } else {
    putFloats(to, histogram.positiveBuckets);
    putFloats(to, histogram.negativeBuckets);
  }
  if (histogram.schema === CUSTOM_BUCKETS_SCHEMA) putFloats(to, histogram.customValues);
}

function putSpans(to: Encbuf, spans: readonly Span[]): void {
  to.putUvarint(spans.length);
  for (const { offset, length } of spans) {
    to.putVarint(offset);
    to.putUvarint(length);
  }
}

function putVarints(to: Encbuf, values: Float64Array): void {
  to.putUvarint(values.length);
  for (let i = 0; i < values.length; i++) to.putVarint(values[i]);
}

function putFloats(to: Encbuf, values: Float64Array): void {
  to.putUvarint(values.length);
  for (let i = 0; i < values.length; i++) to.putBeFloat64(values[i]);
}

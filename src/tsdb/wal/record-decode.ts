import { CorruptionError, Decbuf, VarintReader, decodeText } from '../../bytes/index.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  Labels,
  type Exemplar,
  type Histogram,
  type Metadata,
  type Span,
} from '../../model/index.ts';
import { MAX_EXPONENTIAL_SCHEMA, isKnownSchema, reduceResolution } from '../chunkenc/resolution.ts';
import {
  RECORD_CUSTOM_FLOAT_HISTOGRAMS,
  RECORD_CUSTOM_HISTOGRAMS,
  RECORD_EXEMPLARS,
  RECORD_FLOAT_HISTOGRAMS,
  RECORD_FLOAT_HISTOGRAMS_V2,
  RECORD_HISTOGRAMS,
  RECORD_HISTOGRAMS_V2,
  RECORD_METADATA,
  RECORD_MMAP_MARKERS,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  RECORD_SERIES,
  RECORD_TOMBSTONES,
} from './format.ts';
import { METRIC_TYPES, RESET_HINTS } from './record-encode.ts';

/** The float samples of one record as columns: `words[2i]` and `words[2i + 1]` are the low and high word of value `i`. */
export interface SampleBatch {
  length: number;
  refs: Float64Array;
  ts: Float64Array;
  words: Int32Array;
}

/** Takes what records say. Nothing of a buffer or batch may be kept. */
export interface RecordSink {
  /** A series: `count` labels lie in `bytes[from, to)` as length-prefixed names and values in turn. */
  series(ref: number, bytes: Uint8Array, from: number, to: number, count: number): void;
  samples(batch: SampleBatch): void;
  /**
   * Where present, takes sample records of the first generation as they are, without their type byte, in place of `samples`.
   *
   * @throws {CorruptionError} when the record is malformed
   */
  rawSamples?(bytes: Uint8Array, from: number, to: number): void;
  /** `undefined` stands for a staleness marker. */
  histogram(ref: number, t: number, histogram: Histogram | undefined, kind: 'int' | 'float'): void;
  tombstone(ref: number, mint: number, maxt: number): void;
  exemplar(ref: number, exemplar: Exemplar): void;
  metadata(ref: number, metadata: Metadata): void;
  /** Chunk ref as file number and offset; 0, 0: none. */
  mmapMarker(ref: number, file: number, offset: number): void;
  /** A record of a type unknown here, probably of a later Prometheus: it is passed over. */
  unknown(type: number): void;
}

const varints = new VarintReader();
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/** Decodes log records. Holds the columns that samples are decoded into. */
export class RecordDecoder {
  readonly #batch: SampleBatch = {
    length: 0,
    refs: new Float64Array(2048),
    ts: new Float64Array(2048),
    words: new Int32Array(4096),
  };
  /** Histograms that were passed over because nobody knows their schema. */
  unknownSchemas = 0;

  /** @throws {CorruptionError} when the record is not what its type says; what came before it in the record has been handed over */
  decode(bytes: Uint8Array, from: number, to: number, sink: RecordSink): void {
    if (from === to) throw new CorruptionError('Record is empty', { offset: from });
    const type = bytes[from];
    switch (type) {
      case RECORD_SERIES:
        return this.#series(bytes, from + 1, to, sink);
      case RECORD_SAMPLES:
        if (sink.rawSamples !== undefined && from + 1 < to) return sink.rawSamples(bytes, from + 1, to);
        return this.#samples(bytes, from + 1, to, sink);
      case RECORD_SAMPLES_V2:
        return this.#samplesV2(bytes, from + 1, to, sink);
      case RECORD_TOMBSTONES:
        return this.#tombstones(new Decbuf(bytes, { from: from + 1, to }), sink);
      case RECORD_EXEMPLARS:
        return this.#exemplars(new Decbuf(bytes, { from: from + 1, to }), sink);
      case RECORD_MMAP_MARKERS:
        return this.#mmapMarkers(new Decbuf(bytes, { from: from + 1, to }), sink);
      case RECORD_METADATA:
        return this.#metadata(new Decbuf(bytes, { from: from + 1, to }), sink);
      case RECORD_HISTOGRAMS:
      case RECORD_CUSTOM_HISTOGRAMS:
        return this.#histograms(new Decbuf(bytes, { from: from + 1, to }), 'int', sink);
      case RECORD_FLOAT_HISTOGRAMS:
      case RECORD_CUSTOM_FLOAT_HISTOGRAMS:
        return this.#histograms(new Decbuf(bytes, { from: from + 1, to }), 'float', sink);
      case RECORD_HISTOGRAMS_V2:
        return this.#histogramsV2(new Decbuf(bytes, { from: from + 1, to }), 'int', sink);
      case RECORD_FLOAT_HISTOGRAMS_V2:
        return this.#histogramsV2(new Decbuf(bytes, { from: from + 1, to }), 'float', sink);
      default:
        sink.unknown(type);
    }
  }

  #series(bytes: Uint8Array, at: number, to: number, sink: RecordSink): void {
    while (at < to) {
      if (at + 8 > to) throw cut('series', at);
      const ref = be64(bytes, at);
      const count = varints.uvarint(bytes, at + 8, to);
      at = varints.at;
      if (at < 0) throw cut('series', to);
      const labelsFrom = at;
      for (let i = 0; i < 2 * count; i++) {
        const length = varints.uvarint(bytes, at, to);
        at = varints.at;
        if (at < 0 || length > to - at) throw cut('series', to);
        at += length;
      }
      sink.series(ref, bytes, labelsFrom, at, count);
    }
  }

  #reserve(bytesLeft: number): SampleBatch {
    const batch = this.#batch;
    // A sample takes ten bytes at least.
    const most = Math.ceil(bytesLeft / 10) + 1;
    if (most > batch.refs.length) {
      batch.refs = new Float64Array(most * 2);
      batch.ts = new Float64Array(most * 2);
      batch.words = new Int32Array(most * 4);
    }
    return batch;
  }

  #samples(bytes: Uint8Array, at: number, to: number, sink: RecordSink): void {
    if (at === to) return;
    if (at + 16 > to) throw cut('samples', at);
    const firstRef = be64(bytes, at);
    const firstT = be64(bytes, at + 8);
    at += 16;
    const batch = this.#reserve(to - at);
    const { refs, ts, words } = batch;
    let n = 0;
    while (at < to) {
      // Zigzag varints of one and two bytes, by far the most frequent, are read here; others by the reader.
      let byte = bytes[at];
      let dref: number;
      if (byte < 0x80) {
        dref = (byte >>> 1) ^ -(byte & 1);
        at++;
      } else if (at + 1 < to && bytes[at + 1] < 0x80) {
        byte = (byte & 0x7f) | (bytes[at + 1] << 7);
        dref = (byte >>> 1) ^ -(byte & 1);
        at += 2;
      } else {
        dref = varints.varint(bytes, at, to);
        at = varints.at;
        if (at < 0) throw cut('samples', to);
      }
      let dt = 0;
      if (at < to && bytes[at] === 0) at++;
      else {
        dt = varints.varint(bytes, at, to);
        at = varints.at;
        if (at < 0) throw cut('samples', to);
      }
      if (at + 8 > to) throw cut('samples', at);
      refs[n] = firstRef + dref;
      ts[n] = firstT + dt;
      words[2 * n + 1] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      words[2 * n] = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
      at += 8;
      n++;
    }
    batch.length = n;
    sink.samples(batch);
  }

  #samplesV2(bytes: Uint8Array, at: number, to: number, sink: RecordSink): void {
    if (at === to) return;
    const batch = this.#reserve(to - at);
    const { refs, ts, words } = batch;
    const dec = new Decbuf(bytes, { from: at, to });
    let n = 0;
    let ref = 0;
    let firstT = 0;
    while (dec.remaining > 0) {
      if (n === 0) {
        ref = dec.varint();
        firstT = dec.varint();
        dec.varint();
        ts[n] = firstT;
      } else {
        ref += dec.varint();
        ts[n] = firstT + dec.varint();
        skipStart(dec);
      }
      refs[n] = ref;
      words[2 * n + 1] = dec.be32();
      words[2 * n] = dec.be32();
      n++;
    }
    batch.length = n;
    sink.samples(batch);
  }

  #tombstones(dec: Decbuf, sink: RecordSink): void {
    while (dec.remaining > 0) sink.tombstone(dec.be64(), dec.varint(), dec.varint());
  }

  #mmapMarkers(dec: Decbuf, sink: RecordSink): void {
    while (dec.remaining > 0) sink.mmapMarker(dec.be64(), dec.be32(), dec.be32());
  }

  #exemplars(dec: Decbuf, sink: RecordSink): void {
    if (dec.remaining === 0) return;
    const firstRef = dec.be64();
    const firstT = dec.be64Signed();
    while (dec.remaining > 0) {
      const ref = firstRef + dec.varint();
      const t = firstT + dec.varint();
      const v = dec.beFloat64();
      sink.exemplar(ref, { labels: readLabels(dec), t, v });
    }
  }

  #metadata(dec: Decbuf, sink: RecordSink): void {
    while (dec.remaining > 0) {
      const ref = dec.uvarint();
      const type = METRIC_TYPES[dec.byte()] ?? 'unknown';
      const fields = dec.count(2);
      let unit = '';
      let help = '';
      for (let i = 0; i < fields; i++) {
        const name = dec.uvarintString();
        const value = dec.uvarintString();
        if (name === 'UNIT') unit = value;
        else if (name === 'HELP') help = value;
      }
      sink.metadata(ref, { type, unit, help });
    }
  }

  #histograms(dec: Decbuf, kind: 'int' | 'float', sink: RecordSink): void {
    if (dec.remaining === 0) return;
    const firstRef = dec.be64();
    const firstT = dec.be64Signed();
    while (dec.remaining > 0) {
      const ref = firstRef + dec.varint();
      const t = firstT + dec.varint();
      this.#histogram(dec, ref, t, kind, sink);
    }
  }

  #histogramsV2(dec: Decbuf, kind: 'int' | 'float', sink: RecordSink): void {
    let ref = 0;
    let firstT = 0;
    for (let n = 0; dec.remaining > 0; n++) {
      let t: number;
      if (n === 0) {
        ref = dec.varint();
        t = firstT = dec.varint();
        dec.varint();
      } else {
        ref += dec.varint();
        t = firstT + dec.varint();
        skipStart(dec);
      }
      this.#histogram(dec, ref, t, kind, sink);
    }
  }

  #histogram(dec: Decbuf, ref: number, t: number, kind: 'int' | 'float', sink: RecordSink): void {
    const histogram = readHistogram(dec, kind);
    if (histogram === undefined) {
      sink.histogram(ref, t, undefined, kind);
      return;
    }
    if (!isKnownSchema(histogram.schema)) {
      this.unknownSchemas++;
      return;
    }
    sink.histogram(
      ref,
      t,
      histogram.schema > MAX_EXPONENTIAL_SCHEMA ? reduceResolution(histogram, MAX_EXPONENTIAL_SCHEMA) : histogram,
      kind,
    );
  }
}

/** A histogram as records hold it, or `undefined` for a staleness marker. */
function readHistogram(dec: Decbuf, kind: 'int' | 'float'): Histogram | undefined {
  const counterResetHint = RESET_HINTS[dec.byte() & 3];
  const schema = dec.varint();
  const zeroThreshold = dec.beFloat64();
  const zeroCount = kind === 'int' ? dec.uvarint() : dec.beFloat64();
  const count = kind === 'int' ? dec.uvarint() : dec.beFloat64();
  const sumHigh = dec.be32();
  const sumLow = dec.be32();
  const isStale = sumHigh === STALE_HIGH && sumLow === STALE_LOW;
  const sum = floatOf(sumHigh, sumLow);
  const positiveSpans = readSpans(dec);
  const negativeSpans = readSpans(dec);
  const positive = readBuckets(dec, kind);
  const negative = readBuckets(dec, kind);
  const customValues = schema === CUSTOM_BUCKETS_SCHEMA ? readFloats(dec) : new Float64Array(0);
  if (isStale) return undefined;
  checkBuckets(dec, positiveSpans, positive);
  checkBuckets(dec, negativeSpans, negative);
  const shared = {
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans,
    negativeSpans,
    customValues,
    counterResetHint,
  };
  return kind === 'int'
    ? { kind, ...shared, positiveDeltas: positive, negativeDeltas: negative }
    : { kind, ...shared, positiveBuckets: positive, negativeBuckets: negative };
}

/** The spans must describe as many buckets as there are: everything behind relies on it. */
function checkBuckets(dec: Decbuf, spans: readonly Span[], buckets: Float64Array): void {
  let described = 0;
  for (const { length } of spans) described += length;
  if (described !== buckets.length) {
    throw dec.corrupt(`Histogram has ${buckets.length} buckets, its spans describe ${described}`);
  }
}

function readSpans(dec: Decbuf): Span[] {
  const spans: Span[] = [];
  for (let n = dec.count(2); n > 0; n--) spans.push({ offset: dec.varint(), length: dec.uvarint() });
  return spans;
}

function readBuckets(dec: Decbuf, kind: 'int' | 'float'): Float64Array {
  if (kind === 'float') return readFloats(dec);
  const buckets = new Float64Array(dec.count());
  for (let i = 0; i < buckets.length; i++) buckets[i] = dec.varint();
  return buckets;
}

function readFloats(dec: Decbuf): Float64Array {
  const values = new Float64Array(dec.count(8));
  for (let i = 0; i < values.length; i++) values[i] = dec.beFloat64();
  return values;
}

/** Labels as records hold them. They are put in order: who wrote the record need not have done so. */
export function readLabels(dec: Decbuf): Labels {
  const entries: [string, string][] = [];
  for (let n = dec.count(2); n > 0; n--) entries.push([dec.uvarintString(), dec.uvarintString()]);
  return Labels.fromPairs(entries);
}

/** Text of the length-prefixed string at `at`; `next.at` is the offset behind it. */
export function textAt(bytes: Uint8Array, at: number, to: number, next: { at: number }): string {
  const length = varints.uvarint(bytes, at, to);
  const from = varints.at;
  if (from < 0 || length > to - from) throw cut('label', at);
  next.at = from + length;
  return decodeText(bytes, from, from + length);
}

/** A start timestamp of the second generation of records: none, the same as before, or a varint. */
function skipStart(dec: Decbuf): void {
  const marker = dec.byte();
  if (marker === 2) dec.varint();
  else if (marker > 2) throw dec.corrupt(`Unknown start timestamp marker ${marker}`);
}

function be64(bytes: Uint8Array, at: number): number {
  const high = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  const low = ((bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7]) >>> 0;
  return high * 0x100000000 + low;
}

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

function floatOf(high: number, low: number): number {
  scratchWords[0] = low;
  scratchWords[1] = high;
  return scratch[0];
}

function cut(what: string, offset: number): CorruptionError {
  return new CorruptionError(`Record of ${what} is cut short`, { offset });
}

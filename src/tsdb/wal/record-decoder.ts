import { CorruptionError, Decbuf, VarintReader } from '../../bytes/index.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  Labels,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
  type Histogram,
  type Span,
} from '../../model/index.ts';
import {
  counterResetHints,
  CUSTOM_BUCKET_FLOAT_HISTOGRAMS,
  CUSTOM_BUCKET_HISTOGRAMS,
  EXEMPLARS,
  FLOAT_HISTOGRAMS,
  FLOAT_HISTOGRAMS_V2,
  HISTOGRAMS,
  HISTOGRAMS_V2,
  METADATA,
  metricTypes,
  MIN_VALID_TIME,
  MMAP_MARKERS,
  SampleBatch,
  SAMPLES,
  SAMPLES_V2,
  SERIES,
  TOMBSTONES,
  type LogHandler,
} from './record.ts';

interface DecodedHistogram {
  readonly histogram: Histogram;
  readonly isStale: boolean;
}

/** Markers of a start timestamp in the second version of sample records. */
const NO_START = 0;
const SAME_START = 1;

/** Finest and coarsest resolution of exponential histograms that can be read. */
const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;

/** Decodes records and passes on what they hold. Keeps buffers between records; one decoder serves one reader. */
export class RecordDecoder {
  readonly #batch = new SampleBatch();
  readonly #varint = new VarintReader();
  readonly #handler: LogHandler;
  /** Records of a kind that is not known: passed over, as Prometheus does. */
  unknown = 0;

  constructor(handler: LogHandler) {
    this.#handler = handler;
  }

  /** @throws {CorruptionError} when the record is not what its first byte says; what was passed on before stays passed on */
  decode(record: Uint8Array): void {
    const from = new Decbuf(record);
    if (from.remaining === 0) throw from.corrupt('An empty record');
    const kind = from.byte();
    switch (kind) {
      case SERIES:
        while (from.remaining > 0) this.#handler.series(from.be64(), labels(from));
        return;
      case SAMPLES:
        this.#samples(record);
        return;
      case SAMPLES_V2:
        this.#samplesV2(from);
        return;
      case TOMBSTONES:
        while (from.remaining > 0) this.#handler.tombstone(from.be64(), from.varint(), from.varint());
        return;
      case EXEMPLARS:
        this.#exemplars(from);
        return;
      case MMAP_MARKERS:
        while (from.remaining > 0) {
          const ref = from.be64();
          this.#handler.mmapMarker?.(ref, from.be64());
        }
        return;
      case METADATA:
        this.#metadata(from);
        return;
      case HISTOGRAMS:
      case CUSTOM_BUCKET_HISTOGRAMS:
        this.#histograms(from, intHistogram);
        return;
      case FLOAT_HISTOGRAMS:
      case CUSTOM_BUCKET_FLOAT_HISTOGRAMS:
        this.#histograms(from, floatHistogram);
        return;
      case HISTOGRAMS_V2:
        this.#histogramsV2(from, intHistogram);
        return;
      case FLOAT_HISTOGRAMS_V2:
        this.#histogramsV2(from, floatHistogram);
        return;
      case MIN_VALID_TIME:
        this.#handler.minValidTime?.(from.be64Signed());
        return;
      default:
        this.unknown++;
    }
  }

  /** The hot loop of a replay: every varint that fits one byte is read inline. */
  #samples(bytes: Uint8Array): void {
    const from = new Decbuf(bytes, { from: 1 });
    if (from.remaining === 0) return;
    const baseRef = from.be64();
    const baseTime = from.be64Signed();
    const batch = this.#batch;
    const varint = this.#varint;
    const end = bytes.length;
    batch.length = 0;
    batch.reserve(Math.ceil((end - from.at) / 10));
    const { refs, t, bits } = batch;
    let at = from.at;
    let n = 0;
    while (at < end) {
      let delta = bytes[at];
      if (delta < 0x80) {
        delta = (delta >>> 1) ^ -(delta & 1);
        at++;
      } else {
        delta = varint.varint(bytes, at, end);
        at = varint.at;
        if (at < 0) throw malformed(n);
      }
      let elapsed = at < end ? bytes[at] : 0x80;
      if (elapsed < 0x80) {
        elapsed = (elapsed >>> 1) ^ -(elapsed & 1);
        at++;
      } else {
        elapsed = varint.varint(bytes, at, end);
        at = varint.at;
        if (at < 0) throw malformed(n);
      }
      if (at + 8 > end) throw malformed(n);
      refs[n] = baseRef + delta;
      t[n] = baseTime + elapsed;
      bits[2 * n + 1] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      bits[2 * n] = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
      at += 8;
      n++;
    }
    batch.length = n;
    this.#handler.samples(batch);
  }

  #samplesV2(from: Decbuf): void {
    const batch = this.#batch;
    batch.length = 0;
    let firstTime = 0;
    while (from.remaining > 0) {
      batch.reserve(1);
      const n = batch.length++;
      if (n === 0) {
        batch.refs[n] = from.varint();
        firstTime = from.varint();
        batch.t[n] = firstTime;
        from.varint();
      } else {
        batch.refs[n] = batch.refs[n - 1] + from.varint();
        batch.t[n] = firstTime + from.varint();
        skipStart(from);
      }
      batch.bits[2 * n + 1] = from.be32();
      batch.bits[2 * n] = from.be32();
    }
    if (batch.length > 0) this.#handler.samples(batch);
  }

  #exemplars(from: Decbuf): void {
    if (from.remaining === 0) return;
    const baseRef = from.be64();
    const baseTime = from.be64Signed();
    while (from.remaining > 0) {
      const ref = baseRef + from.varint();
      const t = baseTime + from.varint();
      const v = from.beFloat64();
      this.#handler.exemplar(ref, { t, v, labels: labels(from) });
    }
  }

  #metadata(from: Decbuf): void {
    while (from.remaining > 0) {
      const ref = from.uvarint();
      const type = metricTypes[from.byte()] ?? 'unknown';
      let unit = '';
      let help = '';
      for (let fields = from.count(2); fields > 0; fields--) {
        const name = from.uvarintString();
        const value = from.uvarintString();
        if (name === 'UNIT') unit = value;
        else if (name === 'HELP') help = value;
      }
      this.#handler.metadata(ref, { type, unit, help });
    }
  }

  #histograms(from: Decbuf, decode: (from: Decbuf) => DecodedHistogram): void {
    if (from.remaining === 0) return;
    const baseRef = from.be64();
    const baseTime = from.be64Signed();
    while (from.remaining > 0) {
      const ref = baseRef + from.varint();
      const t = baseTime + from.varint();
      this.#histogram(ref, t, decode(from));
    }
  }

  #histogramsV2(from: Decbuf, decode: (from: Decbuf) => DecodedHistogram): void {
    if (from.remaining === 0) return;
    let ref = from.varint();
    const firstTime = from.varint();
    from.varint();
    this.#histogram(ref, firstTime, decode(from));
    while (from.remaining > 0) {
      ref += from.varint();
      const t = firstTime + from.varint();
      skipStart(from);
      this.#histogram(ref, t, decode(from));
    }
  }

  #histogram(ref: number, t: number, { histogram, isStale }: DecodedHistogram): void {
    const { schema } = histogram;
    // A resolution from the future: the samples around it are still good.
    if (schema !== CUSTOM_BUCKETS_SCHEMA && (schema < MIN_SCHEMA || schema > MAX_SCHEMA)) this.unknown++;
    else this.#handler.histogram(ref, t, histogram, isStale);
  }
}

function malformed(after: number): CorruptionError {
  return new CorruptionError(`Malformed sample record after ${after} samples`);
}

function skipStart(from: Decbuf): void {
  const marker = from.byte();
  if (marker !== NO_START && marker !== SAME_START) from.varint();
}

function labels(from: Decbuf): Labels {
  const count = from.count(2);
  const pairs: string[] = [];
  let isSorted = true;
  for (let i = 0; i < count; i++) {
    const name = from.uvarintString();
    const value = from.uvarintString();
    if (i > 0 && !(pairs[2 * i - 2] < name)) isSorted = false;
    pairs.push(name, value);
  }
  if (isSorted) return new Labels(pairs);
  // UTF-16 order differs from byte order for some names: sorting again settles both cases.
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i], pairs[i + 1]]);
  return Labels.fromPairs(entries);
}

function spans(from: Decbuf): Span[] {
  const list: Span[] = [];
  for (let count = from.count(2); count > 0; count--) list.push({ offset: from.varint(), length: from.uvarint() });
  return list;
}

function intHistogram(from: Decbuf): DecodedHistogram {
  const counterResetHint = counterResetHints[from.byte()] ?? 'unknown';
  const schema = from.varint();
  const zeroThreshold = from.beFloat64();
  const zeroCount = from.uvarint();
  const count = from.uvarint();
  const { sum, isStale } = readSum(from);
  const histogram: Histogram = {
    ...{ kind: 'int', counterResetHint, schema, zeroThreshold, zeroCount, count, sum },
    positiveSpans: spans(from),
    negativeSpans: spans(from),
    positiveDeltas: varints(from),
    negativeDeltas: varints(from),
    customValues: schema === CUSTOM_BUCKETS_SCHEMA ? floats(from) : new Float64Array(0),
  };
  return { histogram, isStale };
}

function floatHistogram(from: Decbuf): DecodedHistogram {
  const counterResetHint = counterResetHints[from.byte()] ?? 'unknown';
  const schema = from.varint();
  const zeroThreshold = from.beFloat64();
  const zeroCount = from.beFloat64();
  const count = from.beFloat64();
  const { sum, isStale } = readSum(from);
  const histogram: Histogram = {
    ...{ kind: 'float', counterResetHint, schema, zeroThreshold, zeroCount, count, sum },
    positiveSpans: spans(from),
    negativeSpans: spans(from),
    positiveBuckets: floats(from),
    negativeBuckets: floats(from),
    customValues: schema === CUSTOM_BUCKETS_SCHEMA ? floats(from) : new Float64Array(0),
  };
  return { histogram, isStale };
}

/** The sum, and whether its bits are the staleness marker, which a number may lose. */
function readSum(from: Decbuf): { sum: number; isStale: boolean } {
  const bits = new Decbuf(from.take(8));
  const isStale = bits.be32() === STALE_NAN_HIGH && bits.be32() === STALE_NAN_LOW;
  bits.at = 0;
  return { sum: bits.beFloat64(), isStale };
}

function varints(from: Decbuf): Float64Array {
  const values = new Float64Array(from.count());
  for (let i = 0; i < values.length; i++) values[i] = from.varint();
  return values;
}

function floats(from: Decbuf): Float64Array {
  const values = new Float64Array(from.count(8));
  for (let i = 0; i < values.length; i++) values[i] = from.beFloat64();
  return values;
}

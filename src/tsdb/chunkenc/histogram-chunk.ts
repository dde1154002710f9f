import { BitReader, BitWriter, CorruptionError } from '../../bytes/index.ts';
import {
  ENCODING_FLOAT_HISTOGRAM,
  ENCODING_FLOAT_HISTOGRAM_ST,
  ENCODING_HISTOGRAM,
  ENCODING_HISTOGRAM_ST,
  STALE_HIGH,
  STALE_LOW,
} from '../../kernels/index.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  toFloatHistogram,
  type CounterResetHint,
  type Histogram,
  type SampleColumn,
} from '../../model/index.ts';
import { alignBuckets, insertBuckets, type Alignment } from './bucket-spans.ts';
import { bucketCount, readLayout, writeLayout, type HistogramLayout } from './histogram-layout.ts';
import { MAX_EXPONENTIAL_SCHEMA, reduceResolution } from './resolution.ts';
import { putVarbitInt, putVarbitUint, readVarbitInt, readVarbitUint } from './varbit.ts';
import { XorValues } from './xor-value.ts';

/** Sample count and flags. */
export const HISTOGRAM_HEADER_BYTES = 3;

/** What the top two bits of the flag byte say of a counter reset before the chunk. */
export const HEADER_UNKNOWN = 0x00;
export const HEADER_NO_RESET = 0x40;
export const HEADER_RESET = 0x80;
export const HEADER_GAUGE = 0xc0;

export type HistogramKind = 'int' | 'float';

/** Positions in the row of floats: an integer chunk has the sum only. */
const SUM = 0;
const FLOAT_COUNT = 1;
const FLOAT_ZERO_COUNT = 2;
const FLOAT_BUCKETS = 3;

const EMPTY = new Float64Array(0);
const EMPTY_LAYOUT: HistogramLayout = {
  schema: 0,
  zeroThreshold: 0,
  positiveSpans: [],
  negativeSpans: [],
  customValues: EMPTY,
};

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** What is to be done with a histogram that comes next. */
export interface Fit {
  /** The chunk can take it (after recoding where the alignments say so). */
  readonly ok: boolean;
  /** The header of the chunk that has to be begun otherwise. */
  readonly header: number;
  readonly positive?: Alignment;
  readonly negative?: Alignment;
}

/**
 * A histogram chunk that grows: integer or float counts, exponential or custom buckets.
 *
 * `undefined` in place of a histogram is a staleness marker, which may be anywhere but only be followed by others.
 *
 * @see Prometheus `tsdb/chunkenc/histogram.go` and `float_histogram.go`
 */
export class HistogramChunkWriter {
  readonly kind: HistogramKind;
  #out = new BitWriter(256);
  samples = 0;
  header = HEADER_UNKNOWN;
  #layout = EMPTY_LAYOUT;
  #isStale = false;
  #t = 0;
  #delta = 0;
  #count = 0;
  #countDelta = 0;
  #zeroCount = 0;
  #zeroCountDelta = 0;
  /** Integer: last bucket deltas, and how they changed. Positive buckets first, then the negative ones. */
  #buckets = EMPTY;
  #bucketDeltas = EMPTY;
  #floats = new XorValues(1);

  constructor(kind: HistogramKind) {
    this.kind = kind;
    this.#out.writeBits(0, HISTOGRAM_HEADER_BYTES * 8);
  }

  get encoding(): number {
    return this.kind === 'int' ? ENCODING_HISTOGRAM : ENCODING_FLOAT_HISTOGRAM;
  }

  get byteLength(): number {
    return this.#out.byteLength;
  }

  /** The chunk as it is now, header included: a copy. */
  toBytes(): Uint8Array {
    const bytes = this.#out.bytes().slice();
    bytes[0] = this.samples >>> 8;
    bytes[1] = this.samples;
    bytes[2] = this.header;
    return bytes;
  }

  /** The bytes as they lie; the header is not filled in. Later samples do not change the bits of earlier ones, only a recoding replaces it. */
  get backing(): Uint8Array {
    return this.#out.backing;
  }

  /** Whether and how the chunk can take this histogram. */
  fit(histogram: Histogram | undefined): Fit {
    const isGauge = histogram?.counterResetHint === 'gauge';
    if (this.samples > 0 && isGauge !== (this.header === HEADER_GAUGE) && histogram !== undefined) {
      return { ok: false, header: isGauge ? HEADER_GAUGE : HEADER_NO_RESET };
    }
    if (histogram?.counterResetHint === 'reset') return { ok: false, header: HEADER_RESET };
    if (histogram === undefined) return { ok: true, header: HEADER_NO_RESET };
    if (this.#isStale) return { ok: false, header: isGauge ? HEADER_GAUGE : HEADER_UNKNOWN };
    const layout = this.#layout;
    const sameBounds =
      histogram.schema !== CUSTOM_BUCKETS_SCHEMA || equalFloats(histogram.customValues, layout.customValues);
    const sameScale = histogram.schema === layout.schema && histogram.zeroThreshold === layout.zeroThreshold;
    if (isGauge) {
      if (!sameScale || !sameBounds) return { ok: false, header: HEADER_GAUGE };
      return {
        ok: true,
        header: HEADER_GAUGE,
        positive: alignBuckets(layout.positiveSpans, histogram.positiveSpans),
        negative: alignBuckets(layout.negativeSpans, histogram.negativeSpans),
      };
    }
    if (histogram.count < this.#lastCount()) return { ok: false, header: HEADER_RESET };
    if (!sameScale) return { ok: false, header: HEADER_UNKNOWN };
    if (!sameBounds || histogram.zeroCount < this.#lastZeroCount()) return { ok: false, header: HEADER_RESET };
    const [olderPositive, olderNegative] = this.#lastAbsolute();
    const newer = toFloatHistogram(histogram);
    const positive = alignBuckets(layout.positiveSpans, histogram.positiveSpans, {
      older: olderPositive,
      newer: newer.positiveBuckets,
    });
    if (positive === undefined) return { ok: false, header: HEADER_RESET };
    const negative = alignBuckets(layout.negativeSpans, histogram.negativeSpans, {
      older: olderNegative,
      newer: newer.negativeBuckets,
    });
    if (negative === undefined) return { ok: false, header: HEADER_RESET };
    return { ok: true, header: HEADER_NO_RESET, positive, negative };
  }

  #lastCount(): number {
    return this.kind === 'int' ? this.#count : this.#floats.value(FLOAT_COUNT);
  }

  #lastZeroCount(): number {
    return this.kind === 'int' ? this.#zeroCount : this.#floats.value(FLOAT_ZERO_COUNT);
  }

  /** Absolute counts per bucket of the last sample: positive, negative. */
  #lastAbsolute(): [Float64Array, Float64Array] {
    const positive = new Float64Array(bucketCount(this.#layout.positiveSpans));
    const negative = new Float64Array(bucketCount(this.#layout.negativeSpans));
    if (this.kind === 'float') {
      for (let i = 0; i < positive.length; i++) positive[i] = this.#floats.value(FLOAT_BUCKETS + i);
      for (let i = 0; i < negative.length; i++) negative[i] = this.#floats.value(FLOAT_BUCKETS + positive.length + i);
      return [positive, negative];
    }
    for (let i = 0, sum = 0; i < positive.length; i++) positive[i] = sum += this.#buckets[i];
    for (let i = 0, sum = 0; i < negative.length; i++) negative[i] = sum += this.#buckets[positive.length + i];
    return [positive, negative];
  }

  /** Appends what `fit` said fits, recoding chunk or histogram where the buckets differ. */
  append(t: number, histogram: Histogram | undefined, fit: Fit): void {
    let next = histogram;
    const { positive, negative } = fit;
    if (next !== undefined && positive !== undefined && negative !== undefined) {
      if (positive.forward.length > 0 || negative.forward.length > 0) this.#recode(positive, negative);
      if (positive.backward.length > 0 || negative.backward.length > 0) {
        next = withInserts(next, positive.backward, negative.backward, positive, negative);
      }
    }
    this.appendFitting(t, next);
  }

  /** Writes all samples again with the buckets that have come in between. */
  #recode(positive: Alignment, negative: Alignment): void {
    const old = new HistogramReader(this.toBytes(), this.encoding);
    this.#out = new BitWriter(this.#out.byteLength + 64);
    this.#out.writeBits(0, HISTOGRAM_HEADER_BYTES * 8);
    this.samples = 0;
    this.#isStale = false;
    while (old.next()) {
      const histogram = old.histogram();
      this.appendFitting(
        old.t,
        histogram === undefined
          ? undefined
          : withInserts(histogram, positive.forward, negative.forward, positive, negative),
      );
    }
  }

  /** Appends a histogram whose layout is the chunk's (the first sample makes it). */
  appendFitting(t: number, histogram: Histogram | undefined): void {
    const out = this.#out;
    const isFirst = this.samples === 0;
    let sumHigh = STALE_HIGH;
    let sumLow = STALE_LOW;
    if (histogram !== undefined) {
      setFloat(histogram.sum);
      sumHigh = words[1];
      sumLow = words[0];
    }
    const delta = isFirst ? 0 : t - this.#t;
    if (isFirst) {
      this.#layout = histogram ?? EMPTY_LAYOUT;
      writeLayout(out, this.#layout);
      const buckets = bucketCount(this.#layout.positiveSpans) + bucketCount(this.#layout.negativeSpans);
      this.#floats = new XorValues(this.kind === 'int' ? 1 : FLOAT_BUCKETS + buckets);
      this.#buckets = new Float64Array(this.kind === 'int' ? buckets : 0);
      this.#bucketDeltas = new Float64Array(this.#buckets.length);
      putVarbitInt(out, t);
    } else putVarbitInt(out, delta - this.#delta);
    if (this.kind === 'int') this.#appendInt(histogram, isFirst, sumHigh, sumLow);
    else this.#appendFloat(histogram, isFirst, sumHigh, sumLow);
    this.#t = t;
    this.#delta = delta;
    this.#isStale = histogram === undefined;
    this.samples++;
  }

  #appendInt(histogram: Histogram | undefined, isFirst: boolean, sumHigh: number, sumLow: number): void {
    const out = this.#out;
    const count = histogram?.count ?? 0;
    const zeroCount = histogram?.zeroCount ?? 0;
    const deltas =
      histogram?.kind === 'int'
        ? [histogram.positiveDeltas, histogram.negativeDeltas]
        : ([EMPTY, EMPTY] as [Float64Array, Float64Array]);
    if (isFirst) {
      putVarbitUint(out, count);
      putVarbitUint(out, zeroCount);
      this.#floats.begin(out, SUM, sumHigh, sumLow);
      let at = 0;
      for (const list of deltas) {
        for (const bucket of list) {
          putVarbitInt(out, bucket);
          this.#buckets[at++] = bucket;
        }
      }
      this.#countDelta = 0;
      this.#zeroCountDelta = 0;
    } else {
      const countDelta = count - this.#count;
      const zeroCountDelta = zeroCount - this.#zeroCount;
      const isStale = histogram === undefined;
      putVarbitInt(out, isStale ? 0 : countDelta - this.#countDelta);
      putVarbitInt(out, isStale ? 0 : zeroCountDelta - this.#zeroCountDelta);
      this.#floats.write(out, SUM, sumHigh, sumLow);
      let at = 0;
      for (const list of deltas) {
        for (const bucket of list) {
          const change = bucket - this.#buckets[at];
          putVarbitInt(out, change - this.#bucketDeltas[at]);
          this.#bucketDeltas[at] = change;
          this.#buckets[at++] = bucket;
        }
      }
      this.#countDelta = countDelta;
      this.#zeroCountDelta = zeroCountDelta;
    }
    this.#count = count;
    this.#zeroCount = zeroCount;
  }

  #appendFloat(histogram: Histogram | undefined, isFirst: boolean, sumHigh: number, sumLow: number): void {
    const put = (i: number, high: number, low: number) => {
      if (isFirst) this.#floats.begin(this.#out, i, high, low);
      else this.#floats.write(this.#out, i, high, low);
    };
    const putFloat = (i: number, value: number) => {
      setFloat(value);
      put(i, words[1], words[0]);
    };
    putFloat(FLOAT_COUNT, histogram?.count ?? 0);
    putFloat(FLOAT_ZERO_COUNT, histogram?.zeroCount ?? 0);
    put(SUM, sumHigh, sumLow);
    if (histogram?.kind !== 'float') return;
    let at = FLOAT_BUCKETS;
    for (const value of histogram.positiveBuckets) putFloat(at++, value);
    for (const value of histogram.negativeBuckets) putFloat(at++, value);
  }
}

function withInserts(
  histogram: Histogram,
  positiveInserts: Alignment['forward'],
  negativeInserts: Alignment['forward'],
  positive: Alignment,
  negative: Alignment,
): Histogram {
  const spans = { positiveSpans: positive.spans, negativeSpans: negative.spans };
  return histogram.kind === 'int'
    ? {
        ...histogram,
        ...spans,
        positiveDeltas: insertBuckets(histogram.positiveDeltas, positiveInserts, true),
        negativeDeltas: insertBuckets(histogram.negativeDeltas, negativeInserts, true),
      }
    : {
        ...histogram,
        ...spans,
        positiveBuckets: insertBuckets(histogram.positiveBuckets, positiveInserts, false),
        negativeBuckets: insertBuckets(histogram.negativeBuckets, negativeInserts, false),
      };
}

/** Reads a histogram chunk sample by sample. */
export class HistogramReader {
  readonly kind: HistogramKind;
  readonly samples: number;
  readonly header: number;
  /** Time of the current sample. */
  t = 0;
  readonly #in: BitReader;
  readonly #layout: HistogramLayout;
  readonly #positiveCount: number;
  readonly #buckets: Float64Array;
  readonly #bucketDeltas: Float64Array;
  readonly #floats: XorValues;
  /** Index of the first sample with a start timestamp field behind it; Infinity where none has. */
  readonly #startFrom: number;
  readonly #startFirst: boolean;
  #read = 0;
  #delta = 0;
  #count = 0;
  #countDelta = 0;
  #zeroCount = 0;
  #zeroCountDelta = 0;

  /**
   * @param bytes holds the chunk's data at `[from, to)`
   * @param samples how many to read at most; default: what the header says
   * @throws {CorruptionError}
   */
  constructor(bytes: Uint8Array, encoding: number, from = 0, to = bytes.length, samples?: number) {
    if (to - from < HISTOGRAM_HEADER_BYTES)
      throw new CorruptionError('Chunk is shorter than its header', { offset: from });
    const hasStarts = encoding === ENCODING_HISTOGRAM_ST || encoding === ENCODING_FLOAT_HISTOGRAM_ST;
    this.kind = encoding === ENCODING_HISTOGRAM || encoding === ENCODING_HISTOGRAM_ST ? 'int' : 'float';
    const count = (bytes[from] << 8) | bytes[from + 1];
    // Chunks with start timestamps keep the flags in the top bits of the sample count.
    this.header = (hasStarts ? bytes[from] : bytes[from + 2]) & 0xc0;
    this.samples = samples ?? (hasStarts ? count & 0x3fff : count);
    this.#startFirst = hasStarts && (bytes[from + 2] & 0x80) !== 0;
    const startFrom = hasStarts ? bytes[from + 2] & 0x7f : 0;
    this.#startFrom = startFrom === 0 ? Infinity : startFrom;
    this.#in = new BitReader(bytes, from + HISTOGRAM_HEADER_BYTES, to);
    this.#layout = this.samples === 0 ? EMPTY_LAYOUT : readLayout(this.#in);
    this.#positiveCount = bucketCount(this.#layout.positiveSpans);
    const buckets = this.#positiveCount + bucketCount(this.#layout.negativeSpans);
    this.#buckets = new Float64Array(this.kind === 'int' ? buckets : 0);
    this.#bucketDeltas = new Float64Array(this.#buckets.length);
    this.#floats = new XorValues(this.kind === 'int' ? 1 : FLOAT_BUCKETS + buckets);
  }

  /** Goes to the next sample. @throws {CorruptionError} */
  next(): boolean {
    if (this.#read === this.samples) return false;
    const isFirst = this.#read === 0;
    if (isFirst) this.t = readVarbitInt(this.#in);
    else {
      this.#delta += readVarbitInt(this.#in);
      this.t += this.#delta;
    }
    if (this.kind === 'int') this.#readInt(isFirst);
    else this.#readFloat(isFirst);
    this.#skipStart(isFirst);
    this.#read++;
    return true;
  }

  #readInt(isFirst: boolean): void {
    const from = this.#in;
    if (isFirst) {
      this.#count = readVarbitUint(from);
      this.#zeroCount = readVarbitUint(from);
      this.#floats.readFirst(from, SUM);
      for (let i = 0; i < this.#buckets.length; i++) this.#buckets[i] = readVarbitInt(from);
      return;
    }
    this.#countDelta += readVarbitInt(from);
    this.#count += this.#countDelta;
    this.#zeroCountDelta += readVarbitInt(from);
    this.#zeroCount += this.#zeroCountDelta;
    this.#floats.read(from, SUM);
    // Buckets of a staleness marker are not written.
    if (this.isStale) return;
    for (let i = 0; i < this.#buckets.length; i++) {
      this.#bucketDeltas[i] += readVarbitInt(from);
      this.#buckets[i] += this.#bucketDeltas[i];
    }
  }

  #readFloat(isFirst: boolean): void {
    const read = (i: number) => {
      if (isFirst) this.#floats.readFirst(this.#in, i);
      else this.#floats.read(this.#in, i);
    };
    read(FLOAT_COUNT);
    read(FLOAT_ZERO_COUNT);
    read(SUM);
    if (this.isStale && !isFirst) return;
    const buckets = this.#positiveCount + bucketCount(this.#layout.negativeSpans);
    for (let i = 0; i < buckets; i++) read(FLOAT_BUCKETS + i);
  }

  #skipStart(isFirst: boolean): void {
    if (isFirst) {
      if (!this.#startFirst) return;
      // A zigzag varint, byte by byte.
      for (let i = 0; i < 10; i++) if (this.#in.readBits(8) < 0x80) return;
      throw new CorruptionError('Malformed start timestamp', { offset: this.#in.at >>> 3 });
    }
    if (this.#read >= this.#startFrom) readVarbitInt(this.#in);
  }

  /** Whether the current sample is a staleness marker. */
  get isStale(): boolean {
    return this.#floats.high(SUM) === STALE_HIGH && this.#floats.low(SUM) === STALE_LOW;
  }

  /** The current sample, or `undefined` for a staleness marker. Bucket arrays are fresh, spans and bounds shared. */
  histogram(): Histogram | undefined {
    if (this.isStale) return undefined;
    const { schema, zeroThreshold, positiveSpans, negativeSpans, customValues } = this.#layout;
    const hint: CounterResetHint = this.header === HEADER_GAUGE ? 'gauge' : this.#read > 1 ? 'no_reset' : 'unknown';
    const shared = {
      schema,
      zeroThreshold,
      positiveSpans,
      negativeSpans,
      customValues,
      sum: this.#floats.value(SUM),
      counterResetHint: hint,
    };
    let histogram: Histogram;
    if (this.kind === 'int') {
      histogram = {
        kind: 'int',
        ...shared,
        zeroCount: this.#zeroCount,
        count: this.#count,
        positiveDeltas: this.#buckets.slice(0, this.#positiveCount),
        negativeDeltas: this.#buckets.slice(this.#positiveCount),
      };
    } else {
      const buckets = this.#positiveCount + bucketCount(negativeSpans);
      const values = new Float64Array(buckets);
      for (let i = 0; i < buckets; i++) values[i] = this.#floats.value(FLOAT_BUCKETS + i);
      histogram = {
        kind: 'float',
        ...shared,
        zeroCount: this.#floats.value(FLOAT_ZERO_COUNT),
        count: this.#floats.value(FLOAT_COUNT),
        positiveBuckets: values.slice(0, this.#positiveCount),
        negativeBuckets: values.slice(this.#positiveCount),
      };
    }
    return schema > MAX_EXPONENTIAL_SCHEMA ? reduceResolution(histogram, MAX_EXPONENTIAL_SCHEMA) : histogram;
  }
}

/** Appends the samples of a histogram chunk with mint ≤ t ≤ maxt to a column. @throws {CorruptionError} */
export function decodeHistograms(
  bytes: Uint8Array,
  from: number,
  to: number,
  encoding: number,
  samples: number | undefined,
  column: SampleColumn,
  mint: number,
  maxt: number,
): void {
  const reader = new HistogramReader(bytes, encoding, from, to, samples);
  while (reader.next()) {
    if (reader.t < mint) continue;
    if (reader.t > maxt) return;
    const histogram = reader.histogram();
    if (histogram === undefined) column.pushStale(reader.t);
    else column.pushHistogram(reader.t, toFloatHistogram(histogram));
  }
}

function equalFloats(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Puts the bits of a value into `words`; a NaN as Go writes it. */
function setFloat(value: number): void {
  if (Number.isNaN(value)) {
    words[1] = 0x7ff80000;
    words[0] = 1;
  } else float[0] = value;
}

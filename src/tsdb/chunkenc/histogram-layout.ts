import { CorruptionError, type BitReader, type BitWriter } from '../../bytes/index.ts';
import { CUSTOM_BUCKETS_SCHEMA, type Span } from '../../model/index.ts';
import { isKnownSchema } from './resolution.ts';
import { putVarbitInt, putVarbitUint, readVarbitInt, readVarbitUint } from './varbit.ts';

/** What all histograms of a chunk share. */
export interface HistogramLayout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positiveSpans: readonly Span[];
  readonly negativeSpans: readonly Span[];
  readonly customValues: Float64Array;
}

/** Largest custom bound, times 1000, that fits the short form. */
const MAX_SHORT_BOUND = 33_554_430;
/** More buckets than any histogram has; a damaged chunk may claim more. */
const MAX_BUCKETS = 1 << 20;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** @see Prometheus `tsdb/chunkenc/histogram_meta.go` */
export function writeLayout(out: BitWriter, layout: HistogramLayout): void {
  putZeroThreshold(out, layout.zeroThreshold);
  putVarbitInt(out, layout.schema);
  putSpans(out, layout.positiveSpans);
  putSpans(out, layout.negativeSpans);
  if (layout.schema === CUSTOM_BUCKETS_SCHEMA) {
    putVarbitUint(out, layout.customValues.length);
    for (const bound of layout.customValues) putCustomBound(out, bound);
  }
}

/** @throws {CorruptionError} */
export function readLayout(from: BitReader): HistogramLayout {
  const zeroThreshold = readZeroThreshold(from);
  const schema = readVarbitInt(from);
  if (!isKnownSchema(schema)) {
    throw new CorruptionError(`Unknown histogram schema ${schema}`, { offset: from.at >>> 3 });
  }
  const positiveSpans = readSpans(from);
  const negativeSpans = readSpans(from);
  const customValues = schema === CUSTOM_BUCKETS_SCHEMA ? readCustomBounds(from) : new Float64Array(0);
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customValues };
}

export function bucketCount(spans: readonly Span[]): number {
  let count = 0;
  for (const { length } of spans) count += length;
  return count;
}

function putSpans(out: BitWriter, spans: readonly Span[]): void {
  putVarbitUint(out, spans.length);
  for (const { offset, length } of spans) {
    putVarbitUint(out, length);
    putVarbitInt(out, offset);
  }
}

function readSpans(from: BitReader): Span[] {
  const count = readVarbitUint(from);
  // A span takes two bits at least.
  if (count * 2 > from.remaining) {
    throw new CorruptionError(`Chunk claims ${count} spans in ${from.remaining} bits`, { offset: from.at >>> 3 });
  }
  const spans: Span[] = [];
  let buckets = 0;
  for (let i = 0; i < count; i++) {
    const length = readVarbitUint(from);
    spans.push({ length, offset: readVarbitInt(from) });
    buckets += length;
  }
  // A bucket takes one bit at least in every sample, and there is one sample.
  if (buckets > from.remaining || buckets > MAX_BUCKETS) {
    throw new CorruptionError(`Chunk claims ${buckets} buckets in ${from.remaining} bits`, { offset: from.at >>> 3 });
  }
  return spans;
}

/** One byte for zero and for powers of two from 2^-243 to 2^10, else a byte and the float. */
function putZeroThreshold(out: BitWriter, threshold: number): void {
  if (threshold === 0) {
    out.writeByte(0);
    return;
  }
  float[0] = threshold;
  // A power of two has no mantissa bits; Go's exponent counts from one half, so it is one above IEEE's.
  const isPower = words[0] === 0 && (words[1] & 0x800fffff) === 0;
  const exponent = (words[1] >>> 20) - 1022;
  if (!isPower || exponent < -242 || exponent > 11) {
    out.writeByte(255);
    out.writeBits64(words[1], words[0], 64);
    return;
  }
  out.writeByte(exponent + 243);
}

function readZeroThreshold(from: BitReader): number {
  const code = from.readBits(8);
  if (code === 0) return 0;
  return code === 255 ? readFloat(from) : 2 ** (code - 244);
}

function putCustomBound(out: BitWriter, bound: number): void {
  const thousandth = bound * 1000;
  if (!(thousandth >= 0 && thousandth <= MAX_SHORT_BOUND && Math.round(thousandth) / 1000 === bound)) {
    out.writeBit(0);
    float[0] = bound;
    out.writeBits64(words[1], words[0], 64);
    return;
  }
  putVarbitUint(out, Math.round(thousandth) + 1);
}

function readCustomBounds(from: BitReader): Float64Array {
  const count = readVarbitUint(from);
  if (count * 5 > from.remaining) {
    throw new CorruptionError(`Chunk claims ${count} bounds in ${from.remaining} bits`, { offset: from.at >>> 3 });
  }
  const bounds = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const code = readVarbitUint(from);
    bounds[i] = code === 0 ? readFloat(from) : (code - 1) / 1000;
  }
  return bounds;
}

function readFloat(from: BitReader): number {
  words[0] = from.readBits64(64);
  words[1] = from.high;
  return float[0];
}

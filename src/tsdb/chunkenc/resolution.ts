import { CUSTOM_BUCKETS_SCHEMA, type Histogram, type Span } from '../../model/index.ts';

/** Finest exponential schema that is computed with; files may hold finer ones, up to the reserved limit. */
export const MAX_EXPONENTIAL_SCHEMA = 8;
const MAX_RESERVED_SCHEMA = 52;
const MIN_RESERVED_SCHEMA = -9;

/** Whether a schema has a meaning: exponential (also finer ones than are in use) or custom buckets. */
export function isKnownSchema(schema: number): boolean {
  return schema === CUSTOM_BUCKETS_SCHEMA || (schema >= MIN_RESERVED_SCHEMA && schema <= MAX_RESERVED_SCHEMA);
}

/**
 * The histogram in a coarser exponential schema: each `2^(schema - target)` buckets become one.
 *
 * @see Prometheus `model/histogram/generic.go`, reduceResolution
 */
export function reduceResolution(histogram: Histogram, target: number): Histogram {
  const shift = histogram.schema - target;
  if (histogram.kind === 'int') {
    const [positiveSpans, positive] = merge(histogram.positiveSpans, running(histogram.positiveDeltas), shift);
    const [negativeSpans, negative] = merge(histogram.negativeSpans, running(histogram.negativeDeltas), shift);
    return {
      ...histogram,
      schema: target,
      positiveSpans,
      negativeSpans,
      positiveDeltas: deltas(positive),
      negativeDeltas: deltas(negative),
    };
  }
  const [positiveSpans, positiveBuckets] = merge(histogram.positiveSpans, histogram.positiveBuckets, shift);
  const [negativeSpans, negativeBuckets] = merge(histogram.negativeSpans, histogram.negativeBuckets, shift);
  return { ...histogram, schema: target, positiveSpans, negativeSpans, positiveBuckets, negativeBuckets };
}

function merge(spans: readonly Span[], counts: Float64Array, shift: number): [Span[], Float64Array] {
  const outSpans: { offset: number; length: number }[] = [];
  const out: number[] = [];
  let index = 0;
  let last = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++) {
      // Bucket i covers (2^((i-1)/2^s), 2^(i/2^s)]: its target is the ceiling of i / 2^shift.
      const target = Math.ceil(index / 2 ** shift);
      const count = counts[at++];
      if (outSpans.length === 0) {
        outSpans.push({ offset: target, length: 1 });
        out.push(count);
      } else if (target === last) out[out.length - 1] += count;
      else {
        if (target === last + 1) outSpans[outSpans.length - 1].length++;
        else outSpans.push({ offset: target - last - 1, length: 1 });
        out.push(count);
      }
      last = target;
    }
  }
  return [outSpans, Float64Array.from(out)];
}

function running(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sums[i] = sum += values[i];
  return sums;
}

function deltas(values: Float64Array): Float64Array {
  return values.map((value, i) => (i === 0 ? value : value - values[i - 1]));
}

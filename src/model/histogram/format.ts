import { formatFloatGeneral } from '../number.ts';
import { allBuckets, negativeBuckets, positiveBuckets, zeroBucket } from './buckets.ts';
import { compactHistogram } from './compact.ts';
import {
  copyHistogram,
  toFloatHistogram,
  usesCustomBuckets,
  type CounterResetHint,
  type Histogram,
  type Span,
} from './histogram.ts';

/**
 * A histogram as PromQL prints it: `{count:3, sum:4.5, [-0.001,0.001]:1, (0.5,1]:2}`; empty buckets are left out.
 *
 * @see Prometheus `model/histogram/float_histogram.go`, String (3.x)
 */
export function formatHistogram(histogram: Histogram): string {
  const float = toFloatHistogram(histogram);
  let text = `{count:${formatFloatGeneral(float.count)}, sum:${formatFloatGeneral(float.sum)}`;
  // Unlike the API, the text shows bounds as the schema has them, and a zero bucket that arithmetic made negative.
  const buckets = [...negativeBuckets(float).reverse(), zeroBucket(float), ...positiveBuckets(float)];
  for (const bucket of buckets) {
    if (bucket.count === 0) continue;
    const { lower, upper, lowerInclusive, upperInclusive, count } = bucket;
    const bounds = `${formatFloatGeneral(lower)},${formatFloatGeneral(upper)}`;
    text += `, ${lowerInclusive ? '[' : '('}${bounds}${upperInclusive ? ']' : ')'}:${formatFloatGeneral(count)}`;
  }
  return `${text}}`;
}

/** Which ends of a bucket belong to it, as the HTTP API numbers it: upper only, lower only, neither, both. */
export type BoundaryRule = 0 | 1 | 2 | 3;

/**
 * The populated buckets in ascending order as the HTTP API lists them, numbers not yet made text.
 *
 * @see Prometheus `util/jsonutil/marshal.go`, MarshalHistogram (3.x)
 */
export function apiBuckets(histogram: Histogram): [rule: BoundaryRule, lower: number, upper: number, count: number][] {
  const populated = allBuckets(toFloatHistogram(histogram)).filter(({ count }) => count !== 0);
  return populated.map(({ lower, upper, lowerInclusive, upperInclusive, count }) => {
    const rule = lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;
    return [rule, lower, upper, count];
  });
}

/**
 * A histogram in the notation of promqltest scripts and rule unit tests: `{{schema:1 count:3 sum:4.5 buckets:[1 2]}}`.
 *
 * Buckets come in one run a side, gaps filled with zeros: give it no histogram whose spans lie millions apart.
 *
 * @see Prometheus `model/histogram/float_histogram.go`, TestExpression (3.x)
 */
export function formatTestHistogram(histogram: Histogram): string {
  const float = copyHistogram(toFloatHistogram(histogram));
  compactHistogram(float, Number.MAX_SAFE_INTEGER);
  const parts: string[] = [];
  const number = (name: string, value: number) => {
    if (value !== 0) parts.push(`${name}:${formatFloatGeneral(value)}`);
  };
  const buckets = (name: string, offsetName: string, spans: readonly Span[], counts: Float64Array) => {
    if (counts.length === 0) return;
    number(offsetName, spans[0]!.offset);
    parts.push(`${name}:[${Array.from(counts, formatFloatGeneral).join(' ')}]`);
  };
  number('schema', float.schema);
  number('count', float.count);
  number('sum', float.sum);
  number('z_bucket', float.zeroCount);
  number('z_bucket_w', float.zeroThreshold);
  if (usesCustomBuckets(float)) {
    parts.push(`custom_values:[${Array.from(float.customValues, formatFloatGeneral).join(' ')}]`);
  }
  const hint = hintWords[float.counterResetHint];
  if (hint !== '') parts.push(`counter_reset_hint:${hint}`);
  buckets('buckets', 'offset', float.positiveSpans, float.positiveBuckets);
  buckets('n_buckets', 'n_offset', float.negativeSpans, float.negativeBuckets);
  return `{{${parts.join(' ')}}}`;
}

const hintWords: Record<CounterResetHint, string> = {
  unknown: '',
  reset: 'reset',
  no_reset: 'not_reset',
  gauge: 'gauge',
};

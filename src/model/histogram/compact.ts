import { coarserSide, sideOf, spansOf } from './side.ts';
import { absoluteCounts, deltasOf, usesCustomBuckets, type Histogram, type Span } from './histogram.ts';
import { invariant } from '../../runtime/index.ts';

/**
 * Removes empty buckets at the ends of spans, joins spans at most `maxEmptyBuckets` apart and splits them at longer runs of empty buckets,
 * in place.
 *
 * @see Prometheus `model/histogram/float_histogram.go`, Compact (3.x)
 */
export function compactHistogram(histogram: Histogram, maxEmptyBuckets = 0): void {
  if (histogram.kind === 'float') {
    const { positiveSpans, positiveBuckets, negativeSpans, negativeBuckets } = histogram;
    if (!isCompact(positiveSpans, positiveBuckets, maxEmptyBuckets)) {
      [histogram.positiveSpans, histogram.positiveBuckets] = compact(positiveSpans, positiveBuckets, maxEmptyBuckets);
    }
    if (!isCompact(negativeSpans, negativeBuckets, maxEmptyBuckets)) {
      [histogram.negativeSpans, histogram.negativeBuckets] = compact(negativeSpans, negativeBuckets, maxEmptyBuckets);
    }
    return;
  }
  const { positiveSpans, positiveDeltas, negativeSpans, negativeDeltas } = histogram;
  const [spans, counts] = compact(positiveSpans, absoluteCounts(positiveDeltas), maxEmptyBuckets);
  histogram.positiveSpans = spans;
  histogram.positiveDeltas = deltasOf(counts);
  const [negative, negativeCounts] = compact(negativeSpans, absoluteCounts(negativeDeltas), maxEmptyBuckets);
  histogram.negativeSpans = negative;
  histogram.negativeDeltas = deltasOf(negativeCounts);
}

/**
 * Lowers the resolution to `schema`, in place: buckets are merged 2^(difference) to one.
 *
 * @throws {InvariantError} if the histogram has custom buckets, or `schema` is not below its own
 */
export function reduceResolution(histogram: Histogram, schema: number): void {
  invariant(!usesCustomBuckets(histogram), 'Custom buckets have no resolution to reduce');
  invariant(schema < histogram.schema, `Cannot reduce resolution from schema ${histogram.schema} to ${schema}`);
  const from = histogram.schema;
  histogram.schema = schema;
  if (histogram.kind === 'float') {
    const positive = coarserSide(sideOf(histogram.positiveSpans, histogram.positiveBuckets), from, schema);
    histogram.positiveSpans = spansOf(positive.index);
    histogram.positiveBuckets = positive.counts;
    const negative = coarserSide(sideOf(histogram.negativeSpans, histogram.negativeBuckets), from, schema);
    histogram.negativeSpans = spansOf(negative.index);
    histogram.negativeBuckets = negative.counts;
    return;
  }
  const positive = coarserSide(sideOf(histogram.positiveSpans, absoluteCounts(histogram.positiveDeltas)), from, schema);
  histogram.positiveSpans = spansOf(positive.index);
  histogram.positiveDeltas = deltasOf(positive.counts);
  const negative = coarserSide(sideOf(histogram.negativeSpans, absoluteCounts(histogram.negativeDeltas)), from, schema);
  histogram.negativeSpans = spansOf(negative.index);
  histogram.negativeDeltas = deltasOf(negative.counts);
}

/** The common case: no empty bucket and no two spans too close to each other. */
function isCompact(spans: readonly Span[], counts: Float64Array, maxEmptyBuckets: number): boolean {
  for (let i = 0; i < counts.length; i++) if (counts[i] === 0) return false;
  for (let i = 0; i < spans.length; i++) {
    if (spans[i]!.length === 0 || (i > 0 && spans[i]!.offset <= maxEmptyBuckets)) return false;
  }
  return true;
}

function compact(
  spans: readonly Span[],
  counts: Float64Array,
  maxEmptyBuckets: number,
): [spans: readonly Span[], counts: Float64Array] {
  const { index } = sideOf(spans, counts);
  const compactSpans: { offset: number; length: number }[] = [];
  const kept: number[] = [];
  let end = 0;
  for (let i = 0; i < index.length; i++) {
    if (counts[i] === 0) continue;
    const gap = index[i]! - end;
    const last = compactSpans.at(-1);
    if (last !== undefined && gap <= maxEmptyBuckets) {
      for (let j = 0; j < gap; j++) kept.push(0);
      last.length += gap + 1;
    } else compactSpans.push({ offset: gap, length: 1 });
    kept.push(counts[i]!);
    end = index[i]! + 1;
  }
  return [compactSpans, Float64Array.from(kept)];
}

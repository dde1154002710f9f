import { log2 } from '../go-math.ts';
import { negativeBuckets, positiveBuckets, zeroBucket, type Bucket } from './buckets.ts';
import { compactHistogram } from './compact.ts';
import { usesCustomBuckets, type FloatHistogram } from './histogram.ts';

/**
 * Keeps the observations on one side of `at`, in place: below it (the operator `</`) or above it (`>/`).
 *
 * A bucket that holds `at` is split: on a logarithmic scale if exponential, linearly if custom or the zero bucket. The count becomes that of
 * what is left, the sum an estimate from the middles of the buckets. Where nothing is cut, both stay as they were.
 *
 * @see Prometheus `model/histogram/float_histogram.go`, TrimBuckets (3.14)
 */
export function trimHistogram(histogram: FloatHistogram, at: number, keep: 'below' | 'above'): void {
  const below = keep === 'below';
  const linear = usesCustomBuckets(histogram);
  let count = 0;
  let sum = 0;
  let trimmed = false;
  const populated = { positive: false, negative: false };
  for (const positive of [true, false]) {
    const buckets = positive ? positiveBuckets(histogram) : negativeBuckets(histogram);
    const counts = positive ? histogram.positiveBuckets : histogram.negativeBuckets;
    for (let i = 0; i < buckets.length; i++) {
      const bucket = buckets[i]!;
      if (bucket.count === 0) continue;
      populated[positive ? 'positive' : 'negative'] = true;
      const whole = below ? bucket.upper <= at : bucket.lower >= at;
      const cut = below ? bucket.lower < at : bucket.upper > at;
      if (!whole && !cut) {
        counts[i] = 0;
        trimmed = true;
        continue;
      }
      const part = whole
        ? { count: bucket.count, middle: middleOf(bucket.lower, bucket.upper, positive, linear) }
        : split(bucket, at, below, positive, linear);
      count += part.count;
      sum += part.middle * part.count;
      if (part.count !== bucket.count) {
        counts[i] = part.count;
        trimmed = true;
      }
    }
  }
  if (histogram.zeroCount > 0) {
    const part = splitZeroBucket(zeroBucket(histogram), at, below, populated);
    if (part.count !== histogram.zeroCount) {
      histogram.zeroCount = part.count;
      trimmed = true;
    }
    count += part.count;
    sum += part.middle * part.count;
  }
  if (!trimmed) return;
  histogram.count = count;
  histogram.sum = sum;
  compactHistogram(histogram);
}

/** What is left of a bucket: how many observations, and where they are taken to be. */
interface Part {
  readonly count: number;
  readonly middle: number;
}

/**
 * The share of a bucket's width that lies below `at`, for `lower < at < upper`, both finite: linear, or on a logarithmic scale, where
 * the bounds of exponential buckets are evenly spaced.
 */
export function fractionBelow(lower: number, upper: number, at: number, linear: boolean): number {
  if (linear) return (at - lower) / (upper - lower);
  const logLower = log2(Math.abs(lower));
  const logUpper = log2(Math.abs(upper));
  const logAt = log2(Math.abs(at));
  return at > 0 ? (logAt - logLower) / (logUpper - logLower) : 1 - (logAt - logUpper) / (logLower - logUpper);
}

function split(bucket: Bucket, at: number, below: boolean, positive: boolean, linear: boolean): Part {
  const { lower, upper, count } = bucket;
  if (lower === -Infinity) return splitFromMinusInfinity(bucket, at, below);
  if (upper === Infinity) {
    // Nobody knows how far the observations reach: those above `at` are all of them if the bucket begins below it.
    return below || at < lower ? { count: 0, middle: lower } : { count, middle: at };
  }
  const under = at <= lower ? 0 : at >= upper ? count : count * fractionBelow(lower, upper, at, linear);
  return below
    ? { count: under, middle: middleOf(lower, at, positive, linear) }
    : { count: count - under, middle: middleOf(at, upper, positive, linear) };
}

/** Splits a bucket that begins at -Inf. One that ends above zero is taken to begin at zero, as `histogram_quantile` does. */
function splitFromMinusInfinity({ upper, count }: Bucket, at: number, below: boolean): Part {
  const finite = upper !== Infinity;
  if (below) {
    if (at >= upper) return { count, middle: 0 };
    if (at > 0 && upper > 0 && finite) return { count: (count * at) / upper, middle: at / 2 };
    if (upper <= 0) return { count, middle: at };
  } else {
    if (at === -Infinity) return { count, middle: 0 };
    if (at >= 0 && upper > at && finite) return { count: count * (1 - at / upper), middle: (at + upper) / 2 };
  }
  return { count: 0, middle: finite ? upper : 0 };
}

/** Splits the zero bucket, which reaches to zero only on a side where nothing was observed. */
function splitZeroBucket(
  zero: Bucket,
  at: number,
  below: boolean,
  populated: { positive: boolean; negative: boolean },
): Part {
  const lower = populated.positive && !populated.negative ? 0 : zero.lower;
  const upper = populated.negative && !populated.positive ? 0 : zero.upper;
  if (at <= lower) return below ? { count: 0, middle: 0 } : { count: zero.count, middle: (lower + upper) / 2 };
  if (at >= upper) return below ? { count: zero.count, middle: (lower + upper) / 2 } : { count: 0, middle: 0 };
  const kept = below ? at - lower : upper - at;
  return { count: zero.count * (kept / (upper - lower)), middle: (at + (below ? lower : upper)) / 2 };
}

/** Where the observations of an interval are taken to be: its arithmetic or geometric middle, or its finite end. */
function middleOf(lower: number, upper: number, positive: boolean, linear: boolean): number {
  if (!Number.isFinite(lower)) {
    if (!Number.isFinite(upper)) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (!Number.isFinite(upper)) return lower;
  if (linear) return (lower + upper) / 2;
  const middle = Math.sqrt(Math.abs(lower * upper));
  return positive ? middle : -middle;
}

import { formatFloatGeneral } from '../number.ts';
import { compactHistogram } from './compact.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  floatHistogram,
  toFloatHistogram,
  toIntHistogram,
  type FloatHistogram,
  type Histogram,
} from './histogram.ts';

/** The samples of one classic histogram do not make a histogram. */
export class ClassicHistogramError extends Error {
  override readonly name = 'ClassicHistogramError';
}

/**
 * Collects the samples of one classic histogram (`_bucket`, `_count`, `_sum`) and makes a native one with custom buckets of them.
 *
 * Buckets come in any order; a bound that came already is ignored. `clear` makes it ready for the next histogram.
 *
 * @see Prometheus `util/convertnhcb/convertnhcb.go`, TempHistogram (3.x)
 */
export class ClassicHistogram {
  readonly #bounds: number[] = [];
  readonly #counts: number[] = [];
  #count: number | undefined;
  #sum = 0;

  clear(): void {
    this.#bounds.length = 0;
    this.#counts.length = 0;
    this.#count = undefined;
    this.#sum = 0;
  }

  /** @param count observations up to `bound`, as `le` means it @throws {ClassicHistogramError} */
  setBucket(bound: number, count: number): void {
    if (Number.isNaN(bound)) throw new ClassicHistogramError('bucket boundary must not be NaN');
    if (count < 0) {
      throw new ClassicHistogramError(
        `bucket count must be non-negative: le=${formatFloatGeneral(bound)}, count=${formatFloatGeneral(count)}`,
      );
    }
    const bounds = this.#bounds;
    const counts = this.#counts;
    let i = bounds.length;
    while (i > 0 && bounds[i - 1]! >= bound) i--;
    if (bounds[i] === bound) return;
    if (i > 0 && count < counts[i - 1]!) {
      throw new ClassicHistogramError(`count is not cumulative: ${count} < ${counts[i - 1]}`);
    }
    if (i < counts.length && count > counts[i]!) {
      throw new ClassicHistogramError(`count is not cumulative: ${count} > ${counts[i]}`);
    }
    bounds.splice(i, 0, bound);
    counts.splice(i, 0, count);
  }

  /** @throws {ClassicHistogramError} */
  setCount(count: number): void {
    if (count < 0) throw new ClassicHistogramError(`count must be non-negative: count=${count}`);
    this.#count = count;
  }

  setSum(sum: number): void {
    this.#sum = sum;
  }

  /**
   * The histogram collected: with integer counts where all are whole numbers, otherwise with float counts. Without a count the highest
   * bucket stands for it, without a `+Inf` bucket the count does.
   *
   * @throws {ClassicHistogramError} if count and `+Inf` bucket differ
   */
  toHistogram(): Histogram {
    const bounds = [...this.#bounds];
    const cumulative = [...this.#counts];
    const count = this.#count ?? cumulative.at(-1) ?? 0;
    if (bounds.at(-1) !== Infinity) {
      bounds.push(Infinity);
      cumulative.push(count);
    }
    const highest = cumulative.at(-1)!;
    if (count !== highest)
      throw new ClassicHistogramError(`count mismatch: count=${count} != le=+Inf count=${highest}`);
    const counts = Float64Array.from(cumulative, (total, i) => (i === 0 ? total : total - cumulative[i - 1]!));
    const float = floatHistogram({
      schema: CUSTOM_BUCKETS_SCHEMA,
      count,
      sum: this.#sum,
      positiveSpans: [{ offset: 0, length: counts.length }],
      positiveBuckets: counts,
      customValues: Float64Array.from(bounds.slice(0, -1)),
    });
    const histogram = cumulative.every(Number.isSafeInteger) ? (toIntHistogram(float) ?? float) : float;
    // Chunks hold integer histograms best with short gaps filled.
    compactHistogram(histogram, histogram.kind === 'int' ? 2 : 0);
    return histogram;
  }
}

/**
 * The classic buckets of a histogram with custom ones: cumulative counts at each bound, `+Inf` last.
 *
 * @see Prometheus `model/histogram/convert.go`, ConvertNHCBToClassic (3.x)
 */
export function toClassicBuckets(histogram: Histogram): { le: number; count: number }[] {
  const { customValues, positiveSpans, positiveBuckets }: FloatHistogram = toFloatHistogram(histogram);
  const counts = new Float64Array(customValues.length + 1);
  let bucket = 0;
  let i = 0;
  for (const { offset, length } of positiveSpans) {
    bucket += offset;
    for (let j = 0; j < length && bucket < counts.length; j++) counts[bucket++] = positiveBuckets[i++]!;
  }
  let total = 0;
  return Array.from(counts, (count, j) => ({ le: customValues[j] ?? Infinity, count: (total += count) }));
}

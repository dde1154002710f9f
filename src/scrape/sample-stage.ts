import {
  isExponentialSchema,
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
  reduceResolution,
  validateHistogram,
  type Histogram,
} from '../model/index.ts';
import {
  ACCEPTED,
  DUPLICATE_TIMESTAMP,
  OUT_OF_BOUNDS,
  OUT_OF_ORDER,
  TOO_OLD,
  type Appender,
  type AppendVerdict,
} from '../storage/index.ts';
import type { ScrapeConfig } from './config.ts';
import type { ScrapeMetrics } from './metrics.ts';
import { ScrapeError } from './sample-labels.ts';

/** Samples further in the future than this are a target's broken clock. */
const MAX_FUTURE_MS = 10 * 60_000;

/**
 * Stages the samples of one scrape within the limits of the job, and counts what was refused.
 *
 * @see Prometheus `scrape/target.go`, the limiting appenders, and `scrape/scrape.go`, checkAddError
 */
export class SampleStage {
  readonly appender: Appender;
  /** Samples given so far, and how many may be. */
  attempts = 0;
  readonly sampleLimit: number;
  readonly maxMs: number;
  readonly #bucketLimit: number;
  readonly #maxSchema: number;
  #isOverBuckets = false;
  #outOfOrder = 0;
  #duplicate = 0;
  #outOfBounds = 0;

  constructor(appender: Appender, config: ScrapeConfig, nowMs: number) {
    this.appender = appender;
    this.sampleLimit = config.sampleLimit > 0 ? config.sampleLimit : Infinity;
    this.maxMs = nowMs + MAX_FUTURE_MS;
    this.#bucketLimit = config.nativeHistogramBucketLimit;
    this.#maxSchema = schemaForFactor(config.nativeHistogramMinBucketFactor);
  }

  get isOverSamples(): boolean {
    return this.attempts > this.sampleLimit;
  }

  /** Counts a sample in. @returns `false` when it is one too many */
  admit(): boolean {
    return ++this.attempts <= this.sampleLimit;
  }

  /** Whether a sample of this time may be stored; otherwise it is counted as refused. */
  isInTime(t: number): boolean {
    if (t <= this.maxMs) return true;
    this.#outOfBounds++;
    return false;
  }

  /**
   * Brings a histogram within the job's resolution and number of buckets. @returns `false` when that cannot be
   *
   * @throws {ScrapeError} for a histogram that is none
   */
  fit(histogram: Histogram): boolean {
    if (
      this.#maxSchema < MAX_EXPONENTIAL_SCHEMA &&
      isExponentialSchema(histogram.schema) &&
      histogram.schema > this.#maxSchema
    ) {
      reduceResolution(histogram, this.#maxSchema);
    }
    if (this.#bucketLimit > 0 && !fitBuckets(histogram, this.#bucketLimit)) {
      this.#isOverBuckets = true;
      return false;
    }
    const problem = validateHistogram(histogram);
    if (problem !== undefined) throw new ScrapeError(problem);
    return true;
  }

  /** Counts a verdict other than acceptance. */
  note(verdict: AppendVerdict): AppendVerdict {
    if (verdict === ACCEPTED) return verdict;
    if (verdict === OUT_OF_ORDER) this.#outOfOrder++;
    else if (verdict === DUPLICATE_TIMESTAMP) this.#duplicate++;
    else if (verdict === OUT_OF_BOUNDS || verdict === TOO_OLD) this.#outOfBounds++;
    return verdict;
  }

  /** The page names a series a second time. */
  noteDuplicate(): void {
    this.#duplicate++;
  }

  /**
   * Adds the counts to the metrics.
   *
   * @returns what the scrape has to tell of samples that were refused one by one, by the reason
   * @throws {ScrapeError} when a limit was exceeded
   */
  finish(metrics: ScrapeMetrics): { readonly message: string; readonly dropped: number }[] {
    metrics.outOfOrder.inc(this.#outOfOrder);
    metrics.duplicate.inc(this.#duplicate);
    metrics.outOfBounds.inc(this.#outOfBounds);
    if (this.isOverSamples) metrics.sampleLimitExceeded.inc();
    if (this.#isOverBuckets) metrics.bucketLimitExceeded.inc();
    if (this.isOverSamples) throw new ScrapeError('sample limit exceeded');
    if (this.#isOverBuckets) throw new ScrapeError('histogram bucket limit exceeded');
    return [
      { message: 'Error on ingesting out-of-order samples', dropped: this.#outOfOrder },
      { message: 'Error on ingesting samples with different value but same timestamp', dropped: this.#duplicate },
      {
        message: 'Error on ingesting samples that are too old or are too far into the future',
        dropped: this.#outOfBounds,
      },
    ].filter(({ dropped }) => dropped > 0);
  }
}

/** The finest schema whose buckets grow by at least `factor`. */
function schemaForFactor(factor: number): number {
  if (factor <= 1) return MAX_EXPONENTIAL_SCHEMA;
  return Math.min(MAX_EXPONENTIAL_SCHEMA, Math.max(MIN_EXPONENTIAL_SCHEMA, Math.floor(-Math.log2(Math.log2(factor)))));
}

/** Halves the resolution until the buckets are few enough. @returns `false` when they never are */
function fitBuckets(histogram: Histogram, limit: number): boolean {
  while (bucketCount(histogram) > limit) {
    if (!isExponentialSchema(histogram.schema) || histogram.schema <= MIN_EXPONENTIAL_SCHEMA) return false;
    reduceResolution(histogram, histogram.schema - 1);
  }
  return true;
}

function bucketCount(histogram: Histogram): number {
  return histogram.kind === 'int'
    ? histogram.positiveDeltas.length + histogram.negativeDeltas.length
    : histogram.positiveBuckets.length + histogram.negativeBuckets.length;
}

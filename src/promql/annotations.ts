import { formatFloatGeneral, quoteGo } from '../model/index.ts';
import type { PositionRange } from './parse/ast.ts';
import { describePosition } from './parse/parse-error.ts';

/** What a query wants its reader to know besides the result. */
export interface AnnotationTexts {
  readonly warnings: string[];
  readonly infos: string[];
}

/** Which histogram operation reconciled or collided. */
export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

interface Annotation {
  readonly severity: 'warning' | 'info';
  /** Text without the position: what makes two annotations the same. */
  readonly text: string;
  /** Absent for what the storage said. */
  pos: PositionRange | undefined;
  /** Further words between text and position, from everything merged into this annotation. */
  detail?: MonotonicityDetail | OccurrenceDetail;
}

interface MonotonicityDetail {
  readonly kind: 'monotonicity';
  minTs: number;
  maxTs: number;
  minBucket: number;
  maxBucket: number;
  maxDiff: number;
  count: number;
}

interface OccurrenceDetail {
  readonly kind: 'occurrence';
  count: number;
}

/**
 * Collects the warnings and infos of one query. The same text is kept once, at the position it was last added for.
 *
 * The texts are Prometheus's, prefix included (`PromQL warning: …`).
 *
 * @see Prometheus `util/annotations/annotations.go` (3.14)
 */
export class Annotations {
  readonly #byText = new Map<string, Annotation>();

  get isEmpty(): boolean {
    return this.#byText.size === 0;
  }

  /** A warning of the storage, kept as it is. */
  storageWarning(text: string): void {
    this.#byText.set(text, { severity: 'warning', text, pos: undefined });
  }

  warning(text: string, pos: PositionRange): void {
    this.#add('warning', `PromQL warning: ${text}`, pos);
  }

  info(text: string, pos: PositionRange): void {
    this.#add('info', `PromQL info: ${text}`, pos);
  }

  invalidQuantile(quantile: number, pos: PositionRange): void {
    this.warning(`quantile value should be between 0 and 1, got ${formatFloatGeneral(quantile)}`, pos);
  }

  invalidRatio(ratio: number, capped: number, pos: PositionRange): void {
    const [got, to] = [formatFloatGeneral(ratio), formatFloatGeneral(capped)];
    this.warning(`ratio value should be between -1 and 1, got ${got}, capping to ${to}`, pos);
  }

  badBucketLabel(metricName: string, value: string, pos: PositionRange): void {
    const text = `bucket label "le" is missing or has a malformed value of ${quoteGo(value)}`;
    this.warning(text + forMetric(metricName), pos);
  }

  mixedFloatsHistograms(metricName: string, pos: PositionRange): void {
    this.warning(`encountered a mix of histograms and floats for metric name ${quoteGo(metricName)}`, pos);
  }

  mixedFloatsHistogramsInAggregation(pos: PositionRange): void {
    this.warning('encountered a mix of histograms and floats for aggregation', pos);
  }

  mixedClassicNativeHistograms(metricName: string, pos: PositionRange): void {
    this.warning(`vector contains a mix of classic and native histograms${forMetric(metricName)}`, pos);
  }

  notCounterHistogram(metricName: string, pos: PositionRange): void {
    this.warning(`this native histogram metric is not a counter: ${quoteGo(metricName)}`, pos);
  }

  notGaugeHistogram(metricName: string, pos: PositionRange): void {
    this.warning(`this native histogram metric is not a gauge: ${quoteGo(metricName)}`, pos);
  }

  mixedExponentialCustomHistograms(metricName: string, pos: PositionRange): void {
    const text = 'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
    this.warning(`${text} ${quoteGo(metricName)}`, pos);
  }

  incompatibleBucketLayoutInBinaryOperation(operator: string, pos: PositionRange): void {
    this.warning(`incompatible bucket layout encountered for binary operator ${operator}`, pos);
  }

  sortInRangeQuery(pos: PositionRange): void {
    this.warning('sort is ineffective for range queries since results are always ordered by labels', pos);
  }

  counterResetCollision(operation: HistogramOperation, pos: PositionRange): void {
    this.warning(`conflicting counter resets during histogram ${operation}`, pos);
  }

  /** Counted: each further one of the same metric raises the number of occurrences. */
  startTimeOverlap(metricName: string, pos: PositionRange): void {
    const text = `PromQL warning: sample has start time that overlaps with previous sample timestamp for metric ${quoteGo(metricName)}`;
    const known = this.#byText.get(text)?.detail;
    if (known?.kind === 'occurrence') known.count++;
    else this.#add('warning', text, pos, { kind: 'occurrence', count: 1 });
  }

  possibleNonCounter(metricName: string, pos: PositionRange): void {
    const text = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket:';
    this.info(`${text} ${quoteGo(metricName)}`, pos);
  }

  possibleNonCounterLabel(metricName: string, type: string, pos: PositionRange): void {
    const text = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"';
    this.info(`${text}, got ${quoteGo(type)}: ${quoteGo(metricName)}`, pos);
  }

  incompatibleTypesInBinaryOperation(lhs: string, operator: string, rhs: string, pos: PositionRange): void {
    const text = 'incompatible sample types encountered for binary operator';
    this.info(`${text} ${quoteGo(operator)}: ${lhs} ${operator} ${rhs}`, pos);
  }

  histogramIgnoredInAggregation(aggregation: string, pos: PositionRange): void {
    this.info(`ignored histogram in ${aggregation} aggregation`, pos);
  }

  histogramIgnoredInMixedRange(metricName: string, pos: PositionRange): void {
    const text = 'ignored histograms in a range containing both floats and histograms for metric name';
    this.info(`${text} ${quoteGo(metricName)}`, pos);
  }

  quantileNaNResult(metricName: string, pos: PositionRange): void {
    const text = 'input to histogram_quantile has NaN observations, result is NaN';
    this.info(text + forMetric(metricName), pos);
  }

  quantileNaNSkew(metricName: string, pos: PositionRange): void {
    const text = 'input to histogram_quantile has NaN observations, result is skewed higher';
    this.info(text + forMetric(metricName), pos);
  }

  fractionNaNs(metricName: string, pos: PositionRange): void {
    const text = 'input to histogram_fraction has NaN observations, which are excluded from all fractions';
    this.info(text + forMetric(metricName), pos);
  }

  mismatchedCustomBuckets(operation: HistogramOperation, pos: PositionRange): void {
    this.info(`mismatched custom buckets were reconciled during ${operation}`, pos);
  }

  /**
   * Classic buckets whose counts fall had to be raised. What is merged tells the widest span.
   *
   * @param tsMs the step
   * @param minBucket lowest and @param maxBucket highest raised upper bound, @param maxDiff largest raise
   */
  forcedMonotonicity(
    metricName: string,
    pos: PositionRange,
    tsMs: number,
    minBucket: number,
    maxBucket: number,
    maxDiff: number,
  ): void {
    const text =
      'PromQL info: input to histogram_quantile needed to be fixed for monotonicity ' +
      `(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${forMetric(metricName)}`;
    const known = this.#byText.get(text);
    const detail = known?.detail;
    if (detail?.kind === 'monotonicity') {
      detail.minTs = Math.min(detail.minTs, tsMs);
      detail.maxTs = Math.max(detail.maxTs, tsMs);
      detail.minBucket = Math.min(detail.minBucket, minBucket);
      detail.maxBucket = Math.max(detail.maxBucket, maxBucket);
      detail.maxDiff = Math.max(detail.maxDiff, maxDiff);
      detail.count++;
      return;
    }
    const fresh: MonotonicityDetail = {
      kind: 'monotonicity',
      minTs: tsMs,
      maxTs: tsMs,
      minBucket,
      maxBucket,
      maxDiff,
      count: 1,
    };
    this.#add('info', text, pos, fresh);
  }

  /**
   * The texts with positions (`… (1:5)`), in the order they were first added.
   *
   * @param limit most of each kind; what is left out is counted in one further line. 0: no limit
   */
  texts(query: string, limit = 10): AnnotationTexts {
    const warnings: string[] = [];
    const infos: string[] = [];
    let warningsLeft = 0;
    let infosLeft = 0;
    for (const annotation of this.#byText.values()) {
      const list = annotation.severity === 'info' ? infos : warnings;
      if (limit === 0 || list.length < limit) list.push(print(annotation, query));
      else if (list === infos) infosLeft++;
      else warningsLeft++;
    }
    if (warningsLeft > 0) warnings.push(`${warningsLeft} more warning annotations omitted`);
    if (infosLeft > 0) infos.push(`${infosLeft} more info annotations omitted`);
    return { warnings, infos };
  }

  #add(severity: Annotation['severity'], text: string, pos: PositionRange, detail?: Annotation['detail']): void {
    const known = this.#byText.get(text);
    if (known === undefined) this.#byText.set(text, { severity, text, pos, detail });
    else known.pos = pos;
  }
}

function forMetric(metricName: string): string {
  return metricName === '' ? '' : ` for metric name ${quoteGo(metricName)}`;
}

function print({ text, pos, detail }: Annotation, query: string): string {
  if (pos === undefined) return text;
  const place = `(${describePosition(query, pos)})`;
  if (detail === undefined) return `${text} ${place}`;
  if (detail.kind === 'occurrence') {
    return detail.count > 1 ? `${text} (${detail.count} occurrences) ${place}` : `${text} ${place}`;
  }
  const buckets = `from buckets ${formatFloatGeneral(detail.minBucket)} to ${formatFloatGeneral(detail.maxBucket)}`;
  const diff = `with a max diff of ${twoDigits(detail.maxDiff)}`;
  const span = `over ${detail.count} samples from ${seconds(detail.minTs)} to ${seconds(detail.maxTs)}`;
  return `${text}, ${buckets}, ${diff}, ${span} ${place}`;
}

/** Go's `%.2g`. */
function twoDigits(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatFloatGeneral(value);
  const text = value.toExponential(1);
  const e = text.indexOf('e');
  const exponent = Number(text.slice(e + 1));
  if (exponent >= -4 && exponent < 2) return String(Number(value.toPrecision(2)));
  const digits = text.slice(0, e).replace(/\.0$/, '');
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** A time as RFC 3339 in whole seconds, UTC. */
function seconds(ms: number): string {
  const whole = Math.trunc(ms / 1000) * 1000;
  return `${new Date(whole).toISOString().slice(0, 19)}Z`;
}

import { isUtf8 } from 'node:buffer';
import {
  ClassicHistogram,
  ClassicHistogramError,
  compactHistogram,
  type Histogram,
  type Span,
} from '../histogram/index.ts';
import { METRIC_NAME } from '../labels.ts';
import type { MetricType } from '../metadata.ts';
import { ExpositionError } from './error.ts';
import { formatOpenMetricsFloat } from './openmetrics-float.ts';
import {
  END_OF_PAGE,
  type Entry,
  type ExposedExemplar,
  type ExpositionParser,
  HELP_ENTRY,
  HISTOGRAM_ENTRY,
  SERIES_ENTRY,
  TYPE_ENTRY,
  UNIT_ENTRY,
} from './parser.ts';
import {
  type ClassicBucket,
  type EncodedExemplar,
  type EncodedHistogram,
  type EncodedMetric,
  readMetric,
} from './protobuf-metric.ts';
import { WireReader } from './wire.ts';

/** By the numbers of the `MetricType` enumeration. */
const types: readonly MetricType[] = ['counter', 'gauge', 'summary', 'unknown', 'histogram', 'gaugehistogram'];

export interface HistogramOptions {
  /** Native histograms are left aside, and their classic buckets are taken. */
  readonly ignoresNative?: boolean;
  /** Classic buckets are taken besides a native histogram. */
  readonly keepsClassic?: boolean;
  /** A classic histogram becomes a native one with custom buckets. */
  readonly convertsClassic?: boolean;
}

/** One sample a metric stands for: a counter is one, a classic histogram is several. */
interface Sample {
  /** Behind the family's name. */
  readonly suffix: string;
  /** `le` or `quantile`, or `''`. */
  readonly boundName: string;
  readonly bound: number;
  readonly value: number;
  readonly histogram: Histogram | undefined;
  readonly exemplars: readonly EncodedExemplar[];
}

/**
 * Length-delimited `io.prometheus.client.MetricFamily` messages, shown as the entries of the text formats.
 *
 * @see Prometheus `model/textparse/protobufparse.go` (3.14)
 */
export class ProtobufParser implements ExpositionParser {
  /** Overwritten with every series. */
  seriesBytes = Buffer.allocUnsafe(256);
  readonly seriesStart = 0;
  seriesEnd = 0;
  value = 0;
  timestamp = 0;
  hasTimestamp = false;
  histogram: Histogram | undefined;
  readonly hasInvalidText = false;
  familyName = '';
  type: MetricType = 'unknown';
  text = '';
  readonly #bytes: Buffer;
  readonly #options: HistogramOptions;
  readonly #reader: WireReader;
  #familyEnd = 0;
  #nameBytes: Buffer = Buffer.alloc(0);
  #help = '';
  #unit = '';
  /** Start and end of the family's metrics, flat, and the next one to be read. */
  #metricSpans: number[] = [];
  #nextMetric = 0;
  /** Entries about the family that are still to come. */
  #pendingMetadata: Entry[] = [];
  #metric: EncodedMetric | undefined;
  #samples: Sample[] = [];
  #nextSample = 0;
  #nextExemplar = 0;

  constructor(page: Buffer, options: HistogramOptions = {}) {
    this.#bytes = page;
    this.#options = options;
    this.#reader = new WireReader(page);
  }

  next(): Entry {
    for (;;) {
      const pending = this.#pendingMetadata.shift();
      if (pending !== undefined) {
        this.text = pending === HELP_ENTRY ? this.#help : pending === UNIT_ENTRY ? this.#unit : '';
        return pending;
      }
      if (this.#nextSample < this.#samples.length) return this.#showSample(this.#samples[this.#nextSample++]!);
      if (this.#nextMetric < this.#metricSpans.length) this.#readMetric();
      else if (!this.#readFamily()) return END_OF_PAGE;
    }
  }

  labelPairs(): string[] {
    const sample = this.#samples[this.#nextSample - 1]!;
    const pairs = [METRIC_NAME, this.familyName + sample.suffix];
    for (const text of this.#labelTexts(this.#metric!.labelSpans)) pairs.push(text);
    if (sample.boundName !== '') pairs.push(sample.boundName, formatOpenMetricsFloat(sample.bound));
    return pairs;
  }

  nextExemplar(): ExposedExemplar | undefined {
    const { exemplars } = this.#samples[this.#nextSample - 1]!;
    const exemplar = exemplars[this.#nextExemplar++];
    return exemplar && { labels: this.#labelTexts(exemplar.labelSpans), value: exemplar.value, t: exemplar.t };
  }

  startTimestamp(): number {
    return this.#metric?.startTimestamp ?? 0;
  }

  /** `false` at the end of the page. */
  #readFamily(): boolean {
    const reader = this.#reader.reset(this.#familyEnd, this.#bytes.length);
    if (reader.at >= reader.end) return false;
    const start = reader.at;
    const length = reader.varint();
    if (reader.at - start > 5) throw new ExpositionError('clientpb: invalid varint encountered');
    const end = reader.at + length;
    if (end > this.#bytes.length) {
      throw new ExpositionError(
        `clientpb: insufficient length of buffer, expected at least ${end - start} bytes, got ${this.#bytes.length - start} bytes`,
      );
    }
    this.#familyEnd = end;
    reader.end = end;
    const type = this.#readFamilyFields(reader);
    // A family without metrics says nothing, not even what it is.
    if (this.#metricSpans.length === 0) return true;
    if (this.#nameBytes.length === 0 || !isUtf8(this.#nameBytes)) {
      throw new ExpositionError(`invalid metric name: ${this.#nameBytes.toString()}`);
    }
    this.familyName = this.#nameBytes.toString();
    const known = types[type];
    if (known === undefined) {
      throw new ExpositionError(`unknown metric type for metric ${JSON.stringify(this.familyName)}: ${type}`);
    }
    this.type = known;
    this.#pendingMetadata = this.#unit === '' ? [HELP_ENTRY, TYPE_ENTRY] : [HELP_ENTRY, UNIT_ENTRY, TYPE_ENTRY];
    return true;
  }

  /** The type's number. */
  #readFamilyFields(reader: WireReader): number {
    let type = 0;
    this.#nameBytes = Buffer.alloc(0);
    this.#help = '';
    this.#unit = '';
    this.#metricSpans = [];
    this.#nextMetric = 0;
    while (reader.next()) {
      switch (reader.field) {
        case 1:
          this.#nameBytes = this.#span(reader, 'Name');
          break;
        case 2: {
          const help = this.#span(reader, 'Help');
          if (!isUtf8(help)) {
            throw new ExpositionError(
              `invalid help for metric ${JSON.stringify(this.#nameBytes.toString())}: ${help.toString()}`,
            );
          }
          this.#help = help.toString();
          break;
        }
        case 3:
          type = reader.int('Type');
          break;
        case 4: {
          const end = reader.span('Metric');
          this.#metricSpans.push(reader.at, end);
          reader.at = end;
          break;
        }
        case 5:
          this.#unit = this.#span(reader, 'Unit').toString();
          break;
        default:
          reader.skip();
      }
    }
    return type;
  }

  #span(reader: WireReader, name: string): Buffer {
    const end = reader.span(name);
    const span = this.#bytes.subarray(reader.at, end);
    reader.at = end;
    return span;
  }

  #readMetric(): void {
    const spans = this.#metricSpans;
    const metric = readMetric(this.#reader.reset(spans[this.#nextMetric]!, spans[this.#nextMetric + 1]!));
    this.#nextMetric += 2;
    this.#metric = metric;
    this.timestamp = metric.timestamp;
    // An unset timestamp and the beginning of 1970 cannot be told apart.
    this.hasTimestamp = metric.timestamp !== 0;
    this.#samples = this.#samplesOf(metric);
    this.#nextSample = 0;
  }

  #samplesOf(metric: EncodedMetric): Sample[] {
    switch (this.type) {
      case 'summary': {
        const { count, sum, quantiles } = metric.summary ?? { count: 0, sum: 0, quantiles: [] };
        return [
          sample('_count', count),
          sample('_sum', sum),
          ...quantiles.map(({ quantile, value }) => boundSample('', 'quantile', quantile, value)),
        ];
      }
      case 'histogram':
      case 'gaugehistogram':
        return this.#histogramSamples(metric);
      default:
        return [sample('', metric.value, this.type === 'counter' ? metric.exemplar : undefined)];
    }
  }

  #histogramSamples(metric: EncodedMetric): Sample[] {
    const { ignoresNative = false, keepsClassic = false, convertsClassic = false } = this.#options;
    const encoded = metric.histogram;
    if (encoded === undefined) return classicSamples(noHistogram);
    const isNative = !ignoresNative && hasNativeParts(encoded);
    if (isNative) {
      const native = histogramSample(nativeHistogram(encoded, this.familyName), encoded);
      return keepsClassic && encoded.buckets.length > 0 ? [native, ...classicSamples(encoded)] : [native];
    }
    if (!convertsClassic) return classicSamples(encoded);
    const converted = histogramSample(customBucketsHistogram(encoded), encoded);
    return keepsClassic ? [...classicSamples(encoded), converted] : [converted];
  }

  #showSample(shown: Sample): Entry {
    this.value = shown.value;
    this.histogram = shown.histogram;
    if (shown.histogram !== undefined && this.type === 'gaugehistogram') shown.histogram.counterResetHint = 'gauge';
    this.#nextExemplar = 0;
    this.#writeSeriesBytes(shown);
    return shown.histogram === undefined ? SERIES_ENTRY : HISTOGRAM_ENTRY;
  }

  /** name 0xff suffix 0xff bound labels: neither name nor suffix holds 0xff, and the bound has a fixed length. */
  #writeSeriesBytes({ suffix, boundName, bound, histogram }: Sample): void {
    const spans = this.#metric!.labelSpans;
    let length = this.#nameBytes.length + 32;
    for (let i = 0; i < spans.length; i += 2) length += spans[i + 1]! - spans[i]! + 4;
    if (this.seriesBytes.length < length) this.seriesBytes = Buffer.allocUnsafe(length * 2);
    const bytes = this.seriesBytes;
    let at = this.#nameBytes.copy(bytes);
    bytes[at++] = 0xff;
    at += bytes.write(histogram === undefined ? suffix : ' ', at, 'latin1');
    bytes[at++] = 0xff;
    at = bytes.writeDoubleLE(boundName === '' ? 0 : bound, at);
    for (let i = 0; i < spans.length; i += 2) {
      // The length keeps two labels from reading as one.
      at = bytes.writeUInt32LE(spans[i + 1]! - spans[i]!, at);
      at += this.#bytes.copy(bytes, at, spans[i], spans[i + 1]);
    }
    this.seriesEnd = at;
  }

  #labelTexts(spans: readonly number[]): string[] {
    const texts: string[] = [];
    for (let i = 0; i < spans.length; i += 2) {
      const reader = new WireReader(this.#bytes, spans[i], spans[i + 1]);
      let name = '';
      let value = '';
      while (reader.next()) {
        if (reader.field === 1) {
          const bytes = this.#span(reader, 'Name');
          name = bytes.toString();
          if (name === '' || !isUtf8(bytes)) throw new ExpositionError(`invalid label name: ${name}`);
        } else if (reader.field === 2) {
          const bytes = this.#span(reader, 'Value');
          value = bytes.toString();
          if (!isUtf8(bytes)) throw new ExpositionError(`invalid label value: ${value}`);
        } else {
          reader.skip();
        }
      }
      texts.push(name, value);
    }
    return texts;
  }
}

const noHistogram = { count: 0, countFloat: 0, sum: 0, buckets: [] as ClassicBucket[] };

function sample(suffix: string, value: number, exemplar?: EncodedExemplar): Sample {
  return { suffix, boundName: '', bound: 0, value, histogram: undefined, exemplars: exemplar ? [exemplar] : [] };
}

function boundSample(
  suffix: string,
  boundName: string,
  bound: number,
  value: number,
  exemplar?: EncodedExemplar,
): Sample {
  return { ...sample(suffix, value, exemplar), boundName, bound };
}

function classicSamples({
  count,
  countFloat,
  sum,
  buckets,
}: Pick<EncodedHistogram, 'count' | 'countFloat' | 'sum' | 'buckets'>): Sample[] {
  const total = countFloat === 0 ? count : countFloat;
  const samples = [sample('_count', total), sample('_sum', sum)];
  for (const bucket of buckets) {
    samples.push(boundSample('_bucket', 'le', bucket.upperBound, bucket.count, bucket.exemplar));
    if (bucket.upperBound === Infinity) return samples;
  }
  samples.push(boundSample('_bucket', 'le', Infinity, total));
  return samples;
}

/** Exemplars of native histograms need a time of their own, or one could not tell a new one from an old one. */
function histogramSample(histogram: Histogram, { exemplars, buckets }: EncodedHistogram): Sample {
  const own = exemplars.length > 0 ? exemplars : buckets.flatMap(({ exemplar }) => (exemplar ? [exemplar] : []));
  return { ...sample('', 0), histogram, exemplars: own.filter(({ t }) => t !== undefined) };
}

/** A histogram without spans and zero bucket is a classic one; libraries add an empty span where it is not. */
function hasNativeParts(encoded: EncodedHistogram): boolean {
  return (
    encoded.positiveSpans.length > 0 ||
    encoded.negativeSpans.length > 0 ||
    encoded.zeroThreshold > 0 ||
    encoded.zeroCount > 0
  );
}

function nativeHistogram(encoded: EncodedHistogram, name: string): Histogram {
  const isFloat = encoded.countFloat > 0 || encoded.zeroCountFloat > 0;
  checkSpans('positive', encoded.positiveSpans, isFloat ? encoded.positiveCounts : encoded.positiveDeltas, name);
  checkSpans('negative', encoded.negativeSpans, isFloat ? encoded.negativeCounts : encoded.negativeDeltas, name);
  const shared = {
    schema: encoded.schema,
    zeroThreshold: encoded.zeroThreshold,
    sum: encoded.sum,
    positiveSpans: encoded.positiveSpans,
    negativeSpans: encoded.negativeSpans,
    customValues: new Float64Array(0),
    counterResetHint: 'unknown',
  } as const;
  const histogram: Histogram = isFloat
    ? {
        ...shared,
        kind: 'float',
        count: encoded.countFloat,
        zeroCount: encoded.zeroCountFloat,
        positiveBuckets: Float64Array.from(encoded.positiveCounts),
        negativeBuckets: Float64Array.from(encoded.negativeCounts),
      }
    : {
        ...shared,
        kind: 'int',
        count: encoded.count,
        zeroCount: encoded.zeroCount,
        positiveDeltas: Float64Array.from(encoded.positiveDeltas),
        negativeDeltas: Float64Array.from(encoded.negativeDeltas),
      };
  compactHistogram(histogram);
  return histogram;
}

function checkSpans(side: string, spans: readonly Span[], buckets: readonly number[], name: string): void {
  const required = spans.reduce((sum, { length }) => sum + length, 0);
  if (required === buckets.length) return;
  throw new ExpositionError(
    `histogram ${JSON.stringify(name)}: ${side} side: spans require ${required} buckets, have ${buckets.length}`,
  );
}

function customBucketsHistogram({ count, countFloat, sum, buckets }: EncodedHistogram): Histogram {
  const classic = new ClassicHistogram();
  try {
    classic.setCount(countFloat === 0 ? count : countFloat);
    classic.setSum(sum);
    for (const bucket of buckets) classic.setBucket(bucket.upperBound, bucket.count);
    return classic.toHistogram();
  } catch (error) {
    if (error instanceof ClassicHistogramError) throw new ExpositionError(error.message, { cause: error });
    throw error;
  }
}

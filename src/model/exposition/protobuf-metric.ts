import { BYTES, type WireReader } from './wire.ts';
import type { Span } from '../histogram/index.ts';

/** An exemplar of the protobuf format, its labels still encoded. */
export interface EncodedExemplar {
  /** Start and end of each label, flat. */
  readonly labelSpans: readonly number[];
  readonly value: number;
  /** ms; `undefined` where there is none. */
  readonly t: number | undefined;
}

export interface ClassicBucket {
  readonly upperBound: number;
  readonly count: number;
  readonly exemplar: EncodedExemplar | undefined;
}

/** The `Histogram` message: the classic one, the native one, or both. */
export interface EncodedHistogram {
  count: number;
  countFloat: number;
  sum: number;
  readonly buckets: ClassicBucket[];
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  zeroCountFloat: number;
  readonly negativeSpans: Span[];
  readonly negativeDeltas: number[];
  readonly negativeCounts: number[];
  readonly positiveSpans: Span[];
  readonly positiveDeltas: number[];
  readonly positiveCounts: number[];
  readonly exemplars: EncodedExemplar[];
}

/** One `Metric` message, the labels left where they are. */
export interface EncodedMetric {
  readonly labelSpans: number[];
  /** Of a counter, gauge or untyped metric. */
  value: number;
  exemplar: EncodedExemplar | undefined;
  summary: EncodedSummary | undefined;
  histogram: EncodedHistogram | undefined;
  /** ms; 0 where there is none. */
  startTimestamp: number;
  timestamp: number;
}

export interface EncodedSummary {
  count: number;
  sum: number;
  readonly quantiles: { quantile: number; value: number }[];
}

/** @param reader bounded to the message; used up */
export function readMetric(reader: WireReader): EncodedMetric {
  const metric: EncodedMetric = {
    labelSpans: [],
    value: 0,
    exemplar: undefined,
    summary: undefined,
    histogram: undefined,
    startTimestamp: 0,
    timestamp: 0,
  };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.at = pushSpan(reader, 'Label', metric.labelSpans);
        break;
      case 2:
        within(reader, 'Gauge', () => readSimple(reader, metric));
        break;
      case 3:
        within(reader, 'Counter', () => readSimple(reader, metric));
        break;
      case 4:
        within(reader, 'Summary', () => readSummary(reader, metric));
        break;
      case 5:
        within(reader, 'Untyped', () => readSimple(reader, metric));
        break;
      case 6:
        metric.timestamp = reader.int('TimestampMs');
        break;
      case 7:
        within(reader, 'Histogram', () => readHistogram(reader, metric));
        break;
      default:
        reader.skip();
    }
  }
  return metric;
}

function pushSpan(reader: WireReader, name: string, spans: number[]): number {
  const end = reader.span(name);
  spans.push(reader.at, end);
  return end;
}

/** Bounds the reader to an embedded message while `read` runs. */
function within<T>(reader: WireReader, name: string, read: () => T): T {
  const end = reader.span(name);
  const outerEnd = reader.end;
  reader.end = end;
  const result = read();
  reader.reset(end, outerEnd);
  return result;
}

/** Gauge, counter and untyped: the value is field 1 of each; only counters have more. */
function readSimple(reader: WireReader, metric: EncodedMetric): void {
  while (reader.next()) {
    if (reader.field === 1) metric.value = reader.double('Value');
    else if (reader.field === 2) metric.exemplar = within(reader, 'Exemplar', () => readExemplar(reader));
    else if (reader.field === 3) metric.startTimestamp = within(reader, 'StartTimestamp', () => readTimestamp(reader));
    else reader.skip();
  }
}

function readTimestamp(reader: WireReader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int('Seconds');
    else if (reader.field === 2) nanos = reader.int('Nanos');
    else reader.skip();
  }
  return seconds * 1000 + Math.trunc(nanos / 1e6);
}

function readExemplar(reader: WireReader): EncodedExemplar {
  const labelSpans: number[] = [];
  let value = 0;
  let t: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) reader.at = pushSpan(reader, 'Label', labelSpans);
    else if (reader.field === 2) value = reader.double('Value');
    else if (reader.field === 3) t = within(reader, 'Timestamp', () => readTimestamp(reader));
    else reader.skip();
  }
  return { labelSpans, value, t };
}

function readSummary(reader: WireReader, metric: EncodedMetric): void {
  const summary: EncodedSummary = (metric.summary ??= { count: 0, sum: 0, quantiles: [] });
  while (reader.next()) {
    if (reader.field === 1) summary.count = reader.uint('SampleCount');
    else if (reader.field === 2) summary.sum = reader.double('SampleSum');
    else if (reader.field === 3) within(reader, 'Quantile', () => summary.quantiles.push(readQuantile(reader)));
    else if (reader.field === 4) metric.startTimestamp = within(reader, 'StartTimestamp', () => readTimestamp(reader));
    else reader.skip();
  }
}

function readQuantile(reader: WireReader): { quantile: number; value: number } {
  const read = { quantile: 0, value: 0 };
  while (reader.next()) {
    if (reader.field === 1) read.quantile = reader.double('Quantile');
    else if (reader.field === 2) read.value = reader.double('Value');
    else reader.skip();
  }
  return read;
}

function emptyHistogram(): EncodedHistogram {
  return {
    count: 0,
    countFloat: 0,
    sum: 0,
    buckets: [],
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    zeroCountFloat: 0,
    negativeSpans: [],
    negativeDeltas: [],
    negativeCounts: [],
    positiveSpans: [],
    positiveDeltas: [],
    positiveCounts: [],
    exemplars: [],
  };
}

function readHistogram(reader: WireReader, metric: EncodedMetric): void {
  const histogram = (metric.histogram ??= emptyHistogram());
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        histogram.count = reader.uint('SampleCount');
        break;
      case 2:
        histogram.sum = reader.double('SampleSum');
        break;
      case 3:
        within(reader, 'Bucket', () => histogram.buckets.push(readBucket(reader)));
        break;
      case 4:
        histogram.countFloat = reader.double('SampleCountFloat');
        break;
      case 5:
        histogram.schema = readZigzag(reader, 'Schema');
        break;
      case 6:
        histogram.zeroThreshold = reader.double('ZeroThreshold');
        break;
      case 7:
        histogram.zeroCount = reader.uint('ZeroCount');
        break;
      case 8:
        histogram.zeroCountFloat = reader.double('ZeroCountFloat');
        break;
      case 9:
        within(reader, 'NegativeSpan', () => histogram.negativeSpans.push(readSpan(reader)));
        break;
      case 10:
        readDeltas(reader, 'NegativeDelta', histogram.negativeDeltas);
        break;
      case 11:
        readDoubles(reader, 'NegativeCount', histogram.negativeCounts);
        break;
      case 12:
        within(reader, 'PositiveSpan', () => histogram.positiveSpans.push(readSpan(reader)));
        break;
      case 13:
        readDeltas(reader, 'PositiveDelta', histogram.positiveDeltas);
        break;
      case 14:
        readDoubles(reader, 'PositiveCount', histogram.positiveCounts);
        break;
      case 15:
        metric.startTimestamp = within(reader, 'StartTimestamp', () => readTimestamp(reader));
        break;
      case 16:
        within(reader, 'Exemplars', () => histogram.exemplars.push(readExemplar(reader)));
        break;
      default:
        reader.skip();
    }
  }
}

function readBucket(reader: WireReader): ClassicBucket {
  let upperBound = 0;
  let count = 0;
  let countFloat = 0;
  let exemplar: EncodedExemplar | undefined;
  while (reader.next()) {
    if (reader.field === 1) count = reader.uint('CumulativeCount');
    else if (reader.field === 2) upperBound = reader.double('UpperBound');
    else if (reader.field === 3) exemplar = within(reader, 'Exemplar', () => readExemplar(reader));
    else if (reader.field === 4) countFloat = reader.double('CumulativeCountFloat');
    else reader.skip();
  }
  return { upperBound, count: countFloat === 0 ? count : countFloat, exemplar };
}

function readSpan(reader: WireReader): Span {
  let offset = 0;
  let length = 0;
  while (reader.next()) {
    if (reader.field === 1) offset = readZigzag(reader, 'Offset');
    else if (reader.field === 2) length = reader.uint('Length');
    else reader.skip();
  }
  return { offset, length };
}

function readZigzag(reader: WireReader, name: string): number {
  const value = reader.uint(name);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Packed, as every current encoder writes them, or one by one. */
function readDeltas(reader: WireReader, name: string, deltas: number[]): void {
  if (reader.wireType !== BYTES) {
    deltas.push(readZigzag(reader, name));
    return;
  }
  within(reader, name, () => {
    while (reader.at < reader.end) deltas.push(reader.zigzag());
  });
}

function readDoubles(reader: WireReader, name: string, values: number[]): void {
  if (reader.wireType !== BYTES) {
    values.push(reader.double(name));
    return;
  }
  within(reader, name, () => {
    while (reader.at < reader.end) values.push(reader.rawDouble());
  });
}

import { compareText, formatFloatGeneral, formatFloatPlain, parseFloatGo, quoteGo } from '../../model/index.ts';
import { CommandFailure } from '../terminal.ts';
import type { Printed } from './query.ts';

type Metric = Readonly<Record<string, string>>;
type SamplePair = readonly [seconds: number, value: string];

interface HistogramJson {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [boundaries: number, lower: string, upper: string, count: string])[];
}

type HistogramPair = readonly [seconds: number, histogram: HistogramJson];

interface SeriesJson {
  readonly metric: Metric;
  readonly value?: SamplePair;
  readonly histogram?: HistogramPair;
  readonly values?: readonly SamplePair[];
  readonly histograms?: readonly HistogramPair[];
}

/**
 * An answer of the HTTP API as promtool prints it, without the last line feed.
 *
 * @throws {CommandFailure} for an answer that is none
 * @see Prometheus common `model/value.go`, `model/metric.go`
 */
export function printLines(kind: Printed, data: unknown): string {
  switch (kind) {
    case 'value':
      return printValue(data as { resultType: string; result: unknown });
    case 'series':
      return (data as Metric[]).map(labelSet).join('\n');
    case 'values':
      return (data as string[]).join('\n');
  }
}

function printValue({ resultType, result }: { resultType: string; result: unknown }): string {
  switch (resultType) {
    case 'vector':
      return (result as SeriesJson[])
        .map(({ metric, value, histogram }) =>
          histogram === undefined
            ? `${metricText(metric)} => ${sample(value!)}`
            : `${metricText(metric)} => ${histogramSample(histogram)}`,
        )
        .join('\n');
    case 'matrix':
      return (result as SeriesJson[])
        .map((series) =>
          [
            `${metricText(series.metric)} =>`,
            ...(series.values ?? []).map(sample),
            ...(series.histograms ?? []).map(histogramSample),
          ].join('\n'),
        )
        .join('\n');
    case 'scalar': {
      const [seconds, value] = result as SamplePair;
      return `scalar: ${number(value)} @[${formatFloatPlain(seconds)}]`;
    }
    case 'string':
      return (result as SamplePair)[1];
    default:
      throw new CommandFailure(`the server answered with the unknown result type ${JSON.stringify(resultType)}`);
  }
}

function sample([seconds, value]: SamplePair): string {
  return `${number(value)} @[${formatFloatPlain(seconds)}]`;
}

function histogramSample([seconds, { count, sum, buckets = [] }]: HistogramPair): string {
  const parts = buckets.map(([boundaries, lower, upper, inside]) => {
    const open = boundaries === 1 || boundaries === 3 ? '[' : '(';
    const close = boundaries === 0 || boundaries === 3 ? ']' : ')';
    return `${open}${general(lower)},${general(upper)}${close}:${number(inside)}`;
  });
  return `Count: ${fixed(count)}, Sum: ${fixed(sum)}, Buckets: [${parts.join(' ')}] @[${formatFloatPlain(seconds)}]`;
}

function number(text: string): string {
  return formatFloatPlain(parseFloatGo(text) ?? NaN);
}

function general(text: string): string {
  return formatFloatGeneral(parseFloatGo(text) ?? NaN);
}

/** As Go's `%f`. */
function fixed(text: string): string {
  const value = parseFloatGo(text) ?? NaN;
  return Number.isFinite(value) ? value.toFixed(6) : formatFloatPlain(value);
}

function metricText(metric: Metric): string {
  const { __name__: name = '', ...rest } = metric;
  return Object.keys(rest).length === 0 && name !== '' ? name : name + labelSet(rest);
}

function labelSet(labels: Metric): string {
  const pairs = Object.keys(labels)
    .sort(compareText)
    .map((name) => `${name}=${quoteGo(labels[name])}`);
  return `{${pairs.join(', ')}}`;
}

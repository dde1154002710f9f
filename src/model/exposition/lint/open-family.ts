import { parseFloatGo } from '../../number.ts';
import { formatError, shown } from './line.ts';
import type { LintedFamily, LintedSample } from './family.ts';
import { HistogramCheck } from './histogram-check.ts';

/** Values that only grow, whatever they count. */
const countLike: readonly string[] = ['_total', '_sum', '_count', '_bucket', '_gcount'];

/** A family of an OpenMetrics page while its lines are read: what one line may say after those before it. */
export class OpenFamily {
  readonly family: LintedFamily;
  /** Of the family's first line. */
  readonly line: number;
  #group: string | undefined;
  #groupTimestamp: number | undefined;
  readonly #seenGroups = new Set<string>();
  /** Series of the group that have a sample at the group's timestamp. */
  #seenSeries = new Set<string>();
  #histogram: HistogramCheck | undefined;

  constructor(family: LintedFamily, line: number) {
    this.family = family;
    this.line = line;
  }

  /** @throws {ExpositionError} */
  add(sample: LintedSample, hasExemplar: boolean): void {
    const { family } = this;
    const suffix = sample.name.slice(family.name.length);
    const fail = (message: string) => formatError(sample.line, 1, message);
    this.#checkLabels(sample, suffix, fail);
    this.#checkGroup(sample, suffix, fail);
    this.#checkValue(sample, suffix, fail);
    if (hasExemplar) {
      const isHistogram = family.type === 'histogram' || family.type === 'gaugehistogram';
      const isAllowed = (isHistogram && suffix === '_bucket') || (family.type === 'counter' && suffix === '_total');
      if (!isAllowed) throw fail('only the buckets of histograms and the totals of counters have exemplars');
    }
    this.#histogram?.add(sample, suffix);
    family.samples.push(sample);
  }

  close(): void {
    this.#histogram?.close();
  }

  #checkLabels({ labels }: LintedSample, suffix: string, fail: (message: string) => Error): void {
    const { name, type } = this.family;
    if (type === 'stateset' && !labels.has(name)) throw fail(`a sample of a stateset needs the label ${shown(name)}`);
    if (suffix === '_bucket') checkBound('le', labels.get('le'), fail);
    if (type === 'summary' && suffix === '') {
      const quantile = checkBound('quantile', labels.get('quantile'), fail);
      if (!(quantile >= 0 && quantile <= 1)) throw fail(`a quantile is between 0 and 1, not ${quantile}`);
    }
  }

  #checkGroup(sample: LintedSample, suffix: string, fail: (message: string) => Error): void {
    const { type } = this.family;
    const group = this.#groupOf(sample, suffix);
    const { timestamp } = sample;
    if (group === this.#group) {
      if ((timestamp === undefined) !== (this.#groupTimestamp === undefined)) {
        throw fail('some samples of the metric have a timestamp and some have none');
      }
      if (timestamp !== undefined && timestamp < this.#groupTimestamp! && type !== 'info') {
        throw fail('timestamps of the metric go backwards');
      }
    } else if (this.#seenGroups.has(group)) {
      throw fail('the samples of one metric do not stand together');
    }
    if (type === 'histogram' || type === 'gaugehistogram') {
      if (group !== this.#group || timestamp !== this.#groupTimestamp) {
        this.#histogram?.close();
        this.#histogram = new HistogramCheck(this.family.name);
      }
    }
    if (group !== this.#group || timestamp !== this.#groupTimestamp) this.#seenSeries = new Set();
    const series = seriesKey(sample.name, sample.labels);
    // Stamped twice alike is allowed: the time may have been written with fewer digits than it had.
    if (timestamp === undefined && this.#seenSeries.has(series)) throw fail('the series was on the page before');
    this.#seenSeries.add(series);
    this.#seenGroups.add(group);
    this.#group = group;
    this.#groupTimestamp = timestamp;
  }

  /** What the samples of one metric share. All of an info family count as one. */
  #groupOf({ labels }: LintedSample, suffix: string): string {
    const { name, type } = this.family;
    switch (type) {
      case 'info':
        return '';
      case 'summary':
        return seriesKey('', labels, suffix === '' ? 'quantile' : undefined);
      case 'histogram':
      case 'gaugehistogram':
        return seriesKey('', labels, suffix === '_bucket' ? 'le' : undefined);
      case 'stateset':
        return seriesKey('', labels, name);
      default:
        return seriesKey('', labels);
    }
  }

  #checkValue({ value }: LintedSample, suffix: string, fail: (message: string) => Error): void {
    const { type } = this.family;
    const isCount = suffix === '_bucket' || suffix === '_count' || suffix === '_gcount';
    if (type === 'stateset' && value !== 0 && value !== 1) throw fail(`a state is 0 or 1, not ${value}`);
    if (type === 'info' && value !== 1) throw fail(`an info's value is 1, not ${value}`);
    if (type === 'summary' && suffix === '' && value < 0) throw fail(`a quantile's value is not negative: ${value}`);
    if (Number.isNaN(value) && (countLike.includes(suffix) || suffix === '_gsum')) throw fail(`${suffix} is not NaN`);
    if (value < 0 && countLike.includes(suffix)) throw fail(`${suffix} is not negative: ${value}`);
    if (isCount && !Number.isInteger(value)) throw fail(`${suffix} is an integer, not ${value}`);
  }
}

function checkBound(label: string, text: string | undefined, fail: (message: string) => Error): number {
  if (text === undefined) throw fail(`the sample needs the label ${shown(label)}`);
  const bound = parseFloatGo(text);
  if (bound === undefined || Number.isNaN(bound)) throw fail(`label ${shown(label)} is not a number: ${shown(text)}`);
  if (bound === Infinity && text !== '+Inf') throw fail(`label ${shown(label)} is written "+Inf", not ${shown(text)}`);
  return bound;
}

function seriesKey(name: string, labels: ReadonlyMap<string, string>, without?: string): string {
  const pairs: string[] = [];
  for (const [label, value] of labels) if (label !== without) pairs.push(JSON.stringify([label, value]));
  return `${name}{${pairs.sort().join()}}`;
}

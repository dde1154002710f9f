import {
  type FloatHistogram,
  type Labels,
  compactHistogram,
  compareLabels,
  copyHistogram,
  formatFloatGeneral,
  formatTestHistogram,
  type Span,
  usesCustomBuckets,
} from '../../model/index.ts';
import { type EvalCommand, type ExpectedSeries } from './script.ts';
import { type SequenceValue } from './sequence.ts';

/** A float, or a native histogram, which is only read. */
export type ResultValue = number | FloatHistogram;

export interface ResultPoint {
  readonly t: number;
  readonly value: ResultValue;
}

/** What a query came to. */
export type Result =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly samples: readonly { readonly labels: Labels; readonly value: ResultValue }[] }
  | {
      readonly type: 'matrix';
      readonly series: readonly { readonly labels: Labels; readonly points: readonly ResultPoint[] }[];
    };

/** A result is not what the script expects; the message says how. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** Relative error allowed in values. */
const EPSILON = 1e-6;
const MIN_NORMAL = 2.2250738585072014e-308;

/**
 * Whether two floats are the same but for rounding; NaN is the same as NaN.
 *
 * @see Prometheus `util/almost/almost.go`, Equal
 */
export function almostEqual(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const diff = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return diff < EPSILON * MIN_NORMAL;
  return diff / Math.min(sum, Number.MAX_VALUE) < EPSILON;
}

/**
 * Whether two histograms have the same buckets and, but for rounding, the same numbers. Empty buckets do not count.
 *
 * @param hintCounts whether the counter reset hints must be the same too
 */
export function almostEqualHistograms(expected: FloatHistogram, actual: FloatHistogram, hintCounts: boolean): boolean {
  const [a, b] = [compacted(expected), compacted(actual)];
  return (
    a.schema === b.schema &&
    almostEqual(a.count, b.count) &&
    almostEqual(a.sum, b.sum) &&
    (!usesCustomBuckets(a) || sameNumbers(a.customValues, b.customValues, (x, y) => x === y)) &&
    a.zeroThreshold === b.zeroThreshold &&
    almostEqual(a.zeroCount, b.zeroCount) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    sameNumbers(a.negativeBuckets, b.negativeBuckets, almostEqual) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameNumbers(a.positiveBuckets, b.positiveBuckets, almostEqual) &&
    (!hintCounts || a.counterResetHint === b.counterResetHint)
  );
}

function compacted(histogram: FloatHistogram): FloatHistogram {
  const copy = copyHistogram(histogram);
  compactHistogram(copy);
  return copy;
}

function sameNumbers(a: Float64Array, b: Float64Array, same: (x: number, y: number) => boolean): boolean {
  return a.length === b.length && a.every((value, i) => same(value, b[i]!));
}

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return (
    a.length === b.length && a.every(({ offset, length }, i) => offset === b[i]!.offset && length === b[i]!.length)
  );
}

/** @throws {Mismatch} */
export function compareResult(command: EvalCommand, result: Result): void {
  switch (result.type) {
    case 'scalar':
      return compareScalar(command, result.value);
    case 'string':
      if (command.text !== result.value) {
        throw new Mismatch(
          `expected string ${JSON.stringify(command.text ?? '')} but got ${JSON.stringify(result.value)}`,
        );
      }
      return;
    case 'vector':
      return compareVector(command, result.samples);
    case 'matrix':
      return compareMatrix(command, result.series);
  }
}

function compareScalar({ scalar }: EvalCommand, value: number): void {
  if (scalar === undefined)
    throw new Mismatch(`expected vector or matrix result, but got scalar ${formatFloatGeneral(value)}`);
  if (scalar.kind !== 'float' || !almostEqual(scalar.value, value)) {
    throw new Mismatch(`expected scalar ${show(scalar)} but got ${formatFloatGeneral(value)}`);
  }
}

function compareVector(
  command: EvalCommand,
  samples: readonly { readonly labels: Labels; readonly value: ResultValue }[],
): void {
  if (command.scalar !== undefined)
    throw new Mismatch(`expected scalar result, but got vector of ${samples.length} samples`);
  const missing = byLabels(command.series);
  samples.forEach(({ labels, value }, i) => {
    const expected = take(missing, labels, showValue(value));
    if (command.ordered && expected.position !== i + 1) {
      const wanted = expected.values.map(show).join(' ');
      throw new Mismatch(
        `expected metric ${labels.toString()} with [${wanted}] at position ${expected.position} but was at ${i + 1}`,
      );
    }
    const [first] = expected.values;
    if (first === undefined || !matches(first, value)) {
      throw new Mismatch(`expected ${show(first)} for ${labels.toString()} but got ${showValue(value)}`);
    }
  });
  reportMissing(missing);
}

function compareMatrix(
  command: EvalCommand,
  series: readonly { readonly labels: Labels; readonly points: readonly ResultPoint[] }[],
): void {
  if (command.ordered) throw new Mismatch('expected ordered result, but query returned a matrix');
  if (command.scalar !== undefined)
    throw new Mismatch(`expected scalar result, but got matrix of ${series.length} series`);
  checkSorted(series);
  const missing = byLabels(command.series);
  for (const { labels, points } of series) {
    const expected = take(missing, labels, showPoints(points));
    const wanted = expectedPoints(command, expected);
    const has = `(result has ${showPoints(points)})`;
    if (wanted.length !== points.length) {
      throw new Mismatch(`expected ${wanted.length} points for ${labels.toString()}, but got ${points.length} ${has}`);
    }
    wanted.forEach(({ t, value }, i) => {
      const actual = points[i]!;
      if (t !== actual.t) {
        throw new Mismatch(
          `expected value at index ${i} for ${labels.toString()} to have timestamp ${t}, but it had ${actual.t} ${has}`,
        );
      }
      if (!matches(value, actual.value)) {
        const got = showValue(actual.value);
        throw new Mismatch(
          `expected value at index ${i} (t=${t}) for ${labels.toString()} to be ${show(value)}, but got ${got} ${has}`,
        );
      }
    });
  }
  reportMissing(missing);
}

function expectedPoints(
  { startMs, endMs, stepMs }: EvalCommand,
  { labels, values }: ExpectedSeries,
): { t: number; value: SequenceValue }[] {
  if (startMs + (values.length - 1) * stepMs > endMs) {
    throw new Mismatch(
      `expected ${values.length} points for ${labels.toString()}, but query time range cannot return this many points`,
    );
  }
  return values.map((value, i) => ({ t: startMs + i * stepMs, value })).filter(({ value }) => value.kind !== 'omitted');
}

/** @throws {Mismatch} when the series of a matrix are not in the order of their labels */
export function checkSorted(series: readonly { readonly labels: Labels }[]): void {
  for (let i = 1; i < series.length; i++) {
    const [before, labels] = [series[i - 1]!.labels, series[i]!.labels];
    if (compareLabels(before, labels) > 0) {
      throw new Mismatch(
        `matrix results should always be sorted by labels, but ${labels.toString()} at index ${i} comes after ${before.toString()}`,
      );
    }
  }
}

function byLabels(series: readonly ExpectedSeries[]): Map<string, ExpectedSeries> {
  return new Map(series.map((expected) => [expected.labels.key(), expected]));
}

function take(missing: Map<string, ExpectedSeries>, labels: Labels, value: string): ExpectedSeries {
  const expected = missing.get(labels.key());
  if (expected === undefined)
    throw new Mismatch(`unexpected metric ${labels.toString()} in result, has value ${value}`);
  missing.delete(labels.key());
  return expected;
}

function reportMissing(missing: ReadonlyMap<string, ExpectedSeries>): void {
  for (const { labels, values } of missing.values()) {
    throw new Mismatch(`expected metric ${labels.toString()} with [${values.map(show).join(' ')}] not found`);
  }
}

function matches(expected: SequenceValue, actual: ResultValue): boolean {
  if (expected.kind === 'histogram') {
    return typeof actual !== 'number' && almostEqualHistograms(expected.histogram, actual, expected.hintGiven);
  }
  return expected.kind === 'float' && typeof actual === 'number' && almostEqual(expected.value, actual);
}

function show(value: SequenceValue | undefined): string {
  switch (value?.kind) {
    case undefined:
      return 'nothing';
    case 'omitted':
      return '_';
    case 'stale':
      return 'stale';
    case 'float':
      return formatFloatGeneral(value.value);
    case 'histogram':
      return formatTestHistogram(value.histogram);
  }
}

function showValue(value: ResultValue): string {
  return typeof value === 'number' ? formatFloatGeneral(value) : formatTestHistogram(value);
}

function showPoints(points: readonly ResultPoint[]): string {
  return points.map(({ t, value }) => `${showValue(value)}@${t}`).join(' ');
}

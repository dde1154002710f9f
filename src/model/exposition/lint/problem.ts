import type { FamilyType, LintedFamily, LintedSample } from './family.ts';

/** Something on a page that is valid, and not as it is done. */
export interface LintProblem {
  /** The family it is about. */
  readonly metric: string;
  readonly text: string;
}

/** What the same kind of quantity is counted in; a unit that stands for itself is a base unit. */
const baseUnits: Readonly<Record<string, string>> = {
  amperes: 'amperes',
  bytes: 'bytes',
  celsius: 'celsius',
  grams: 'grams',
  joules: 'joules',
  kelvin: 'kelvin',
  meters: 'meters',
  metres: 'metres',
  seconds: 'seconds',
  volts: 'volts',
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  weeks: 'seconds',
  kelvins: 'kelvin',
  fahrenheit: 'celsius',
  rankine: 'celsius',
  inches: 'meters',
  yards: 'meters',
  miles: 'meters',
  bits: 'bytes',
  calories: 'joules',
  pounds: 'grams',
  ounces: 'grams',
};

/** `mibi` is what promtool looks for, `mebi` what it means. */
const prefix =
  /^(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mebi|mibi|giga|gibi|tera|tebi|peta|pebi)/;

const abbreviations: readonly string[] = 's ms us ns sec b kb mb gb tb pb m h d'.split(' ');

/**
 * What is unusual about families: names, units and types that Prometheus's naming conventions advise against. Sorted, each once.
 *
 * @param isOpenMetrics the format has seen to it that counters end in `_total`, and their families go without
 * @see https://prometheus.io/docs/practices/naming/ and client_golang `testutil/promlint/validations`
 */
export function lintFamilies(families: readonly LintedFamily[], isOpenMetrics: boolean): LintProblem[] {
  const problems = families.flatMap((family) =>
    [...new Set(textsOf(family, isOpenMetrics))].map((text) => ({ metric: family.name, text })),
  );
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return problems.sort((a, b) => order(a.metric, b.metric) || order(a.text, b.text));
}

function* textsOf(family: LintedFamily, isOpenMetrics: boolean): Generator<string> {
  const { name, help, samples } = family;
  if (help === undefined) yield 'no help text';
  yield* ofName(name);
  yield* ofType(family, isOpenMetrics);
  for (const { labels } of samples) {
    for (const label of labels.keys()) {
      if (/[a-z][A-Z]/.test(label)) yield "label names should be written in 'snake_case' not 'camelCase'";
      if (isOpenMetrics && label.startsWith('__')) yield `label names should not begin with "__"`;
    }
  }
  if (!isOpenMetrics && hasDuplicate(family)) yield 'metric not unique';
}

function* ofName(name: string): Generator<string> {
  for (const word of name.split('_')) {
    const base = baseUnitOf(word);
    if (base === undefined) continue;
    if (base !== word) yield `use base unit "${base}" instead of "${word}"`;
    break;
  }
  const lower = `${name.toLowerCase()}_`;
  if (name.includes(':')) yield "metric names should not contain ':'";
  if (/[a-z][A-Z]/.test(name)) yield "metric names should be written in 'snake_case' not 'camelCase'";
  if (abbreviations.some((word) => lower.includes(`_${word}_`)))
    yield 'metric names should not contain abbreviated units';
}

function baseUnitOf(word: string): string | undefined {
  if (Object.hasOwn(baseUnits, word)) return baseUnits[word];
  const unit = word.replace(prefix, '');
  return unit !== word && Object.hasOwn(baseUnits, unit) ? baseUnits[unit] : undefined;
}

function* ofType({ name, type, samples }: LintedFamily, isOpenMetrics: boolean): Generator<string> {
  const is = (...all: FamilyType[]) => all.includes(type);
  if (is('unknown')) return;
  if (`${name.toLowerCase()}_`.includes(`_${type}_`)) yield `metric name should not include type '${type}'`;
  if (is('counter') && !isOpenMetrics && !name.endsWith('_total')) yield 'counter metrics should have "_total" suffix';
  if (!is('counter') && name.endsWith('_total')) yield 'non-counter metrics should not have "_total" suffix';
  if (!is('gauge') && name.endsWith('_timestamp_seconds')) {
    yield 'non-gauge metrics should not have "_timestamp_seconds" suffix';
  }
  const hasBuckets = is('histogram', 'gaugehistogram');
  if (!hasBuckets && name.endsWith('_bucket')) yield 'non-histogram metrics should not have "_bucket" suffix';
  for (const suffix of ['_count', '_sum']) {
    if (!hasBuckets && !is('summary') && name.endsWith(suffix)) {
      yield `non-histogram and non-summary metrics should not have "${suffix}" suffix`;
    }
  }
  for (const { labels } of samples) {
    if (!hasBuckets && labels.has('le')) yield 'non-histogram metrics should not have "le" label';
    if (!is('summary') && labels.has('quantile')) yield 'non-summary metrics should not have "quantile" label';
  }
}

/** Whether two lines are the same series. The parts of histograms and summaries may come in any number. */
function hasDuplicate({ type, samples }: LintedFamily): boolean {
  if (type === 'histogram' || type === 'summary') return false;
  const keyOf = ({ labels }: LintedSample) => JSON.stringify([...labels]);
  return new Set(samples.map(keyOf)).size < samples.length;
}

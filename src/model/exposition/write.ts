import type { FamilySample, MetricFamily } from '../../runtime/index.ts';
import { isLegacyLabelName, isLegacyMetricName } from '../labels.ts';
import { formatFloatGeneral, parseFloatGo } from '../number.ts';
import { escapeName, type NameEscaping } from './name-escaping.ts';
import type { TextFormat } from './negotiate.ts';
import { formatOpenMetricsFloat } from './openmetrics-float.ts';

export interface WriteOptions {
  readonly format: TextFormat;
  readonly escaping: NameEscaping;
}

/** A series without a type of its own, with its value at `t` (ms), as federation hands it on. `labels` are flat, name excluded. */
export interface FederatedSample {
  readonly name: string;
  readonly labels: readonly string[];
  readonly value: number;
  readonly t: number;
}

/**
 * Metric families as a page.
 *
 * @see Prometheus common `expfmt/text_create.go` and `expfmt/openmetrics_create.go`
 */
export function writeFamilies(families: readonly MetricFamily[], { format, escaping }: WriteOptions): string {
  const isOpenMetrics = format.startsWith('openmetrics');
  const parts = families.map((family) =>
    isOpenMetrics ? openMetricsFamily(family, escaping) : textFamily(family, escaping),
  );
  if (isOpenMetrics) parts.push('# EOF\n');
  return parts.join('');
}

/** Samples as `/federate` answers: untyped, families in the order given; samples of one family must stand together. */
export function writeFederated(samples: Iterable<FederatedSample>, escaping: NameEscaping): string {
  const parts: string[] = [];
  let previous: string | undefined;
  for (const { name, labels, value, t } of samples) {
    const escaped = escapeName(name, escaping);
    if (name !== previous) parts.push(`# TYPE ${shownName(escaped)} untyped\n`);
    previous = name;
    parts.push(`${series(escaped, labels, escaping)} ${formatFloatGeneral(value)} ${t}\n`);
  }
  return parts.join('');
}

function textFamily({ name, help, type, samples }: MetricFamily, escaping: NameEscaping): string {
  const escaped = escapeName(name, escaping);
  let text = `# HELP ${shownName(escaped)} ${help.replace(/[\\\n]/g, escapedChar)}\n# TYPE ${shownName(escaped)} ${type}\n`;
  for (const { suffix, labels, value } of samples) {
    text += `${series(escaped + suffix, labels, escaping)} ${formatFloatGeneral(value)}\n`;
  }
  return text;
}

function openMetricsFamily({ name, help, type, samples }: MetricFamily, escaping: NameEscaping): string {
  const isCounter = type === 'counter';
  const escaped = escapeName(name, escaping);
  // The family of a counter goes without the suffix its samples must have.
  const family = isCounter && escaped.endsWith('_total') ? escaped.slice(0, -6) : escaped;
  const shown = shownName(family);
  let text = `# HELP ${shown} ${escapedText(help)}\n# TYPE ${shown} ${type === 'untyped' ? 'unknown' : type}\n`;
  for (const sample of samples) {
    const suffix = isCounter ? '_total' : sample.suffix;
    text += `${series(family + suffix, openMetricsLabels(sample), escaping)} ${openMetricsValue(sample)}\n`;
  }
  return text;
}

/** Bounds are floats and show it. */
function openMetricsLabels({ labels }: FamilySample): readonly string[] {
  return labels.map((text, i) => {
    if (i % 2 === 0 || (labels[i - 1] !== 'le' && labels[i - 1] !== 'quantile')) return text;
    const bound = parseFloatGo(text);
    return bound === undefined ? text : formatOpenMetricsFloat(bound);
  });
}

/** Counts of observations are integers, everything else is a float. */
function openMetricsValue({ suffix, value }: FamilySample): string {
  const isCount = (suffix === '_count' || suffix === '_bucket') && Number.isSafeInteger(value);
  return isCount ? String(value) : formatOpenMetricsFloat(value);
}

function series(name: string, labels: readonly string[], escaping: NameEscaping): string {
  const isQuoted = !isLegacyMetricName(name);
  if (labels.length === 0) return isQuoted ? `{${quoted(name)}}` : name;
  let text = isQuoted ? `{${quoted(name)},` : `${name}{`;
  for (let i = 0; i < labels.length; i += 2) {
    const label = escapeName(labels[i]!, escaping);
    text += `${i > 0 ? ',' : ''}${isLegacyLabelName(label) ? label : quoted(label)}=${quoted(labels[i + 1]!)}`;
  }
  return `${text}}`;
}

function shownName(name: string): string {
  return isLegacyMetricName(name) ? name : quoted(name);
}

function quoted(text: string): string {
  return `"${escapedText(text)}"`;
}

function escapedText(text: string): string {
  return /[\\"\n]/.test(text) ? text.replace(/[\\"\n]/g, escapedChar) : text;
}

function escapedChar(char: string): string {
  return char === '\n' ? '\\n' : `\\${char}`;
}

import { formatFloatGeneral, isLegacyLabelName, isLegacyMetricName } from '../model/index.ts';
import type { MetricFamily } from '../runtime/index.ts';

/** How names that are not classic are written for a scraper. */
export interface ExpositionFormat {
  readonly contentType: string;
  /** Quoted as they are; otherwise what is not classic becomes underscores. */
  readonly allowsUtf8: boolean;
}

/**
 * The text format a scraper understands best. Names beyond the classic ones are quoted for those who say that they can read it.
 *
 * @param accept the Accept header
 */
export function negotiateText(accept: string | undefined): ExpositionFormat {
  const allowsUtf8 = (accept ?? '').split(',').some((clause) => {
    const parts = clause.split(';').map((part) => part.trim().toLowerCase());
    return parts[0] === 'text/plain' && parts.includes('version=1.0.0') && parts.includes('escaping=allow-utf-8');
  });
  return allowsUtf8
    ? { contentType: 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8', allowsUtf8 }
    : { contentType: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores', allowsUtf8 };
}

/** `# HELP` and `# TYPE` of a family. */
export function writeFamilyHead(name: string, help: string, type: string, { allowsUtf8 }: ExpositionFormat): string {
  const shown = isLegacyMetricName(name) ? name : allowsUtf8 ? quoted(name) : underscored(name, true);
  const helpLine = help === '' ? '' : `# HELP ${shown} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`;
  return `${helpLine}# TYPE ${shown} ${type}\n`;
}

/**
 * One sample.
 *
 * @param pairs name, value, name, value …, without the metric name
 * @param tMs written when given
 */
export function writeSample(
  name: string,
  pairs: readonly string[],
  value: number,
  tMs: number | undefined,
  { allowsUtf8 }: ExpositionFormat,
): string {
  const isLegacy = isLegacyMetricName(name);
  const parts = isLegacy || !allowsUtf8 ? [] : [quoted(name)];
  for (let i = 0; i < pairs.length; i += 2) {
    const label = pairs[i]!;
    const shown = isLegacyLabelName(label) ? label : allowsUtf8 ? quoted(label) : underscored(label, false);
    parts.push(`${shown}=${quoted(pairs[i + 1]!)}`);
  }
  const head = isLegacy ? name : allowsUtf8 ? '' : underscored(name, true);
  const labels = parts.length === 0 ? '' : `{${parts.join(',')}}`;
  return `${head}${labels} ${formatFloatGeneral(value)}${tMs === undefined ? '' : ` ${tMs}`}\n`;
}

/** Whole families, as a collector yields them. */
export function writeFamilies(families: readonly MetricFamily[], format: ExpositionFormat): string {
  let page = '';
  for (const { name, help, type, samples } of families) {
    page += writeFamilyHead(name, help, type, format);
    for (const sample of samples) {
      page += writeSample(name + sample.suffix, sample.labels, sample.value, undefined, format);
    }
  }
  return page;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}

/** What is not allowed in a classic name becomes an underscore, as does a digit at the beginning. */
function underscored(name: string, isMetric: boolean): string {
  const replaced = [...name].map((c) => (/[a-zA-Z0-9_]/.test(c) || (isMetric && c === ':') ? c : '_')).join('');
  return /^\d/.test(replaced) ? `_${replaced.slice(1)}` : replaced;
}

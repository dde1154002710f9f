import {
  compareText,
  formatFloatGeneral,
  Labels,
  parseDuration,
  parseFloatGo,
  Regexp,
  Expansion,
} from '../model/index.ts';
import {
  escapeHtml,
  escapeQuery,
  SafeHtml,
  StringMap,
  Template,
  type TemplateFunction,
  type Value,
} from '../template/index.ts';
import type { ExpandTemplate } from './alerting.ts';
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';
import type { EvaluateInstant } from './rule.ts';

export interface AlertTemplateOptions {
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly evaluate: EvaluateInstant;
  readonly now: () => number;
}

/** Every template of an alert starts with these, so that people write `$labels` and `$value`. */
const PROLOGUE =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/** Most parsed templates kept: rules are evaluated again and again with the same ones. */
const CACHED = 5000;

/**
 * Expands the templates of alert labels and annotations. A template that fails gives its error as text, so that the alert still
 * goes out.
 *
 * @see Prometheus `template/template.go`
 */
export function alertTemplates(options: AlertTemplateOptions): ExpandTemplate {
  const functions = alertFunctions(options);
  const cache = new Map<string, Template>();
  return async (name, source, { labels, value }) => {
    // Most annotations are plain text.
    if (!source.includes('{{')) return source;
    const key = `${name}\u0000${source}`;
    try {
      let template = cache.get(key);
      if (template === undefined) {
        template = new Template(`__alert_${name}`, PROLOGUE + source, { functions });
        if (cache.size >= CACHED) cache.clear();
        cache.set(key, template);
      }
      return await template.execute({
        Labels: new StringMap(labels),
        ExternalLabels: new StringMap(options.externalLabels),
        ExternalURL: options.externalUrl,
        Value: value,
      });
    } catch (error) {
      return `<error expanding template: error executing template __alert_${name}: ${error instanceof Error ? error.message : String(error)}>`;
    }
  };
}

/**
 * What is wrong with a template of an alert, without executing it; `undefined` when it can be parsed.
 */
export function alertTemplateProblem(name: string, source: string): string | undefined {
  const idle: AlertTemplateOptions = {
    externalLabels: Labels.EMPTY,
    externalUrl: '',
    evaluate: () => Promise.resolve([]),
    now: () => 0,
  };
  try {
    new Template(`__alert_${name}`, PROLOGUE + source, { functions: alertFunctions(idle) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A result of the `query` function: `.Labels` and `.Value`. */
interface QueriedSample {
  readonly Labels: StringMap;
  readonly Value: number;
}

function alertFunctions({ evaluate, externalUrl, now }: AlertTemplateOptions): ReadonlyMap<string, TemplateFunction> {
  const pathPrefix = externalUrl === '' ? '' : new URL(externalUrl).pathname.replace(/\/$/, '');
  return new Map<string, TemplateFunction>([
    [
      'query',
      async (expr) =>
        (await evaluate(text(expr), now())).map((s): QueriedSample => ({
          Labels: new StringMap(s.labels),
          Value: s.v,
        })),
    ],
    ['first', (samples) => listOf(samples)[0] ?? fail('first() called on vector with no elements')],
    ['label', (name, sample) => sampleOf(sample).Labels.get(text(name)) ?? ''],
    ['value', (sample) => sampleOf(sample).Value],
    ['strvalue', (sample) => sampleOf(sample).Labels.get('__value__') ?? ''],
    ['sortByLabel', (name, samples) => sortByLabel(text(name), listOf(samples))],
    ['args', (...args) => new Map<string, Value>(args.map((arg, i) => [`arg${i}`, arg]))],
    [
      'title',
      (s) =>
        text(s).replace(
          /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
          (_, before: string, letter: string) => before + letter.toUpperCase(),
        ),
    ],
    ['toUpper', (s) => text(s).toUpperCase()],
    ['toLower', (s) => text(s).toLowerCase()],
    ['match', (pattern, s) => Regexp.compile(text(pattern)).matches(text(s))],
    [
      'reReplaceAll',
      (pattern, template, s) => Regexp.compile(text(pattern)).replaceAll(text(s), expansion(text(template))),
    ],
    ['stripPort', (s) => stripPort(text(s))],
    ['stripDomain', (s) => stripDomain(text(s))],
    ['urlQueryEscape', (s) => escapeQuery(text(s))],
    ['safeHtml', (s) => new SafeHtml(text(s))],
    ['humanize', (v) => humanize(float(v))],
    ['humanize1024', (v) => humanize1024(float(v))],
    ['humanizeDuration', (v) => humanizeDuration(float(v))],
    ['humanizePercentage', (v) => humanizePercentage(float(v))],
    ['humanizeTimestamp', (v) => humanizeTimestamp(float(v))],
    ['toTime', (v) => humanizeTimestamp(float(v))],
    ['toDuration', (v) => goDuration(float(v))],
    ['now', () => now() / 1000],
    ['parseDuration', (s) => seconds(text(s))],
    ['externalURL', () => externalUrl],
    ['pathPrefix', () => pathPrefix],
    ['tableLink', (expr) => `/graph?g0.expr=${escapeQuery(text(expr))}&g0.tab=1`],
    ['graphLink', (expr) => `/graph?g0.expr=${escapeQuery(text(expr))}&g0.tab=0`],
    ['htmlEscape', (s) => escapeHtml(text(s))],
  ]);
}

function fail(message: string): never {
  throw new Error(message);
}

function text(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof SafeHtml) return value.html;
  return fail(`expected a string; found ${value === undefined || value === null ? 'nil' : formatValue(value)}`);
}

function formatValue(value: Value): string {
  return typeof value === 'number' ? formatFloatGeneral(value) : String(value);
}

function float(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string')
    return parseFloatGo(value) ?? fail(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  return fail("can't convert to float");
}

function listOf(value: Value): readonly QueriedSample[] {
  return Array.isArray(value) ? (value as QueriedSample[]) : fail('expected a list of samples');
}

function sampleOf(value: Value): QueriedSample {
  if (typeof value === 'object' && value !== null && 'Labels' in value && value.Labels instanceof StringMap)
    return value as QueriedSample;
  return fail('expected a sample');
}

function sortByLabel(name: string, samples: readonly QueriedSample[]): QueriedSample[] {
  return [...samples].sort((a, b) => compareText(a.Labels.get(name) ?? '', b.Labels.get(name) ?? ''));
}

function expansion(template: string): Expansion {
  return new Expansion(template);
}

function stripPort(hostPort: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):[^:]*$/.exec(hostPort);
  return match === null ? hostPort : (match[1] ?? match[2] ?? hostPort);
}

function stripDomain(hostPort: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(hostPort);
  const host = match === null ? hostPort : (match[1] ?? match[2] ?? '');
  // An address is no name with a domain.
  if (/^[\d.]+$/.test(host) || host.includes(':')) return hostPort;
  const short = host.split('.')[0]!;
  return match === null ? short : `${short}:${match[3]}`;
}

function seconds(duration: string): number {
  const sign = duration.startsWith('-') ? -1 : 1;
  const ms = parseDuration(duration.replace(/^-/, ''));
  return ms === undefined ? fail(`not a valid duration string: ${JSON.stringify(duration)}`) : (sign * ms) / 1000;
}

/** Seconds as Go prints a `time.Duration`: `1h0m1.5s`. */
function goDuration(value: number): string {
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  if (size === 0) return '0s';
  if (size < 1e-6) return `${sign}${Math.round(size * 1e9)}ns`;
  if (size < 1e-3) return `${sign}${Number((size * 1e6).toFixed(3))}µs`;
  if (size < 1) return `${sign}${Number((size * 1e3).toFixed(6))}ms`;
  const hours = Math.floor(size / 3600);
  const minutes = Math.floor(size / 60) % 60;
  const rest = `${Number((size - hours * 3600 - minutes * 60).toFixed(9))}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${sign}${minutes}m${rest}` : `${sign}${rest}`;
}

import { type PrometheusClient } from '@prometheus-io/codemirror-promql';
import { EqlRegex, Neq, NeqRegex } from '@prometheus-io/lezer-promql';
import { type QueryClient } from '@tanstack/react-query';
import { type Endpoints } from '../../api/index.ts';
import { formatLabelName, isPlainMetricName, quote } from '../../format/series-name.ts';

/** Matchers as the editor's language package gives them; `type` is a node of its grammar. */
interface EditorMatcher {
  readonly type: number;
  readonly name: string;
  readonly value: string;
}

const freshMs = 60_000;
/** Values offered for one label: more cannot be read through, and typing narrows nothing that was not fetched. */
const valueLimit = 10_000;

/**
 * What the editor asks the server for names, through the page's own requests (session, failures) and cache. A failure
 * offers nothing: typing goes on, and running the query says what is wrong.
 */
export function completionClient(api: Endpoints, cache: QueryClient): PrometheusClient {
  const ask = async <T>(key: readonly unknown[], load: (signal: AbortSignal) => Promise<T>, nothing: T): Promise<T> => {
    try {
      return await cache.fetchQuery({
        queryKey: ['completion', ...key],
        queryFn: ({ signal }) => load(signal),
        staleTime: freshMs,
        retry: false,
      });
    } catch {
      return nothing;
    }
  };
  const values = (label: string, selector: string | undefined) =>
    ask(['values', label, selector], (signal) => api.labelValues(label, selector, valueLimit, signal), []);

  return {
    labelNames: (metric) => {
      const selector = selectorOf(metric, []);
      return ask(['names', selector], (signal) => api.labelNames(selector, signal), []);
    },
    labelValues: (label, metric, matchers = []) =>
      values(
        label,
        selectorOf(
          metric,
          matchers.filter((m) => m.name !== label),
        ),
      ),
    metricMetadata: () => ask(['metadata'], (signal) => api.metadata(signal), {}),
    metricNames: () => ask(['metrics'], (signal) => api.labelValues('__name__', undefined, undefined, signal), []),
    series: async (metric, matchers = []) => {
      const selector = selectorOf(metric, matchers) ?? '{__name__!=""}';
      const found = await ask(['series', selector], (signal) => api.series(selector, valueLimit, signal), []);
      return found.map((labels) => new Map(Object.entries(labels)));
    },
    flags: () => ask(['flags'], (signal) => api.flags(signal), {}),
  };
}

/** The selector of a metric and the matchers typed so far, without those still empty; `undefined` for none at all. */
export function selectorOf(metric: string | undefined, matchers: readonly EditorMatcher[]): string | undefined {
  const name = metric ?? '';
  const parts = matchers
    .filter((m) => m.value !== '')
    .map((m) => `${formatLabelName(m.name)}${operator(m.type)}${quote(m.value)}`);
  if (name !== '' && !isPlainMetricName(name)) parts.unshift(quote(name));
  if (parts.length === 0) return name === '' ? undefined : name;
  return isPlainMetricName(name) ? `${name}{${parts.join(',')}}` : `{${parts.join(',')}}`;
}

function operator(type: number): string {
  switch (type) {
    case Neq:
      return '!=';
    case EqlRegex:
      return '=~';
    case NeqRegex:
      return '!~';
    default:
      return '=';
  }
}

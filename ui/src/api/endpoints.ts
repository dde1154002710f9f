import { type Answer, type Http } from './http.ts';
import type {
  AlertInstance,
  Alertmanagers,
  Labels,
  MetadataByName,
  QueryResult,
  RangeResult,
  RuleGroup,
  Session,
  Targets,
  TsdbStatus,
} from './responses.ts';

type Signal = AbortSignal | undefined;

/** Most rows of a table and lines of a graph that are asked for: beyond, a browser stops answering. */
export const tableLimit = 20_000;
export const graphLimit = 2_000;

/** What a reader signs in with: a password, or the token of a one-time link. */
export type Proof = { readonly user: string; readonly password: string } | { readonly token: string };

/** One function per route the page reads; times are milliseconds. */
export function createEndpoints(http: Http) {
  const data = async <T>(answer: Promise<Answer<T>>): Promise<T> => (await answer).data;
  const entered = (session: Session): Session => {
    http.csrfToken = session.csrfToken;
    return session;
  };
  return {
    session: async (signal?: Signal) => entered(await data(http.read<Session>('api/v1/session', {}, { signal }))),
    signIn: async (proof: Proof) => entered(await data(http.change<Session>('POST', 'api/v1/session', proof))),
    signOut: async () => {
      await http.change('DELETE', 'api/v1/session');
      http.csrfToken = undefined;
    },

    query: (query: string, timeMs: number, signal?: Signal) =>
      http.read<QueryResult>(
        'api/v1/query',
        { query, time: seconds(timeMs), limit: tableLimit, stats: 'true' },
        { signal, permission: 'query' },
      ),
    queryRange: (query: string, startMs: number, endMs: number, stepMs: number, signal?: Signal) =>
      http.read<RangeResult>(
        'api/v1/query_range',
        {
          query,
          start: seconds(startMs),
          end: seconds(endMs),
          step: seconds(stepMs),
          limit: graphLimit,
          stats: 'true',
        },
        { signal, permission: 'query' },
      ),
    formatQuery: (query: string) => data(http.read<string>('api/v1/format_query', { query }, { permission: 'query' })),
    series: (matcher: string, limit: number, signal?: Signal) =>
      data(http.read<Labels[]>('api/v1/series', { 'match[]': matcher, limit }, { signal, permission: 'query' })),
    labelNames: (matcher: string | undefined, signal?: Signal) =>
      data(http.read<string[]>('api/v1/labels', { 'match[]': matcher }, { signal, permission: 'query' })),
    labelValues: (label: string, matcher: string | undefined, limit: number | undefined, signal?: Signal) =>
      data(
        http.read<string[]>(
          `api/v1/label/${encodeURIComponent(escapeLabelName(label))}/values`,
          { 'match[]': matcher, limit },
          { signal, permission: 'query' },
        ),
      ),
    metadata: (signal?: Signal) =>
      data(http.read<MetadataByName>('api/v1/metadata', {}, { signal, permission: 'query' })),

    targets: (state: 'active' | 'any', signal?: Signal) =>
      data(http.read<Targets>('api/v1/targets', { state }, { signal, permission: 'targets.read' })),
    rules: (type: 'alert' | undefined, signal?: Signal) =>
      data(http.read<{ groups: readonly RuleGroup[] }>('api/v1/rules', { type }, { signal, permission: 'rules.read' })),
    alerts: (signal?: Signal) =>
      data(http.read<{ alerts: readonly AlertInstance[] }>('api/v1/alerts', {}, { signal, permission: 'alerts.read' })),

    runtimeInfo: (signal?: Signal) =>
      data(http.read<Record<string, unknown>>('api/v1/status/runtimeinfo', {}, { signal, permission: 'config.read' })),
    buildInfo: (signal?: Signal) =>
      data(http.read<Record<string, unknown>>('api/v1/status/buildinfo', {}, { signal, permission: 'metrics.read' })),
    alertmanagers: (signal?: Signal) =>
      data(http.read<Alertmanagers>('api/v1/alertmanagers', {}, { signal, permission: 'targets.read' })),
    flags: (signal?: Signal) =>
      data(http.read<Record<string, string>>('api/v1/status/flags', {}, { signal, permission: 'config.read' })),
    config: (signal?: Signal) =>
      data(http.read<{ yaml: string }>('api/v1/status/config', {}, { signal, permission: 'config.read' })),
    tsdb: (limit: number, signal?: Signal) =>
      data(http.read<TsdbStatus>('api/v1/status/tsdb', { limit }, { signal, permission: 'config.read' })),
  };
}

export type Endpoints = ReturnType<typeof createEndpoints>;

const seconds = (ms: number): number => ms / 1000;

/**
 * A label name as the path of `/label/…/values` takes it: names beyond the classic set are written `U__` with every
 * other character as its code point between underscores, because a path cannot carry them all.
 *
 * @see Prometheus `common/model` EscapeName, scheme "values"
 */
export function escapeLabelName(name: string): string {
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return name;
  let out = 'U__';
  for (const ch of name) {
    if (ch === '_') out += '__';
    else if (/^[a-zA-Z0-9:]$/.test(ch)) out += ch;
    else out += `_${ch.codePointAt(0)!.toString(16)}_`;
  }
  return out;
}

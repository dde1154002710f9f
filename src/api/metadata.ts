import type { Scope } from '../access/index.ts';
import { compareText, METRIC_NAME, type Metadata, type Matcher } from '../model/index.ts';
import { ApiError, success, type Params, type Route } from '../web/index.ts';
import { reading } from './failures.ts';
import { parameter, parseInteger, parseSelector } from './request-params.ts';
import type { ApiServices, TargetStatus } from './services.ts';

interface MetadataJson {
  readonly type: string;
  readonly unit: string;
  readonly help: string;
}

/** metadata, targets/metadata: what targets say of their metrics. */
export function metadataRoutes(services: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/metadata',
      methods: ['GET'],
      effect: 'read',
      permission: 'query',
      summary: 'type, unit and help of metrics',
      handler: async ({ params, scope }) => {
        const limit = numberParam(params, 'limit');
        const perMetric = numberParam(params, 'limit_per_metric');
        const visible = await visibleFamilies(services, scope, params.get('metric'));
        const byName = new Map<string, Map<string, MetadataJson>>();
        for (const { name, metadata } of visible) {
          let known = byName.get(name);
          if (known === undefined) {
            if (limit >= 0 && byName.size >= limit) continue;
            byName.set(name, (known = new Map<string, MetadataJson>()));
          }
          if (perMetric > 0 && known.size >= perMetric) continue;
          const { type, unit, help } = metadata;
          known.set(JSON.stringify([type, unit, help]), { type, unit, help });
        }
        const entries = [...byName].map(([name, known]) => [name, [...known.values()]] as const);
        entries.sort((a, b) => compareText(a[0], b[0]));
        return success(Object.fromEntries(entries));
      },
    },
    {
      path: '/api/v1/targets/metadata',
      methods: ['GET'],
      effect: 'read',
      permission: 'targets.read',
      summary: 'what each target says of its metrics',
      handler: async ({ params, scope }) => {
        const limit = numberParam(params, 'limit');
        const text = params.get('match_target');
        const matchers = parameter('match_target', () => (text === '' ? [] : parseSelector(text, services.promql)));
        const metric = params.get('metric');
        const rows: unknown[] = [];
        let last: TargetStatus | undefined;
        for (const { target, name, metadata } of await visibleFamilies(services, scope, metric)) {
          // As in Prometheus, the limit counts rows but cuts between targets.
          if (target !== last && limit >= 0 && rows.length >= limit) break;
          last = target;
          if (!satisfies(target, matchers)) continue;
          const { type, help, unit } = metadata;
          rows.push({ target: target.labels, ...(metric === '' ? { metric: name } : {}), type, help, unit });
        }
        return success(rows);
      },
    },
  ];
}

interface Family {
  readonly target: TargetStatus;
  readonly name: string;
  readonly metadata: Metadata;
}

/** Families of visible targets, of which the asker can see a series: another target's words may tell what is hidden. */
async function visibleFamilies(
  { targets, storage, clock, lookbackMs }: ApiServices,
  scope: Scope,
  metric: string,
): Promise<Family[]> {
  const seen = targets.active().filter((target) => scope.sees(target.labels));
  const families = seen.flatMap((target): Family[] => {
    if (metric === '') return [...target.metadata].map(([name, metadata]) => ({ target, name, metadata }));
    const metadata = target.metadata.get(metric);
    return metadata === undefined ? [] : [{ target, name: metric, metadata }];
  });
  if (scope.isUnrestricted) return families;
  const now = clock.now();
  const querier = scope.view(storage).querier(now - lookbackMs, now);
  try {
    const names = new Set((await reading(() => querier.labelValues(METRIC_NAME, []))).values);
    return families.filter(({ name, metadata }) => seriesNames(name, metadata).some((n) => names.has(n)));
  } finally {
    querier.close();
  }
}

/** Names the series of a family can have. */
function seriesNames(name: string, { type }: Metadata): string[] {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram':
    case 'summary':
      return [name, `${name}_count`, `${name}_sum`, `${name}_bucket`, `${name}_gcount`, `${name}_gsum`];
    case 'counter':
      return [name, `${name}_total`];
    case 'info':
      return [name, `${name}_info`];
    case 'gauge':
    case 'stateset':
    case 'unknown':
      return [name];
  }
}

function satisfies(target: TargetStatus, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matcher.matches(target.labels.get(matcher.name)));
}

/** -1 where it is left out. */
function numberParam(params: Params, name: string): number {
  const text = params.get(name);
  if (text === '') return -1;
  try {
    return parseInteger(text, 'Atoi');
  } catch (error) {
    throw new ApiError('bad_data', `${name} must be a number`, { cause: error });
  }
}

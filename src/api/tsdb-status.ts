import { compareText, METRIC_NAME } from '../model/index.ts';
import type { Queryable } from '../storage/index.ts';
import { ApiError, success, type Params, type Route } from '../web/index.ts';
import { reading } from './failures.ts';
import { parseInteger } from './request-params.ts';
import type { ApiServices, Cardinality, TsdbStats } from './services.ts';

const DEFAULT_ROWS = 10;
const MAX_ROWS = 10_000;

/** status/tsdb: where the series come from. */
export function tsdbStatusRoutes(services: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/status/tsdb',
      methods: ['GET'],
      effect: 'read',
      permission: 'config.read',
      summary: 'numbers of series, by metric and by label',
      handler: async ({ params, scope }) => {
        const rows = rowsParam(params);
        if (scope.isUnrestricted) return success(await reading(() => services.storageStatus.stats(rows)));
        const now = services.clock.now();
        return success(await countVisible(scope.view(services.storage), now - services.lookbackMs, now, rows));
      },
    },
  ];
}

function rowsParam(params: Params): number {
  const text = params.get('limit');
  if (text === '') return DEFAULT_ROWS;
  let rows = 0;
  try {
    rows = parseInteger(text, 'Atoi');
  } catch {
    // The message below covers it.
  }
  if (rows < 1) throw new ApiError('bad_data', 'limit must be a positive number');
  if (rows > MAX_ROWS) throw new ApiError('bad_data', `limit must not exceed ${MAX_ROWS}`);
  return rows;
}

/** The same tables over the series somebody can see: counted one by one, from what is there now. */
async function countVisible(view: Queryable, mint: number, maxt: number, rows: number): Promise<TsdbStats> {
  const byMetric = new Map<string, number>();
  const byPair = new Map<string, number>();
  const valuesByName = new Map<string, Set<string>>();
  const querier = view.querier(mint, maxt);
  try {
    const hints = { mint, maxt, labelsOnly: true };
    const { series } = await reading(() => querier.select([], { sorted: false, hints }));
    for (const { labels } of series) {
      count(byMetric, labels.get(METRIC_NAME));
      for (const [name, value] of labels) {
        count(byPair, `${name}=${value}`);
        const values = valuesByName.get(name);
        if (values === undefined) valuesByName.set(name, new Set([value]));
        else values.add(value);
      }
    }
    const names = [...valuesByName];
    return {
      headStats: {
        numSeries: series.length,
        numLabelPairs: byPair.size,
        chunkCount: 0,
        minTime: mint,
        maxTime: maxt,
      },
      seriesCountByMetricName: top([...byMetric], rows),
      labelValueCountByLabelName: top(
        names.map(([name, values]) => [name, values.size]),
        rows,
      ),
      memoryInBytesByLabelName: top(
        names.map(([name, values]) => [name, [...values].reduce((sum, value) => sum + Buffer.byteLength(value), 0)]),
        rows,
      ),
      seriesCountByLabelValuePair: top([...byPair], rows),
    };
  } finally {
    querier.close();
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function top(entries: readonly (readonly [name: string, value: number])[], rows: number): Cardinality[] {
  return [...entries]
    .sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))
    .slice(0, rows)
    .map(([name, value]) => ({ name, value }));
}

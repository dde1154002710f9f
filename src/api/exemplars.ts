import { Matcher, formatFloat } from '../model/index.ts';
import { parseExpr, selectorsOf } from '../promql/index.ts';
import { ApiError, noContent, success, type Route } from '../web/index.ts';
import { reading } from './failures.ts';
import { badData, MAX_TIME, MIN_TIME, optionalTimeParam } from './request-params.ts';
import type { ApiServices } from './services.ts';

/** query_exemplars. */
export function exemplarRoutes({ exemplars, promql }: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/query_exemplars',
      methods: ['GET', 'POST'],
      effect: 'read',
      permission: 'query',
      summary: "exemplars of an expression's series",
      handler: async ({ params, scope }) => {
        const mint = optionalTimeParam(params, 'start', MIN_TIME);
        const maxt = optionalTimeParam(params, 'end', MAX_TIME);
        if (maxt < mint) throw new ApiError('bad_data', 'end timestamp must not be before start timestamp');
        const selectors = badData(() => selectorsOf(parseExpr(params.get('query'), promql)));
        if (selectors.length === 0) return noContent;
        const sets = selectors.map(({ matchers }) => matchers.map((m) => new Matcher(m.type, m.name, m.value)));
        const found = await reading(() => scope.viewExemplars(exemplars).exemplars(mint, maxt, sets));
        return success(
          found.map(({ labels, exemplars: list }) => ({
            seriesLabels: labels,
            exemplars: list.map((e) => ({ labels: e.labels, value: formatFloat(e.v), timestamp: e.t / 1000 })),
          })),
        );
      },
    },
  ];
}

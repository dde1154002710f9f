import { ApiError, noContent, success, type Route, type ScopedRequest } from '../web/index.ts';
import { reading } from './failures.ts';
import {
  MAX_TIME,
  MIN_TIME,
  optionalTimeParam,
  parameter,
  parseBool,
  parseSelector,
  reworded,
} from './request-params.ts';
import type { ApiServices } from './services.ts';

const change = { methods: ['POST', 'PUT'], effect: 'change', body: { kind: 'none' }, permission: 'admin' } as const;

/** admin/tsdb/*. Parameters are in the URL: a form is what another site could send. */
export function adminRoutes({ storageAdmin, enableAdminApi, promql }: ApiServices): Route[] {
  const checkEnabled = (): void => {
    if (!enableAdminApi) throw new ApiError('unavailable', 'admin APIs disabled');
  };
  return [
    {
      ...change,
      path: '/api/v1/admin/tsdb/delete_series',
      summary: 'delete samples of series',
      handler: async ({ params }: ScopedRequest) => {
        checkEnabled();
        const texts = params.all('match[]');
        if (texts.length === 0) throw new ApiError('bad_data', 'no match[] parameter provided');
        const mint = optionalTimeParam(params, 'start', MIN_TIME);
        const maxt = optionalTimeParam(params, 'end', MAX_TIME);
        // All are read before the first is used.
        const sets = parameter('match[]', () => texts.map((text) => parseSelector(text, promql)));
        for (const matchers of sets) await reading(() => storageAdmin.deleteSeries(mint, maxt, matchers));
        return noContent;
      },
    },
    {
      ...change,
      path: '/api/v1/admin/tsdb/clean_tombstones',
      summary: 'free the room of deleted samples',
      handler: async () => {
        checkEnabled();
        await reading(() => storageAdmin.cleanTombstones());
        return noContent;
      },
    },
    {
      ...change,
      path: '/api/v1/admin/tsdb/snapshot',
      summary: 'keep a copy of the data as it is now',
      handler: async ({ params }: ScopedRequest) => {
        checkEnabled();
        const text = params.get('skip_head');
        const skipHead = parameter('skip_head', () =>
          reworded('unable to parse boolean', () => text !== '' && parseBool(text)),
        );
        return success({ name: await reading(() => storageAdmin.snapshot({ skipHead })) });
      },
    },
  ];
}

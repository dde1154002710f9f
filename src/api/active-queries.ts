import { identityKey } from '../access/index.ts';
import type { ActiveQuery } from '../query/index.ts';
import { ApiError, noContent, success, type Route, type ScopedRequest } from '../web/index.ts';
import type { ApiServices } from './services.ts';
import { goTime } from './times.ts';

/** /api/v1/queries: queries that wait or run. Each asker's own; all of them for who may see everything and profile the process. */
export function activeQueryRoutes({ queries, access }: ApiServices): Route[] {
  const isVisible = ({ identity, scope }: ScopedRequest, query: ActiveQuery): boolean =>
    query.owner === identityKey(identity) || (scope.isUnrestricted && access.decide(identity, 'debug').allowed);
  return [
    {
      path: '/api/v1/queries',
      methods: ['GET'],
      effect: 'read',
      permission: 'query',
      summary: 'queries that wait or run now',
      handler: (request) =>
        success(
          queries
            .active()
            .filter((query) => isVisible(request, query))
            .map(({ id, name, expr, time, startedMs, state }) => ({
              id,
              user: name,
              query: expr,
              ...(time.kind === 'instant'
                ? { time: time.t / 1000 }
                : { start: time.startMs / 1000, end: time.endMs / 1000, step: time.stepMs / 1000 }),
              startedAt: goTime(startedMs),
              state,
            })),
        ),
    },
    {
      path: '/api/v1/queries/:id',
      methods: ['DELETE'],
      effect: 'change',
      body: { kind: 'none' },
      permission: 'query',
      summary: 'stop a query',
      handler: (request) => {
        const id = request.pathParams.id!;
        const query = queries.active().find((active) => active.id === id);
        // What is not visible does not exist.
        if (query === undefined || !isVisible(request, query) || !queries.cancel(id)) {
          throw new ApiError('not_found', `no active query ${JSON.stringify(id)}`);
        }
        return noContent;
      },
    },
  ];
}

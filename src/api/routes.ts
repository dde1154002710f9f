import { ApiError, type Route } from '../web/index.ts';
import { activeQueryRoutes } from './active-queries.ts';
import { adminRoutes } from './admin.ts';
import { alertmanagerRoutes } from './alertmanagers.ts';
import { exemplarRoutes } from './exemplars.ts';
import { federateRoutes } from './federate.ts';
import { healthRoutes } from './health.ts';
import { lifecycleRoutes } from './lifecycle.ts';
import { metadataRoutes } from './metadata.ts';
import { metricsRoutes } from './metrics.ts';
import { queryRoutes } from './query.ts';
import { queryTextRoutes } from './query-text.ts';
import { ruleRoutes } from './rules.ts';
import { seriesRoutes } from './series.ts';
import type { ApiServices } from './services.ts';
import { sessionRoutes } from './session.ts';
import { statusRoutes } from './status.ts';
import { targetRoutes } from './targets.ts';
import { tsdbStatusRoutes } from './tsdb-status.ts';

/** Every route of the HTTP API. What the server serves besides (the page, exporters) is joined by who puts it together. */
export function apiRoutes(services: ApiServices): Route[] {
  const ofServer = [
    ...queryRoutes(services),
    ...queryTextRoutes(services),
    ...exemplarRoutes(services),
    ...seriesRoutes(services),
    ...activeQueryRoutes(services),
    ...ruleRoutes(services),
    ...alertmanagerRoutes(services),
    ...tsdbStatusRoutes(services),
    ...adminRoutes(services),
  ];
  return [
    ...(services.isAgent ? ofServer.map(notInAgent) : ofServer),
    ...metadataRoutes(services),
    ...targetRoutes(services),
    ...statusRoutes(services),
    ...sessionRoutes(services),
    ...federateRoutes(services),
    ...metricsRoutes(services),
    ...healthRoutes(),
    ...lifecycleRoutes(services),
  ];
}

/** An agent keeps no data to be asked about: the route is there, with its permission, and says so. */
function notInAgent(route: Route): Route {
  return {
    ...route,
    handler: () => {
      throw new ApiError('execution', 'unavailable with Prometheus Agent');
    },
  };
}

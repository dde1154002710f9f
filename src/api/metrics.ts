import type { Route } from '../web/index.ts';
import { negotiateText, writeFamilies } from './exposition.ts';
import type { ApiServices } from './services.ts';

/** /metrics: the process's own. */
export function metricsRoutes({ metrics }: ApiServices): Route[] {
  return [
    {
      path: '/metrics',
      methods: ['GET'],
      effect: 'read',
      permission: 'metrics.read',
      summary: "the server's own metrics",
      beforeReady: true,
      handler: (request) => {
        const format = negotiateText(request.header('accept'));
        return { status: 200, contentType: format.contentType, body: writeFamilies(metrics.collect(), format) };
      },
    },
  ];
}

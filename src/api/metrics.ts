import { negotiateFormat, writeFamilies } from '../model/exposition/index.ts';
import type { Route } from '../web/index.ts';
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
        const { format, escaping, contentType } = negotiateFormat(request.header('accept') ?? '', true);
        return { status: 200, contentType, body: writeFamilies(metrics.collect(), { format, escaping }) };
      },
    },
  ];
}

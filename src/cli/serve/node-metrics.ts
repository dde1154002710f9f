import { collectNode, openHost } from '../../exporters/index.ts';
import { negotiateFormat, writeFamilies } from '../../model/exposition/index.ts';
import type { Route } from '../../web/index.ts';

/** This machine's metrics, as a target of their own: the same page node_exporter would serve. */
export function nodeMetricsRoute(): Route {
  const host = openHost();
  return {
    path: '/node/metrics',
    methods: ['GET'],
    effect: 'read',
    permission: 'metrics.read',
    summary: 'metrics of the machine the server runs on',
    handler: async (request) => {
      const { format, escaping, contentType } = negotiateFormat(request.header('accept') ?? '', true);
      return { status: 200, contentType, body: writeFamilies(await collectNode(host), { format, escaping }) };
    },
  };
}

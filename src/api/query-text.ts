import { parseExpr, prettify, toParseQueryJson } from '../promql/index.ts';
import { success, type Route } from '../web/index.ts';
import { parameter } from './request-params.ts';
import type { ApiServices } from './services.ts';

/** format_query, parse_query: what can be said of a query without evaluating it. */
export function queryTextRoutes({ promql }: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/format_query',
      methods: ['GET', 'POST'],
      effect: 'read',
      permission: 'query',
      summary: 'lay out an expression',
      handler: ({ params }) => success(parameter('query', () => prettify(parseExpr(params.get('query'), promql)))),
    },
    {
      path: '/api/v1/parse_query',
      methods: ['GET', 'POST'],
      effect: 'read',
      permission: 'query',
      summary: 'the syntax tree of an expression',
      handler: ({ params }) =>
        success(parameter('query', () => toParseQueryJson(parseExpr(params.get('query'), promql)))),
    },
  ];
}

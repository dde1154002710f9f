import { parseExpr } from './parser.ts';
import { printExpr } from './print.ts';

/** Queries as dashboards and rules hold them. */
const queries: Readonly<Record<string, string>> = {
  name: 'up',
  'rate by job': 'sum by (job) (rate(http_requests_total{job="api"}[5m]))',
  'cpu use': '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))',
  quantile:
    'histogram_quantile(0.99, sum by (le, job) (rate(http_request_duration_seconds_bucket{job=~"api|web",code!="500"}[5m]))) > 0.5',
  arithmetic: 'a + b * c ^ 2 - d / (e + 1)',
  'error ratio':
    '(sum by (cluster, namespace) (rate(grpc_server_handled_total{grpc_code=~"Unknown|Internal|Unavailable",grpc_type="unary"}[1m])) ' +
    '/ on (cluster, namespace) group_left (team) (sum by (cluster, namespace) (rate(grpc_server_started_total[1m])) > 0)) * 100 > 5',
};

/** Each `run` handles one query once; the caller repeats it. */
const cases: readonly { readonly name: string; readonly run: () => unknown }[] = Object.entries(queries).flatMap(
  ([name, query]) => {
    const expr = parseExpr(query);
    return [
      { name: `parse ${name}`, run: () => parseExpr(query) },
      { name: `print ${name}`, run: () => printExpr(expr) },
    ];
  },
);

export default cases;

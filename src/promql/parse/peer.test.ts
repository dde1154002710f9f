import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ParseError } from './parse-error.ts';
import { toParseQueryJson } from './parse-query-json.ts';
import { parseExpr } from './parser.ts';
import { prettify } from './prettify.ts';

/**
 * A Prometheus 3.5 to compare with, e.g. `http://127.0.0.1:9090`, started with
 * `--enable-feature=promql-experimental-functions,promql-duration-expr`. Without one the comparison is skipped.
 */
const peer = process.env.YAGURA_PEER_PROMETHEUS;

const cases = JSON.parse(readFileSync(fileURLToPath(new URL('parse-cases.json', import.meta.url)), 'utf8')) as [
  string,
][];

/** What came after 3.5, or is worded or printed differently since. */
const newer = [
  /anchored|smoothed|fill|<\/|>\/|step|range\(|max_of|min_of|start\(\)|end\(\)|first_over_time/i,
  /@@|\[\]|OFFSET$|\[5s . 5s\]|\) group_left|info\(/,
  /(\[|offset [+-]?)\(/,
];

/** Keys that 3.5 does not have yet. */
const newKeys = new Set(['rangeExpr', 'offsetExpr', 'stepExpr', 'anchored', 'smoothed', 'fillValues']);

async function ask(endpoint: string, query: string): Promise<unknown> {
  const response = await fetch(`${peer}/api/v1/${endpoint}`, { method: 'POST', body: new URLSearchParams({ query }) });
  const answer = (await response.json()) as { status: string; data?: unknown; error?: string };
  return answer.status === 'success' ? answer.data : answer.error;
}

function answer(query: string, show: (expr: ReturnType<typeof parseExpr>) => unknown): unknown {
  try {
    return show(parseExpr(query, { enableExperimentalFunctions: true }));
  } catch (error) {
    if (error instanceof ParseError) return `invalid parameter "query": ${error.message}`;
    throw error;
  }
}

describe.skipIf(peer === undefined)('a running Prometheus gives the same answer', () => {
  const queries = cases
    .map(([query]) => query)
    .filter((query) => query !== '' && !newer.some((pattern) => pattern.test(query)));

  it.each(queries)('to parsing and formatting %s', async (query) => {
    const tree = answer(query, toParseQueryJson);
    const known = JSON.stringify(tree, (key, value: unknown) => (newKeys.has(key) ? undefined : value));
    expect(JSON.parse(known)).toEqual(await ask('parse_query', query));
    expect(answer(query, (expr) => prettify(expr))).toEqual(await ask('format_query', query));
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ParseError, parseExpr, prettify, toParseQueryJson } from '../../src/promql/index.ts';
import { eventually, freePort, peer, run, type Running } from '../peers.ts';
import { root } from '../yagura.ts';

const prometheus = peer('prometheus');

const casesFile = path.join(root, 'src', 'promql', 'parse', 'parse-cases.json');
const cases = JSON.parse(readFileSync(casesFile, 'utf8')) as [string][];

let url = '';

/** What came after 3.5, or is worded or printed differently since. */
const newer = [
  /anchored|smoothed|fill|<\/|>\/|step|range\(|max_of|min_of|start\(\)|end\(\)|first_over_time/i,
  /@@|\[\]|OFFSET$|\[5s . 5s\]|\) group_left|info\(/,
  /(\[|offset [+-]?)\(/,
];

/** Keys that 3.5 does not have yet. */
const newKeys = new Set(['rangeExpr', 'offsetExpr', 'stepExpr', 'anchored', 'smoothed', 'fillValues']);

async function ask(endpoint: string, query: string): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/${endpoint}`, { method: 'POST', body: new URLSearchParams({ query }) });
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

describe.skipIf(prometheus === undefined)('a running Prometheus gives the same answer', () => {
  let server: Running;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'yagura-parse-'));
    writeFileSync(path.join(dir, 'prometheus.yml'), 'scrape_configs: []\n');
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    server = run(prometheus!, [
      `--config.file=${dir}/prometheus.yml`,
      `--storage.tsdb.path=${dir}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=promql-experimental-functions,promql-duration-expr',
    ]);
    await eventually(
      async () => (await fetch(`${url}/-/ready`)).status,
      (status) => status === 200,
    );
  });

  afterAll(async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

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

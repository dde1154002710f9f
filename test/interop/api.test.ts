import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freePort, peer, run, type Running } from '../peers.ts';
import { startYagura, type Yagura } from '../yagura.ts';

const prometheus = peer('prometheus');

const BUCKET_MS = 2000;

/** A page whose samples carry times of their own: whoever scrapes it, and when, stores the same. */
function page(nowMs: number): string {
  const bucket = Math.floor(nowMs / BUCKET_MS);
  const t = bucket * BUCKET_MS;
  const lines = [
    '# HELP requests_total Requests < served & counted>.',
    '# TYPE requests_total counter',
    ...['200', '500'].flatMap((code, i) =>
      // No two alike, so that nothing depends on the order of equals.
      ['a', 'b'].map(
        (path, j) => `requests_total{code="${code}",path="/${path}"} ${(bucket % 1000) * 7 + i * 2 + j} ${t}`,
      ),
    ),
    '# TYPE temperature gauge',
    `temperature{room="kitchen <&> \\"hall\\" é"} ${Math.sin(bucket) * 30} ${t}`,
    `temperature{room="attic"} NaN ${t}`,
    '# TYPE latency_seconds histogram',
    ...['0.1', '1', '+Inf'].map((le, i) => `latency_seconds_bucket{le="${le}"} ${(bucket % 1000) * (i + 1)} ${t}`),
    `latency_seconds_sum ${(bucket % 1000) * 0.25} ${t}`,
    `latency_seconds_count ${(bucket % 1000) * 3} ${t}`,
  ];
  return `${lines.join('\n')}\n`;
}

const rules = `
groups:
  - name: one
    interval: 1s
    rules:
      - {record: 'path:requests:sum', expr: 'sum by(path)(requests_total)', labels: {origin: rule}}
      - {alert: Cold, expr: 'temperature<100', labels: {severity: page}, annotations: {summary: 'It is cold in {{ $labels.room }}'}}
      - {alert: Never, expr: 'temperature > 1000 and on() vector(1)'}
      - {record: broken, expr: 'label_replace(requests_total, "path", "x", "", "")'}
  - name: two
    interval: 1s
    rules: [{record: 'two', expr: 'vector(2)'}]
`;

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function ask(url: string, pathAndQuery: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url + pathAndQuery, init);
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** Members that differ between any two servers, or that the newer release has and 3.5 has not. */
const volatile = new Set([
  ...['lastScrape', 'lastScrapeDuration', 'evaluationTime', 'lastEvaluation', 'activeAt', 'lastError', 'value'],
  ...['startTime', 'serverTime', 'lastConfigTime', 'goroutineCount', 'GOMEMLIMIT', 'CWD', 'GOGC'],
  ...['globalUrl', 'discoveredLabels', 'timings', 'samplesRead'],
  ...['anchored', 'smoothed', 'offsetExpr', 'rangeExpr', 'stepExpr', 'fillValues'],
]);

function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !volatile.has(name))
      .map(([name, member]) => [name, settled(member)]),
  );
}

describe.skipIf(prometheus === undefined)('the HTTP API beside the real Prometheus', () => {
  let dir: string;
  let yagura: Yagura;
  let theirs: Running;
  let theirUrl: string;
  let exporter: Server;
  /** An instant both have data around, in seconds. */
  let at: number;

  beforeAll(async () => {
    exporter = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/plain; version=0.0.4');
      response.end(page(Date.now()));
    });
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    const exporterPort = (exporter.address() as AddressInfo).port;
    const config = `
global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s, external_labels: {region: eu}}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: page, static_configs: [{targets: ['127.0.0.1:${exporterPort}']}]}
  - {job_name: down, static_configs: [{targets: ['127.0.0.1:1'], labels: {team: b}}]}
  - {job_name: dropped, static_configs: [{targets: ['127.0.0.1:1']}], relabel_configs: [{action: drop}]}
`;
    const port = await freePort();
    theirUrl = `http://127.0.0.1:${port}`;
    dir = mkdtempSync(path.join(tmpdir(), 'yagura-api-peer-'));
    writeFileSync(path.join(dir, 'prometheus.yml'), config);
    writeFileSync(path.join(dir, 'rules.yml'), rules);
    const gates = ['--web.enable-admin-api', '--web.enable-lifecycle'];
    theirs = run(prometheus!, [
      ...[
        `--config.file=${dir}/prometheus.yml`,
        `--storage.tsdb.path=${dir}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      ...gates,
    ]);
    yagura = await startYagura({ config, files: { 'rules.yml': rules }, flags: ['--insecure', ...gates] });
    const count = encodeURIComponent('count_over_time(requests_total{code="200",path="/a"}[1m])');
    for (const url of [theirUrl, yagura.url]) {
      await eventually(
        async () => (await ask(url, `/api/v1/query?query=${count}`)).body,
        (body) => Number(/"value":\[[\d.]+,"(\d+)"\]/.exec(body)?.[1] ?? 0) >= 11,
        60_000,
      );
    }
    at = Math.floor(Date.now() / 1000) - 3;
  });

  afterAll(async () => {
    await Promise.all([theirs.stop(), yagura.remove()]);
    exporter.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Asks both, and expects the same. */
  async function same(pathAndQuery: string, init?: RequestInit): Promise<void> {
    const [real, ours] = await Promise.all([ask(theirUrl, pathAndQuery, init), ask(yagura.url, pathAndQuery, init)]);
    const parsed = (answer: Answer): unknown => {
      const isJson = answer.type?.startsWith('application/json') === true;
      return isJson ? settled(JSON.parse(answer.body)) : answer.body;
    };
    expect([pathAndQuery, ours.status, ours.type, parsed(ours)]).toEqual([
      pathAndQuery,
      real.status,
      real.type,
      parsed(real),
    ]);
  }

  /** The same, byte for byte. */
  async function identical(pathAndQuery: string): Promise<void> {
    const [real, ours] = await Promise.all([ask(theirUrl, pathAndQuery), ask(yagura.url, pathAndQuery)]);
    expect([pathAndQuery, ours.status, ours.body]).toEqual([pathAndQuery, real.status, real.body]);
  }

  const e = encodeURIComponent;

  it('gives the same bytes to queries', async () => {
    const exprs = [
      'requests_total',
      'temperature',
      'temperature * 1e-9',
      'temperature * 1e24',
      '-temperature',
      'temperature / 0',
      'requests_total[8s]',
      'rate(requests_total[6s])',
      'histogram_quantile(0.9, rate(latency_seconds_bucket[6s]))',
      'sum by (path) (requests_total)',
      'topk(2, requests_total)',
      'absent(nothing{a="b"})',
      'count_values("v", vector(3))',
      '1',
      '1e-7',
      '1e25',
      'NaN',
      '"a < b"',
      'vector(0.1) + 0.2',
      'time()',
      'up{team="b"} or vector(1)',
      'label_replace(vector(1), "a", "<>&é", "", "")',
      'quantile(2, requests_total)',
      'rate(temperature[6s])',
      'nothing',
    ];
    await identical(`/api/v1/query?query=${e('sort_desc(requests_total)')}&time=${at}`);
    for (const expr of exprs) {
      await identical(`/api/v1/query?query=${e(expr)}&time=${at}`);
      await identical(`/api/v1/query?query=${e(expr)}&time=${at}.5&limit=1`);
      await identical(`/api/v1/query_range?query=${e(expr)}&start=${at - 4}&end=${at}&step=0.5`);
    }
  });

  it('refuses the same queries in the same words', async () => {
    const queries = [
      ...['', '?query=up{', '?query=up&time=abc', '?query=up&timeout=abc', '?query=up&limit=-1'],
      ...[
        '?query=up&limit=abc',
        '?query=up&limit=1.5',
        '?query=up&lookback_delta=x',
        '?query=nofunc(up)',
        '?query=sum(up,up)',
      ],
      ...[
        '?query=up%20%2B',
        `?query=${e('requests_total + on(job) up{job="page"}')}`,
        '?query=1%zz',
        '?query=1;x=2',
        '?query=up&time=1e400',
      ],
      ...['?query=1&time=2020-02-30T00:00:00Z', '?query=1&time=2020-01-01', '?query=1&time=2020-01-01T0:00:00%2B01:30'],
    ];
    for (const query of queries) await same(`/api/v1/query${query}`);
    const ranges = [
      ...['start=10&end=0&step=1', 'start=0&end=10&step=0', 'start=0&end=10&step=-1', 'start=0&end=11001&step=1'],
      ...[
        'end=1&step=1',
        'start=1&step=1',
        'start=1&end=3',
        'start=1&end=3&step=1&timeout=-1s',
        'start=0&end=1&step=1ms500',
      ],
      ...['start=0&end=10&step=1e300', 'start=0&end=11000&step=1', 'start=0&end=0.01&step=0.0015'],
    ];
    for (const range of ranges) await same(`/api/v1/query_range?query=vector(1)&${range}`);
    for (const expr of ['up[1m]', '"a"', '(up'])
      await same(`/api/v1/query_range?query=${e(expr)}&start=0&end=1&step=1`);
  });

  it('says the same of the text of queries', async () => {
    const exprs = [
      'sum(up)by(x)',
      'up > bool 3 < 4',
      'foo{a="<>&",b!="c",d=~"e",f!~"g"}',
      'histogram_quantile(0.9, sum by(le) (rate(a{b=~"c"}[5m] offset 3m))) > bool on(a) group_left(b) (-x @ 5)',
      'max_over_time(x[5m:1m] @ end()) + count_values("a", b)',
      'a and on(b) c or ignoring(d) e unless f',
      '1e3 + Inf + 0x1f + 5m',
      '',
      'up(',
    ];
    for (const expr of exprs) {
      await identical(`/api/v1/format_query?query=${e(expr)}`);
      await same(`/api/v1/parse_query?query=${e(expr)}`);
    }
  });

  it('lists the same series, names and values', async () => {
    const window = `start=${at - 5}&end=${at}`;
    const selectors = ['requests_total', '{job="page"}', 'temperature{room!=""}', '{__name__=~"latency.*",le=~"0.+"}'];
    for (const selector of selectors) {
      await same(`/api/v1/series?match[]=${e(selector)}&match[]=up&${window}`);
      await same(`/api/v1/labels?match[]=${e(selector)}&${window}`);
      for (const name of ['job', 'le', 'room', '__name__', 'U__ro_6f_m', 'nope']) {
        await same(`/api/v1/label/${name}/values?match[]=${e(selector)}&${window}`);
      }
    }
    for (const params of ['', '?match[]={', '?match[]={a=""}', '?limit=x', '?start=x', '?end=x', '?start=10&end=5']) {
      await same(`/api/v1/labels${params}`);
      await same(`/api/v1/label/job/values${params}`);
      await same(`/api/v1/series${params}`);
    }
    await same('/api/v1/labels?limit=2');
    await same('/api/v1/label/job/values?limit=1');
    await same('/api/v1/query_exemplars?query=up');
    await same('/api/v1/query_exemplars?query=up&start=10&end=1');
    await same('/api/v1/query_exemplars');
    await same('/api/v1/query_exemplars?query=1');
  });

  it('takes the same forms', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const post = (pathAndQuery: string, body: string) => same(pathAndQuery, { method: 'POST', headers, body });
    await post('/api/v1/query', 'query=vector(1)&time=1');
    await post('/api/v1/query?query=vector(1)', 'query=vector(2)&time=1');
    await post('/api/v1/query', 'query=1%zz&time=1');
    await post('/api/v1/series', `match[]=requests_total&match[]=up&start=${at - 5}&end=${at}&limit=1`);
    await post('/api/v1/labels?match[]=nope', `match[]=requests_total&start=${at - 5}&end=${at}`);
    await post('/api/v1/format_query', `query=${e('sum(a)+b')}`);
  });

  it('shows the same targets, metadata, rules and alerts', async () => {
    for (const params of ['', '?state=active', '?state=dropped', '?state=ANY', '?state=foo', '?scrapePool=page']) {
      await same(`/api/v1/targets${params}`);
    }
    await same('/api/v1/scrape_pools');
    for (const params of ['?metric=requests_total', '?metric=nope', '?limit=x', '?limit_per_metric=x', '']) {
      await same(`/api/v1/metadata${params}`);
    }
    await same('/api/v1/targets/metadata?metric=temperature');
    await same(`/api/v1/targets/metadata?match_target=${e('{job="down"}')}`);
    await same('/api/v1/targets/metadata?match_target={');
    const filters = [
      ...['', '?type=alert', '?type=record', '?type=foo', '?exclude_alerts=T', '?exclude_alerts=foo', '?group_limit=x'],
      ...['?group_limit=0', '?group_limit=99999999999', '?group_next_token=x', '?group_limit=1&group_next_token=x'],
      ...[
        '?rule_name[]=Never',
        '?rule_group[]=nope',
        `?match[]=${e('{severity="page"}')}`,
        '?match[]={',
        `?match[]=${e('{a=""}')}`,
      ],
    ];
    // The folder of the file is each server's own, and so is the token made of it.
    const groups = (body: string) =>
      body.replace(/"file":"[^"]*"/g, '"file":""').replace(/"groupNextToken":"[0-9a-f]*"/g, '"groupNextToken":""');
    for (const filter of filters) {
      const [real, ours] = await Promise.all([
        ask(theirUrl, `/api/v1/rules${filter}`),
        ask(yagura.url, `/api/v1/rules${filter}`),
      ]);
      expect([filter, ours.status, settled(JSON.parse(groups(ours.body)))]).toEqual([
        filter,
        real.status,
        settled(JSON.parse(groups(real.body))),
      ]);
    }
    expect((await ask(theirUrl, '/api/v1/rules?type=record&rule_group[]=two')).body).toContain('"name":"two"');
    await same('/api/v1/alerts');
    await same('/api/v1/alertmanagers');
    await same('/api/v1/notifications');
    await same('/api/v1/status/walreplay');
    for (const limit of ['0', 'x']) await same(`/api/v1/status/tsdb?limit=${limit}`);
  });

  it('federates the same page', async () => {
    const match = `/federate?match[]=${e('{__name__=~"requests_total|temperature"}')}&match[]=two`;
    // The newest sample changes with the bucket: a try in which both are asked within one is enough.
    await eventually(
      async () => {
        const [real, ours] = await Promise.all([ask(theirUrl, match), ask(yagura.url, match)]);
        const withoutTimes = (body: string) => body.replace(/^(two\{.*) \d+$/m, '$1');
        return [real.type, withoutTimes(real.body), ours.type, withoutTimes(ours.body)];
      },
      ([realType, realBody, ourType, ourBody]) =>
        realBody!.includes('temperature') && realType === ourType && realBody === ourBody,
    );
    await same('/federate');
    await same('/federate?match[]={');
  });

  it('refuses the same changes', async () => {
    const post = (pathAndQuery: string) => same(pathAndQuery, { method: 'POST' });
    await post('/api/v1/admin/tsdb/delete_series');
    await post('/api/v1/admin/tsdb/delete_series?match[]={');
    await post('/api/v1/admin/tsdb/delete_series?match[]=up&start=x');
    await post('/api/v1/admin/tsdb/snapshot?skip_head=x');
    await same('/api/v1/query', { method: 'PUT' });
    await same('/api/v1/label/job/values', { method: 'POST' });
    await same('/api/v1/nowhere');
    await same('/nowhere');
  });
});

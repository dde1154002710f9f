import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, NOW, startApi, stats, tokens, type ApiServer } from '../../test/api-server.ts';
import { floatColumn } from '../../test/columns.ts';
import { Labels } from '../model/index.ts';
import { QueryError } from '../promql/index.ts';
import { QueueError, type QueryResult } from '../query/index.ts';
import { StorageError } from '../storage/index.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function ask(url: string, token: string = tokens.admin, on = api) {
  const response = await on.server.inject({ url, headers: bearer(token) });
  return { status: response.statusCode, body: response.body, type: response.headers['content-type'] };
}
const json = async (url: string, token?: string) => JSON.parse((await ask(url, token)).body) as { data: unknown };
const up = encodeURIComponent('{__name__="up"}');

describe('what Prometheus 3.5 answers', () => {
  // Texts and statuses as the program itself gives them.
  it.each<[url: string, status: number, errorType: string, error: string]>([
    [
      'query',
      400,
      'bad_data',
      'invalid parameter "query": unknown position: parse error: no expression found in input',
    ],
    [
      'query?query=up{',
      400,
      'bad_data',
      'invalid parameter "query": 1:4: parse error: unexpected end of input inside braces',
    ],
    [
      'query?query=up&time=abc',
      400,
      'bad_data',
      `invalid parameter "time": invalid time value for 'time': cannot parse "abc" to a valid timestamp`,
    ],
    [
      'query?query=up&timeout=abc',
      400,
      'bad_data',
      'invalid parameter "timeout": cannot parse "abc" to a valid duration',
    ],
    ['query?query=up&limit=-1', 400, 'bad_data', 'invalid parameter "limit": limit must be non-negative'],
    [
      'query?query=up&limit=abc',
      400,
      'bad_data',
      'invalid parameter "limit": strconv.Atoi: parsing "abc": invalid syntax',
    ],
    [
      'query?query=up&limit=99999999999999999999',
      400,
      'bad_data',
      'invalid parameter "limit": strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    [
      'query?query=up&lookback_delta=abc',
      400,
      'bad_data',
      'error parsing lookback delta duration: cannot parse "abc" to a valid duration',
    ],
    [
      'query_range?query=up&start=10&end=0&step=1',
      400,
      'bad_data',
      'invalid parameter "end": end timestamp must not be before start time',
    ],
    [
      'query_range?query=up&start=0&end=10&step=0',
      400,
      'bad_data',
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    ],
    [
      'query_range?query=up&start=0&end=11001&step=1',
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    [
      'query_range?query=up&end=11001&step=1',
      400,
      'bad_data',
      'invalid parameter "start": cannot parse "" to a valid timestamp',
    ],
    [
      'query_range?query=up&start=1&step=1',
      400,
      'bad_data',
      'invalid parameter "end": cannot parse "" to a valid timestamp',
    ],
    [
      'query_range?query=up&start=1&end=3',
      400,
      'bad_data',
      'invalid parameter "step": cannot parse "" to a valid duration',
    ],
    [
      'query_range?query=1&start=1&end=3&step=1&timeout=-1s',
      400,
      'bad_data',
      'invalid parameter "timeout": cannot parse "-1s" to a valid duration',
    ],
    [
      'query_range?query=1&start=1&end=3&step=9999999999999',
      400,
      'bad_data',
      'invalid parameter "step": cannot parse "9999999999999" to a valid duration. It overflows int64',
    ],
    ['series', 400, 'bad_data', 'no match[] parameter provided'],
    [
      'series?match[]=up&limit=x',
      400,
      'bad_data',
      'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax',
    ],
    [
      'series?match[]={foo=',
      400,
      'bad_data',
      'invalid parameter "match[]": 1:6: parse error: unexpected end of input inside braces',
    ],
    [
      'series?match[]={foo=%22%22}',
      400,
      'bad_data',
      'invalid parameter "match[]": match[] must contain at least one non-empty matcher',
    ],
    [
      'series?match[]=up&start=x',
      400,
      'bad_data',
      `invalid parameter "start": invalid time value for 'start': cannot parse "x" to a valid timestamp`,
    ],
    ['series?match[]=sum(up)', 400, 'bad_data', 'invalid parameter "match[]": 1:4: parse error: unexpected "("'],
    ['labels?match[]={a=%22%22}', 400, 'bad_data', 'match[] must contain at least one non-empty matcher'],
    ['query_exemplars', 400, 'bad_data', 'unknown position: parse error: no expression found in input'],
    ['query_exemplars?query=up&start=10&end=1', 400, 'bad_data', 'end timestamp must not be before start timestamp'],
    ['query_exemplars?query=up(', 400, 'bad_data', '1:4: parse error: unclosed left parenthesis'],
    [
      'format_query',
      400,
      'bad_data',
      'invalid parameter "query": unknown position: parse error: no expression found in input',
    ],
    ['metadata?limit=x', 400, 'bad_data', 'limit must be a number'],
    ['metadata?limit_per_metric=x', 400, 'bad_data', 'limit_per_metric must be a number'],
    ['targets/metadata?limit=x', 400, 'bad_data', 'limit must be a number'],
    [
      'targets/metadata?match_target={',
      400,
      'bad_data',
      'invalid parameter "match_target": 1:2: parse error: unexpected end of input inside braces',
    ],
    ['rules?type=foo', 400, 'bad_data', 'invalid parameter "type": not supported value "foo"'],
    [
      'rules?exclude_alerts=foo',
      400,
      'bad_data',
      'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "foo": invalid syntax',
    ],
    [
      'rules?group_limit=x',
      400,
      'bad_data',
      'invalid parameter "group_limit": group_limit needs to be a valid number: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    ['rules?group_limit=0', 400, 'bad_data', 'invalid parameter "group_limit": group_limit needs to be greater than 0'],
    [
      'rules?group_next_token=x',
      400,
      'bad_data',
      'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups',
    ],
    [
      'rules?group_next_token=x&group_limit=1',
      400,
      'bad_data',
      `invalid parameter "group_next_token": invalid group_next_token 'x'. were rule groups changed?`,
    ],
    ['rules?match[]={', 400, 'bad_data', '1:2: parse error: unexpected end of input inside braces'],
    ['status/tsdb?limit=0', 400, 'bad_data', 'limit must be a positive number'],
    ['status/tsdb?limit=10001', 400, 'bad_data', 'limit must not exceed 10000'],
  ])('to a bad %s', async (url, status, errorType, error) => {
    const answer = await ask(`/api/v1/${url}`);
    expect(answer.type).toBe('application/json');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([status, { status: 'error', errorType, error }]);
  });

  it('to what it does not know in a form', async () => {
    for (const query of ['up%zz', 'up;x=1']) {
      expect((await json(`/api/v1/query?query=${query}`)) as unknown).toMatchObject({
        error: 'invalid parameter "query": unknown position: parse error: no expression found in input',
      });
    }
  });
});

describe('query', () => {
  it('takes its parameters from the URL or a form, the form first', async () => {
    const post = (url: string, payload: string, type = 'application/x-www-form-urlencoded') =>
      api.server.inject({ method: 'POST', url, headers: { ...bearer(tokens.admin), 'content-type': type }, payload });
    const expected = [
      { metric: { __name__: 'up', instance: 'a1', job: 'node', team: 'a' }, value: [1795250167.547, '1'] },
      { metric: { __name__: 'up', instance: 'b1', job: 'canary-hidden', team: 'b' }, value: [1795250167.547, '1'] },
    ];
    expect(((await json(`/api/v1/query?query=${up}`)).data as { result: unknown }).result).toEqual(expected);
    const form = await post('/api/v1/query?query=nothing', `query=${up}`);
    expect(form.json<{ data: { result: unknown } }>().data.result).toEqual(expected);
    expect((await post(`/api/v1/query?query=${up}`, '', 'application/json')).statusCode).toBe(200);
    expect((await post('/api/v1/query', '{"query":"up"}', 'application/json')).statusCode).toBe(415);
    expect((await post('/api/v1/query', 'query=up', 'multipart/form-data; boundary=x')).statusCode).toBe(415);
    expect((await post('/api/v1/query', 'query=%ff')).json()).toMatchObject({ errorType: 'bad_data' });
  });

  it('cuts the list at the limit and says so', async () => {
    const answer = JSON.parse((await ask(`/api/v1/query?query=${up}&limit=1`)).body) as {
      data: { result: unknown[] };
      warnings: string[];
    };
    expect([answer.data.result.length, answer.warnings]).toEqual([1, ['results truncated due to limit']]);
  });

  it('tells what the query took when asked', async () => {
    expect((await json(`/api/v1/query?query=${up}`)).data).not.toHaveProperty('stats');
    expect((await json(`/api/v1/query?query=${up}&stats=true`)).data).toMatchObject({ stats });
    const odd = (await json(`/api/v1/query?query=${up}&stats=1`)) as { warnings?: string[] };
    expect(odd.warnings?.[0]).toContain('value "1" for parameter "stats" is deprecated');
  });

  it('reads times and durations in every form', async () => {
    const range = async (params: string) =>
      ((await json(`/api/v1/query_range?query=${up}&${params}`)).data as { result: { values: unknown }[] }).result[0]!
        .values;
    const expected = [
      [NOW / 1000 - 1, '1'],
      [NOW / 1000 - 0.5, '1'],
      [NOW / 1000, '1'],
    ];
    const iso = (ms: number) => new Date(ms).toISOString();
    expect(await range(`start=${NOW / 1000 - 1}&end=${NOW / 1000}&step=0.5`)).toEqual(expected);
    expect(await range(`start=${iso(NOW - 1000)}&end=${iso(NOW)}&step=500ms`)).toEqual(expected);
    expect(await range(`start=2026-11-21T10:36:06.547%2B02:00&end=${iso(NOW)}&step=500ms`)).toEqual(expected);
  });

  it('hands on the errors of evaluation with their types', async () => {
    const failing = (error: Error) => startApi({ engine: () => Promise.reject(error) });
    const queryError = (code: QueryError['code']) => new QueryError(code, 'text');
    for (const [error, status, body] of [
      [queryError('execution'), 422, { errorType: 'execution', error: 'text' }],
      [queryError('timeout'), 503, { errorType: 'timeout', error: 'text' }],
      [queryError('canceled'), 499, { errorType: 'canceled', error: 'text' }],
      [queryError('internal'), 500, { errorType: 'internal', error: 'text' }],
      [queryError('bad_data'), 400, { errorType: 'bad_data', error: 'invalid parameter "query": text' }],
      [new QueueError('timeout'), 503, { errorType: 'timeout', error: 'query timed out in query queue' }],
      [new StorageError('block 1 is damaged'), 500, { errorType: 'internal', error: 'block 1 is damaged' }],
      [
        new Error('our own mistake'),
        500,
        { errorType: 'internal', error: expect.stringContaining('see the log') as string },
      ],
    ] as const) {
      const server = await failing(error);
      const answer = await ask('/api/v1/query?query=up', tokens.admin, server);
      expect([answer.status, JSON.parse(answer.body)]).toEqual([status, { status: 'error', ...body }]);
      await server.close();
    }
  });

  it('keeps to the limits of whoever asks and names the one that was met', async () => {
    const long = await ask(`/api/v1/query_range?query=${up}&start=0&end=3601&step=60`, tokens.teamA);
    expect([long.status, long.body]).toEqual([
      422,
      '{"status":"error","errorType":"execution","error":"query range of \\"1h1s\\" is longer than \\"1h\\" (limit max_range)"}',
    ]);
    const large = await ask(
      `/api/v1/query_range?query=${up}&start=${NOW / 1000 - 3000}&end=${NOW / 1000}&step=1`,
      tokens.teamA,
    );
    expect([large.status, large.body]).toEqual([
      422,
      '{"status":"error","errorType":"execution","error":"the result has more than 2000 bytes (limit max_result_bytes)"}',
    ]);
    expect((await ask(`/api/v1/query_range?query=${up}&start=0&end=3600&step=1`)).status).toBe(200);
  });

  it('sends a long answer in pieces', async () => {
    const steps = 11_000;
    const column = floatColumn(new Float64Array(steps).fill(0.1));
    const series = Array.from({ length: 20 }, (_, i) => ({ labels: Labels.from({ i: String(i) }), column }));
    const result: QueryResult = {
      type: 'matrix',
      grid: { startMs: 0, stepMs: 1000, steps },
      series,
      warnings: [],
      infos: [],
      stats,
    };
    const server = await startApi({ engine: () => Promise.resolve(result) });
    const answer = await ask('/api/v1/query_range?query=up&start=0&end=10999&step=1', tokens.admin, server);
    const { data } = JSON.parse(answer.body) as { data: { result: { values: unknown[] }[] } };
    expect(data.result.map(({ values }) => values.length)).toEqual(series.map(() => steps));
    await server.close();
  });
});

describe('the text of queries', () => {
  it('is laid out and taken apart', async () => {
    expect((await json('/api/v1/format_query?query=sum(up)by(x)')).data).toBe('sum by (x) (up)');
    expect((await json('/api/v1/parse_query?query=sum(up)by(x)')).data).toMatchObject({
      type: 'aggregation',
      op: 'sum',
      grouping: ['x'],
    });
  });
});

describe('series and labels', () => {
  it('are listed', async () => {
    expect((await json('/api/v1/series?match[]=up&limit=1')) as unknown).toEqual({
      status: 'success',
      data: [{ __name__: 'up', instance: 'a1', job: 'node', team: 'a' }],
      warnings: ['results truncated due to limit'],
    });
    expect(((await json('/api/v1/series?match[]=up&match[]=requests_total&match[]=up')).data as unknown[]).length).toBe(
      4,
    );
    expect((await json('/api/v1/series?match[]=up&start=10&end=5')).data).toEqual([]);
    expect((await json('/api/v1/labels')).data).toEqual(['__name__', 'instance', 'job', 'team', 'utf8.name']);
    expect((await json('/api/v1/labels?limit=2')) as unknown).toEqual({
      status: 'success',
      data: ['__name__', 'instance'],
      warnings: ['results truncated due to limit'],
    });
    expect((await json('/api/v1/label/team/values')).data).toEqual(['a', 'b']);
    expect((await json('/api/v1/label/team/values?match[]={instance="a1"}')).data).toEqual(['a']);
    expect((await json('/api/v1/label/U__utf8_2e_name/values')).data).toEqual(['ü']);
    expect((await json('/api/v1/label/utf8.name/values')).data).toEqual(['ü']);
    expect((await json('/api/v1/label/nope/values')).data).toEqual([]);
  });
});

describe('targets', () => {
  it('are shown with their pools', async () => {
    const { data } = (await json('/api/v1/targets')) as { data: { activeTargets: unknown[] } };
    expect(data).toMatchObject({ droppedTargets: [{ scrapePool: 'empty' }], droppedTargetCounts: { empty: 1 } });
    expect(data.activeTargets[1]).toEqual({
      discoveredLabels: { __address__: 'a1:9100', secret_hint: 'canary-hidden' },
      labels: { instance: 'a1', job: 'node', team: 'a' },
      scrapePool: 'node',
      scrapeUrl: 'http://a1:9100/metrics',
      globalUrl: 'http://a1:9100/metrics',
      lastError: '',
      lastScrape: '2026-11-21T08:36:06.547Z',
      lastScrapeDuration: 0.25,
      health: 'up',
      scrapeInterval: '15s',
      scrapeTimeout: '10s',
    });
    expect((await json('/api/v1/targets?state=active')).data).toMatchObject({
      droppedTargets: [],
      droppedTargetCounts: null,
    });
    expect((await json('/api/v1/targets?state=foo')).data).toEqual({
      activeTargets: [],
      droppedTargets: [],
      droppedTargetCounts: null,
    });
    expect((await json('/api/v1/targets?scrapePool=node')).data).toMatchObject({
      activeTargets: [{ scrapePool: 'node' }],
    });
    expect((await json('/api/v1/scrape_pools')).data).toEqual({ scrapePools: ['canary-hidden', 'empty', 'node'] });
  });

  it('tell of their metrics', async () => {
    expect((await json('/api/v1/metadata')).data).toEqual({
      up: [
        { type: 'gauge', unit: '', help: 'help of node' },
        { type: 'gauge', unit: '', help: 'help of canary-hidden' },
      ],
    });
    expect((await json('/api/v1/metadata?limit_per_metric=1')).data).toEqual({
      up: [{ type: 'gauge', unit: '', help: 'help of node' }],
    });
    expect((await json('/api/v1/metadata?limit=0')).data).toEqual({});
    expect((await json('/api/v1/metadata?metric=down')).data).toEqual({});
    expect((await json('/api/v1/targets/metadata?metric=up&match_target={team="a"}')).data).toEqual([
      { target: { instance: 'a1', job: 'node', team: 'a' }, type: 'gauge', help: 'help of node', unit: '' },
    ]);
    expect((await json('/api/v1/targets/metadata?limit=1')).data).toHaveLength(1);
  });
});

describe('the state of the server', () => {
  it('is shown', async () => {
    expect((await json('/api/v1/status/config')).data).toEqual({ yaml: 'global: {}\n' });
    expect((await json('/api/v1/status/flags')).data).toEqual({ 'web.listen-address': ':9090' });
    expect((await json('/api/v1/status/buildinfo')).data).toMatchObject({ version: '3.5.0', goVersion: 'v20' });
    expect((await json('/api/v1/status/runtimeinfo')).data).toMatchObject({
      startTime: '2026-11-21T07:36:07.547Z',
      serverTime: '2026-11-21T08:36:07.547Z',
      reloadConfigSuccess: true,
      storageRetention: '15d',
      GOMAXPROCS: expect.any(Number) as number,
    });
    expect((await json('/api/v1/status/walreplay')).data).toEqual({ min: 0, max: 3, current: 2 });
    expect((await json('/api/v1/status/tsdb?limit=2')).data).toMatchObject({ seriesCountByMetricName: [{ value: 2 }] });
    expect((await json('/api/v1/features')).data).toEqual({ api: { admin: true } });
    expect((await json('/api/v1/notifications')).data).toEqual([]);
    expect((await json('/api/v1/alertmanagers')).data).toEqual({
      activeAlertmanagers: [{ url: 'http://am:9093/api/v2/alerts' }],
      droppedAlertmanagers: [],
    });
    expect(JSON.parse((await ask('/version')).body)).toMatchObject({ version: '3.5.0' });
  });
});

describe('administration', () => {
  const change = async (url: string, on = api) => {
    const response = await on.server.inject({ method: 'POST', url, headers: bearer(tokens.admin) });
    return [response.statusCode, response.body];
  };

  it('deletes, cleans and takes snapshots', async () => {
    api.calls.length = 0;
    expect(await change('/api/v1/admin/tsdb/delete_series?match[]=up&match[]={a=~"b"}&start=1&end=2')).toEqual([
      204,
      '',
    ]);
    expect(await change('/api/v1/admin/tsdb/clean_tombstones')).toEqual([204, '']);
    expect(await change('/api/v1/admin/tsdb/snapshot?skip_head=true')).toEqual([
      200,
      '{"status":"success","data":{"name":"20261121T083607Z-1"}}',
    ]);
    expect(api.calls).toEqual(['delete 1000 2000 __name__="up"', 'delete 1000 2000 a=~"b"', 'clean', 'snapshot true']);
  });

  it('deletes nothing when one of several selectors is wrong', async () => {
    api.calls.length = 0;
    expect((await change('/api/v1/admin/tsdb/delete_series?match[]=up&match[]={'))[0]).toBe(400);
    expect((await change('/api/v1/admin/tsdb/delete_series'))[0]).toBe(400);
    expect((await change('/api/v1/admin/tsdb/snapshot?skip_head=maybe'))[0]).toBe(400);
    expect(api.calls).toEqual([]);
  });

  it('is behind flags', async () => {
    const gated = await startApi({ services: { enableAdminApi: false, enableLifecycle: false } });
    expect(await change('/api/v1/admin/tsdb/snapshot', gated)).toEqual([
      500,
      '{"status":"error","errorType":"unavailable","error":"admin APIs disabled"}',
    ]);
    expect(await change('/-/reload', gated)).toEqual([403, 'Lifecycle API is not enabled.']);
    expect(await change('/-/quit', gated)).toEqual([403, 'Lifecycle API is not enabled.']);
    expect(gated.calls).toEqual([]);
    await gated.close();
  });

  it('says why a reload failed', async () => {
    const failing = await startApi({
      services: { lifecycle: { reload: () => Promise.reject(new Error('line 3: nonsense')), quit: () => {} } },
    });
    expect(await change('/-/reload', failing)).toEqual([500, 'failed to reload config: line 3: nonsense\n']);
    await failing.close();
  });

  it('ends the process when asked', async () => {
    api.calls.length = 0;
    expect(await change('/-/quit')).toEqual([200, 'Requesting termination... Goodbye!']);
    expect(api.calls).toEqual(['quit']);
  });
});

describe('an agent', () => {
  it('has no data to be asked about, but still asks who one is', async () => {
    const agent = await startApi({ services: { isAgent: true } });
    expect(await ask('/api/v1/query?query=up', tokens.admin, agent)).toMatchObject({
      status: 422,
      body: '{"status":"error","errorType":"execution","error":"unavailable with Prometheus Agent"}',
    });
    expect((await ask('/api/v1/targets', tokens.admin, agent)).status).toBe(200);
    expect((await ask('/api/v1/query?query=up', 'ygr_wrong', agent)).status).toBe(401);
    await agent.close();
  });
});

describe('queries that run', () => {
  it("are listed and stopped: one's own, all by who may debug", async () => {
    const server = await startApi({
      engine: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new QueryError('canceled', 'query was canceled in expression evaluation'));
          });
        }),
    });
    const running = ask('/api/v1/query?query=up', tokens.viewer, server);
    while (server.services.queries.active().length === 0) await new Promise((resolve) => setImmediate(resolve));
    const list = async (token: string) =>
      JSON.parse((await ask('/api/v1/queries', token, server)).body) as { data: { id: string }[] };
    expect((await list(tokens.viewer)).data).toMatchObject([
      { user: 'viewer', query: 'up', state: 'running', time: NOW / 1000 },
    ]);
    expect((await list(tokens.editor)).data).toEqual([]);
    expect((await list(tokens.admin)).data).toHaveLength(1);
    const [{ id }] = (await list(tokens.viewer)).data as [{ id: string }];
    const stop = async (token: string) =>
      (await server.server.inject({ method: 'DELETE', url: `/api/v1/queries/${id}`, headers: bearer(token) }))
        .statusCode;
    expect(await stop(tokens.editor)).toBe(404);
    expect(await stop(tokens.viewer)).toBe(204);
    expect(await stop(tokens.viewer)).toBe(404);
    expect((await running).status).toBe(499);
    await server.close();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessConfig, bearer, NOW, startApi, tokens, type ApiServer } from '../../test/api-server.ts';
import { evaluatedGroups } from '../../test/rule-groups.ts';
import { Labels } from '../model/index.ts';
import { apiRoutes } from './routes.ts';

/** What no answer to team a may hold: it stands in every series, target, rule and alert of team b. */
const CANARY = 'canary-hidden';

let api: ApiServer;
beforeAll(async () => {
  const alert = {
    kind: 'alert',
    alert: 'Down',
    expr: `up{job="${CANARY}"} == 0 or up`,
    forMs: 0,
    keepFiringForMs: 0,
    labels: Labels.EMPTY,
    annotations: Labels.from({ summary: '{{ $labels.team }}' }),
  } as const;
  const hidden = { ...alert, alert: `${CANARY}-alert`, expr: 'hidden' };
  const record = { kind: 'record', record: CANARY, expr: CANARY.replace('-', '_'), labels: Labels.EMPTY } as const;
  const definition = { file: 'rules.yml', intervalMs: 15_000, queryOffsetMs: 0, limit: 0 };
  const groups = await evaluatedGroups(
    [
      { ...definition, name: 'shared', rules: [alert, hidden, record] },
      { ...definition, name: CANARY, rules: [hidden] },
    ],
    { [alert.expr]: [{ team: 'a' }, { team: 'b', job: CANARY }], hidden: [{ team: 'b' }] },
    NOW,
  );
  api = await startApi({ groups });
});
afterAll(() => api.close());

const everything = encodeURIComponent('{__name__=~".+"}');

async function ask(url: string) {
  const response = await api.server.inject({ url, headers: bearer(tokens.teamA) });
  return {
    status: response.statusCode,
    whole: `${JSON.stringify(response.headers)}${response.body}`,
    body: response.body,
  };
}
const data = async (url: string) => (JSON.parse((await ask(url)).body) as { data: unknown }).data;

describe('an identity that sees team a', () => {
  it('finds no byte of team b in any answer of any route', async () => {
    const params = [
      '',
      `?query=${everything}`,
      `?query=${everything}&start=${NOW / 1000 - 60}&end=${NOW / 1000}&step=10`,
      `?match[]=${everything}`,
      `?match[]=${everything}&limit=1`,
      `?query=up{`,
      '?state=any',
      '?limit=1000',
      '?type=alert',
      `?match_target=${everything}`,
      '?metric=up',
    ];
    const urls = apiRoutes(api.services)
      .filter(({ effect, permission }) => effect === 'read' && permission !== 'config.read')
      .flatMap(({ path }) => ['job', '__name__', 'team', 'instance'].map((name) => path.replace(':name', name)));
    let answered = 0;
    for (const url of new Set(urls)) {
      for (const param of params) {
        const { status, whole } = await ask(url + param);
        expect([url + param, whole.includes(CANARY)]).toEqual([url + param, false]);
        if (status === 200) answered++;
      }
    }
    // The test is worth something only if most of these are answers.
    expect(answered).toBeGreaterThan(60);
  });

  it('finds what is its own', async () => {
    expect(await data(`/api/v1/series?match[]=${everything}`)).toHaveLength(2);
    expect(await data('/api/v1/label/team/values')).toEqual(['a']);
    expect(await data('/api/v1/targets')).toMatchObject({
      activeTargets: [{ scrapePool: 'node', discoveredLabels: {}, labels: { team: 'a' } }],
      droppedTargets: [],
      droppedTargetCounts: {},
    });
    expect(await data('/api/v1/scrape_pools')).toEqual({ scrapePools: ['node'] });
    expect(await data('/api/v1/metadata')).toEqual({ up: [{ type: 'gauge', unit: '', help: 'help of node' }] });
    expect(await data('/api/v1/alerts')).toMatchObject({ alerts: [{ labels: { alertname: 'Down', team: 'a' } }] });
    expect((await ask(`/federate?match[]=${everything}`)).body).toContain(
      'up{instance="a1",job="node",team="a",region="eu"} 1',
    );
  });

  it('sees an alerting rule by its alerts only, without its expression', async () => {
    expect(await data('/api/v1/rules')).toMatchObject({
      groups: [
        { name: 'shared', rules: [{ name: 'Down', query: '', state: 'firing', alerts: [{ labels: { team: 'a' } }] }] },
      ],
    });
  });

  it('counts what it sees where it may ask for numbers', async () => {
    expect((await ask('/api/v1/status/tsdb')).status).toBe(403);
    await api.access.reconfigure({
      file: {
        ...accessConfig,
        roles: { ops: ['viewer', 'config.read'] },
        bindings: [{ token: 'teamA', role: 'ops', scope: ['{team="a"}'] }],
      },
    });
    const { whole } = await ask('/api/v1/status/tsdb');
    expect(whole).not.toContain(CANARY);
    expect(await data('/api/v1/status/tsdb?limit=2')).toMatchObject({
      headStats: { numSeries: 2, numLabelPairs: 6 },
      seriesCountByMetricName: [
        { name: 'requests_total', value: 1 },
        { name: 'up', value: 1 },
      ],
      labelValueCountByLabelName: [{ name: '__name__', value: 2 }, { value: 1 }],
      seriesCountByLabelValuePair: [{ value: 2 }, { value: 2 }],
    });
    await api.access.reconfigure({ file: accessConfig });
  });
});

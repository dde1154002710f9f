import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, NOW, startApi, tokens, type ApiServer } from '../../test/api-server.ts';
import { evaluatedGroups } from '../../test/rule-groups.ts';
import { Labels } from '../model/index.ts';
import type { GroupDefinition } from '../rules/index.ts';
import { exponentForm } from './rules.ts';
import { goTime } from './times.ts';

const group = (name: string, rules: GroupDefinition['rules']): GroupDefinition => ({
  file: 'rules.yml',
  name,
  intervalMs: 15_000,
  queryOffsetMs: 0,
  limit: 0,
  rules,
});
const alert = (name: string, expr: string, labels = {}) =>
  ({
    kind: 'alert',
    alert: name,
    expr,
    forMs: 0,
    keepFiringForMs: 60_000,
    labels: Labels.from(labels),
    annotations: Labels.from({ summary: '{{ $labels.team }} is down' }),
  }) as const;
const record = (name: string, expr: string, labels = {}) =>
  ({ kind: 'record', record: name, expr, labels: Labels.from(labels) }) as const;

let api: ApiServer;
beforeAll(async () => {
  const groups = await evaluatedGroups(
    [
      group('g1', [
        record('job:up:sum', 'sum(up)by(job)', { a: 'b' }),
        alert('Down', 'up==0', { severity: 'page' }),
        alert('Never', 'up == 3'),
        record('broken', 'nothing'),
      ]),
      group('g2', [record('two', 'up')]),
      group('g3', [alert('Three', 'up == 3')]),
    ],
    { 'sum(up)by(job)': [{ job: 'x' }], 'up==0': [{ team: 'a' }, { team: 'b' }], 'up == 3': [], up: [{ job: 'x' }] },
    NOW,
  );
  api = await startApi({ groups });
});
afterAll(() => api.close());

interface Listed {
  readonly groups: readonly { readonly name: string; readonly rules: readonly { readonly name: string }[] }[];
  readonly groupNextToken?: string;
}
async function rules(params = ''): Promise<Listed> {
  const response = await api.server.inject({ url: `/api/v1/rules${params}`, headers: bearer(tokens.admin) });
  return response.json<{ data: Listed }>().data;
}
const names = (listed: Listed) => listed.groups.map((g) => [g.name, ...g.rules.map((r) => r.name)].join(' '));

describe('rules', () => {
  it('have the shape Prometheus gives them', async () => {
    const { groups } = await rules();
    const time = '2026-11-21T08:36:07.547Z';
    const ending = { health: 'ok', evaluationTime: 0, lastEvaluation: time };
    expect(groups[0]).toEqual({
      name: 'g1',
      file: 'rules.yml',
      interval: 15,
      limit: 0,
      evaluationTime: 0,
      lastEvaluation: time,
      rules: [
        { name: 'job:up:sum', query: 'sum by (job) (up)', labels: { a: 'b' }, ...ending, type: 'recording' },
        {
          state: 'firing',
          name: 'Down',
          query: 'up == 0',
          duration: 0,
          keepFiringFor: 60,
          labels: { severity: 'page' },
          annotations: { summary: '{{ $labels.team }} is down' },
          alerts: ['a', 'b'].map((team) => ({
            labels: { alertname: 'Down', severity: 'page', team },
            annotations: { summary: `${team} is down` },
            state: 'firing',
            activeAt: time,
            value: '1.25e+01',
          })),
          ...ending,
          type: 'alerting',
        },
        {
          state: 'inactive',
          name: 'Never',
          query: 'up == 3',
          duration: 0,
          keepFiringFor: 60,
          labels: {},
          annotations: { summary: '{{ $labels.team }} is down' },
          alerts: [],
          ...ending,
          type: 'alerting',
        },
        {
          name: 'broken',
          query: 'nothing',
          ...ending,
          health: 'err',
          lastError: 'no data for nothing',
          type: 'recording',
        },
      ],
    });
  });

  it('are filtered', async () => {
    expect(names(await rules())).toEqual(['g1 job:up:sum Down Never broken', 'g2 two', 'g3 Three']);
    expect(names(await rules('?type=alert'))).toEqual(['g1 Down Never', 'g3 Three']);
    expect(names(await rules('?type=Record'))).toEqual(['g1 job:up:sum broken', 'g2 two']);
    expect(names(await rules('?rule_name[]=Never&rule_name[]=two'))).toEqual(['g1 Never', 'g2 two']);
    expect(names(await rules('?rule_group[]=g3'))).toEqual(['g3 Three']);
    expect(names(await rules('?file[]=other.yml'))).toEqual([]);
    expect(names(await rules('?match[]={severity="page"}&match[]={a="b"}'))).toEqual(['g1 job:up:sum Down']);
    expect((await rules('?rule_name[]=Down&exclude_alerts=TRUE')).groups[0]!.rules[0]).toMatchObject({ alerts: null });
  });

  it('come in pages', async () => {
    const seen: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < 5; page++) {
      const listed = await rules(`?group_limit=1${token === undefined ? '' : `&group_next_token=${token}`}`);
      seen.push(...names(listed));
      token = listed.groupNextToken;
      if (token === undefined) break;
      expect(token).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(seen).toEqual(['g1 job:up:sum Down Never broken', 'g2 two', 'g3 Three']);
  });
});

describe('alerts', () => {
  it('are those of all rules', async () => {
    const response = await api.server.inject({ url: '/api/v1/alerts', headers: bearer(tokens.admin) });
    const { alerts } = response.json<{ data: { alerts: { labels: unknown }[] } }>().data;
    expect(alerts.map(({ labels }) => labels)).toEqual([
      { alertname: 'Down', severity: 'page', team: 'a' },
      { alertname: 'Down', severity: 'page', team: 'b' },
    ]);
  });

  it.each([
    [0, '0e+00'],
    [-0, '-0e+00'],
    [1, '1e+00'],
    [12.5, '1.25e+01'],
    [1e-7, '1e-07'],
    [1e100, '1e+100'],
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ])('write %d as %s', (value, text) => {
    expect(exponentForm(value)).toBe(text);
  });
});

describe('a time', () => {
  it.each([
    [0, '0001-01-01T00:00:00Z'],
    [1_700_000_000_000, '2023-11-14T22:13:20Z'],
    [1_700_000_000_500, '2023-11-14T22:13:20.5Z'],
    [1_700_000_000_050, '2023-11-14T22:13:20.05Z'],
    [1_699_999_800_123, '2023-11-14T22:10:00.123Z'],
    [1_699_999_200_000, '2023-11-14T22:00:00Z'],
  ])('%d is written as Go writes it: %s', (ms, text) => {
    expect(goTime(ms)).toBe(text);
  });
});

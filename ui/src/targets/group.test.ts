import { expect, it } from 'vitest';
import { type ActiveTarget, type Targets } from '../api/index.ts';
import { groupTargets } from './group.ts';

const target = (
  scrapePool: string,
  instance: string,
  health: ActiveTarget['health'],
  lastError = '',
): ActiveTarget => ({
  discoveredLabels: { __address__: instance },
  labels: { instance, job: scrapePool },
  scrapePool,
  scrapeUrl: `http://${instance}/metrics`,
  globalUrl: `http://${instance}/metrics`,
  lastError,
  lastScrape: '',
  lastScrapeDuration: 0,
  health,
  scrapeInterval: '15s',
  scrapeTimeout: '10s',
});

const answer: Targets = {
  activeTargets: [
    target('node', 'b:9100', 'up'),
    target('node', 'a:9100', 'down', 'connection refused'),
    target('api', 'c:80', 'unknown'),
  ],
  droppedTargets: [{ discoveredLabels: { job: 'node', __address__: 'x:1' } }],
  droppedTargetCounts: { node: 7, api: 0 },
};
const names = (pools: ReturnType<typeof groupTargets>) =>
  pools.map((p) => `${p.name}:${p.targets.map((t) => t.labels.instance).join(',')}`);

it('groups by pool and counts', () => {
  const pools = groupTargets(answer, { health: 'any', text: '' });
  expect(names(pools)).toEqual(['api:c:80', 'node:b:9100,a:9100']);
  expect(pools[1]).toMatchObject({ counts: { up: 1, down: 1, unknown: 0 }, droppedCount: 7 });
  expect(pools[1]?.dropped).toHaveLength(1);
});

it('filters by health, then shows nothing that was dropped', () => {
  const pools = groupTargets(answer, { health: 'down', text: '' });
  expect(names(pools)).toEqual(['node:a:9100']);
  expect(pools[0]).toMatchObject({ dropped: [], droppedCount: 0 });
});

it.each([
  ['REFUSED', ['node:a:9100']],
  ['instance="b:9100"', ['node:b:9100']],
  ['job=api', ['api:c:80']],
  ['node 9100 b:', ['node:b:9100']],
  ['x:1', ['node:']],
  ['nothing', []],
])('finds %j', (text, found) => {
  expect(names(groupTargets(answer, { health: 'any', text }))).toEqual(found);
});

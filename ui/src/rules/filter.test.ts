import { expect, it } from 'vitest';
import { type Rule, type RuleGroup } from '../api/index.ts';
import { filterGroups } from './filter.ts';

const base = {
  query: 'up == 0',
  labels: { severity: 'page' },
  health: 'ok',
  evaluationTime: 0,
  lastEvaluation: '',
} as const;
const alert: Rule = { ...base, type: 'alerting', name: 'Down', state: 'inactive', duration: 0, keepFiringFor: 0 };
const record: Rule = { ...base, type: 'recording', name: 'job:up:sum', query: 'sum(up)', health: 'err' };
const group = (name: string, rules: Rule[]): RuleGroup => ({
  name,
  file: '/etc/rules.yml',
  interval: 15,
  evaluationTime: 0,
  lastEvaluation: '',
  rules,
});
const groups = [group('node', [alert, record]), group('api', [record])];

const all = { kind: 'any', onlyFailing: false, text: '' } as const;
const names = (filter: Parameters<typeof filterGroups>[1]) =>
  filterGroups(groups, filter).map((g) => `${g.name}:${g.rules.map((r) => r.name).join(',')}`);

it('shows everything without a filter', () => {
  expect(names(all)).toEqual(['node:Down,job:up:sum', 'api:job:up:sum']);
});

it('filters by kind and by failure', () => {
  expect(names({ ...all, kind: 'alerting' })).toEqual(['node:Down']);
  expect(names({ ...all, onlyFailing: true })).toEqual(['node:job:up:sum', 'api:job:up:sum']);
});

it.each([
  ['down', ['node:Down']],
  ['API sum', ['api:job:up:sum']],
  ['page ==', ['node:Down']],
  ['nothing', []],
])('finds %j', (text, found) => {
  expect(names({ ...all, text })).toEqual(found);
});

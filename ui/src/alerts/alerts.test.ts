import { expect, it } from 'vitest';
import { type AlertInstance, type RuleGroup } from '../api/index.ts';
import { alertsOfInstances, alertsOfRules, filterAlerts } from './alerts.ts';

const instance = (alertname: string, pod: string, state: AlertInstance['state']): AlertInstance => ({
  labels: { alertname, pod },
  annotations: { summary: `About ${pod}` },
  state,
  value: '1e+00',
});
const rule = (name: string, state: AlertInstance['state'], alerts: AlertInstance[] = []) => ({
  type: 'alerting' as const,
  name,
  query: 'up == 0',
  health: 'ok' as const,
  evaluationTime: 0,
  lastEvaluation: '',
  state,
  duration: 0,
  keepFiringFor: 0,
  alerts,
});
const groups: RuleGroup[] = [
  {
    name: 'g',
    file: 'f',
    interval: 1,
    evaluationTime: 0,
    lastEvaluation: '',
    rules: [
      rule('Quiet', 'inactive'),
      rule('Slow', 'pending', [instance('Slow', 'zeta', 'pending')]),
      rule('Down', 'firing', [instance('Down', 'b', 'pending'), instance('Down', 'c', 'firing')]),
    ],
  },
];
const names = (alerts: ReturnType<typeof alertsOfRules>) =>
  alerts.map((a) => `${a.name}:${a.instances.map((i) => i.labels.pod).join(',')}`);
const every = new Set(['firing', 'pending', 'inactive'] as const);

it('lists firing alerts and instances first', () => {
  expect(names(alertsOfRules(groups))).toEqual(['Down:c,b', 'Slow:zeta', 'Quiet:']);
});

it('lists bare instances by their names', () => {
  const list = [instance('Slow', 'zeta', 'pending'), instance('Down', 'b', 'pending'), instance('Down', 'c', 'firing')];
  expect(names(alertsOfInstances(list))).toEqual(['Down:c,b', 'Slow:zeta']);
  expect(alertsOfInstances(list)[0]?.state).toBe('firing');
});

it.each([
  ['', ['Down:c,b', 'Slow:zeta', 'Quiet:']],
  ['down', ['Down:c,b']],
  ['pod=b', ['Down:b']],
  ['about ZETA', ['Slow:zeta']],
  ['down c', ['Down:c']],
  ['nothing', []],
])('finds %j', (text, found) => {
  expect(names(filterAlerts(alertsOfRules(groups), { states: every, text }))).toEqual(found);
});

it('filters by state', () => {
  const filter = { states: new Set(['pending'] as const), text: '' };
  expect(names(filterAlerts(alertsOfRules(groups), filter))).toEqual(['Slow:zeta']);
});

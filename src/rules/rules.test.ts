import { describe, expect, it } from 'vitest';
import { Labels, type SampleColumn } from '../model/index.ts';
import { ManualClock, Registry, silentLogger } from '../runtime/index.ts';
import { ACCEPTED, type Appendable, type Queryable, type Series } from '../storage/index.ts';
import {
  RuleManager,
  type AlertNotice,
  type GroupDefinition,
  type InstantSample,
  type RuleDefinition,
} from './index.ts';

const MINUTE = 60_000;

/** A server around the rules: results come from `answer`, what is written and told lands in lists. */
function harness(answer: (expr: string, t: number) => readonly [labels: Record<string, string>, value: number][]) {
  const clock = new ManualClock(1_000_000_000);
  const written: string[] = [];
  const notices: AlertNotice[] = [];
  const stored: Series[] = [];
  const appendable: Appendable = {
    appender: () => {
      const staged: string[] = [];
      const series: Labels[] = [];
      return {
        series: (labels) => series.push(labels),
        append: (ref, t, v) => {
          staged.push(`${series[ref - 1]} ${v} @${(t - 1_000_000_000) / 1000}`);
          return ACCEPTED;
        },
        appendStale: (ref, t) => {
          staged.push(`${series[ref - 1]} stale @${(t - 1_000_000_000) / 1000}`);
          return ACCEPTED;
        },
        appendHistogram: () => ACCEPTED,
        appendExemplar: () => true,
        updateMetadata: () => {},
        commit: () => void written.push(...staged),
        rollback: () => {},
      };
    },
  };
  const queryable: Queryable = {
    querier: (mint, maxt) => ({
      mint,
      maxt,
      select: () => ({ series: stored, warnings: [] }),
      labelNames: () => ({ values: [], warnings: [] }),
      labelValues: () => ({ values: [], warnings: [] }),
      close: () => {},
    }),
  };
  const registry = new Registry();
  const manager = new RuleManager({
    clock,
    logger: silentLogger,
    registry,
    appendable,
    queryable,
    evaluate: async (expr, t) => {
      await Promise.resolve();
      return answer(expr, t).map(([labels, v]): InstantSample => ({ labels: Labels.from(labels), t, v }));
    },
    expand: async (_name, template, { value }) => Promise.resolve(template.replace('{{ $value }}', String(value))),
    notify: (list) => notices.push(...list),
    restore: { outageToleranceMs: 60 * MINUTE, gracePeriodMs: 10 * MINUTE },
    resendDelayMs: MINUTE,
  });
  const take = () => written.splice(0).map((line) => line.replace(/ @.*/, ''));
  return { clock, written, notices, stored, manager, registry, take };
}

const group = (rules: readonly RuleDefinition[], more: Partial<GroupDefinition> = {}): GroupDefinition => ({
  file: 'a.yml',
  name: 'g',
  intervalMs: MINUTE,
  queryOffsetMs: 0,
  limit: 0,
  rules,
  ...more,
});

const record = (name: string, expr: string, labels = {}): RuleDefinition => ({
  kind: 'record',
  record: name,
  expr,
  labels: Labels.from(labels),
});

const alert = (
  name: string,
  expr: string,
  more: Partial<Extract<RuleDefinition, { kind: 'alert' }>> = {},
): RuleDefinition => ({
  kind: 'alert',
  alert: name,
  expr,
  forMs: 0,
  keepFiringForMs: 0,
  labels: Labels.EMPTY,
  annotations: Labels.EMPTY,
  ...more,
});

describe('recording rules', () => {
  it('store the result under the new name with the rule labels', async () => {
    const h = harness(() => [[{ __name__: 'up', job: 'a' }, 2]]);
    await h.manager.apply([group([record('job:up', 'up', { team: 'x' })])]);
    await h.clock.advance(MINUTE);
    expect(h.take()).toEqual(['{__name__="job:up", job="a", team="x"} 2']);
  });

  it('mark a series stale that the next evaluation no longer gives', async () => {
    let jobs = ['a', 'b'];
    const h = harness(() => jobs.map((job) => [{ job }, 1]));
    await h.manager.apply([group([record('r', 'x')])]);
    await h.clock.advance(MINUTE);
    jobs = ['a'];
    h.take();
    await h.clock.advance(MINUTE);
    expect(h.take()).toEqual(['{__name__="r", job="a"} 1', '{__name__="r", job="b"} stale']);
  });

  it('fail as a whole when two results get the same labels', async () => {
    const h = harness(() => [
      [{ team: '1' }, 1],
      [{ team: '2' }, 2],
    ]);
    await h.manager.apply([group([record('r', 'x', { team: 'x' })])]);
    await h.clock.advance(MINUTE);
    expect(h.take()).toEqual([]);
    const { status } = h.manager.groups[0]!.rules[0]!;
    expect(status.health).toBe('err');
    expect(status.lastError).toBe('vector contains metrics with the same labelset after applying rule labels');
  });

  it('discard everything above the limit', async () => {
    const h = harness(() => [
      [{ a: '1' }, 1],
      [{ a: '2' }, 2],
    ]);
    await h.manager.apply([group([record('r', 'x')], { limit: 1 })]);
    await h.clock.advance(MINUTE);
    expect(h.take()).toEqual([]);
    expect(h.manager.groups[0]!.rules[0]!.status.lastError).toBe('exceeded limit of 1 with 2 series');
  });

  it('evaluate and store earlier by the query offset', async () => {
    const h = harness((_expr, t) => [[{}, t % MINUTE]]);
    await h.manager.apply([group([record('r', 'x')], { queryOffsetMs: 5000 })]);
    await h.clock.advance(MINUTE);
    const at = Number(/@(.*)$/.exec(h.written[0]!)![1]);
    const tick = h.manager.groups[0]!.rules[0]!.status.lastEvaluationMs / 1000 - 1_000_000;
    expect(tick - at).toBeCloseTo(5, 6);
  });
});

describe('alerting rules', () => {
  it('go from pending to firing once the condition has held for the time', async () => {
    const h = harness(() => [[{ __name__: 'up', job: 'a' }, 0]]);
    await h.manager.apply([
      group([alert('Down', 'up == 0', { forMs: 2 * MINUTE, annotations: Labels.from({ v: 'is {{ $value }}' }) })]),
    ]);
    await h.clock.advance(MINUTE);
    const rule = h.manager.groups[0]!.rules[0]!;
    if (rule.kind !== 'alert') throw new Error('not an alert');
    expect(rule.state).toBe('pending');
    await h.clock.advance(MINUTE);
    expect(rule.state).toBe('pending');
    expect(h.notices).toEqual([]);
    await h.clock.advance(MINUTE);
    expect(rule.state).toBe('firing');
    expect(h.notices.map((n) => [String(n.labels), n.annotations.get('v')])).toEqual([
      ['{alertname="Down", job="a"}', 'is 0'],
    ]);
    expect(h.notices[0]!.endsAtMs - h.clock.now()).toBeLessThanOrEqual(4 * MINUTE);
  });

  it('write ALERTS and ALERTS_FOR_STATE while active, and staleness when over', async () => {
    let down = true;
    const h = harness(() => (down ? [[{ job: 'a' }, 0]] : []));
    await h.manager.apply([group([alert('Down', 'x')])]);
    await h.clock.advance(MINUTE);
    // The first evaluation comes before the state is restored and writes nothing that would overwrite it.
    expect(h.take()).toEqual([]);
    await h.clock.advance(MINUTE);
    expect(h.take().map((l) => l.replace(/ \d+$/, ''))).toEqual([
      '{__name__="ALERTS", alertname="Down", alertstate="firing", job="a"}',
      '{__name__="ALERTS_FOR_STATE", alertname="Down", job="a"}',
    ]);
    down = false;
    await h.clock.advance(MINUTE);
    expect(h.take().every((line) => line.endsWith('stale'))).toBe(true);
    const resolved = h.notices.at(-1)!;
    expect(resolved.endsAtMs).toBeLessThanOrEqual(h.clock.now());
  });

  it('keep firing for a while after the condition is gone', async () => {
    let down = true;
    const h = harness(() => (down ? [[{}, 0]] : []));
    await h.manager.apply([group([alert('Down', 'x', { keepFiringForMs: 2 * MINUTE })])]);
    await h.clock.advance(MINUTE);
    down = false;
    const rule = h.manager.groups[0]!.rules[0]!;
    const states: string[] = [];
    for (let i = 0; i < 4; i++) {
      await h.clock.advance(MINUTE);
      if (rule.kind === 'alert') states.push(rule.state);
    }
    expect(states).toEqual(['firing', 'firing', 'inactive', 'inactive']);
  });

  it('are told again after the resend delay, not before', async () => {
    const h = harness(() => [[{}, 0]]);
    await h.manager.apply([group([alert('Down', 'x')], { intervalMs: 30_000 })]);
    await h.clock.advance(5 * MINUTE);
    // Every 30 s an evaluation, but 60 s must have passed: every third one.
    expect(h.notices.length).toBe(4);
  });

  it('drop all alerts of a rule that exceeds the limit', async () => {
    const h = harness(() => [
      [{ a: '1' }, 1],
      [{ a: '2' }, 2],
    ]);
    await h.manager.apply([group([alert('Down', 'x')], { limit: 1 })]);
    await h.clock.advance(MINUTE);
    const rule = h.manager.groups[0]!.rules[0]!;
    expect(rule.status.lastError).toBe('exceeded limit of 1 with 2 alerts');
    expect(rule.kind === 'alert' && rule.state).toBe('inactive');
  });

  it('get back the time they had been pending before a restart, without the outage', async () => {
    const h = harness(() => [[{ job: 'a' }, 0]]);
    const now = h.clock.now();
    // Pending for 20 of 30 minutes when the process died 5 minutes ago.
    h.stored.push({
      labels: Labels.from({ __name__: 'ALERTS_FOR_STATE', alertname: 'Down', job: 'a' }),
      read: (column: SampleColumn) => {
        column.pushFloat(now - 5 * MINUTE, (now - 25 * MINUTE) / 1000);
      },
    });
    await h.manager.apply([group([alert('Down', 'x', { forMs: 30 * MINUTE })])]);
    await h.clock.advance(MINUTE);
    const rule = h.manager.groups[0]!.rules[0]!;
    if (rule.kind !== 'alert') throw new Error('not an alert');
    const [active] = rule.activeAlerts();
    const tick = rule.status.lastEvaluationMs;
    expect(tick - active!.activeAtMs).toBe(20 * MINUTE);
  });
});

describe('reload', () => {
  it('leaves an unchanged group alone and keeps alerts of a changed one', async () => {
    const h = harness(() => [[{}, 0]]);
    const other = group([record('r', 'x')], { name: 'other' });
    await h.manager.apply([group([alert('Down', 'x', { forMs: 5 * MINUTE })]), other]);
    await h.clock.advance(2 * MINUTE);
    const [, unchanged] = h.manager.groups;
    await h.manager.apply([group([alert('Down', 'x', { forMs: 5 * MINUTE }), record('more', 'y')]), other]);
    expect(h.manager.groups[1]).toBe(unchanged);
    const rule = h.manager.groups[0]!.rules[0]!;
    expect(rule.kind === 'alert' && rule.state).toBe('pending');
    await h.clock.advance(4 * MINUTE);
    expect(rule.kind === 'alert' && rule.state).toBe('firing');
  });

  it('marks the series of a removed group stale', async () => {
    const h = harness(() => [[{}, 1]]);
    await h.manager.apply([group([record('r', 'x')])]);
    await h.clock.advance(MINUTE);
    h.take();
    await h.manager.apply([]);
    expect(h.take()).toEqual(['{__name__="r"} stale']);
    await h.clock.advance(3 * MINUTE);
    expect(h.take()).toEqual([]);
  });

  it('counts evaluations and failures by group and forgets a removed one', async () => {
    const h = harness(() => {
      throw new Error('boom');
    });
    await h.manager.apply([group([record('r', 'x')])]);
    await h.clock.advance(2 * MINUTE);
    const value = (name: string) => h.registry.collect().find((f) => f.name === name)?.samples[0]?.value;
    expect(value('prometheus_rule_evaluation_failures_total')).toBe(2);
    await h.manager.apply([]);
    expect(value('prometheus_rule_evaluation_failures_total')).toBeUndefined();
  });
});

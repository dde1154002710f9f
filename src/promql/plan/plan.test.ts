import { describe, expect, it } from 'vitest';
import { explainQuery } from './plan.ts';
import type { PlanContext } from './node.ts';

const MINUTE = 60_000;

/** A range query over ten minutes, a step a minute. */
const overTenMinutes: PlanContext = {
  startMs: 0,
  endMs: 10 * MINUTE,
  stepMs: MINUTE,
  lookbackMs: 5 * MINUTE,
  defaultSubqueryStepMs: () => MINUTE,
  delayedNameRemoval: false,
  keepsAllLabels: false,
};

const language = { enableExperimentalFunctions: true, enableExtendedRangeSelectors: true };

/** The plan's lines, without the selects unless asked for. */
function plan(query: string, context: Partial<PlanContext> = {}): string[] {
  const lines = explainQuery(query, { ...overTenMinutes, ...context }, language).split('\n');
  return lines.filter((line) => !line.startsWith('select '));
}

function selects(query: string, context: Partial<PlanContext> = {}): string[] {
  const lines = explainQuery(query, { ...overTenMinutes, ...context }, language).split('\n');
  return lines.filter((line) => line.startsWith('select '));
}

describe('a plan', () => {
  it('prints as a tree, selects last', () => {
    expect(
      explainQuery('sum by (job) (rate(http_requests_total{job="a"}[5m])) / 2', overTenMinutes).split('\n'),
    ).toEqual([
      '/',
      '  sum by (job)',
      '    rate',
      '      matrix {__name__="http_requests_total",job="a"}[5m] labels only (job) from 0',
      '  2',
      'select 0: {__name__="http_requests_total",job="a"} from -299999 to 600000 for rate labels only (job)',
    ]);
  });

  it('has no parentheses, and numbers for what is known of the query', () => {
    expect(plan('((start()))')).toEqual(['0']);
    expect(plan('end() - start()')).toEqual(['600']);
    expect(plan('range() / step()')).toEqual(['10']);
    expect(plan('step()', { endMs: 0, stepMs: 0 })).toEqual(['0']);
    expect(plan('rate(x[step() * 2])')).toEqual(['rate', '  matrix {__name__="x"}[2m] from 0']);
    expect(plan('x offset (range() - 1m)')).toEqual(['vector {__name__="x"} offset 9m from 0']);
  });

  it('refuses durations without sense', () => {
    expect(() => plan('rate(x[step() - 60s])')).toThrow(/duration must be greater than 0/);
    expect(() => plan('x offset (1 / 0)')).toThrow(/division by zero/);
  });
});

describe('constant folding', () => {
  it('computes arithmetic, comparisons and signs between numbers, as Go does', () => {
    expect(plan('2 * 3600')).toEqual(['7200']);
    expect(plan('-2 ^ 2')).toEqual(['-4']);
    expect(plan('1 ^ NaN')).toEqual(['1']);
    expect(plan('3 > bool 2')).toEqual(['1']);
    expect(plan('-5 % 3')).toEqual(['-2']);
    expect(plan('pi() > bool 3')).toEqual(['1']);
  });

  it('stops at what varies', () => {
    expect(plan('time() + (1 + 1)')).toEqual(['+', '  time', '  2']);
  });
});

describe('hoisting', () => {
  it('wraps the largest part that is the same at every step', () => {
    expect(plan('sum(abs(x @ 60)) + y')).toEqual([
      '+',
      '  invariant',
      '    sum',
      '      abs',
      '        vector {__name__="x"} @ 60.000 from 0',
      '  vector {__name__="y"} from 1',
    ]);
    expect(plan('x @ start()')[0]).toBe('invariant');
    expect(plan('rate(x[5m] @ end())')[0]).toBe('invariant');
  });

  it('leaves what depends on the step though its arguments do not', () => {
    expect(plan('predict_linear(x[5m] @ 60, 10)')[0]).toBe('predict_linear');
    expect(plan('timestamp(abs(x @ 60))')).toEqual([
      'timestamp',
      '  invariant',
      '    abs',
      '      vector {__name__="x"} @ 60.000 from 0',
    ]);
    expect(plan('timestamp(x @ 60)')[0]).toBe('invariant');
    expect(plan('hour()')[0]).toBe('hour');
  });

  it('wraps inside subqueries for their own steps', () => {
    expect(plan('sum_over_time((x @ 60)[5m:1m])').slice(0, 3)).toEqual([
      'sum_over_time',
      '  subquery [5m:1m]',
      '    invariant',
    ]);
  });
});

describe('matcher propagation', () => {
  it('narrows both sides of a join on all labels', () => {
    expect(plan('a{job="x"} / b{env="y"}').slice(1)).toEqual([
      '  vector {__name__="a",env="y",job="x"} from 0',
      '  vector {__name__="b",env="y",job="x"} from 1',
    ]);
  });

  it('narrows by the labels that have to match only', () => {
    expect(plan('a{job="x",env="y"} and on (job) b')[2]).toBe('  vector {__name__="b",job="x"} from 1');
    expect(plan('a{job="x",env="y"} unless ignoring (env) b')[2]).toBe('  vector {__name__="b",job="x"} from 1');
  });

  it('narrows the "many" side, whose lone series are nobody\'s error', () => {
    expect(plan('a * on (job) group_left b{job="x"}').slice(1)).toEqual([
      '  vector {__name__="a",job="x"} from 0',
      '  vector {__name__="b",job="x"} from 1',
    ]);
    expect(plan('a{job="x"} * on (job) group_left b')[2]).toBe('  vector {__name__="b"} from 1');
  });

  it('narrows nothing where it could change the result, an error or an annotation', () => {
    for (const query of [
      'a{job="x"} or b',
      'a{job="x"} / on (job) b',
      'a{job="x"} / sum by (job) (b)',
      'a{job="x"} / {__name__=~"b"}',
      'a_total{job="x"} / rate(b[5m])',
    ]) {
      expect(plan(query).at(-1)).not.toContain('job="x"');
    }
    expect(plan('a_total{job="x"} / rate(b_total[5m])').at(-1)).toContain('job="x"');
  });
});

describe('label projection', () => {
  it('tells the storage which labels an aggregation looks at', () => {
    expect(plan('sum by (job, env) (x)')[1]).toContain(' labels only (env, job)');
    expect(plan('max without (pod) (rate(x[5m]))')[2]).toContain(' labels but (pod)');
    expect(plan('count(x)')[1]).toContain(' labels only ()');
  });

  it('leaves labels whole where anything else may look at them', () => {
    const subquery = 'sum(max_over_time(rate(x[5m])[5m:1m]))';
    for (const query of ['topk(1, x)', 'sum(abs(x))', 'sum({__name__=~"x"})', 'sum(x + 1)', subquery]) {
      expect(plan(query).join('\n')).not.toContain('labels');
    }
    // Another selector needs them: both read the same.
    expect(selects('x / on (job) group_left sum by (job) (x)')).toEqual([
      'select 0: {__name__="x"} from -299999 to 600000',
    ]);
    expect(plan('sum(x)', { keepsAllLabels: true }).join('\n')).not.toContain('labels');
  });
});

describe('selects', () => {
  it('cover what the steps can look at: windows are left-open', () => {
    expect(selects('x')).toEqual(['select 0: {__name__="x"} from -299999 to 600000']);
    expect(selects('rate(x[2m] offset 1m)')).toEqual(['select 0: {__name__="x"} from -179999 to 540000 for rate']);
    expect(selects('x @ 100')).toEqual(['select 0: {__name__="x"} from -199999 to 100000']);
    expect(selects('rate(x[1m] smoothed)')).toEqual(['select 0: {__name__="x"} from -359999 to 900000 for rate']);
    expect(selects('rate(x[1m] anchored)')).toEqual(['select 0: {__name__="x"} from -359999 to 600000 for rate']);
    expect(selects('sum_over_time(x[10m:1m])')).toEqual([
      'select 0: {__name__="x"} from -839999 to 600000 for sum_over_time',
    ]);
  });

  it('are shared by selectors of the same series over about the same time', () => {
    expect(selects('rate(x[5m]) / rate(x[10m])')).toEqual(['select 0: {__name__="x"} from -599999 to 600000 for rate']);
    expect(selects('x - x offset 1w')).toHaveLength(2);
    expect(selects('x{a="1",b="2"} - x{b="2",a="1"}')).toHaveLength(1);
  });
});

describe('sharing', () => {
  it('makes equal subtrees one', () => {
    expect(plan('sum(x) / (sum(x) + 1)')).toEqual([
      '/',
      '  #1 = sum',
      '    vector {__name__="x"} labels only () from 0',
      '  +',
      '    #1',
      '    1',
    ]);
  });

  it('keeps apart what is not the same', () => {
    expect(plan('sum(x) / sum by (a) (x)').join('\n')).not.toContain('#');
    expect(plan('sum(x) / sum(x offset 1m)').join('\n')).not.toContain('#');
    expect(plan('-x + x').filter((line) => line.includes('#1'))).toHaveLength(2);
  });
});

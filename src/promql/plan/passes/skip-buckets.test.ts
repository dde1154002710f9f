import { describe, expect, it } from 'vitest';
import { parseExpr } from '../../parse/parser.ts';
import { planQuery } from '../plan.ts';
import { printPlan } from '../print.ts';

/** The selectors of a query, as the plan prints them. */
function selectors(query: string): string[] {
  const plan = planQuery(parseExpr(query), {
    startMs: 0,
    endMs: 0,
    stepMs: 0,
    lookbackMs: 300_000,
    defaultSubqueryStepMs: () => 60_000,
    delayedNameRemoval: false,
    keepsAllLabels: false,
  });
  const lines = printPlan(plan).split('\n');
  return lines.filter((line) => /^ *(vector|matrix)/.test(line)).map((line) => line.trim());
}

describe('buckets are left out', () => {
  it('below functions of count and sum, whatever stands between', () => {
    for (const query of ['histogram_count(x)', 'histogram_sum(sum(rate(x[5m]) * 2))', 'histogram_avg(x) + 1']) {
      expect(selectors(query)).toEqual([expect.stringContaining(' without buckets')]);
    }
  });

  it('unless something else looks at them, or a subquery stands above', () => {
    for (const query of [
      'x',
      'histogram_quantile(0.9, x)',
      'histogram_count(x </ 3)',
      'histogram_count(sum_over_time(x[5m:1m]))',
      'sum_over_time(histogram_count(x)[5m:1m])',
    ]) {
      expect(selectors(query)).toEqual([expect.not.stringContaining(' without buckets')]);
    }
  });

  it('for each selector by itself, and selectors without do not read with others', () => {
    expect(selectors('histogram_sum(x) / histogram_quantile(0.9, x)')).toEqual([
      'vector {__name__="x"} without buckets from 0',
      'vector {__name__="x"} from 1',
    ]);
  });
});

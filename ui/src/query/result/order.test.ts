import { expect, it } from 'vitest';
import { interval } from './bucket.ts';
import { orderRows } from './order.ts';

const row = (name: string, value?: string) => ({
  metric: { name },
  value: value === undefined ? undefined : ([0, value] as const),
});
const rows = [row('a', '2'), row('b', 'NaN'), row('c', '+Inf'), row('d'), row('e', '-1'), row('f', '2')];
const names = (order: 'server' | 'ascending' | 'descending') =>
  orderRows(rows, order)
    .map((r) => r.metric.name)
    .join('');

it("keeps the server's order, or sorts by value with what has none at the end", () => {
  expect(names('server')).toBe('abcdef');
  expect(names('ascending')).toBe('eafcbd');
  expect(names('descending')).toBe('cafebd');
});

it('writes the bounds of a bucket as an interval', () => {
  expect(interval([0, '0.5', '1', '3'])).toBe('(0.5, 1]');
  expect(interval([3, '-0.001', '0.001', '3'])).toBe('[−0.001, 0.001]');
  expect(interval([1, '-Inf', '-1', '3'])).toBe('[−Inf, −1)');
});

import { describe, expect, it } from 'vitest';
import { formatBytes, formatCompact, formatCount, formatCounted, formatTicks, parseSampleValue } from './number.ts';

describe('formatCompact', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [1.5, '1.5'],
    [999, '999'],
    [999.96, '1k'],
    [1000, '1k'],
    [12_345, '12.35k'],
    [-2_500_000, '−2.5M'],
    [0.000012, '1.2e-5'],
    [1.5e24, '1.5e24'],
    [Infinity, '+Inf'],
    [-Infinity, '−Inf'],
    [NaN, 'NaN'],
  ])('prints %d as %j', (value, text) => {
    expect(formatCompact(value)).toBe(text);
  });
});

describe('formatTicks', () => {
  it.each<[number[], number, string[]]>([
    [[0, 1, 2], 1, ['0', '1', '2']],
    [[0, 0.5, 1], 0.5, ['0', '0.5', '1.0']],
    [[0, 500, 1000, 1500], 500, ['0', '0.5k', '1.0k', '1.5k']],
    [[0, 0.25, 0.5], 0.25, ['0', '0.25', '0.50']],
    [[0, 2500, 5000], 2500, ['0', '2.5k', '5.0k']],
    [[0, 0.6000000000000001], 0.30000000000000004, ['0', '0.6']],
    [[-20, 0, 20], 20, ['−20', '0', '20']],
    [[99.98, 99.99, 100], 0.01, ['99.98', '99.99', '100.00']],
    [[0, 2e-7, 4e-7], 2e-7, ['0', '2e-7', '4e-7']],
    [[0, 0], 1, ['0', '0']],
  ])('labels %j', (ticks, increment, labels) => {
    expect(formatTicks(ticks, increment)).toEqual(labels);
  });
});

it('separates thousands of a count', () => {
  expect(formatCount(999)).toBe('999');
  expect(formatCount(1234567)).toBe('1\u2009234\u2009567');
  expect(formatCount(NaN)).toBe('–');
});

it('counts with a noun', () => {
  expect(formatCounted(1, 'rule')).toBe('1 rule');
  expect(formatCounted(0, 'rule')).toBe('0 rules');
  expect(formatCounted(2, 'series', 'series')).toBe('2 series');
});

it('prints bytes in binary units', () => {
  expect(formatBytes(0)).toBe('0 B');
  expect(formatBytes(1023)).toBe('1023 B');
  expect(formatBytes(1024)).toBe('1 KiB');
  expect(formatBytes(1_572_864)).toBe('1.5 MiB');
});

it('reads sample values as the API writes them', () => {
  expect(parseSampleValue('+Inf')).toBe(Infinity);
  expect(parseSampleValue('-Inf')).toBe(-Infinity);
  expect(parseSampleValue('NaN')).toBeNaN();
  expect(parseSampleValue('')).toBeNaN();
  expect(parseSampleValue('1.5e-07')).toBe(1.5e-7);
});

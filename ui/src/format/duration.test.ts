import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, humanizeSeconds, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['15s', 15_000],
    ['500ms', 500],
    ['2w', 1_209_600_000],
    ['1y', 31_536_000_000],
    [' 5m ', 300_000],
    ['15', 15_000],
    ['0.5', 500],
  ])('reads %j as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', ' ', 'h', '1x', '1m1h', '-1h', '1.5h', '1h 30m', '1e3', '99999999999999999999y'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads back whatever formatDuration prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 13 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [1, '1ms'],
    [15_000, '15s'],
    [5_400_000, '1h30m'],
    [604_800_000, '1w'],
    [604_800_000 + 86_400_000, '8d'],
    [31_536_000_000, '1y'],
  ])('prints %d ms as %j', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('humanizeSeconds', () => {
  it.each([
    [0, '0 s'],
    [0.000812, '812 µs'],
    [0.0345, '34.5 ms'],
    [0.9996, '1 s'],
    [1.25, '1.25 s'],
    [59.96, '1m'],
    [200, '3m 20s'],
    [7200, '2h'],
    [86_400 * 2 + 3600 * 4 + 59, '2d 4h'],
    [-5, '−5 s'],
    [NaN, '–'],
  ])('prints %d as %j', (seconds, text) => {
    expect(humanizeSeconds(seconds)).toBe(text);
  });
});

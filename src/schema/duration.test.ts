import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { formatSize, parseSize } from './size.ts';

describe('durations', () => {
  it.each([
    ['0', 0, '0s'],
    ['0w', 0, '0s'],
    ['0s', 0, '0s'],
    ['324ms', 324, '324ms'],
    ['3s', 3000, '3s'],
    ['5m', 300_000, '5m'],
    ['1h', 3_600_000, '1h'],
    ['4d', 345_600_000, '4d'],
    ['4d1h', 349_200_000, '4d1h'],
    ['14d', 1_209_600_000, '2w'],
    ['3w', 1_814_400_000, '3w'],
    ['3w2d1h', 1_990_800_000, '23d1h'],
    ['10y', 315_360_000_000, '10y'],
    ['1h30m', 5_400_000, '1h30m'],
    ['90m', 5_400_000, '1h30m'],
  ])('reads %s', (text, ms, printed) => {
    expect(parseDuration(text)).toBe(ms);
    expect(formatDuration(ms)).toBe(printed);
  });

  it.each([
    '',
    '1',
    'a',
    '-1d',
    '1y1m1d',
    '1m1d',
    '1d1d',
    '1s1m',
    '1.5d',
    ' 1d',
    '1d ',
    '1D',
    '1us',
    '00',
    '294y',
    '200y10400w',
    '107675d',
    '9223372036854775807m',
    's',
    `${'9'.repeat(400)}s`,
  ])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow();
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_223_372_036_854 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it('never yields anything but a whole number in range or an error', () => {
    const text = fc.array(fc.constantFrom('1', '23', '0', 'y', 'w', 'd', 'h', 'm', 's', 'ms', ' ', '-', '.'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (parts) => {
        try {
          const ms = parseDuration(parts.join(''));
          expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
        } catch (error) {
          expect((error as Error).message).toMatch(/duration/);
        }
      }),
    );
  });
});

describe('sizes', () => {
  it.each([
    ['0', 0, '0B'],
    ['1B', 1, '1B'],
    ['1KB', 1024, '1KiB'],
    ['15MB', 15_728_640, '15MiB'],
    ['1GB512MB', 1_610_612_736, '1GiB512MiB'],
    ['1.5GiB', 1_610_612_736, '1GiB512MiB'],
    ['2TB', 2_199_023_255_552, '2TiB'],
    ['.5KB', 512, '512B'],
    ['-1KB', -1024, '-1KiB'],
  ])('reads %s', (text, bytes, printed) => {
    expect(parseSize(text)).toBe(bytes);
    expect(formatSize(bytes)).toBe(printed);
  });

  it.each(['', '1', '1M', '1kB', '1KiB5MB', 'MB', '1 MB', '1MB ', '.MB', '9999EB', '1e3B'])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrow();
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        const back = parseSize(formatSize(bytes));
        expect(back).toBe(bytes);
      }),
    );
  });
});

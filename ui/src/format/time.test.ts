import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseApiTime, parseTime } from './time.ts';

describe('formatTime', () => {
  it('prints UTC without milliseconds where there are none', () => {
    expect(formatTime(Date.UTC(2026, 2, 1, 12, 0, 5), 'utc')).toBe('2026-03-01 12:00:05');
    expect(formatTime(Date.UTC(2026, 2, 1, 12, 0, 5, 40), 'utc')).toBe('2026-03-01 12:00:05.040');
  });

  it('prints a dash for no time', () => {
    expect(formatTime(NaN, 'utc')).toBe('–');
  });
});

describe('parseTime', () => {
  it.each([
    ['2026-03-01', Date.UTC(2026, 2, 1)],
    ['2026-03-01 12:30', Date.UTC(2026, 2, 1, 12, 30)],
    ['2026-03-01T12:30:05', Date.UTC(2026, 2, 1, 12, 30, 5)],
    ['2026-03-01 12:30:05.25', Date.UTC(2026, 2, 1, 12, 30, 5, 250)],
    ['2026-03-01 12:30:05Z', Date.UTC(2026, 2, 1, 12, 30, 5)],
    ['1700000000', 1_700_000_000_000],
    ['1700000000.5', 1_700_000_000_500],
  ])('reads %j', (text, ms) => {
    expect(parseTime(text, 'utc')).toBe(ms);
  });

  it.each(['', 'now', '2026-02-31', '2026-13-01', '2026-03-01 25:00', '2026-03-01 12:61', '1.3.2026', '12:00'])(
    'refuses %j',
    (text) => {
      expect(parseTime(text, 'utc')).toBeUndefined();
    },
  );

  it('reads back whatever formatTime prints, in either zone', () => {
    const whole = fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2099, 0, 1) });
    fc.assert(
      fc.property(whole, (ms) => {
        expect(parseTime(formatTime(ms, 'utc'), 'utc')).toBe(ms);
        const local = parseTime(formatTime(ms, 'local'), 'local');
        // The hour that summer time repeats has one text and two instants.
        expect([0, 3_600_000]).toContain(Math.abs((local ?? NaN) - ms));
      }),
    );
  });
});

describe('parseApiTime', () => {
  it("takes Go's zero time and nonsense as never", () => {
    expect(parseApiTime('0001-01-01T00:00:00Z')).toBeUndefined();
    expect(parseApiTime('yesterday')).toBeUndefined();
    expect(parseApiTime(undefined)).toBeUndefined();
  });

  it('reads nanoseconds and offsets', () => {
    expect(parseApiTime('2026-03-01T12:00:00.123456789+01:00')).toBe(Date.UTC(2026, 2, 1, 11, 0, 0, 123));
  });
});

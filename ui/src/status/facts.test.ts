import { expect, it } from 'vitest';
import { humanizeKey, toFacts } from './facts.ts';

it.each([
  ['startTime', 'Start time'],
  ['CWD', 'CWD'],
  ['GOMAXPROCS', 'GOMAXPROCS'],
  ['reloadConfigSuccess', 'Reload config success'],
  ['storageRetention', 'Storage retention'],
  ['goVersion', 'Go version'],
  ['numTSDBBlocks', 'Num TSDB blocks'],
  ['version', 'Version'],
])('reads %s as %s', (key, text) => {
  expect(humanizeKey(key)).toBe(text);
});

it('prints every kind of value', () => {
  const status = {
    startTime: '2026-03-01T12:00:00.5Z',
    reloadConfigSuccess: true,
    goroutineCount: 40,
    GODEBUG: '',
    extra: { a: 1 },
    missing: null,
  };
  expect(toFacts(status, 'utc').map(([, text]) => text)).toEqual([
    '2026-03-01 12:00:00 UTC',
    'yes',
    '40',
    '–',
    '{"a":1}',
    '–',
  ]);
});

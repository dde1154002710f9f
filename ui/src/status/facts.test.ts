import { expect, it } from 'vitest';
import { buildFacts, humanizeKey, runtimeFacts, toFacts } from './facts.ts';

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

it('prints every kind of value, and leaves out what says nothing', () => {
  const status = {
    startTime: '2026-03-01T12:00:00.5Z',
    reloadConfigSuccess: true,
    corruptionCount: 40,
    GODEBUG: '',
    extra: { a: 1 },
    missing: null,
  };
  expect(toFacts(status, 'utc')).toEqual([
    ['Start time', '2026-03-01 12:00:00 UTC'],
    ['Last reload succeeded', 'yes'],
    ['Write-ahead log corruptions', '40'],
    ['Extra', '{"a":1}'],
  ]);
});

it("leaves Go's runtime out", () => {
  const status = { hostname: 'a', goroutineCount: 4, GOMAXPROCS: 2, GOMEMLIMIT: 1, GOGC: '', GODEBUG: 'x' };
  expect(runtimeFacts(status, 'utc')).toEqual([['Hostname', 'a']]);
});

it("puts Yagura's version first", () => {
  const status = { version: '3.14.0', revision: 'yagura-0.1.0', branch: '', goVersion: 'node-24.1.0', extra: 'e' };
  expect(buildFacts(status, 'utc')).toEqual([
    ['Yagura', '0.1.0'],
    ['Node', '24.1.0'],
    ['API compatibility', 'Prometheus 3.14.0'],
    ['Extra', 'e'],
  ]);
});

it('shows the build of another server as that tells it', () => {
  const status = { version: '3.5.0', revision: 'abc', goVersion: 'go1.24' };
  expect(buildFacts(status, 'utc')).toEqual([
    ['Version', '3.5.0'],
    ['Revision', 'abc'],
    ['Go version', 'go1.24'],
  ]);
});

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../../test/shared.ts';
import { formatTestHistogram } from '../../model/index.ts';
import { loadedSeries } from './load.ts';
import { type EvalCommand, type LoadCommand, ScriptError, parseScript } from './script.ts';

function loadOf(script: string): LoadCommand {
  return parseScript(script)[0] as LoadCommand;
}

function evalOf(script: string): EvalCommand {
  return parseScript(script)[0] as EvalCommand;
}

describe('parseScript', () => {
  it('reads loads with their steps', () => {
    const series = loadedSeries(
      loadOf(`
# A comment.
load 30s
  foo{a="b"} 1+1x2 _ stale

clear`),
    );
    expect(series).toHaveLength(1);
    expect(series[0]!.labels.toString()).toBe('{__name__="foo", a="b"}');
    expect(series[0]!.samples).toEqual([
      { t: 0, kind: 'float', value: 1 },
      { t: 30_000, kind: 'float', value: 2 },
      { t: 60_000, kind: 'float', value: 3 },
      { t: 120_000, kind: 'stale' },
    ]);
  });

  it('lets a later line for the same series replace the earlier one', () => {
    const series = loadedSeries(loadOf('load 1m\n foo 1\n foo{} 2'));
    expect(series.map(({ samples }) => samples)).toEqual([[{ t: 0, kind: 'float', value: 2 }]]);
  });

  it('reads start times relative to the samples', () => {
    const [series] = loadedSeries(loadOf('load 1m\n foo@st _ -30s-1mx1 0 1ms+5sx1 _x2\n foo 1 2 3 4 5 6 7 8'));
    expect(series!.samples.map(({ t, startMs }) => (startMs === undefined ? undefined : startMs - t))).toEqual([
      ...[undefined, -30_000, -90_000, 0, 1, 5001],
      ...[undefined, undefined],
    ]);
  });

  it('makes native histograms with custom buckets of classic ones', () => {
    const series = loadedSeries(
      loadOf(`load_with_nhcb 1m
  h_bucket{le="1",x="y"} 1 2
  h_bucket{le="+Inf",x="y"} 3 4
  h_count{x="y"} 3 4
  h_sum{x="y"} 10 20
  other 1`),
    );
    expect(series).toHaveLength(6);
    const { labels, samples } = series[5]!;
    expect(labels.toString()).toBe('{__name__="h", x="y"}');
    expect(samples.map((sample) => sample.kind === 'histogram' && formatTestHistogram(sample.histogram))).toEqual([
      '{{schema:-53 count:3 sum:10 custom_values:[1] buckets:[1 2]}}',
      '{{schema:-53 count:4 sum:20 custom_values:[1] buckets:[2 2]}}',
    ]);
  });

  it('reads instant and range queries with what they are expected to give', () => {
    const command = evalOf(`eval range from 0 to 10m step 5m sum by (a) (foo)
  expect warn msg: PromQL warning: x (1:1)
  expect no_info
  {a="1"} 1 _ 3
  {a="2"} {{sum:1}}x2`);
    expect(command).toMatchObject({
      isInstant: false,
      startMs: 0,
      endMs: 600_000,
      stepMs: 300_000,
      query: 'sum by (a) (foo)',
      line: 1,
    });
    expect(command.expectations).toEqual([{ kind: 'warn', message: 'PromQL warning: x (1:1)' }, { kind: 'no_info' }]);
    expect(command.series.map(({ position, values }) => [position, values.length])).toEqual([
      [1, 3],
      [2, 3],
    ]);
    expect(evalOf('eval instant at 5m 1 + 1\n  2')).toMatchObject({
      timeMs: 300_000,
      scalar: { kind: 'float', value: 2 },
    });
    expect(evalOf('eval instant at 0 "a"\n  expect string `a\\n`')).toMatchObject({ text: 'a\\n', instantOnly: true });
    expect(evalOf('eval instant at 1m foo[1m]\n expect range vector from 10s to 1m step 10s\n foo 1 2')).toMatchObject({
      startMs: 10_000,
      endMs: 60_000,
      stepMs: 10_000,
      instantOnly: true,
    });
  });

  it('reads the older forms of expectations', () => {
    expect(evalOf('eval_ordered instant at 0 foo').ordered).toBe(true);
    expect(evalOf('eval_fail instant at 0 foo\n expected_fail_message no foo').expectations).toEqual([
      { kind: 'fail' },
      { kind: 'fail', message: 'no foo' },
    ]);
    expect(evalOf('eval_warn range from 0 to 1s step 1s foo').expectations).toEqual([{ kind: 'warn' }]);
  });

  it.each([
    ['lood 1m', 'line 1: invalid command "lood 1m"'],
    ['\nload 1x', 'line 2: invalid step definition "1x": not a valid duration'],
    ['load 1m\n foo{ 1', "line 2: 1:6: parse error: unexpected character inside braces: '1'"],
    ['load 1m\n foo@st 1m', 'line 2: @st line has no following sample line'],
    ['load 1m\n foo@st 1m\n bar 1', 'line 2: @st metric does not match the following sample line metric'],
    ['load 1m\n foo@st 1m\n foo 1 2', 'line 2: @st line has 1 values but sample line has 2'],
    ['load 1m\n foo@st 1m+1s\n foo 1', 'line 2: 1:1: parse error: expected "x<count>" behind the step of "1m+1s"'],
    ['eval instant at 5 foo', 'line 1: invalid timestamp definition "5"'],
    ['eval sometimes foo', 'line 1: invalid evaluation command'],
    ['eval instant at 0 foo{', 'line 1: 1:5: parse error: unexpected end of input inside braces'],
    [
      'eval range from 5m to 0 step 1m foo',
      'line 1: invalid test definition, end timestamp (0s) is before start timestamp (5m)',
    ],
    ['eval instant at 0 foo\n foo 1 2', 'line 2: expecting multiple values in instant evaluation not allowed'],
    ['eval instant at 0 foo\n expect joy', 'line 2: invalid expect statement'],
    ['eval instant at 0 foo\n expect warn\n expect no_warn', 'line 3: invalid expect lines, warn and no_warn'],
    ['eval instant at 0 foo\n expect fail\n expect fail', 'line 3: invalid expect lines, multiple expect fail'],
    ['eval instant at 0 foo\n expect fail regex: [', 'line 2: error parsing regexp: missing closing ]: `[`'],
    ['eval instant at 0 "a"\n expect string a', 'line 2: expected string literal not valid'],
  ])('says where %j is wrong', (script, message) => {
    expect(() => parseScript(script)).toThrow(ScriptError);
    expect(() => parseScript(script)).toThrow(message);
  });
});

const dir = sharedDir('promqltest');

describe.skipIf(dir === undefined)('Prometheus’s own scripts', () => {
  it.each(dir === undefined ? [] : readdirSync(dir).filter((name) => name.endsWith('.test')))(
    'are read: %s',
    (file) => {
      const script = readFileSync(path.join(dir!, file), 'utf8');
      const commands = parseScript(script);
      const count = (pattern: RegExp): number => script.match(pattern)?.length ?? 0;
      expect(commands.filter(({ kind }) => kind === 'eval')).toHaveLength(count(/^\s*eval/gm));
      expect(commands.filter(({ kind }) => kind === 'load')).toHaveLength(count(/^\s*load/gm));
      for (const command of commands)
        if (command.kind === 'load') expect(loadedSeries(command).length).toBeGreaterThan(0);
    },
  );
});

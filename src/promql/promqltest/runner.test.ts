import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FloatHistogram, Labels, compareLabels } from '../../model/index.ts';
import { type Result, type ResultPoint, type ResultValue, almostEqual, almostEqualHistograms } from './compare.ts';
import { type LoadedSeries } from './load.ts';
import { type Outcome, type ScriptEngine, runScript } from './runner.ts';
import { parseSeriesDescription } from './series-description.ts';

/** Answers every query with the same result, whatever was loaded, and remembers what it was asked. */
class CannedEngine implements ScriptEngine {
  readonly asked: string[] = [];
  readonly loaded: LoadedSeries[] = [];
  readonly #outcome: Outcome | Error;

  constructor(outcome: Result | Error, annotations: Partial<Outcome> = {}) {
    this.#outcome = outcome instanceof Error ? outcome : { result: outcome, warnings: [], infos: [], ...annotations };
  }

  clear(): void {
    this.loaded.length = 0;
  }

  load(series: readonly LoadedSeries[]): void {
    this.loaded.push(...series);
  }

  instant(query: string, timeMs: number): Outcome {
    this.asked.push(`${query} @ ${timeMs}`);
    return this.#answer((result) => result);
  }

  range(query: string, startMs: number, endMs: number, stepMs: number): Outcome {
    this.asked.push(`${query} @ ${startMs}-${endMs}/${stepMs}`);
    return this.#answer((result) => this.#asMatrix(result, startMs, stepMs));
  }

  #answer(shape: (result: Result) => Result): Outcome {
    if (this.#outcome instanceof Error) throw this.#outcome;
    return { ...this.#outcome, result: shape(this.#outcome.result) };
  }

  #asMatrix(result: Result, startMs: number, stepMs: number): Result {
    const points = (value: ResultValue): ResultPoint[] => [0, 1, 2].map((i) => ({ t: startMs + i * stepMs, value }));
    switch (result.type) {
      case 'scalar':
        return { type: 'matrix', series: [{ labels: Labels.EMPTY, points: points(result.value) }] };
      case 'vector':
        return {
          type: 'matrix',
          series: result.samples
            .map(({ labels, value }) => ({ labels, points: points(value) }))
            .sort((a, b) => compareLabels(a.labels, b.labels)),
        };
      default:
        return result;
    }
  }
}

function vector(...descriptions: string[]): Result {
  return {
    type: 'vector',
    samples: descriptions.map((description) => {
      const { labels, values } = parseSeriesDescription(description);
      const [value] = values;
      return {
        labels,
        value: value?.kind === 'histogram' ? value.histogram : value?.kind === 'float' ? value.value : NaN,
      };
    }),
  };
}

function matrix(stepMs: number, ...descriptions: string[]): Result {
  return {
    type: 'matrix',
    series: descriptions.map((description) => {
      const { labels, values } = parseSeriesDescription(description);
      const points = values.flatMap((value, i): ResultPoint[] => {
        if (value.kind === 'float') return [{ t: i * stepMs, value: value.value }];
        return value.kind === 'histogram' ? [{ t: i * stepMs, value: value.histogram }] : [];
      });
      return { labels, points };
    }),
  };
}

async function failure(script: string, outcome: Result | Error, annotations: Partial<Outcome> = {}): Promise<string> {
  const { failures, evals } = await runScript(script, new CannedEngine(outcome, annotations));
  expect(evals).toBe(1);
  return failures[0]?.message ?? 'none';
}

describe('runScript', () => {
  it('asks an instant query in all its variants', async () => {
    const engine = new CannedEngine(vector('foo 1'));
    const { failures } = await runScript(
      'eval instant at 10m foo + sum_over_time(bar[5m:1m] offset 1m)\n foo 1',
      engine,
    );
    expect(failures).toEqual([]);
    const pinned = 'foo @ 600.000 + sum_over_time(bar[5m:1m] @ 600.000 offset 1m)';
    expect(engine.asked).toEqual([
      'foo + sum_over_time(bar[5m:1m] offset 1m) @ 600000',
      'foo + sum_over_time(bar[5m:1m] offset 1m) @ 540000-660000/60000',
      ...[-6_000_000, 0, 120_000, 600_000, 6_000_000].flatMap((t) => [
        `${pinned} @ ${t}`,
        `${pinned} @ ${t - 60_000}-${t + 60_000}/60000`,
      ]),
    ]);
  });

  it('leaves out variants that mean something else', async () => {
    const engine = new CannedEngine({ type: 'scalar', value: 3 });
    await runScript('eval instant at 0 time()\n 3\n\neval instant at 0 foo[step()]\n 3', engine);
    expect(engine.asked.filter((query) => query.startsWith('time()'))).toEqual([
      'time() @ 0',
      'time() @ -60000-60000/60000',
    ]);
    expect(engine.asked.filter((query) => query.startsWith('foo') && query.includes('/'))).toEqual([]);
  });

  it('clears at the beginning and where the script says so', async () => {
    const engine = new CannedEngine(vector());
    await runScript('load 1m\n a 1\n\nclear\n\nload 1m\n b 1', engine);
    expect(engine.loaded.map(({ labels }) => labels.metricName)).toEqual(['b']);
  });

  it('goes on after a failure', async () => {
    const script = 'eval instant at 0 a\n b 1\n\neval instant at 0 a\n a 1';
    expect(await runScript(script, new CannedEngine(vector('a 1')))).toMatchObject({
      evals: 2,
      failures: [{ line: 1, query: 'a' }],
    });
  });

  it.each<[string, string, Result]>([
    ['equal floats', '{a="1"} 30\n{a="2"} 70', vector('{a="2"} 70', '{a="1"} 30')],
    ['rounding', '{} 0.3', vector('{} 0.30000000000000004')],
    ['NaN', '{} NaN', vector('{} NaN')],
    [
      'equal histograms',
      '{} {{schema:1 sum:4 count:1 buckets:[1] offset:1}}',
      vector('{} {{schema:1 sum:4 count:1 buckets:[0 1 0]}}'),
    ],
    ['any reset hint', '{} {{sum:4}}', vector('{} {{sum:4 counter_reset_hint:gauge}}')],
    ['a scalar', '3', { type: 'scalar', value: 3 }],
    ['nothing', '', vector()],
  ])('accepts %s', async (_, expected, result) => {
    expect(await failure(`eval instant at 0 foo\n${expected}`, result)).toBe('none');
  });

  it.each<[string, string, Result, string]>([
    ['another float', '{} 80', vector('{} 70'), 'expected 80 for {} but got 70'],
    ['a float for a histogram', '{} {{}}', vector('{} 2'), 'expected {{}} for {} but got 2'],
    ['a histogram for a float', '{} 2', vector('{} {{}}'), 'expected 2 for {} but got {{}}'],
    ['another histogram', '{} {{sum:6}}', vector('{} {{sum:4}}'), 'expected {{sum:6}} for {} but got {{sum:4}}'],
    [
      'another reset hint',
      '{} {{sum:4 counter_reset_hint:reset}}',
      vector('{} {{sum:4}}'),
      'expected {{sum:4 counter_reset_hint:reset}} for {} but got {{sum:4}}',
    ],
    [
      'a series too many',
      '{a="1"} 1',
      vector('{a="1"} 1', '{a="2"} 2'),
      'unexpected metric {a="2"} in result, has value 2',
    ],
    ['a series too few', '{a="1"} 1\n{a="2"} 2', vector('{a="1"} 1'), 'expected metric {a="2"} with [2] not found'],
    [
      'another order',
      'expect ordered\n{a="1"} 1\n{a="2"} 2',
      vector('{a="2"} 2', '{a="1"} 1'),
      'with [2] at position 2 but was at 1',
    ],
    [
      'a scalar for a vector',
      '{} 1',
      { type: 'scalar', value: 1 },
      'expected vector or matrix result, but got scalar 1',
    ],
    ['a vector for a scalar', '1', vector('{} 1'), 'expected scalar result, but got vector of 1 samples'],
    ['another scalar', '1', { type: 'scalar', value: 2 }, 'expected scalar 1 but got 2'],
    ['another string', 'expect string "a"', { type: 'string', value: 'b' }, 'expected string "a" but got "b"'],
  ])('refuses %s', async (_, expected, result, message) => {
    expect(await failure(`eval instant at 0 foo\n${expected}`, result)).toContain(message);
  });

  it.each<[string, string, Result, string]>([
    ['the same points', '{} 1 _ {{sum:3}}', matrix(60_000, '{} 1 _ {{sum:3}}'), 'none'],
    ['other times', '{} 1 2', matrix(60_000, '{} 1 _ 2'), 'to have timestamp 60000, but it had 120000'],
    ['other values', '{} 1 2', matrix(60_000, '{} 1 3'), 'value at index 1 (t=60000) for {} to be 2, but got 3'],
    ['more points', '{} 1 2', matrix(60_000, '{} 1 2 3'), 'expected 2 points for {}, but got 3'],
    ['stale points', '{} 1 stale', matrix(60_000, '{} 1 2'), 'to be stale, but got 2'],
    ['points behind the end', '{} 1x9', matrix(60_000, '{} 1'), 'query time range cannot return this many points'],
    [
      'unsorted series',
      '{a="1"} 1\n{a="2"} 1',
      matrix(60_000, '{a="2"} 1', '{a="1"} 1'),
      'should always be sorted by labels',
    ],
  ])('judges range queries with %s', async (_, expected, result, message) => {
    expect(await failure(`eval range from 0 to 2m step 1m foo\n${expected}`, result)).toContain(message);
  });

  it.each<[string, Result | Error, string]>([
    ['expect fail', new Error('no'), 'none'],
    ['expect fail msg: no', new Error('no'), 'none'],
    ['expect fail regex: n.', new Error('oh no'), 'none'],
    ['expect fail msg: yes', new Error('no'), 'expected error "yes", but got: no'],
    ['expect fail regex: ^n', new Error('oh no'), 'expected error matching "^n", but got: oh no'],
    ['expect fail', vector(), 'expected error but got none'],
    ['', new Error('no'), 'evaluation failed: no'],
  ])('judges failures by %j', async (expected, outcome, message) => {
    expect(await failure(`eval instant at 0 foo\n${expected}`, outcome)).toContain(message);
  });

  it.each<[string, string[], string]>([
    ['', ['w'], 'none'],
    ['expect warn', ['w'], 'none'],
    ['expect warn', [], 'expected warn annotations but none were found'],
    ['expect warn msg: w', ['w'], 'none'],
    ['expect warn msg: w', ['w', 'v'], 'unexpected warn annotation: v'],
    ['expect warn msg: x', ['w'], 'expected warn annotation "x", found: [w]'],
    ['expect warn regex: ^w+$', ['www'], 'none'],
    ['expect no_warn', ['w'], 'unexpected warn annotations: [w]'],
    ['expect no_warn', [], 'none'],
  ])('judges warnings by %j', async (expected, warnings, message) => {
    expect(await failure(`eval instant at 0 foo\n${expected}`, vector(), { warnings })).toContain(message);
    const infos = expected.replaceAll('warn', 'info');
    expect(await failure(`eval instant at 0 foo\n${infos}`, vector(), { infos: warnings })).toContain(
      message.replaceAll('warn', 'info'),
    );
  });
});

describe('almostEqual', () => {
  it.each([
    [1, 1.0000005, true],
    [1, 1.00001, false],
    [0, 1e-10, false],
    [0, -0, true],
    [NaN, NaN, true],
    [NaN, 1, false],
    [Infinity, Infinity, true],
    [Infinity, -Infinity, false],
    [Number.MAX_VALUE, Number.MAX_VALUE * (1 - 1e-9), true],
  ])('of %d and %d is %s', (a, b, equal) => {
    expect(almostEqual(a, b)).toBe(equal);
  });

  it('is symmetric', () => {
    fc.assert(fc.property(fc.double(), fc.double(), (a, b) => almostEqual(a, b) === almostEqual(b, a)));
  });
});

describe('almostEqualHistograms', () => {
  const histogram = (notation: string): FloatHistogram => {
    const [value] = parseSeriesDescription(`{} ${notation}`).values;
    return (value as { histogram: FloatHistogram }).histogram;
  };

  it('looks at every number and every bucket', () => {
    const base =
      '{{schema:1 sum:1 count:2 z_bucket:3 z_bucket_w:4 buckets:[5 6] offset:7 n_buckets:[8 9] n_offset:10}}';
    expect(almostEqualHistograms(histogram(base), histogram(base), true)).toBe(true);
    for (const { 0: number, index } of base.matchAll(/\d+/g)) {
      const changed = base.slice(0, index) + String(Number(number) + 1) + base.slice(index + number.length);
      expect(almostEqualHistograms(histogram(base), histogram(changed), false)).toBe(false);
    }
  });
});

import { describe, expect, it } from 'vitest';
import {
  Labels,
  floatHistogram,
  formatHistogram,
  type CounterResetHint,
  type FloatHistogram,
} from '../../model/index.ts';
import { ABSENT, Column, HISTOGRAM } from '../column.ts';
import type { RangeInput } from '../functions-contract.ts';
import { rangeCall, rangeInput, type CallOptions, type Sample } from './sample-call.ts';
import { functionTable } from './table.ts';

/** A histogram with one bucket (0.5, 1] of `count` observations, and a zero bucket of as many. */
function counts(count: number, counterResetHint: CounterResetHint = 'unknown'): FloatHistogram {
  return floatHistogram({
    count: 2 * count,
    sum: count,
    zeroCount: count,
    zeroThreshold: 0.001,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveBuckets: Float64Array.of(count),
    counterResetHint,
  });
}

function custom(bounds: number[], ...buckets: number[]): FloatHistogram {
  return floatHistogram({
    schema: -53,
    count: buckets.reduce((a, b) => a + b, 0),
    positiveSpans: [{ offset: 0, length: buckets.length }],
    positiveBuckets: Float64Array.from(buckets),
    customValues: Float64Array.from(bounds),
  });
}

/** Evaluates a function at 60 s over (0 s, 60 s] or the range given; the result printed, with the annotations. */
function at60(
  func: string,
  samples: readonly Sample[],
  options: Partial<CallOptions> = {},
  change: (input: RangeInput) => RangeInput = (input) => input,
): { result: string | number | undefined; notes: string[] } {
  const call = rangeCall({ grid: { startMs: 60_000, stepMs: 1, steps: 1 }, args: [undefined], ...options });
  const implementation = functionTable.get(func)!;
  if (implementation.kind !== 'range') throw new Error(`${func} is no range function`);
  const out = new Column(1);
  implementation.kernel(change(rangeInput(samples, call, Labels.from({ __name__: 'm' }))), call, out);
  const { warnings, infos } = call.annotations.texts(' ');
  const kind = out.kinds[0];
  const result =
    kind === ABSENT ? undefined : kind === HISTOGRAM ? formatHistogram(out.histograms![0]!) : out.values[0];
  return { result, notes: [...warnings, ...infos].map((text) => text.replace(/ \(1:1\)$/, '')) };
}

describe('rates of native histograms', () => {
  it('extrapolate every bucket by the same factor', () => {
    const samples: Sample[] = [
      [15_000, counts(20)],
      [30_000, counts(30)],
      [45_000, counts(50)],
    ];
    expect(at60('increase', samples).result).toBe('{count:120, sum:60, [-0.001,0.001]:60, (0.5,1]:60}');
    expect(at60('rate', samples).result).toBe('{count:2, sum:1, [-0.001,0.001]:1, (0.5,1]:1}');
  });

  it('make resets good, and forget a first sample that a reset follows', () => {
    const samples: Sample[] = [
      [15_000, counts(10)],
      [30_000, counts(20)],
      [45_000, counts(5)],
    ];
    expect(at60('increase', samples).result).toBe('{count:60, sum:30, [-0.001,0.001]:30, (0.5,1]:30}');
    const forgotten: Sample[] = [
      [15_000, custom([1], 7)],
      [30_000, counts(4, 'reset')],
      [45_000, counts(5)],
    ];
    expect(at60('increase', forgotten)).toMatchObject({
      result: expect.stringContaining('(0.5,1]:') as string,
      notes: [],
    });
  });

  it('say which kind of metric they are for', () => {
    const gauges: Sample[] = [
      [15_000, counts(10, 'gauge')],
      [45_000, counts(20, 'gauge')],
    ];
    const counters: Sample[] = [
      [15_000, counts(10)],
      [45_000, counts(20)],
    ];
    const notCounter = ['PromQL warning: this native histogram metric is not a counter: "m"'];
    const notGauge = ['PromQL warning: this native histogram metric is not a gauge: "m"'];
    for (const func of ['rate', 'increase', 'irate']) {
      expect(at60(func, gauges).notes).toEqual(notCounter);
      expect(at60(func, counters).notes).toEqual([]);
    }
    for (const func of ['delta', 'idelta']) {
      expect(at60(func, gauges).notes).toEqual([]);
      expect(at60(func, counters).notes).toEqual(notGauge);
    }
  });

  it('have no result where floats or other kinds of buckets stand between', () => {
    const mixedKinds: Sample[] = [
      [15_000, counts(10)],
      [30_000, 3],
      [45_000, counts(20)],
    ];
    const mixedSchemas: Sample[] = [
      [15_000, counts(10)],
      [30_000, custom([1], 20, 1)],
      [45_000, counts(20)],
    ];
    for (const func of ['rate', 'increase', 'delta']) {
      expect(at60(func, mixedKinds)).toEqual({
        result: undefined,
        notes: ['PromQL warning: encountered a mix of histograms and floats for metric name "m"'],
      });
    }
    expect(at60('irate', mixedKinds).result).toBeUndefined();
    expect(at60('rate', mixedSchemas)).toEqual({
      result: undefined,
      notes: [
        'PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "m"',
      ],
    });
    expect(at60('idelta', mixedSchemas).result).toBeUndefined();
  });

  it('tell of custom bounds brought together', () => {
    const gauge = { counterResetHint: 'gauge' as const };
    const samples: Sample[] = [
      [15_000, { ...custom([1, 2], 1, 1, 1), ...gauge }],
      [45_000, { ...custom([2], 5, 5), ...gauge }],
    ];
    const { result, notes } = at60('idelta', samples);
    expect(result).toBe('{count:7, sum:0, [-Inf,2]:3, (2,+Inf]:4}');
    expect(notes).toEqual(['PromQL info: mismatched custom buckets were reconciled during subtraction']);
  });

  it('leave the samples as they are', () => {
    const samples: Sample[] = [
      [15_000, counts(10)],
      [30_000, counts(20)],
      [45_000, counts(5)],
    ];
    const before = structuredClone(samples);
    for (const func of ['rate', 'irate', 'delta', 'sum_over_time', 'avg_over_time', 'last_over_time'])
      at60(func, samples);
    for (const extension of ['anchored', 'smoothed'] as const) at60('rate', samples, { extension });
    expect(samples).toEqual(before);
  });
});

describe('irate and idelta', () => {
  it('take the last two samples of both kinds together', () => {
    expect(
      at60('idelta', [
        [15_000, counts(1)],
        [30_000, 3],
        [45_000, 5],
      ]).result,
    ).toBe(2);
    const gauges: Sample[] = [
      [15_000, 3],
      [30_000, counts(3, 'gauge')],
      [45_000, counts(7, 'gauge')],
    ];
    expect(at60('idelta', gauges)).toEqual({
      result: '{count:8, sum:4, [-0.001,0.001]:4, (0.5,1]:4}',
      notes: [],
    });
    expect(
      at60('irate', [
        [15_000, 3],
        [45_000, counts(7)],
      ]).notes,
    ).toEqual(['PromQL warning: encountered a mix of histograms and floats for metric name "m"']);
    expect(at60('irate', [[45_000, counts(7)]])).toEqual({ result: undefined, notes: [] });
  });

  it('give the last value itself after a reset', () => {
    expect(
      at60('irate', [
        [15_000, 9],
        [35_000, 4],
      ]).result,
    ).toBe(0.2);
    expect(
      at60('irate', [
        [15_000, counts(9)],
        [35_000, counts(4)],
      ]).result,
    ).toContain('(0.5,1]:0.2');
    expect(
      at60('idelta', [
        [15_000, 9],
        [35_000, 4],
      ]).result,
    ).toBe(-5);
  });
});

describe('changes and resets', () => {
  it('count a change between float and histogram', () => {
    const samples: Sample[] = [
      [5_000, 1],
      [15_000, counts(3)],
      [25_000, counts(3)],
      [35_000, counts(2)],
      [45_000, 1],
      [55_000, 0],
    ];
    expect(at60('changes', samples).result).toBe(4);
    expect(at60('resets', samples).result).toBe(4);
  });

  it('begin at the sample before the window when anchored, and need one in it', () => {
    const samples: Sample[] = [
      [5_000, 8],
      [15_000, 9],
      [25_000, 3],
      [55_000, 3],
    ];
    const options = { rangeMs: 40_000, extension: 'anchored' as const };
    expect(at60('changes', samples, options).result).toBe(1);
    expect(at60('resets', samples, options).result).toBe(1);
    expect(at60('changes', samples, { ...options, rangeMs: 4_000 }).result).toBeUndefined();
  });
});

describe('anchored and smoothed rates', () => {
  const samples: Sample[] = [
    [10_000, 10],
    [30_000, 30],
    [50_000, 5],
    [70_000, 25],
  ];

  it('anchored: from the last sample before the window to the last in it', () => {
    expect(at60('increase', samples, { rangeMs: 40_000, extension: 'anchored' }).result).toBe(30 - 10 + 5);
    expect(at60('delta', samples, { rangeMs: 40_000, extension: 'anchored' }).result).toBe(5 - 10);
  });

  it('smoothed: between interpolated edges, the reset in between made good', () => {
    // 20 at 20 s; 15 at 60 s, on the line that began anew.
    expect(at60('increase', samples, { rangeMs: 40_000, extension: 'smoothed' }).result).toBe(30 - 20 + 15);
    expect(at60('rate', samples, { rangeMs: 40_000, extension: 'smoothed' }).result).toBe(25 / 40);
    expect(at60('delta', samples, { rangeMs: 40_000, extension: 'smoothed' }).result).toBe(15 - 20);
  });

  it('do the same with native histograms', () => {
    const histograms = samples.map(([t, v]): Sample => [t, counts(v as number)]);
    const print = (n: number) => `{count:${2 * n}, sum:${n}, [-0.001,0.001]:${n}, (0.5,1]:${n}}`;
    expect(at60('increase', histograms, { rangeMs: 40_000, extension: 'anchored' }).result).toBe(print(25));
    expect(at60('increase', histograms, { rangeMs: 40_000, extension: 'smoothed' }).result).toBe(print(25));
    const gauges = samples.map(([t, v]): Sample => [t, counts(v as number, 'gauge')]);
    expect(at60('delta', gauges, { rangeMs: 40_000, extension: 'smoothed' }).notes).toEqual([]);
    expect(at60('delta', histograms, { rangeMs: 40_000, extension: 'smoothed' }).notes).toEqual([
      'PromQL warning: this native histogram metric is not a gauge: "m"',
    ]);
  });

  it('have no result where nothing lies in the window', () => {
    for (const extension of ['anchored', 'smoothed'] as const) {
      expect(at60('increase', samples.slice(0, 2), { rangeMs: 20_000, extension }).result).toBeUndefined();
    }
  });
});

describe('start times', () => {
  const withStarts = (starts: number[]) => (input: RangeInput) => ({ ...input, startT: Float64Array.from(starts) });

  it('make a rate of one sample that began in the window', () => {
    expect(at60('increase', [[45_000, 6]], {}, withStarts([15_000])).result).toBe(6);
    expect(at60('increase', [[45_000, 6]], {}, withStarts([0])).result).toBeUndefined();
    expect(at60('increase', [[45_000, 6]]).result).toBeUndefined();
  });

  it('tell of resets that values hide', () => {
    const samples: Sample[] = [
      [15_000, 5],
      [45_000, 6],
    ];
    expect(at60('resets', samples, {}, withStarts([1, 1])).result).toBe(0);
    expect(at60('resets', samples, {}, withStarts([1, 20_000])).result).toBe(1);
    expect(at60('irate', samples, {}, withStarts([1, 20_000])).result).toBe(6 / 30);
    expect(at60('resets', samples, {}, withStarts([1, 15_000])).result).toBe(1);
    expect(at60('resets', samples, {}, withStarts([0, 15_000])).result).toBe(0);
  });

  it('that lie before the sample before are warned of', () => {
    const samples: Sample[] = [
      [15_000, 5],
      [45_000, 6],
    ];
    expect(at60('rate', samples, {}, withStarts([1, 9_000])).notes).toEqual([
      'PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "m"',
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels, floatHistogram, type FloatHistogram } from '../../model/index.ts';
import { ABSENT, Column, FLOAT } from '../column.ts';
import type { FunctionCall, GroupFunction } from '../functions-contract.ts';
import { histogramFraction, histogramQuantile, histogramQuantiles } from './histogram-quantile.ts';
import { functionCall } from './sample-call.ts';

type Value = number | FloatHistogram | undefined;

/** Series of one step: labels and value. Gives the results by labels, and the annotations. */
function evaluate(implementation: GroupFunction, series: [Record<string, string>, Value][], call: FunctionCall) {
  const columns = series.map(([, value]) => {
    const column = new Column(1);
    if (typeof value === 'number') {
      column.values[0] = value;
      column.kinds[0] = FLOAT;
    } else if (value !== undefined) column.setHistogram(0, value);
    return column;
  });
  const results: Record<string, number> = {};
  for (const group of implementation.plan(
    series.map(([labels]) => Labels.from(labels)),
    call,
  )) {
    const out = group.outputs.map(() => new Column(1));
    implementation.evaluate(
      group,
      group.inputs.map((i) => columns[i]!),
      call,
      out,
    );
    group.outputs.forEach((labels, o) => {
      if (out[o]!.kinds[0] !== ABSENT) results[labels.toString()] = out[o]!.values[0]!;
    });
  }
  const { warnings, infos } = call.annotations.texts('0123456789');
  return { results, notes: [...warnings, ...infos] };
}

const grid = { startMs: 0, stepMs: 1, steps: 1 };
const classic = (buckets: Record<string, number>): [Record<string, string>, Value][] =>
  Object.entries(buckets).map(([le, count]) => [{ __name__: 'm_bucket', le }, count]);

function quantile(q: number, series: [Record<string, string>, Value][]) {
  return evaluate(histogramQuantile, series, functionCall({ grid, args: [q, undefined] }));
}

function fraction(lower: number, upper: number, series: [Record<string, string>, Value][]) {
  return evaluate(histogramFraction, series, functionCall({ grid, args: [lower, upper, undefined] }));
}

const native = (fields: Partial<FloatHistogram>): [Record<string, string>, Value][] => [
  [{ __name__: 'm' }, floatHistogram(fields)],
];

describe('histogram_quantile of classic histograms', () => {
  it('is linear within a bucket, from zero in the lowest', () => {
    const series = classic({ '1': 4, '2': 8, '+Inf': 8 });
    expect(quantile(0.25, series).results).toEqual({ '{}': 0.5 });
    expect(quantile(0.75, series).results).toEqual({ '{}': 1.5 });
    expect(quantile(1, series).results).toEqual({ '{}': 2 });
  });

  it('gives the second highest bound for the highest bucket, the bound itself below zero', () => {
    expect(quantile(0.9, classic({ '1': 4, '+Inf': 8 })).results).toEqual({ '{}': 1 });
    expect(quantile(0.1, classic({ '-1': 4, '+Inf': 8 })).results).toEqual({ '{}': -1 });
  });

  it('is NaN without +Inf bucket, with one bucket, and without observations', () => {
    const empties: Record<string, number>[] = [{ '1': 4, '2': 8 }, { '+Inf': 8 }, { '1': 0, '+Inf': 0 }];
    for (const buckets of empties) expect(quantile(0.5, classic(buckets)).results).toEqual({ '{}': NaN });
  });

  it('adds buckets of equal bounds, ignores noise and raises decreases with an info', () => {
    expect(quantile(0.5, classic({ '1': 2, '1.0': 2, '2': 8, '+Inf': 8 })).results).toEqual({ '{}': 1 });
    expect(quantile(0.5, classic({ '1': 8, '2': 8 - 1e-13, '+Inf': 8 })).notes).toEqual([]);
    const raised = quantile(0.5, classic({ '1': 4, '2': 3, '3': 1, '+Inf': 8 }));
    expect(raised.results).toEqual({ '{}': 1 });
    expect(raised.notes[0]).toContain('needed to be fixed for monotonicity');
    expect(raised.notes[0]).toContain('from buckets 2 to 3, with a max diff of 3');
  });

  it('warns of buckets that have no bound', () => {
    const { results, notes } = quantile(0.5, [...classic({ '1': 4, x: 1, '+Inf': 8 }), [{ __name__: 'm_bucket' }, 3]]);
    expect(results).toEqual({ '{}': 1 });
    expect(notes).toEqual([
      'PromQL warning: bucket label "le" is missing or has a malformed value of "x" (1:2)',
      'PromQL warning: bucket label "le" is missing or has a malformed value of "" (1:2)',
    ]);
  });

  it('goes to infinity with a warning where the quantile leaves 0 to 1', () => {
    expect(quantile(-1, classic({ '1': 4, '+Inf': 8 })).results).toEqual({ '{}': -Infinity });
    const above = quantile(2, classic({ '1': 4, '+Inf': 8 }));
    expect(above.results).toEqual({ '{}': Infinity });
    expect(above.notes).toEqual(['PromQL warning: quantile value should be between 0 and 1, got 2 (1:1)']);
  });

  it('gives nothing where a native histogram of the same name stands beside', () => {
    const name = { __name__: 'm_bucket' };
    const { results, notes } = quantile(0.5, [...classic({ '1': 4, '+Inf': 8 }), [name, floatHistogram({ count: 1 })]]);
    expect(results).toEqual({});
    expect(notes).toEqual(['PromQL warning: vector contains a mix of classic and native histograms (1:2)']);
  });
});

describe('histogram_quantile of native histograms', () => {
  it('is logarithmic within exponential buckets, from either end', () => {
    const series = native({
      schema: 0,
      count: 8,
      sum: 1,
      positiveSpans: [{ offset: 1, length: 2 }],
      positiveBuckets: Float64Array.of(4, 4),
    });
    expect(quantile(0.25, series).results['{}']).toBeCloseTo(Math.SQRT2, 12);
    expect(quantile(0.75, series).results['{}']).toBeCloseTo(2 * Math.SQRT2, 12);
    const mirrored = native({
      schema: 0,
      count: 8,
      sum: 1,
      negativeSpans: [{ offset: 1, length: 2 }],
      negativeBuckets: Float64Array.of(4, 4),
    });
    expect(quantile(0.25, mirrored).results['{}']).toBeCloseTo(-2 * Math.SQRT2, 12);
  });

  it('is linear in the zero bucket, which ends at zero on an empty side', () => {
    const both = { schema: 0, zeroThreshold: 1, zeroCount: 8, sum: 1 };
    expect(quantile(0.25, native({ ...both, count: 8 })).results).toEqual({ '{}': -0.5 });
    const positive = { positiveSpans: [{ offset: 5, length: 1 }], positiveBuckets: Float64Array.of(8) };
    expect(quantile(0.25, native({ ...both, ...positive, count: 16 })).results).toEqual({ '{}': 0.5 });
  });

  it('tells of NaN observations', () => {
    const fields = {
      schema: 0,
      count: 10,
      sum: NaN,
      positiveSpans: [{ offset: 1, length: 1 }],
      positiveBuckets: Float64Array.of(5),
    };
    const skewed = quantile(0.4, native(fields));
    expect(skewed.results['{}']).toBeCloseTo(2 ** 0.8, 12);
    expect(skewed.notes[0]).toContain('result is skewed higher');
    const beyond = quantile(0.6, native(fields));
    expect(beyond.results).toEqual({ '{}': NaN });
    expect(beyond.notes[0]).toContain('result is NaN');
  });

  it('is the inverse of histogram_fraction', () => {
    const anyCounts = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: -1, max: 3 }),
        anyCounts,
        anyCounts,
        fc.integer({ min: 0, max: 9 }),
        (percent, schema, positive, negative, zeroCount) => {
          const count = [...positive, ...negative, zeroCount].reduce((a, b) => a + b, 0);
          fc.pre(count > 0);
          const series = native({
            schema,
            count,
            sum: 1,
            zeroCount,
            zeroThreshold: 1e-4,
            positiveSpans: [{ offset: 0, length: positive.length }],
            positiveBuckets: Float64Array.from(positive),
            negativeSpans: [{ offset: 0, length: negative.length }],
            negativeBuckets: Float64Array.from(negative),
          });
          const value = quantile(percent / 100, series).results['{}']!;
          const below = fraction(-Infinity, value, series).results['{}']!;
          expect(below).toBeCloseTo(percent / 100, 9);
          expect(below + fraction(value, Infinity, series).results['{}']!).toBeCloseTo(1, 12);
        },
      ),
    );
  });
});

describe('histogram_fraction', () => {
  it('of classic histograms is linear within a bucket', () => {
    const series = classic({ '1': 4, '2': 8, '+Inf': 10 });
    expect(fraction(0.5, 1.5, series).results).toEqual({ '{}': 0.4 });
    expect(fraction(-Infinity, Infinity, series).results).toEqual({ '{}': 1 });
    expect(fraction(2, 1, series).results).toEqual({ '{}': 0 });
    expect(fraction(NaN, 1, series).results).toEqual({ '{}': NaN });
    expect(fraction(0, 1, classic({ '1': 4, '2': 8 })).results).toEqual({ '{}': NaN });
  });

  it('counts NaN observations in no fraction', () => {
    const { results, notes } = fraction(-Infinity, Infinity, native({ schema: 0, count: 10, sum: NaN, zeroCount: 4 }));
    expect(results).toEqual({ '{}': 0.4 });
    expect(notes[0]).toContain('excluded from all fractions');
  });
});

describe('histogram_quantiles', () => {
  it('gives each quantile its label', () => {
    const call = functionCall({ grid, args: [undefined, 'q', 0.25, 1] });
    expect(evaluate(histogramQuantiles, classic({ '1': 4, '2': 8, '+Inf': 8 }), call).results).toEqual({
      '{q="0.25"}': 0.5,
      '{q="1.0"}': 2,
    });
  });

  it('has one output for each value that an argument takes over the steps', () => {
    const call = functionCall({ grid: { ...grid, steps: 3 }, args: [undefined, 'q', 0.5] });
    call.scalars[2]!.set([0.5, 0.9, 0.5]);
    const [group] = histogramQuantiles.plan([Labels.from({ le: '1' })], call);
    expect(group!.outputs.map(String)).toEqual(['{q="0.5"}', '{q="0.9"}']);
  });

  it('refuses to make more series than memory holds', () => {
    const call = functionCall({ grid: { ...grid, steps: 11_000 }, args: [undefined, 'q', 0.5] });
    call.scalars[2]!.forEach((_, i, quantiles) => (quantiles[i] = i / 11_000));
    const inputs = Array.from({ length: 1000 }, (_, i) => Labels.from({ i: String(i) }));
    expect(() => histogramQuantiles.plan(inputs, call)).toThrow('11000 quantiles of up to 1000 histograms');
  });

  it('warns of its quantiles also where there is no histogram', () => {
    const call = functionCall({ grid, args: [undefined, 'q', NaN] });
    expect(evaluate(histogramQuantiles, [], call).notes).toEqual([
      'PromQL warning: quantile value should be between 0 and 1, got NaN (1:3)',
    ]);
  });
});

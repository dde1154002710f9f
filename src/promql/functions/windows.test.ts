import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT, Column, FLOAT } from '../column.ts';
import { functionTable } from './table.ts';
import { rangeCall, rangeInput } from './sample-call.ts';

type Floats = [t: number, v: number][];

/** What a function says of one window, taken anew: `undefined` for nothing. */
type Reference = (window: Floats, start: number, end: number) => number | undefined;

const values = (window: Floats) => window.map(([, v]) => v);
const present = (window: Floats) => values(window).filter((v) => !Number.isNaN(v));

/** Sum of exact rational parts: floats as scaled integers, so that nothing is rounded before the end. */
function exactSum(numbers: number[]): number {
  const scale = 2n ** 200n;
  let sum = 0n;
  for (const x of numbers) {
    let [mantissa, exponent] = [Math.abs(x), 200];
    while (!Number.isInteger(mantissa)) [mantissa, exponent] = [mantissa * 2, exponent - 1];
    sum += BigInt(mantissa) * 2n ** BigInt(exponent) * (x < 0 ? -1n : 1n);
  }
  // Enough digits for one correct rounding by way of a decimal string.
  const digits = (sum * 10n ** 40n) / scale;
  return Number(digits) / 1e40;
}

function quantile(q: number, numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  const weight = rank - lower;
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}

function rateOf(window: Floats, start: number, end: number, isCounter: boolean, isRate: boolean): number | undefined {
  if (window.length < 2) return undefined;
  const [firstT, firstV] = window[0]!;
  const [lastT, lastV] = window.at(-1)!;
  let increase = lastV - firstV;
  for (let j = 1; isCounter && j < window.length; j++)
    if (window[j]![1] < window[j - 1]![1]) increase += window[j - 1]![1];
  const sampled = (lastT - firstT) / 1000;
  const spacing = sampled / (window.length - 1);
  let toStart = (firstT - start) / 1000;
  let toEnd = (end - lastT) / 1000;
  if (toStart >= spacing * 1.1) toStart = spacing / 2;
  if (toEnd >= spacing * 1.1) toEnd = spacing / 2;
  if (isCounter && increase > 0 && firstV >= 0) toStart = Math.min(toStart, sampled * (firstV / increase));
  let factor = (sampled + toStart + toEnd) / sampled;
  if (isRate) factor /= (end - start) / 1000;
  return increase * factor;
}

const nonEmpty =
  (of: (window: Floats) => number): Reference =>
  (window) =>
    window.length === 0 ? undefined : of(window);

const references: Record<string, Reference> = {
  count_over_time: nonEmpty((window) => window.length),
  min_over_time: nonEmpty((window) => present(window).reduce((a, b) => (b < a ? b : a), present(window)[0] ?? NaN)),
  max_over_time: nonEmpty((window) => present(window).reduce((a, b) => (b > a ? b : a), present(window)[0] ?? NaN)),
  ts_of_max_over_time: nonEmpty((window) => {
    const highest = Math.max(...present(window));
    const at = window.filter(([, v]) => (present(window).length === 0 ? true : v === highest));
    return at.at(-1)![0] / 1000;
  }),
  ts_of_min_over_time: nonEmpty((window) => {
    const lowest = Math.min(...present(window));
    const at = window.filter(([, v]) => (present(window).length === 0 ? true : v === lowest));
    return at.at(-1)![0] / 1000;
  }),
  changes: nonEmpty(
    (window) =>
      window.filter(
        ([, v], j) => j > 0 && !(v === window[j - 1]![1] || (v !== v && window[j - 1]![1] !== window[j - 1]![1])),
      ).length,
  ),
  resets: nonEmpty((window) => window.filter(([, v], j) => j > 0 && v < window[j - 1]![1]).length),
  mad_over_time: nonEmpty((window) => {
    if (present(window).length < window.length) return NaN;
    const median = quantile(0.5, values(window));
    return quantile(
      0.5,
      values(window).map((v) => Math.abs(v - median)),
    );
  }),
  rate: (window, start, end) => rateOf(window, start, end, true, true),
  increase: (window, start, end) => rateOf(window, start, end, true, false),
  delta: (window, start, end) => rateOf(window, start, end, false, false),
  irate: (window) => {
    if (window.length < 2) return undefined;
    const [[t1, v1], [t2, v2]] = window.slice(-2) as [[number, number], [number, number]];
    return (v2 < v1 ? v2 : v2 - v1) / ((t2 - t1) / 1000);
  },
};

/** Runs a function and its reference over the same windows. */
function expectSame(
  func: string,
  reference: Reference,
  samples: Floats,
  rangeMs: number,
  stepMs: number,
  close = false,
) {
  const steps = 25;
  const call = rangeCall({
    grid: { startMs: 1000, stepMs, steps },
    rangeMs,
    args: func === 'quantile_over_time' ? [0.3, undefined] : [undefined],
  });
  const implementation = functionTable.get(func)!;
  if (implementation.kind !== 'range') throw new Error(`${func} is no range function`);
  const out = new Column(steps);
  implementation.kernel(rangeInput(samples, call), call, out);
  for (let i = 0; i < steps; i++) {
    const end = 1000 + i * stepMs;
    const window = samples.filter(([t]) => t > end - rangeMs && t <= end);
    const expected = reference(window, end - rangeMs, end);
    const what = `${func} of ${JSON.stringify(window)} in (${end - rangeMs}, ${end}]`;
    if (expected === undefined) {
      expect(out.kinds[i], what).toBe(ABSENT);
      continue;
    }
    expect(out.kinds[i], what).toBe(FLOAT);
    if (close && Number.isFinite(expected)) {
      const magnitude = values(window).reduce((sum, v) => sum + Math.abs(v), 0);
      expect(Math.abs(out.values[i]! - expected), what).toBeLessThanOrEqual(
        Math.abs(expected) * 1e-15 + magnitude * 1e-28,
      );
    } else if (expected === 0) expect(Math.abs(out.values[i]!), what).toBe(0);
    else expect(out.values[i], what).toBe(expected);
  }
}

const anySeries = (value: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), value), { maxLength: 120 }).map((steps) => {
    let t = 0;
    return steps.map(([gap, v]): [number, number] => [(t += gap), v]);
  });

const ranges = fc.constantFrom(50, 300, 2500, 20_000);
const stepSizes = fc.constantFrom(40, 300, 1700);
const tricky = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 9 }) },
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e300, -1e300),
);

describe('windows carried along give what windows taken anew give', () => {
  for (const [func, reference] of Object.entries(references)) {
    it(func, () => {
      // Infinities make NaN differences, about which there is nothing to compare.
      const value = /rate|increase|delta|mad/.test(func) ? fc.integer({ min: 0, max: 50 }) : tricky;
      fc.assert(
        fc.property(anySeries(value), ranges, stepSizes, (samples, rangeMs, stepMs) => {
          expectSame(func, reference, samples, rangeMs, stepMs);
        }),
      );
    });
  }

  it('quantile_over_time', () => {
    const value = fc.oneof(
      { weight: 9, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: -9, max: 9 }) },
      fc.constant(NaN),
    );
    fc.assert(
      fc.property(anySeries(value), ranges, stepSizes, (samples, rangeMs, stepMs) => {
        expectSame(
          'quantile_over_time',
          nonEmpty((window) => quantile(0.3, values(window))),
          samples,
          rangeMs,
          stepMs,
        );
      }),
    );
  });

  it('sum_over_time and avg_over_time, to the last digit but one of the exact sum', () => {
    const value = fc.oneof(
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
        .map((x) => Math.round(x * 2 ** 20) / 2 ** 20),
      fc.constantFrom(1e15, -1e15, 0.1, 1e-5).map((x) => Math.round(x * 2 ** 50) / 2 ** 50),
    );
    fc.assert(
      fc.property(anySeries(value), ranges, stepSizes, (samples, rangeMs, stepMs) => {
        const sum = nonEmpty((window) => exactSum(values(window)));
        const mean = nonEmpty((window) => exactSum(values(window)) / window.length);
        expectSame('sum_over_time', sum, samples, rangeMs, stepMs, true);
        expectSame('avg_over_time', mean, samples, rangeMs, stepMs, true);
      }),
      { numRuns: 60 },
    );
  });

  it('sum_over_time and avg_over_time keep what cancellation would lose', () => {
    const period = [1e18, 0.1, -1e18, 0.2];
    const samples: Floats = Array.from({ length: 130 }, (_, i) => [700 + i * 10, period[i % 4]!]);
    // Windows of 8 whole periods, once they are full.
    const sum = nonEmpty((window) => exactSum(values(window)));
    expectSame('sum_over_time', sum, samples, 320, 40, true);
    expectSame(
      'avg_over_time',
      nonEmpty((window) => exactSum(values(window)) / window.length),
      samples,
      320,
      40,
      true,
    );
  });

  it('sum_over_time does not remember a giant that has left the window', () => {
    const samples: Floats = Array.from({ length: 100 }, (_, i) => [1000 + i * 10, i === 20 ? 1e300 : 0.1]);
    expectSame(
      'sum_over_time',
      nonEmpty((window) => (window.some(([, v]) => v > 1) ? 1e300 : exactSum(values(window)))),
      samples,
      300,
      40,
      true,
    );
  });
});

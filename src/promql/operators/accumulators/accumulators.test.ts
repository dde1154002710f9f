import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatHistogram, Labels } from '../../../model/index.ts';
import { Annotations } from '../../annotations.ts';
import { ABSENT, Column, FLOAT, HISTOGRAM } from '../../column.ts';
import type { Accumulator, AccumulatorNotes } from './accumulator.ts';
import { AverageAccumulator } from './average.ts';
import { DeviationAccumulator } from './deviation.ts';
import { ExtremeAccumulator } from './extreme.ts';
import { quantileOf, QuantileAccumulator } from './quantile.ts';
import { SumAccumulator } from './sum.ts';

const STEPS = 5;

function notes(op: string): AccumulatorNotes {
  return { annotations: new Annotations(), op, pos: { start: 0, end: 0 } };
}

function columnOf(values: readonly (number | undefined)[]): Column {
  const column = new Column(values.length);
  values.forEach((value, i) => {
    if (value === undefined) return;
    column.kinds[i] = FLOAT;
    column.values[i] = value;
  });
  return column;
}

function result(accumulator: Accumulator, slot: number): (number | undefined)[] {
  const out = new Column(STEPS);
  accumulator.finish(slot, out);
  return Array.from(out.values, (value, i) => (out.kinds[i] === ABSENT ? undefined : value));
}

/** Kahan–Neumaier as Prometheus writes it. */
function compensatedSum(values: readonly number[]): number {
  let sum = values[0]!;
  let compensation = 0;
  for (const value of values.slice(1)) {
    const next = sum + value;
    if (next === Infinity || next === -Infinity) compensation = 0;
    else if (Math.abs(sum) >= Math.abs(value)) compensation += sum - next + value;
    else compensation += value - next + sum;
    sum = next;
  }
  return sum + compensation;
}

const value = fc.oneof(
  fc.double(),
  fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
  fc.constantFrom(Infinity, -Infinity, NaN, 1.7e308, -0),
);
const cells = fc.array(fc.option(value, { nil: undefined, freq: 6 }), { minLength: STEPS, maxLength: STEPS });
const matrix = fc.array(cells, { minLength: 1, maxLength: 12 });

/** The present values of each step. */
function byStep(rows: readonly (readonly (number | undefined)[])[]): number[][] {
  return Array.from({ length: STEPS }, (_, i) => rows.map((row) => row[i]).filter((v) => v !== undefined));
}

describe('accumulators', () => {
  it('sum: give what Neumaier gives, bit for bit, for any mix of present and absent steps', () => {
    fc.assert(
      fc.property(matrix, (rows) => {
        const accumulator = new SumAccumulator(2, STEPS, notes('sum'));
        for (const row of rows) accumulator.absorb(1, columnOf(row), () => Labels.EMPTY);
        expect(result(accumulator, 1)).toEqual(
          byStep(rows).map((v) => (v.length === 0 ? undefined : compensatedSum(v))),
        );
        expect(result(accumulator, 0)).toEqual(new Array(STEPS).fill(undefined));
      }),
      { numRuns: 500 },
    );
  });

  it('avg: stays finite where the sum would not, and is exact where nothing is lost', () => {
    fc.assert(
      fc.property(matrix, (rows) => {
        const accumulator = new AverageAccumulator(1, STEPS, notes('avg'));
        for (const row of rows) accumulator.absorb(0, columnOf(row), () => Labels.EMPTY);
        byStep(rows).forEach((values, i) => {
          const mean = result(accumulator, 0)[i];
          if (values.length === 0) expect(mean).toBeUndefined();
          else if (values.every((v) => Math.abs(v) < 1e300)) {
            const expected = compensatedSum(values) / values.length;
            const scale = Math.max(...values.map(Math.abs));
            expect(Math.abs(mean! - expected)).toBeLessThanOrEqual(scale * 1e-13);
          } else if (values.every(Number.isFinite)) expect(Number.isFinite(mean)).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('min and max: yield NaN only where there is nothing else', () => {
    fc.assert(
      fc.property(matrix, (rows) => {
        for (const op of ['min', 'max'] as const) {
          const accumulator = new ExtremeAccumulator(1, STEPS, notes(op));
          for (const row of rows) accumulator.absorb(0, columnOf(row));
          const expected = byStep(rows).map((values) => {
            const numbers = values.filter((v) => !Number.isNaN(v));
            if (values.length === 0) return undefined;
            return numbers.length === 0 ? NaN : Math[op](...numbers);
          });
          // -0 and 0 are equal: whichever came first stays.
          expect(result(accumulator, 0).map((v) => v && v + 0)).toEqual(expected.map((v) => v && v + 0));
        }
      }),
    );
  });

  it('stddev: is the root of the mean squared distance', () => {
    const accumulator = new DeviationAccumulator(1, STEPS, notes('stddev'));
    for (const v of [2, 4, 4, 4, 5, 5, 7, 9]) accumulator.absorb(0, columnOf([v, undefined, v, Infinity, 1]));
    expect(result(accumulator, 0)).toEqual([2, undefined, 2, NaN, 0]);
  });

  it('quantile: is linear between the ranks of the sorted values, NaN lowest', () => {
    const quantiles = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1, -1, 2, NaN));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), quantiles, (values, q) => {
        const sorted = [...values].sort((a, b) =>
          Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : a < b ? -1 : a > b ? 1 : 0,
        );
        const rank = q * (values.length - 1);
        const lower = Math.floor(rank);
        const upper = Math.min(values.length - 1, lower + 1);
        const weight = rank - lower;
        const expected = Number.isNaN(q)
          ? NaN
          : q < 0
            ? -Infinity
            : q > 1
              ? Infinity
              : sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
        expect(quantileOf(Float64Array.from(values), values.length, q) + 0).toBe(expected + 0);
      }),
      { numRuns: 500 },
    );
  });

  it('quantile: takes each step by itself', () => {
    const accumulator = new QuantileAccumulator(
      1,
      STEPS,
      Float64Array.of(0, 0.5, 1, 0.5, 0.5),
      notes('quantile'),
      () => {},
    );
    for (const v of [3, 1, 2]) accumulator.absorb(0, columnOf([v, v, v, undefined, v === 1 ? undefined : v]));
    expect(result(accumulator, 0)).toEqual([1, 2, 3, undefined, 2.5]);
    accumulator.reset(0);
    expect(result(accumulator, 0)).toEqual(new Array(STEPS).fill(undefined));
  });

  it('start anew after a reset, and give the same result when asked twice', () => {
    const accumulator = new SumAccumulator(1, STEPS, notes('sum'));
    const histograms = new Column(STEPS);
    histograms.setHistogram(0, floatHistogram({ count: 2, sum: 3 }));
    accumulator.absorb(0, histograms, () => Labels.EMPTY);
    accumulator.absorb(0, histograms, () => Labels.EMPTY);
    const out = new Column(STEPS);
    for (let i = 0; i < 2; i++) {
      accumulator.finish(0, out);
      expect(out.kinds[0]).toBe(HISTOGRAM);
      expect(out.histograms![0]).toMatchObject({ count: 4, sum: 6 });
    }
    expect(histograms.histograms![0]).toMatchObject({ count: 2, sum: 3 });
    accumulator.reset(0);
    accumulator.absorb(0, columnOf([1, 1, 1, 1, 1]), () => Labels.EMPTY);
    expect(result(accumulator, 0)).toEqual([1, 1, 1, 1, 1]);
  });
});

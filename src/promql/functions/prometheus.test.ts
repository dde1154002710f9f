import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFloatGo } from '../../model/index.ts';
import { ABSENT, Column, FLOAT } from '../column.ts';
import { functionTable } from './table.ts';
import { functionCall, rangeCall, rangeInput, type Sample } from './sample-call.ts';

// Answers of a Prometheus 3.5.3 server (amd64) to range queries over the same samples: JSON, in a file no formatter touches.
interface Recorded {
  readonly series: Record<string, [t: number, v: string][]>;
  readonly range: {
    readonly func: string;
    readonly before: (number | string)[];
    readonly after: (number | string)[];
    readonly series: string;
    readonly range: number;
    readonly step: number;
    readonly from: number;
    readonly values: (string | null)[];
  }[];
  readonly element: {
    readonly func: string;
    readonly args: (number | string)[];
    readonly values: (string | null)[];
  }[];
}

const recorded = JSON.parse(
  readFileSync(new URL('testdata/prometheus-3.5.3.txt', import.meta.url), 'utf8'),
) as Recorded;

const samplesOf = (name: string): Sample[] => recorded.series[name]!.map(([t, v]) => [t, parseFloatGo(v)!]);
const number = (arg: number | string) => (typeof arg === 'number' ? arg : parseFloatGo(arg)!);

/** Equal up to a relative difference of 1e-12, or the absolute one given; NaN equals NaN. */
function expectClose(actual: Column, wanted: readonly (string | null)[], what: string, absolute = 0): void {
  wanted.forEach((text, i) => {
    const step = `${what}, step ${i}`;
    if (text === null) {
      expect(actual.kinds[i], step).toBe(ABSENT);
      return;
    }
    expect(actual.kinds[i], step).toBe(FLOAT);
    const value = actual.values[i]!;
    const expected = parseFloatGo(text)!;
    if (Number.isNaN(expected) || !Number.isFinite(expected)) expect(value, step).toBe(expected);
    else
      expect(Math.abs(value - expected), `${step}: ${value} for ${text}`).toBeLessThanOrEqual(
        Math.max(absolute, Math.abs(expected) * 1e-12),
      );
  });
}

describe('range functions give what Prometheus gives', () => {
  for (const func of new Set(recorded.range.map((one) => one.func))) {
    it(func, () => {
      for (const one of recorded.range.filter((other) => other.func === func)) {
        // Newer Prometheus, which this follows, propagates NaN.
        if (func === 'mad_over_time' && one.series === 'special') continue;
        const call = rangeCall({
          grid: { startMs: one.from * 1000, stepMs: one.step * 1000, steps: one.values.length },
          rangeMs: one.range * 1000,
          args: [...one.before.map(number), undefined, ...one.after.map(number)],
        });
        const implementation = functionTable.get(func)!;
        if (implementation.kind !== 'range') throw new Error(`${func} is no range function`);
        const out = new Column(one.values.length);
        implementation.kernel(rangeInput(samplesOf(one.series), call), call, out);
        expectClose(out, one.values, `${func}(${one.series}[${one.range}s]) ${one.before} ${one.after}`);
      }
    });
  }
});

/** Where Go's assembly for amd64, not its documentation, has no exact result: too near the ends of the range of floats. */
const goGivesUp: Record<string, number[]> = {
  exp: [709.5],
  sinh: [709.5, 710],
  cosh: [709.5, 710],
  ln: [5e-324],
  log10: [5e-324],
  log2: [5e-324],
};

describe('functions of samples give what Prometheus gives', () => {
  for (const func of new Set(recorded.element.map((one) => one.func))) {
    it(func, () => {
      for (const one of recorded.element.filter((other) => other.func === func)) {
        const steps = one.values.length;
        const call = functionCall({
          grid: { startMs: 0, stepMs: 1000, steps },
          args: [undefined, ...one.args.map(number)],
        });
        const implementation = functionTable.get(func)!;
        if (implementation.kind !== 'element') throw new Error(`${func} is no function of samples`);
        const column = new Column(steps);
        const wanted = [...one.values];
        samplesOf('x').forEach(([, x], i) => {
          column.values[i] = x as number;
          column.kinds[i] = FLOAT;
          if (!goGivesUp[func]?.includes(x as number)) return;
          column.kinds[i] = ABSENT;
          wanted[i] = null;
        });
        implementation.apply(column, call);
        // Go takes acos(x) from asin(x), which costs digits near 1.
        expectClose(column, wanted, `${func}(x, ${one.args})`, func === 'acos' ? 1e-13 : 0);
      }
    });
  }
});

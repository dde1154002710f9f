import { FLOAT, type Column } from '../column.ts';
import type { RangeFunction } from '../functions-contract.ts';

/** `first_over_time` and `last_over_time`: the sample at one end of each window, float or histogram, under its own name. */
export function endFunction(end: 'first' | 'last'): RangeFunction {
  return {
    kind: 'range',
    keepsName: true,
    kernel(input, _call, out) {
      const { t, v, from, to, histograms } = input;
      const { values, kinds, steps } = out;
      for (let i = 0; i < steps; i++) {
        const float = to[i]! <= from[i]! ? -1 : end === 'first' ? from[i]! : to[i]! - 1;
        if (float >= 0) {
          values[i] = v[float]!;
          kinds[i] = FLOAT;
        }
        if (histograms === undefined || histograms.to[i]! <= histograms.from[i]!) continue;
        const histogram = end === 'first' ? histograms.from[i]! : histograms.to[i]! - 1;
        const histogramT = histograms.t[histogram]!;
        if (float < 0 || (end === 'first' ? histogramT <= t[float]! : histogramT >= t[float]!)) {
          out.setHistogram(i, histograms.h[histogram]!);
        }
      }
    },
  };
}

/** `ts_of_first_over_time` and `ts_of_last_over_time`: the time of that sample, in seconds. */
export function endTimeFunction(end: 'first' | 'last'): RangeFunction {
  return {
    kind: 'range',
    kernel(input, _call, out) {
      const { t, from, to, histograms } = input;
      for (let i = 0; i < out.steps; i++) {
        let time = NaN;
        if (to[i]! > from[i]!) time = end === 'first' ? t[from[i]!]! : t[to[i]! - 1]!;
        if (histograms !== undefined && histograms.to[i]! > histograms.from[i]!) {
          const at = histograms.t[end === 'first' ? histograms.from[i]! : histograms.to[i]! - 1]!;
          if (Number.isNaN(time) || (end === 'first' ? at < time : at > time)) time = at;
        }
        if (!Number.isNaN(time)) setFloat(out, i, time / 1000);
      }
    },
  };
}

/** `count_over_time`: how many samples of either kind each window holds; `present_over_time`: 1 where it holds any. */
export function countFunction(counts: boolean): RangeFunction {
  return {
    kind: 'range',
    kernel(input, _call, out) {
      const { from, to, histograms } = input;
      for (let i = 0; i < out.steps; i++) {
        let count = to[i]! - from[i]!;
        if (histograms !== undefined) count += histograms.to[i]! - histograms.from[i]!;
        if (count > 0) setFloat(out, i, counts ? count : 1);
      }
    },
  };
}

function setFloat(out: Column, i: number, value: number): void {
  out.values[i] = value;
  out.kinds[i] = FLOAT;
}

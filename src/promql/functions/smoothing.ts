import { formatFloat } from '../../model/index.ts';
import { executionError } from '../errors.ts';
import { FLOAT } from '../column.ts';
import type { RangeFunction } from '../functions-contract.ts';
import { annotateIgnored } from './extremes-over-time.ts';
import { hasHistograms } from './notes.ts';

/**
 * `double_exponential_smoothing(range, smoothing factor, trend factor)`: the smoothed value at the end of each window.
 *
 * @see Prometheus `promql/functions.go`, funcDoubleExponentialSmoothing (3.14)
 */
export const doubleExponentialSmoothing: RangeFunction = {
  kind: 'range',
  kernel(input, call, out) {
    const { v, from, to } = input;
    for (let i = 0; i < out.steps; i++) {
      if (to[i]! <= from[i]! && !hasHistograms(input, i)) continue;
      const smoothing = call.scalars[1]![i]!;
      const trend = call.scalars[2]![i]!;
      checkFactor('smoothing', 'sf', smoothing);
      checkFactor('trend', 'tf', trend);
      if (to[i]! - from[i]! < 2) continue;
      out.values[i] = smooth(v, from[i]!, to[i]!, smoothing, trend);
      out.kinds[i] = FLOAT;
    }
    annotateIgnored(input, call, out);
  },
};

function smooth(v: Float64Array, from: number, to: number, smoothing: number, trend: number): number {
  let previous = 0;
  let current = v[from]!;
  let slope = v[from + 1]! - v[from]!;
  for (let j = from + 1; j < to; j++) {
    // The first slope is the first difference itself.
    if (j > from + 1) slope = trend * (current - previous) + (1 - trend) * slope;
    const next = smoothing * v[j]! + (1 - smoothing) * (current + slope);
    previous = current;
    current = next;
  }
  return current;
}

function checkFactor(name: string, short: string, factor: number): void {
  if (factor <= 0 || factor >= 1) {
    // Go's %f.
    const got = Number.isFinite(factor) ? factor.toFixed(6) : formatFloat(factor);
    throw executionError(`invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${got}`);
  }
}

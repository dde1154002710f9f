import { FLOAT } from '../column.ts';
import type { RangeFunction, RangeInput } from '../functions-contract.ts';
import { annotateIgnored } from './extremes-over-time.ts';

/** `deriv`: the slope per second of the line of least squares through each window. */
export const deriv: RangeFunction = {
  kind: 'range',
  kernel(input, call, out) {
    const line = { slope: 0, intercept: 0 };
    const { t, from, to } = input;
    for (let i = 0; i < out.steps; i++) {
      if (to[i]! - from[i]! < 2) continue;
      // Near the samples, so that no digits go into the distance from 1970.
      fitLine(input, from[i]!, to[i]!, t[from[i]!]!, line);
      out.values[i] = line.slope;
      out.kinds[i] = FLOAT;
    }
    annotateIgnored(input, call, out);
  },
};

/** `predict_linear(range, seconds)`: where that line is so many seconds after the step. */
export const predictLinear: RangeFunction = {
  kind: 'range',
  kernel(input, call, out) {
    const line = { slope: 0, intercept: 0 };
    const { from, to } = input;
    const seconds = call.scalars[1]!;
    for (let i = 0; i < out.steps; i++) {
      if (to[i]! - from[i]! < 2) continue;
      fitLine(input, from[i]!, to[i]!, call.grid.startMs + i * call.grid.stepMs, line);
      out.values[i] = line.slope * seconds[i]! + line.intercept;
      out.kinds[i] = FLOAT;
    }
    annotateIgnored(input, call, out);
  },
};

/**
 * The line of least squares through the samples `from ≤ j < to`, compensated sums throughout. The line through equal values is level, also
 * where the sums would say almost.
 *
 * @param originMs where the intercept is taken
 * @param line gets slope (per second) and intercept
 * @see Prometheus `promql/functions.go`, linearRegression (3.14)
 */
function fitLine(
  { t, v }: RangeInput,
  from: number,
  to: number,
  originMs: number,
  line: { slope: number; intercept: number },
): void {
  const first = v[from]!;
  let level = from + 1;
  while (level < to && v[level] === first) level++;
  if (level === to) {
    const finite = Number.isFinite(first);
    line.slope = finite ? 0 : NaN;
    line.intercept = finite ? first : NaN;
    return;
  }
  const n = to - from;
  let sumX = 0;
  let sumY = 0;
  let sumXY = 0;
  let sumXX = 0;
  let errorX = 0;
  let errorY = 0;
  let errorXY = 0;
  let errorXX = 0;
  for (let j = from; j < to; j++) {
    const x = (t[j]! - originMs) / 1e3;
    const y = v[j]!;
    const xy = x * y;
    const xx = x * x;
    let s = sumX + x;
    errorX += Math.abs(sumX) >= Math.abs(x) ? sumX - s + x : x - s + sumX;
    sumX = s;
    s = sumXX + xx;
    errorXX += sumXX >= xx ? sumXX - s + xx : xx - s + sumXX;
    sumXX = s;
    s = sumY + y;
    if (s === Infinity || s === -Infinity) errorY = 0;
    else errorY += Math.abs(sumY) >= Math.abs(y) ? sumY - s + y : y - s + sumY;
    sumY = s;
    s = sumXY + xy;
    if (s === Infinity || s === -Infinity) errorXY = 0;
    else errorXY += Math.abs(sumXY) >= Math.abs(xy) ? sumXY - s + xy : xy - s + sumXY;
    sumXY = s;
  }
  sumX += errorX;
  sumY += errorY;
  sumXY += errorXY;
  sumXX += errorXX;
  const covariance = sumXY - (sumX * sumY) / n;
  const variance = sumXX - (sumX * sumX) / n;
  line.slope = covariance / variance;
  line.intercept = sumY / n - (line.slope * sumX) / n;
}

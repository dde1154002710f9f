import { FLOAT } from '../column.ts';
import type { RangeFunction } from '../functions-contract.ts';
import { annotateIgnored } from './extremes-over-time.ts';

/** `stdvar_over_time` and, with `root`, `stddev_over_time`: of the whole population, by Welford's method with compensated sums. */
export function deviationFunction(root: boolean): RangeFunction {
  return {
    kind: 'range',
    kernel(input, call, out) {
      const { v, from, to } = input;
      for (let i = 0; i < out.steps; i++) {
        if (to[i]! <= from[i]!) continue;
        const variance = varianceOf(v, from[i]!, to[i]!);
        out.values[i] = root ? Math.sqrt(variance) : variance;
        out.kinds[i] = FLOAT;
      }
      annotateIgnored(input, call, out);
    },
  };
}

/**
 * Variance of `v[from … to)`, not empty. Taken anew for each window: its rounding errors depend on the order of the values, in the tenth digit
 * where the mean is large beside the deviation, and they are to be Prometheus's.
 *
 * @see Prometheus `promql/functions.go`, varianceOverTime (3.14)
 */
export function varianceOf(v: Float64Array, from: number, to: number): number {
  let mean = 0;
  let meanError = 0;
  let squares = 0;
  let squaresError = 0;
  for (let j = from; j < to; j++) {
    const x = v[j]!;
    const delta = x - (mean + meanError);
    const share = delta / (j - from + 1);
    let t = mean + share;
    if (t === Infinity || t === -Infinity) meanError = 0;
    else if (Math.abs(mean) >= Math.abs(share)) meanError += mean - t + share;
    else meanError += share - t + mean;
    mean = t;
    const square = delta * (x - (mean + meanError));
    t = squares + square;
    if (t === Infinity || t === -Infinity) squaresError = 0;
    else if (Math.abs(squares) >= Math.abs(square)) squaresError += squares - t + square;
    else squaresError += square - t + squares;
    squares = t;
  }
  return (squares + squaresError) / (to - from);
}

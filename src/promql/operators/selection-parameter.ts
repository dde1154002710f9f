import { formatFloatGeneral } from '../../model/index.ts';
import { executionError } from '../errors.ts';

/** Largest and smallest float that Go can convert to an int64. */
const MAX_INT64 = 9223372036854774784;
const MIN_INT64 = -9223372036854775808;

/**
 * How many series per group are asked for at each step: whole, at least 0; undefined when that is none at any step.
 *
 * @throws {QueryError} for NaN and what no int64 holds
 * @see Prometheus `promql/engine.go` (3.14), rangeEvalAgg
 */
export function selectionSizes(param: Float64Array): Float64Array | undefined {
  const { max, min, hasNaN } = boundsOf(param);
  if (max < 1) return undefined;
  if (hasNaN) throw executionError('Parameter value is NaN');
  if (min <= MIN_INT64) throw executionError(`Scalar value ${formatFloatGeneral(min)} underflows int64`);
  if (max >= MAX_INT64) throw executionError(`Scalar value ${formatFloatGeneral(max)} overflows int64`);
  return param.map((value) => Math.max(0, Math.trunc(value)));
}

export interface ParameterBounds {
  /** NaN when any value is. */
  readonly max: number;
  readonly min: number;
  readonly hasNaN: boolean;
}

export function boundsOf(param: Float64Array): ParameterBounds {
  let max = -Infinity;
  let min = Infinity;
  let hasNaN = false;
  for (const value of param) {
    if (value !== value) hasNaN = true;
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  return { max, min, hasNaN };
}

import type { ValueType } from './ast.ts';

/** How a PromQL function may be called. */
export interface FunctionSignature {
  readonly name: string;
  /** Types of the arguments in order; further arguments of a variadic function have the last type. */
  readonly argTypes: readonly ValueType[];
  /** 0: exactly `argTypes`. n > 0: the last of `argTypes` is optional, up to n of it. -1: any number of the last, also none. */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Needs `enableExperimentalFunctions`. */
  readonly experimental: boolean;
}

const types = { v: 'vector', m: 'matrix', s: 'scalar', t: 'string' } as const satisfies Record<string, ValueType>;
type TypeLetter = keyof typeof types;

const signatures = new Map<string, FunctionSignature>();

/** Adds functions that share a signature: `args` and `returns` in the letters of `types`. */
function define(names: string, args: string, returns: TypeLetter, { variadic = 0, experimental = false } = {}): void {
  for (const name of names.split(' ')) {
    const argTypes = [...args].map((letter) => types[letter as TypeLetter]);
    signatures.set(name, { name, argTypes, variadic, returnType: types[returns], experimental });
  }
}

define(
  'abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan tanh',
  'v',
  'v',
);
define('absent sort sort_desc timestamp', 'v', 'v');
define('histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum', 'v', 'v');
define('changes delta deriv idelta increase irate rate resets absent_over_time present_over_time', 'm', 'v');
define('avg_over_time count_over_time first_over_time last_over_time max_over_time min_over_time', 'm', 'v');
define('stddev_over_time stdvar_over_time sum_over_time', 'm', 'v');
define('quantile_over_time', 'sm', 'v');
define('predict_linear', 'ms', 'v');
define('clamp', 'vss', 'v');
define('clamp_max clamp_min', 'vs', 'v');
define('round', 'vs', 'v', { variadic: 1 });
define('day_of_month day_of_week day_of_year days_in_month hour minute month year', 'v', 'v', { variadic: 1 });
define('histogram_fraction', 'ssv', 'v');
define('histogram_quantile', 'sv', 'v');
define('label_join', 'vttt', 'v', { variadic: -1 });
define('label_replace', 'vtttt', 'v');
define('pi time', '', 's');
define('scalar', 'v', 's');
define('vector', 's', 'v');

define('start_timestamp', 'v', 'v', { experimental: true });
define('mad_over_time ts_of_first_over_time ts_of_last_over_time', 'm', 'v', { experimental: true });
define('ts_of_max_over_time ts_of_min_over_time', 'm', 'v', { experimental: true });
define('double_exponential_smoothing', 'mss', 'v', { experimental: true });
define('histogram_quantiles', 'vtss', 'v', { variadic: 9, experimental: true });
define('info', 'vv', 'v', { variadic: 1, experimental: true });
define('sort_by_label sort_by_label_desc', 'vt', 'v', { variadic: -1, experimental: true });
define('start end step range', '', 's', { experimental: true });
define('max_of min_of', 'ss', 's', { experimental: true });

/**
 * Every function of PromQL by name.
 *
 * @see Prometheus `promql/parser/functions.go` (3.14)
 */
export const functions: ReadonlyMap<string, FunctionSignature> = signatures;

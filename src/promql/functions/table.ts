import type { FunctionImplementation, FunctionTable } from '../functions-contract.ts';
import { changeFunction } from './changes.ts';
import { dateFunctions } from './date.ts';
import { deviationFunction } from './deviation-over-time.ts';
import { clamp, clampMax, clampMin, elementFunctions, round } from './element.ts';
import { countFunction, endFunction, endTimeFunction } from './ends-over-time.ts';
import { rateFunction } from './extrapolated-rate.ts';
import { extremeFunction } from './extremes-over-time.ts';
import { histogramFraction, histogramQuantile, histogramQuantiles } from './histogram-quantile.ts';
import { histogramStatistics } from './histogram-stats.ts';
import { instantRateFunction } from './instant-rate.ts';
import { labelJoin, labelReplace } from './label.ts';
import { madOverTime, quantileOverTime } from './quantile-over-time.ts';
import { deriv, predictLinear } from './regression.ts';
import { maxOf, minOf, pi, time } from './scalar.ts';
import { doubleExponentialSmoothing } from './smoothing.ts';
import { avgOverTime, sumOverTime } from './sum-over-time.ts';

/** Every function of PromQL by name, but those that are operators of the engine (see `FunctionImplementation`). */
export const functionTable: FunctionTable = new Map<string, FunctionImplementation>([
  ...elementFunctions,
  ...dateFunctions,
  ...histogramStatistics,
  ['avg_over_time', avgOverTime],
  ['changes', changeFunction('changes')],
  ['clamp', clamp],
  ['clamp_max', clampMax],
  ['clamp_min', clampMin],
  ['count_over_time', countFunction(true)],
  ['delta', rateFunction(false, false)],
  ['deriv', deriv],
  ['double_exponential_smoothing', doubleExponentialSmoothing],
  ['first_over_time', endFunction('first')],
  ['histogram_fraction', histogramFraction],
  ['histogram_quantile', histogramQuantile],
  ['histogram_quantiles', histogramQuantiles],
  ['idelta', instantRateFunction(false)],
  ['increase', rateFunction(true, false)],
  ['irate', instantRateFunction(true)],
  ['label_join', labelJoin],
  ['label_replace', labelReplace],
  ['last_over_time', endFunction('last')],
  ['mad_over_time', madOverTime],
  ['max_of', maxOf],
  ['max_over_time', extremeFunction('max', 'value')],
  ['min_of', minOf],
  ['min_over_time', extremeFunction('min', 'value')],
  ['pi', pi],
  ['predict_linear', predictLinear],
  ['present_over_time', countFunction(false)],
  ['quantile_over_time', quantileOverTime],
  ['rate', rateFunction(true, true)],
  ['resets', changeFunction('resets')],
  ['round', round],
  ['stddev_over_time', deviationFunction(true)],
  ['stdvar_over_time', deviationFunction(false)],
  ['sum_over_time', sumOverTime],
  ['time', time],
  ['ts_of_first_over_time', endTimeFunction('first')],
  ['ts_of_last_over_time', endTimeFunction('last')],
  ['ts_of_max_over_time', extremeFunction('max', 'time')],
  ['ts_of_min_over_time', extremeFunction('min', 'time')],
]);

import type { MetricType } from '../metadata.ts';
import { formatFloatGeneral, parseFloatGo } from '../number.ts';

/** A float as OpenMetrics writes the values of `le` and `quantile`: with a point or an exponent, `+Inf`, `NaN`. */
export function formatOpenMetricsFloat(value: number): string {
  const text = formatFloatGeneral(value);
  // `+Inf` and `NaN` have neither.
  return Number.isFinite(value) && !/[.e]/.test(text) ? `${text}.0` : text;
}

/** `le` of histograms and `quantile` of summaries in that form, so that `1` and `1.0` are one bucket; other labels as they are. */
export function normalizeLabelValue(type: MetricType, name: string, value: string): string {
  const isBound = (type === 'histogram' && name === 'le') || (type === 'summary' && name === 'quantile');
  if (!isBound) return value;
  const bound = parseFloatGo(value);
  if (bound === undefined || (!Number.isFinite(bound) && /\d/.test(value))) return value;
  return formatOpenMetricsFloat(bound);
}

/** Functions of range vectors that look at their parameters for every series, and may complain of them. */
const MAY_COMPLAIN = new Set(['quantile_over_time', 'double_exponential_smoothing']);

/** Whether a metric's name says that it is a counter. */
export function hasCounterSuffix(name: string): boolean {
  return name.endsWith('_total') || name.endsWith('_sum') || name.endsWith('_count') || name.endsWith('_bucket');
}

/**
 * Whether a range-vector function may have something to say about a series of floats. What it says of histograms is not foreseen:
 * nothing tells beforehand which series have any.
 *
 * @param metricName the name all series have, `''` for none, undefined when they may have different ones
 */
export function mayComment(func: string, metricName: string | undefined): boolean {
  if (MAY_COMPLAIN.has(func)) return true;
  if (func !== 'rate' && func !== 'increase') return false;
  return metricName === undefined || (metricName !== '' && !hasCounterSuffix(metricName));
}

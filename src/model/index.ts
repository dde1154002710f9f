export { compareText } from './text-order.ts';
export { quoteGo } from './quote.ts';
export { Labels, LabelsBuilder, METRIC_NAME, compareLabels, isLegacyLabelName, isLegacyMetricName } from './labels.ts';
export { Matcher, type MatchType } from './matcher.ts';
export { LabelRegexp, RegexpError } from './regexp.ts';
export { Expansion, Regexp, type Submatches } from './submatch.ts';
export { Relabeling, type RelabelStep } from './relabel.ts';
export * from './histogram/index.ts';
export * as goMath from './go-math.ts';
export { formatFloat, formatFloatGeneral, formatFloatPlain, parseFloatGo } from './number.ts';
export { formatDuration, parseDuration } from './time.ts';
export type { Metadata, MetricType } from './metadata.ts';
export type { Exemplar } from './exemplar.ts';
export { SampleColumn, STALE_NAN_HIGH, STALE_NAN_LOW } from './sample-column.ts';
export {
  checkLabelName,
  checkRelabelConfig,
  isValidLabelName,
  isValidMetricName,
  labelName,
  type NameValidationScheme,
  type RelabelAction,
  type RelabelConfig,
  relabelConfigSchema,
} from './relabel-config.ts';

export { systemClock, type Clock } from './clock.ts';
export { InvariantError, invariant, unreachable } from './invariant.ts';
export {
  createLogger,
  silentLogger,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './log.ts';
export type { Collector, FamilySample, FamilyType, MetricFamily } from './metric-family.ts';
export { Registry, type Counter, type Gauge, type HistogramMetric, type SummaryMetric, type Vec } from './metrics.ts';
export { ManualClock } from './manual-clock.ts';
export { Secret } from './secret.ts';
export { registerProcessMetrics } from './process-metrics.ts';
export { fingerprint } from './fingerprint.ts';

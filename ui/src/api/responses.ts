// The shapes of Prometheus's HTTP API (v1) that the page reads.
import { type Labels } from '../format/series-name.ts';

export type { Labels };

/** Unix seconds and the value as text, so that `NaN`, `+Inf` and all digits survive. */
export type Sample = readonly [t: number, v: string];

/** Boundary rule (0 open left, 1 open right, 2 open, 3 closed), lower and upper bound, count. */
export type Bucket = readonly [boundaries: number, lower: string, upper: string, count: string];

export interface Histogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly Bucket[];
}

export type HistogramSample = readonly [t: number, h: Histogram];

export interface InstantSeries {
  readonly metric: Labels;
  readonly value?: Sample;
  readonly histogram?: HistogramSample;
}

export interface RangeSeries {
  readonly metric: Labels;
  readonly values?: readonly Sample[];
  readonly histograms?: readonly HistogramSample[];
}

export interface QueryStats {
  readonly timings?: { readonly evalTotalTime?: number; readonly execTotalTime?: number };
  readonly samples?: { readonly totalQueryableSamples?: number; readonly peakSamples?: number };
}

export type QueryResult = { readonly stats?: QueryStats } & (
  | { readonly resultType: 'vector'; readonly result: readonly InstantSeries[] }
  | { readonly resultType: 'matrix'; readonly result: readonly RangeSeries[] }
  | { readonly resultType: 'scalar'; readonly result: Sample }
  | { readonly resultType: 'string'; readonly result: Sample }
);

export interface RangeResult {
  readonly resultType: 'matrix';
  readonly result: readonly RangeSeries[];
  readonly stats?: QueryStats;
}

export interface MetricMetadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export type MetadataByName = Record<string, MetricMetadata[]>;

export type TargetHealth = 'up' | 'down' | 'unknown';

export interface ActiveTarget {
  readonly discoveredLabels: Labels;
  readonly labels: Labels;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  readonly lastScrape: string;
  readonly lastScrapeDuration: number;
  readonly health: TargetHealth;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface DroppedTarget {
  readonly discoveredLabels: Labels;
  readonly scrapePool?: string;
}

export interface Targets {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
  readonly droppedTargetCounts?: Readonly<Record<string, number>>;
}

export type RuleHealth = 'ok' | 'err' | 'unknown';
export type AlertState = 'inactive' | 'pending' | 'firing' | 'unknown';

export interface AlertInstance {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: AlertState;
  readonly activeAt?: string;
  readonly value: string;
  readonly keepFiringSince?: string;
}

interface RuleBase {
  readonly name: string;
  readonly query: string;
  readonly labels?: Labels;
  readonly health: RuleHealth;
  readonly lastError?: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

export interface AlertingRule extends RuleBase {
  readonly type: 'alerting';
  readonly state: AlertState;
  readonly duration: number;
  readonly keepFiringFor: number;
  readonly annotations?: Labels;
  readonly alerts?: readonly AlertInstance[];
}

export interface RecordingRule extends RuleBase {
  readonly type: 'recording';
}

export type Rule = AlertingRule | RecordingRule;

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly interval: number;
  readonly limit?: number;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly rules: readonly Rule[];
}

export interface TsdbCount {
  readonly name: string;
  readonly value: number;
}

export interface TsdbStatus {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly TsdbCount[];
  readonly labelValueCountByLabelName: readonly TsdbCount[];
  readonly memoryInBytesByLabelName: readonly TsdbCount[];
  readonly seriesCountByLabelValuePair: readonly TsdbCount[];
}

export interface Alertmanagers {
  readonly activeAlertmanagers: readonly { readonly url: string }[];
  readonly droppedAlertmanagers: readonly { readonly url: string }[];
}

/** Who is signed in and what they may do. */
export interface Session {
  readonly user: string;
  readonly permissions: readonly string[];
  readonly csrfToken: string;
}

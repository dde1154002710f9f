import type { AccessControl } from '../access/index.ts';
import type { Labels, Matcher, Metadata } from '../model/index.ts';
import type { ParseOptions } from '../promql/index.ts';
import type { QueryService } from '../query/index.ts';
import type { RuleGroup } from '../rules/index.ts';
import type { Clock, Collector } from '../runtime/index.ts';
import type { ExemplarQueryable, Queryable } from '../storage/index.ts';

/** A scrape target as the API shows it. */
export interface TargetStatus {
  /** After relabelling: what every series of the target carries. */
  readonly labels: Labels;
  /** Before relabelling. */
  readonly discoveredLabels: Labels;
  readonly pool: string;
  readonly url: string;
  readonly lastError: string;
  /** ms; 0 before the first scrape. */
  readonly lastScrapeMs: number;
  readonly lastScrapeSeconds: number;
  readonly health: 'up' | 'down' | 'unknown';
  /** Durations as configured: `15s`. */
  readonly interval: string;
  readonly timeout: string;
  /** What the target says of its metric families, by family. */
  readonly metadata: ReadonlyMap<string, Metadata>;
}

export interface DroppedTarget {
  readonly pool: string;
  readonly discoveredLabels: Labels;
}

/** Scrape pools and their targets. */
export interface TargetSource {
  /** Names of all pools. */
  pools(): readonly string[];
  active(): readonly TargetStatus[];
  /** Targets that relabelling dropped, as far as they are kept. */
  dropped(): readonly DroppedTarget[];
  /** How many each pool dropped, kept or not. */
  droppedCounts(): Readonly<Record<string, number>>;
}

/** Where alerts are sent. */
export interface AlertmanagerSource {
  active(): readonly string[];
  dropped(): readonly string[];
}

export interface RuleSource {
  readonly groups: readonly RuleGroup[];
}

export interface Cardinality {
  readonly name: string;
  readonly value: number;
}

/** What the storage says of its head; `limit` rows a table. */
export interface TsdbStats {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    /** ms. */
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly Cardinality[];
  readonly labelValueCountByLabelName: readonly Cardinality[];
  readonly memoryInBytesByLabelName: readonly Cardinality[];
  /** Named `label=value`. */
  readonly seriesCountByLabelValuePair: readonly Cardinality[];
}

export interface StorageStatus {
  stats(limit: number): TsdbStats | Promise<TsdbStats>;
  /** Segments of the log; answered while it is being replayed. */
  walReplay(): { readonly min: number; readonly max: number; readonly current: number };
}

/** What only administrators do to the storage. Times in ms, inclusive. */
export interface StorageAdmin {
  deleteSeries(mint: number, maxt: number, matchers: readonly Matcher[]): Promise<void>;
  cleanTombstones(): Promise<void>;
  /** @returns the name of the snapshot's folder below `snapshots/` */
  snapshot(options: { readonly skipHead: boolean }): Promise<string>;
}

/** Shown as it is: clients decide by the version what they may ask of a Prometheus, so give one they know. */
export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly branch: string;
  readonly buildUser: string;
  readonly buildDate: string;
  /** Of what runs the program. */
  readonly goVersion: string;
}

/** What changes while the process runs. Times in ms. */
export interface RuntimeState {
  readonly startedMs: number;
  readonly reloadSucceeded: boolean;
  readonly lastReloadMs: number;
  readonly corruptions: number;
  /** `15d`, `512MiB` or both: `15d or 512MiB`. */
  readonly storageRetention: string;
}

export interface Lifecycle {
  /** @throws {Error} when the new configuration cannot be used; the old one stays */
  reload(): Promise<void>;
  /** Ends the process after the answer is sent. */
  quit(): void;
}

/** Everything the API shows and does, given by the program that puts the server together. */
export interface ApiServices {
  readonly access: AccessControl;
  readonly clock: Clock;
  readonly storage: Queryable;
  readonly exemplars: ExemplarQueryable;
  readonly queries: QueryService;
  /** Which PromQL is understood; the same for queries and for selectors. */
  readonly promql: ParseOptions;
  readonly targets: TargetSource;
  readonly rules: RuleSource;
  readonly alertmanagers: AlertmanagerSource;
  readonly storageStatus: StorageStatus;
  readonly storageAdmin: StorageAdmin;
  readonly lifecycle: Lifecycle;
  /** The process's own metrics. */
  readonly metrics: Collector;
  readonly buildInfo: BuildInfo;
  readonly runtimeState: () => RuntimeState;
  /** The configuration as YAML, secrets as `<secret>`. */
  readonly configText: () => string;
  readonly externalLabels: () => Labels;
  readonly flags: Readonly<Record<string, string>>;
  /** Category → feature → whether it is on. */
  readonly features: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  /** How far back an instant selector looks, ms. */
  readonly lookbackMs: number;
  /** Under which people reach the server: links to this machine become links to it. */
  readonly externalUrl: URL;
  /** The port the server listens on. */
  readonly ownPort: () => number;
  readonly isAgent: boolean;
  readonly enableAdminApi: boolean;
  readonly enableLifecycle: boolean;
}

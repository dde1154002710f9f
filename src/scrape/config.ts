import { checkStaticTargets, type DiscoveryConfigs, discoveryConfigsSchema } from '../discovery/index.ts';
import { type HttpClientConfig, httpClientConfigSchema } from '../httpclient/index.ts';
import {
  checkRelabelConfig,
  type NameValidationScheme,
  type RelabelConfig,
  relabelConfigSchema,
} from '../model/index.ts';
import {
  boolean,
  type Decoder,
  duration,
  field,
  filePath,
  float,
  inline,
  int,
  list,
  mapOf,
  object,
  type ObjectSchema,
  oneOf,
  optional,
  type Schema,
  size,
  string,
  type Writable,
} from '../schema/index.ts';

/** A form of exposition a scrape can ask for. */
export type ScrapeProtocol =
  'PrometheusProto' | 'PrometheusText0.0.4' | 'PrometheusText1.0.0' | 'OpenMetricsText0.0.1' | 'OpenMetricsText1.0.0';

/** The media type each protocol is asked for with. */
export const scrapeProtocolMediaTypes: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
};

/** What is asked for, most wanted first, unless configured. */
export const defaultScrapeProtocols: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** The same when native histograms are wanted: only protobuf carries them in full. */
export const protoFirstScrapeProtocols: readonly ScrapeProtocol[] = ['PrometheusProto', ...defaultScrapeProtocols];

/** How names beyond the legacy characters are asked for. */
export type NameEscapingScheme = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

const escapingSchemes: readonly string[] = ['allow-utf-8', 'underscores', 'dots', 'values'];

/** One job: what is scraped, how, and what becomes of it. Complete: what a job leaves open has been taken from the globals. */
export interface ScrapeConfig {
  readonly jobName: string;
  /** Labels of the target yield to those in the exposition. */
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  /** Query parameters of the scrape. */
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  /** For answers whose Content-Type says nothing useful; empty: such a scrape fails. */
  readonly fallbackScrapeProtocol: ScrapeProtocol | '';
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly scrapeFailureLogFile: string;
  readonly metricsPath: string;
  readonly scheme: string;
  readonly enableCompression: boolean;
  /** Of the decompressed body; 0: no limit, as for the limits below. */
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly nativeHistogramBucketLimit: number;
  readonly nativeHistogramMinBucketFactor: number;
  readonly keepDroppedTargets: number;
  readonly metricNameValidationScheme: NameValidationScheme;
  readonly metricNameEscapingScheme: NameEscapingScheme;
  readonly extraScrapeMetrics: boolean;
  readonly httpClient: HttpClientConfig;
  readonly relabelConfigs: readonly RelabelConfig[];
  readonly metricRelabelConfigs: readonly RelabelConfig[];
  readonly discovery: DiscoveryConfigs;
}

/** What jobs take from the `global` section where they say nothing. */
export interface ScrapeDefaults {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** `undefined`: by the kind of histograms wanted. */
  readonly scrapeProtocols: readonly ScrapeProtocol[] | undefined;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly scrapeFailureLogFile: string;
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly keepDroppedTargets: number;
  readonly metricNameValidationScheme: NameValidationScheme;
  /** Empty: by the validation scheme. */
  readonly metricNameEscapingScheme: string;
  readonly extraScrapeMetrics: boolean;
}

/** A list of protocols; which ones it may hold is checked by {@link scrapeProtocolsProblem}. */
export function scrapeProtocols(): Schema<readonly ScrapeProtocol[] | undefined> {
  return optional(list(string())) as Schema<string[] | undefined> as Schema<readonly ScrapeProtocol[] | undefined>;
}

/** `utf8`, `legacy`, or nothing to take what stands further out. */
export function nameValidationScheme(): Schema<NameValidationScheme> {
  return oneOf(['', 'utf8', 'legacy'], (given) => `unrecognized ValidationScheme: ${JSON.stringify(given)}`) as Schema<
    '' | NameValidationScheme
  > as Schema<NameValidationScheme>;
}

/** Undefined until {@link completeScrapeConfig} has asked the globals. */
function inherited<T>(schema: Schema<T>): Schema<T> {
  return optional(schema) as Schema<T>;
}

/** One entry of `scrape_configs`, as written: {@link completeScrapeConfig} makes it whole. */
export const scrapeConfigSchema: ObjectSchema<ScrapeConfig> = object<ScrapeConfig>({
  name: 'scrape_config',
  fields: {
    jobName: field('job_name', string(), { required: 'job_name is empty', isAlwaysPrinted: true }),
    honorLabels: field('honor_labels', boolean()),
    honorTimestamps: field('honor_timestamps', boolean(), { default: true, isAlwaysPrinted: true }),
    trackTimestampsStaleness: field('track_timestamps_staleness', boolean(), { isAlwaysPrinted: true }),
    params: field('params', mapOf(list(string()))),
    scrapeIntervalMs: field('scrape_interval', duration()),
    scrapeTimeoutMs: field('scrape_timeout', duration()),
    scrapeProtocols: field('scrape_protocols', scrapeProtocols() as Schema<readonly ScrapeProtocol[]>),
    fallbackScrapeProtocol: field(
      'fallback_scrape_protocol',
      string() as Schema<string> as Schema<ScrapeProtocol | ''>,
    ),
    scrapeNativeHistograms: field('scrape_native_histograms', inherited(boolean())),
    alwaysScrapeClassicHistograms: field('always_scrape_classic_histograms', inherited(boolean())),
    convertClassicHistogramsToNhcb: field('convert_classic_histograms_to_nhcb', inherited(boolean())),
    scrapeFailureLogFile: field('scrape_failure_log_file', filePath()),
    metricsPath: field('metrics_path', string(), { default: '/metrics' }),
    scheme: field('scheme', string(), { default: 'http' }),
    enableCompression: field('enable_compression', boolean(), { default: true, isAlwaysPrinted: true }),
    bodySizeLimitBytes: field('body_size_limit', size()),
    sampleLimit: field('sample_limit', int({ min: 0 })),
    targetLimit: field('target_limit', int({ min: 0 })),
    labelLimit: field('label_limit', int({ min: 0 })),
    labelNameLengthLimit: field('label_name_length_limit', int({ min: 0 })),
    labelValueLengthLimit: field('label_value_length_limit', int({ min: 0 })),
    nativeHistogramBucketLimit: field('native_histogram_bucket_limit', int({ min: 0 })),
    nativeHistogramMinBucketFactor: field('native_histogram_min_bucket_factor', float()),
    keepDroppedTargets: field('keep_dropped_targets', int({ min: 0 })),
    metricNameValidationScheme: field('metric_name_validation_scheme', nameValidationScheme()),
    metricNameEscapingScheme: field(
      'metric_name_escaping_scheme',
      string() as Schema<string> as Schema<NameEscapingScheme>,
    ),
    extraScrapeMetrics: field('extra_scrape_metrics', inherited(boolean())),
    httpClient: inline(httpClientConfigSchema),
    relabelConfigs: field(
      'relabel_configs',
      list(relabelConfigSchema, { nullItem: 'empty or null target relabeling rule in scrape config' }),
    ),
    metricRelabelConfigs: field(
      'metric_relabel_configs',
      list(relabelConfigSchema, { nullItem: 'empty or null metric relabeling rule in scrape config' }),
    ),
    discovery: inline(discoveryConfigsSchema),
  },
  refine(config, check) {
    if (config.relabelConfigs.length === 0) checkStaticTargets(config.discovery, check.decoder);
  },
});

/** The `scrape_configs` list of the main file and of `scrape_config_files`. */
export const scrapeConfigsSchema: Schema<ScrapeConfig[]> = list(scrapeConfigSchema, {
  nullItem: 'empty or null scrape config section',
});

/**
 * Fills in what a job takes from the globals and checks the result; problems go to `decoder`, which decoded the job.
 *
 * @see Prometheus `config/config.go`, ScrapeConfig.Validate
 */
export function completeScrapeConfig(job: ScrapeConfig, defaults: ScrapeDefaults, decoder: Decoder): void {
  if (decoder.origin(job)?.isSound === false) return;
  const config = job as Writable<ScrapeConfig>;
  const name = JSON.stringify(config.jobName);
  const fail = (message: string, property?: keyof ScrapeConfig): void => {
    decoder.failObject(job, property, message);
  };

  config.scrapeIntervalMs ||= defaults.scrapeIntervalMs;
  if (config.scrapeTimeoutMs > config.scrapeIntervalMs) {
    fail(`scrape timeout greater than scrape interval for scrape config with job name ${name}`, 'scrapeTimeoutMs');
  }
  config.scrapeTimeoutMs ||= Math.min(defaults.scrapeTimeoutMs, config.scrapeIntervalMs);
  config.bodySizeLimitBytes ||= defaults.bodySizeLimitBytes;
  config.sampleLimit ||= defaults.sampleLimit;
  config.targetLimit ||= defaults.targetLimit;
  config.labelLimit ||= defaults.labelLimit;
  config.labelNameLengthLimit ||= defaults.labelNameLengthLimit;
  config.labelValueLengthLimit ||= defaults.labelValueLengthLimit;
  config.keepDroppedTargets ||= defaults.keepDroppedTargets;
  config.scrapeFailureLogFile ||= defaults.scrapeFailureLogFile;
  // Booleans and lists are `undefined` until now where the job says nothing.
  const given = job as Partial<ScrapeConfig>;
  config.scrapeNativeHistograms = given.scrapeNativeHistograms ?? defaults.scrapeNativeHistograms;
  config.extraScrapeMetrics = given.extraScrapeMetrics ?? defaults.extraScrapeMetrics;
  config.convertClassicHistogramsToNhcb =
    given.convertClassicHistogramsToNhcb ?? defaults.convertClassicHistogramsToNhcb;
  config.alwaysScrapeClassicHistograms = given.alwaysScrapeClassicHistograms ?? defaults.alwaysScrapeClassicHistograms;
  config.scrapeProtocols =
    given.scrapeProtocols ??
    defaults.scrapeProtocols ??
    (config.scrapeNativeHistograms ? protoFirstScrapeProtocols : defaultScrapeProtocols);

  const protocols = scrapeProtocolsProblem(config.scrapeProtocols);
  if (protocols !== undefined) fail(`${protocols} for scrape config with job name ${name}`, 'scrapeProtocols');
  const fallback = config.fallbackScrapeProtocol;
  if (fallback !== '' && !isScrapeProtocol(fallback)) {
    fail(
      `invalid fallback_scrape_protocol for scrape config with job name ${name}: ${unknownProtocol(fallback)}`,
      'fallbackScrapeProtocol',
    );
  }
  completeNaming(config, defaults, fail);
  for (const step of [...config.relabelConfigs, ...config.metricRelabelConfigs]) {
    checkRelabelConfig(step, config.metricNameValidationScheme, decoder);
  }
}

function completeNaming(
  config: Writable<ScrapeConfig>,
  defaults: ScrapeDefaults,
  fail: (message: string, property?: keyof ScrapeConfig) => void,
): void {
  const own = config.metricNameValidationScheme as NameValidationScheme | '';
  const globalEscaping = defaults.metricNameEscapingScheme;
  config.metricNameValidationScheme = own === '' ? defaults.metricNameValidationScheme : own;
  if (globalEscaping !== '' && !escapingSchemes.includes(globalEscaping)) {
    fail(`unknown global name escaping method specified, ${escapingChoice(globalEscaping)}`);
    return;
  }
  if ((config.metricNameEscapingScheme as string) === '') {
    // A job with a validation scheme of its own does not inherit an escaping that may contradict it.
    const fromGlobal = own === '' && globalEscaping !== '' ? (globalEscaping as NameEscapingScheme) : undefined;
    config.metricNameEscapingScheme =
      fromGlobal ?? (config.metricNameValidationScheme === 'legacy' ? 'underscores' : 'allow-utf-8');
  }
  const escaping = config.metricNameEscapingScheme;
  if (!escapingSchemes.includes(escaping)) {
    fail(
      `unknown scrape config name escaping method specified, ${escapingChoice(escaping)}`,
      'metricNameEscapingScheme',
    );
  } else if (escaping === 'allow-utf-8' && config.metricNameValidationScheme !== 'utf8') {
    fail('utf8 metric names requested but validation scheme is not set to UTF8', 'metricNameEscapingScheme');
  }
}

function escapingChoice(given: string): string {
  return `must be one of 'allow-utf-8', 'underscores', 'dots', or 'values', got ${JSON.stringify(given)}`;
}

/** What is wrong with a list of protocols, or nothing. */
export function scrapeProtocolsProblem(protocols: readonly string[]): string | undefined {
  if (protocols.length === 0) return 'scrape_protocols cannot be empty';
  const seen = new Set<string>();
  for (const protocol of protocols) {
    if (seen.has(protocol.toLowerCase())) {
      return `duplicated protocol in scrape_protocols, got [${protocols.join(' ')}]`;
    }
    if (!isScrapeProtocol(protocol)) return `scrape_protocols: ${unknownProtocol(protocol)}`;
    seen.add(protocol.toLowerCase());
  }
  return undefined;
}

function isScrapeProtocol(protocol: string): protocol is ScrapeProtocol {
  return Object.hasOwn(scrapeProtocolMediaTypes, protocol);
}

function unknownProtocol(protocol: string): string {
  const supported = Object.keys(scrapeProtocolMediaTypes).sort().join(' ');
  return `unknown scrape protocol ${protocol}, supported: [${supported}]`;
}

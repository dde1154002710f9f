import { isValidLabelName, Labels } from '../model/index.ts';
import {
  boolean,
  type Check,
  duration,
  field,
  filePath,
  int,
  mapOf,
  object,
  type ObjectSchema,
  optional,
  type Schema,
  size,
  string,
  type Writable,
} from '../schema/index.ts';
import { nameValidationScheme, type ScrapeDefaults, scrapeProtocols, scrapeProtocolsProblem } from '../scrape/index.ts';

/** The `global` section: what holds unless a job, a rule group or a remote says otherwise. */
export interface GlobalConfig extends ScrapeDefaults {
  readonly evaluationIntervalMs: number;
  /** How far behind rules are evaluated, so that the samples are there. */
  readonly ruleQueryOffsetMs: number;
  /** Empty: queries are not logged. */
  readonly queryLogFile: string;
  /** Added to whatever leaves the server; `$VAR` is replaced from the environment. */
  readonly externalLabels: Labels;
}

const labels: Schema<Labels> = {
  decode: (node, decoder) => Labels.fromPairs(mapOf(string()).decode(node, decoder)),
  zero: () => Labels.EMPTY,
  isZero: (value) => value.size === 0,
  encode: (value) => mapOf(string()).encode(new Map(value)),
  describe: () => mapOf(string()).describe(),
};

const defaultIntervalMs = 60_000;
const defaultTimeoutMs = 10_000;

export const globalConfigSchema: ObjectSchema<GlobalConfig> = object<GlobalConfig>({
  name: 'global',
  fields: {
    scrapeIntervalMs: field('scrape_interval', duration()),
    scrapeTimeoutMs: field('scrape_timeout', duration()),
    scrapeProtocols: field('scrape_protocols', scrapeProtocols()),
    evaluationIntervalMs: field('evaluation_interval', duration()),
    ruleQueryOffsetMs: field('rule_query_offset', duration()),
    queryLogFile: field('query_log_file', filePath()),
    scrapeFailureLogFile: field('scrape_failure_log_file', filePath()),
    externalLabels: field('external_labels', labels),
    bodySizeLimitBytes: field('body_size_limit', size()),
    sampleLimit: field('sample_limit', int({ min: 0 })),
    targetLimit: field('target_limit', int({ min: 0 })),
    labelLimit: field('label_limit', int({ min: 0 })),
    labelNameLengthLimit: field('label_name_length_limit', int({ min: 0 })),
    labelValueLengthLimit: field('label_value_length_limit', int({ min: 0 })),
    keepDroppedTargets: field('keep_dropped_targets', int({ min: 0 })),
    metricNameValidationScheme: field('metric_name_validation_scheme', nameValidationScheme()),
    metricNameEscapingScheme: field('metric_name_escaping_scheme', string()),
    scrapeNativeHistograms: field('scrape_native_histograms', optional(boolean()) as Schema<boolean>),
    convertClassicHistogramsToNhcb: field('convert_classic_histograms_to_nhcb', boolean()),
    alwaysScrapeClassicHistograms: field('always_scrape_classic_histograms', boolean()),
    extraScrapeMetrics: field('extra_scrape_metrics', optional(boolean()) as Schema<boolean>),
  },
  refine: completeGlobal,
});

/** The globals of a file without a `global` section, and of one whose section is empty. */
export function defaultGlobalConfig(): GlobalConfig {
  return {
    ...globalConfigSchema.zero(),
    scrapeIntervalMs: defaultIntervalMs,
    scrapeTimeoutMs: defaultTimeoutMs,
    evaluationIntervalMs: defaultIntervalMs,
    metricNameValidationScheme: 'utf8',
    metricNameEscapingScheme: 'allow-utf-8',
    scrapeNativeHistograms: false,
    extraScrapeMetrics: false,
  };
}

/** @see Prometheus `config/config.go`, GlobalConfig.UnmarshalYAML */
function completeGlobal(config: Writable<GlobalConfig>, check: Check<GlobalConfig>): void {
  if ((config.metricNameValidationScheme as string) === '') config.metricNameValidationScheme = 'utf8';
  for (const [name] of config.externalLabels) {
    if (!isValidLabelName(name, config.metricNameValidationScheme)) {
      check.fail(`${JSON.stringify(name)} is not a valid label name`, 'externalLabels');
    }
  }
  config.scrapeIntervalMs ||= defaultIntervalMs;
  if (config.scrapeTimeoutMs > config.scrapeIntervalMs) {
    check.fail('global scrape timeout greater than scrape interval', 'scrapeTimeoutMs');
  }
  config.scrapeTimeoutMs ||= Math.min(defaultTimeoutMs, config.scrapeIntervalMs);
  config.evaluationIntervalMs ||= defaultIntervalMs;
  const given = config as Partial<GlobalConfig>;
  config.scrapeNativeHistograms = given.scrapeNativeHistograms ?? false;
  config.extraScrapeMetrics = given.extraScrapeMetrics ?? false;
  const problem = config.scrapeProtocols && scrapeProtocolsProblem(config.scrapeProtocols);
  if (problem !== undefined) check.fail(`${problem} for global config`, 'scrapeProtocols');
}

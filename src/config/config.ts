import { checkRelabelConfig, Labels } from '../model/index.ts';
import {
  type OtlpConfig,
  otlpConfigSchema,
  type RemoteReadConfig,
  remoteReadConfigSchema,
  type RemoteWriteConfig,
  remoteWriteConfigSchema,
  translationStrategyProblem,
} from '../remote/index.ts';
import { type AlertingConfig, alertingConfigSchema } from '../rules/index.ts';
import {
  type ConfigError,
  decodeYaml,
  type Decoder,
  encodeYaml,
  field,
  filePath,
  int,
  list,
  object,
  type ObjectSchema,
  optional,
  type Writable,
} from '../schema/index.ts';
import { completeScrapeConfig, type ScrapeConfig, scrapeConfigsSchema } from '../scrape/index.ts';
import { type Environment, expandEnvironment } from './expand-env.ts';
import { defaultGlobalConfig, type GlobalConfig, globalConfigSchema } from './global.ts';
import { type StorageConfig, storageConfigSchema } from './storage.ts';
import { type TracingConfig, tracingConfigSchema } from './tracing.ts';

/** The `runtime` section. */
export interface RuntimeConfig {
  /** Go's collector target in percent; read and printed for compatibility, without effect here. */
  readonly gogc: number;
}

/** The whole of `prometheus.yml`, defaults filled in. */
export interface Config {
  readonly global: GlobalConfig;
  readonly runtime: RuntimeConfig;
  readonly alerting: AlertingConfig;
  /** Patterns. */
  readonly ruleFiles: readonly string[];
  /** Patterns of files with more jobs. */
  readonly scrapeConfigFiles: readonly string[];
  /** The jobs of this file alone. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly storage: StorageConfig;
  readonly tracing: TracingConfig | undefined;
  readonly remoteWrite: readonly RemoteWriteConfig[];
  readonly remoteRead: readonly RemoteReadConfig[];
  readonly otlp: OtlpConfig;
}

const runtimeSchema = object<RuntimeConfig>({
  name: 'runtime',
  fields: { gogc: field('gogc', int(), { default: 75 }) },
});

/** Sections in Prometheus's order. */
export const configSchema: ObjectSchema<Config> = object<Config>({
  name: 'the configuration',
  fields: {
    global: field('global', globalConfigSchema, { default: defaultGlobalConfig, isAlwaysPrinted: true }),
    runtime: field('runtime', runtimeSchema, { default: () => runtimeSchema.defaults() }),
    alerting: field('alerting', alertingConfigSchema),
    ruleFiles: field('rule_files', list(filePath(checkPattern('rule')))),
    scrapeConfigFiles: field('scrape_config_files', list(filePath(checkPattern('scrape config')))),
    scrapeConfigs: field('scrape_configs', scrapeConfigsSchema),
    storage: field('storage', storageConfigSchema, {
      default: () => storageConfigSchema.defaults(),
      isAlwaysPrinted: true,
    }),
    tracing: field('tracing', optional(tracingConfigSchema)),
    remoteWrite: field(
      'remote_write',
      list(remoteWriteConfigSchema, { nullItem: 'empty or null remote write config section' }),
    ),
    remoteRead: field(
      'remote_read',
      list(remoteReadConfigSchema, { nullItem: 'empty or null remote read config section' }),
    ),
    otlp: field('otlp', otlpConfigSchema, { default: () => otlpConfigSchema.defaults() }),
  },
});

/** Only the last element of a pattern may hold a star. */
function checkPattern(kind: string): (pattern: string) => string | undefined {
  return (pattern) =>
    /^[^*]*(\*[^/]*)?$/.test(pattern) ? undefined : `invalid ${kind} file path ${JSON.stringify(pattern)}`;
}

export interface ParseOptions {
  /** The folder relative paths are taken from; without it they stay as they are. */
  readonly directory?: string;
  /** For `$VAR` in external labels. */
  readonly env?: Environment;
  /** In agent mode there are no alerts, rules and remote reads. */
  readonly agentMode?: boolean;
}

export interface ParsedConfig {
  readonly config: Config;
  /** Empty exactly when the text is a valid configuration. */
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly string[];
}

/** Reads the text of a `prometheus.yml`; the files it refers to are not touched. Never throws for a bad text. */
export function parseConfig(text: string | Uint8Array, file: string, options: ParseOptions = {}): ParsedConfig {
  const { value, errors, decoder } = decodeYaml(configSchema, text, file, {
    empty: () => configSchema.defaults(),
    ...(options.directory === undefined ? {} : { directory: options.directory }),
  });
  const warnings: string[] = [];
  const config = value as Writable<Config>;
  const globalsAreSound = errors.length === 0 || !errors.some((error) => error.path.startsWith('global'));
  completeSections(config, globalsAreSound, options.env ?? {}, warnings);
  checkSections(config, decoder);
  if (options.agentMode) checkAgentMode(config, decoder);
  return { config, errors, warnings };
}

function completeSections(
  config: Writable<Config>,
  globalsAreSound: boolean,
  env: Environment,
  warnings: string[],
): void {
  // An empty section is as good as none. Globals that could not be read would only cause errors elsewhere.
  if (!globalsAreSound || globalConfigSchema.isZero(config.global)) config.global = defaultGlobalConfig();
  if (config.runtime.gogc === 0) config.runtime = runtimeSchema.defaults();
  const pairs = Array.from(config.global.externalLabels, ([name, value]): [string, string] => {
    const expanded = expandEnvironment(value, env, (variable) => {
      warnings.push(`external label ${name}: environment variable ${variable} is empty`);
    });
    return [name, expanded];
  });
  config.global = { ...config.global, externalLabels: Labels.fromPairs(pairs) };
}

/** Checks that need more than one section. */
function checkSections(config: Config, decoder: Decoder): void {
  const { global } = config;
  const scheme = global.metricNameValidationScheme;
  const jobs = new Set<string>();
  for (const job of config.scrapeConfigs) {
    completeScrapeConfig(job, global, decoder);
    if (jobs.has(job.jobName) && job.jobName !== '') {
      decoder.failObject(job, 'jobName', `found multiple scrape configs with job name ${JSON.stringify(job.jobName)}`);
    }
    jobs.add(job.jobName);
  }
  const steps = [
    ...config.alerting.alertRelabelConfigs,
    ...config.alerting.alertmanagers.flatMap((am) => [...am.alertRelabelConfigs, ...am.relabelConfigs]),
    ...config.remoteWrite.flatMap((remote) => remote.writeRelabelConfigs),
  ];
  for (const step of steps) checkRelabelConfig(step, scheme, decoder);
  checkNames(config.remoteWrite, 'remote write', decoder);
  checkNames(config.remoteRead, 'remote read', decoder);
  const strategy = translationStrategyProblem(config.otlp.translationStrategy, scheme);
  if (strategy !== undefined) decoder.failObject(config.otlp, 'translationStrategy', strategy);
}

function checkNames(remotes: readonly (RemoteWriteConfig | RemoteReadConfig)[], kind: string, decoder: Decoder): void {
  const names = new Set<string>();
  for (const remote of remotes) {
    if (remote.name === '') continue;
    if (names.has(remote.name)) {
      decoder.failObject(remote, 'name', `found multiple ${kind} configs with job name ${JSON.stringify(remote.name)}`);
    }
    names.add(remote.name);
  }
}

function checkAgentMode(config: Config, decoder: Decoder): void {
  const { alerting } = config;
  const hasAlerting = alerting.alertmanagers.length > 0 || alerting.alertRelabelConfigs.length > 0;
  if (hasAlerting) decoder.failObject(config, 'alerting', 'field alerting is not allowed in agent mode');
  if (config.ruleFiles.length > 0)
    decoder.failObject(config, 'ruleFiles', 'field rule_files is not allowed in agent mode');
  if (config.remoteRead.length > 0) {
    decoder.failObject(config, 'remoteRead', 'field remote_read is not allowed in agent mode');
  }
}

/** The configuration as Prometheus shows it: completed, in its order, with secrets as `<secret>`. */
export function printConfig(config: Config): string {
  return encodeYaml(configSchema, config);
}

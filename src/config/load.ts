import path from 'node:path';
import { ConfigError, decodeYaml, object, field } from '../schema/index.ts';
import { completeScrapeConfig, type ScrapeConfig, scrapeConfigsSchema } from '../scrape/index.ts';
import { type Config, parseConfig, type ParseOptions } from './config.ts';
import { type ConfigFiles, systemFiles } from './files.ts';
import { glob } from './glob.ts';

export interface LoadOptions extends Omit<ParseOptions, 'directory'> {
  readonly files?: ConfigFiles;
}

/** A configuration with everything it refers to by name. */
export interface LoadedConfig {
  readonly config: Config;
  /** The jobs of the file and of its `scrape_config_files`. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /** The rule files that the patterns match now, each once, sorted by pattern. */
  readonly ruleFiles: readonly string[];
  /** Every file that was read: a change of any of them is a change of the configuration. */
  readonly files: readonly string[];
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly string[];
}

const scrapeFileSchema = object<{ readonly scrapeConfigs: readonly ScrapeConfig[] }>({
  name: 'the file',
  fields: { scrapeConfigs: field('scrape_configs', scrapeConfigsSchema) },
});

/**
 * Reads a `prometheus.yml` and the job files it names. Never throws: a file that cannot be read is an error among the others.
 * The configuration is fit for use only when `errors` is empty.
 */
export async function loadConfigFile(file: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const files = options.files ?? systemFiles;
  let text: Uint8Array;
  try {
    text = await files.read(file);
  } catch (error) {
    const { config } = parseConfig('', file);
    return { config, scrapeConfigs: [], ruleFiles: [], files: [file], errors: [unreadable(file, error)], warnings: [] };
  }
  const parsed = parseConfig(text, file, { ...options, directory: path.dirname(file) });
  const loader = new JobLoader(parsed.config, files);
  for (const pattern of parsed.config.scrapeConfigFiles) await loader.load(pattern);
  const ruleFiles = new Set<string>();
  const errors = [...parsed.errors, ...loader.errors];
  for (const pattern of parsed.config.ruleFiles) {
    try {
      for (const match of await glob(pattern, files)) ruleFiles.add(match);
    } catch (error) {
      errors.push(unreadable(file, error));
    }
  }
  return {
    config: parsed.config,
    scrapeConfigs: loader.jobs,
    ruleFiles: [...ruleFiles],
    files: [file, ...loader.filesRead],
    errors,
    warnings: parsed.warnings,
  };
}

/** Collects the jobs of the main file and of the files its patterns match. */
class JobLoader {
  readonly jobs: ScrapeConfig[];
  readonly errors: ConfigError[] = [];
  readonly filesRead: string[] = [];
  readonly #config: Config;
  readonly #files: ConfigFiles;
  /** Where each job name was seen first. */
  readonly #firstSeen = new Map<string, string>();

  constructor(config: Config, files: ConfigFiles) {
    this.#config = config;
    this.#files = files;
    this.jobs = [...config.scrapeConfigs];
    for (const job of this.jobs) this.#firstSeen.set(job.jobName, 'main config file');
  }

  async load(pattern: string): Promise<void> {
    let matches: string[];
    try {
      matches = await glob(pattern, this.#files);
    } catch (error) {
      this.errors.push(unreadable(pattern, error));
      return;
    }
    for (const file of matches) {
      try {
        this.#add(file, await this.#files.read(file));
        this.filesRead.push(file);
      } catch (error) {
        this.errors.push(unreadable(file, error));
      }
    }
  }

  #add(file: string, text: Uint8Array): void {
    const { value, errors, decoder } = decodeYaml(scrapeFileSchema, text, file, { directory: path.dirname(file) });
    for (const job of value.scrapeConfigs) {
      completeScrapeConfig(job, this.#config.global, decoder);
      const first = this.#firstSeen.get(job.jobName);
      if (first !== undefined) {
        const name = JSON.stringify(job.jobName);
        decoder.failObject(
          job,
          'jobName',
          `found multiple scrape configs with job name ${name}, first found in ${first}`,
        );
      }
      this.#firstSeen.set(job.jobName, JSON.stringify(file));
      this.jobs.push(job);
    }
    this.errors.push(...errors);
  }
}

/** A file or pattern that could not be used at all. */
export function unreadable(file: string, error: unknown): ConfigError {
  const message = error instanceof Error ? error.message : String(error);
  return new ConfigError({ file, line: 0, column: 0, path: '', message });
}

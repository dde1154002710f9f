import { type TargetGroupConfig, targetGroupsSchema } from '../discovery/index.ts';
import { type TlsConfig } from '../httpclient/index.ts';
import { parseRuleFile, type RuleFileOptions } from '../rules/index.ts';
import { ConfigError, decodeYaml } from '../schema/index.ts';
import { type ScrapeConfig } from '../scrape/index.ts';
import { type ConfigFiles, systemFiles } from './files.ts';
import { glob } from './glob.ts';
import { loadConfigFile, type LoadedConfig, type LoadOptions, unreadable } from './load.ts';

export interface CheckOptions extends LoadOptions {
  /** For the rule files. */
  readonly rules: Pick<RuleFileOptions, 'parseExpr' | 'checkTemplate' | 'ignoreUnknownFields'>;
  /** Leaves the files a configuration refers to alone. */
  readonly syntaxOnly?: boolean;
  /** Throws an Error for target groups that a job cannot scrape after its relabelling. */
  readonly checkTargets?: (groups: readonly TargetGroupConfig[], job: ScrapeConfig) => unknown;
}

export interface CheckedRuleFile {
  readonly file: string;
  readonly rules: number;
}

/** What a check found: the configuration is fit for use when there are no errors. */
export interface CheckReport {
  readonly loaded: LoadedConfig;
  readonly ruleFiles: readonly CheckedRuleFile[];
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly string[];
}

/**
 * Checks a configuration file with all it refers to: rule files, job files, target files, certificates and credentials. Never throws.
 *
 * @see Prometheus `cmd/promtool/main.go`, checkConfig
 */
export async function checkConfig(file: string, options: CheckOptions): Promise<CheckReport> {
  const files = options.files ?? systemFiles;
  const loaded = await loadConfigFile(file, options);
  const report = new Report(file, files, options);
  report.errors.push(...loaded.errors);
  report.warnings.push(...loaded.warnings);
  const ruleFiles: CheckedRuleFile[] = [];
  if (loaded.errors.length === 0) {
    for (const job of loaded.scrapeConfigs) await report.checkJob(job);
    if (options.syntaxOnly !== true) {
      for (const pattern of loaded.config.ruleFiles) await report.checkPattern(pattern);
      for (const ruleFile of loaded.ruleFiles) {
        const count = await report.checkRules(ruleFile, loaded.config.global.metricNameValidationScheme);
        if (count !== undefined) ruleFiles.push({ file: ruleFile, rules: count });
      }
    }
  }
  return { loaded, ruleFiles, errors: report.errors, warnings: report.warnings };
}

class Report {
  readonly errors: ConfigError[] = [];
  readonly warnings: string[] = [];
  readonly #file: string;
  readonly #files: ConfigFiles;
  readonly #options: CheckOptions;

  constructor(file: string, files: ConfigFiles, options: CheckOptions) {
    this.#file = file;
    this.#files = files;
    this.#options = options;
  }

  /** A rule file named without a star has to be there. */
  async checkPattern(pattern: string): Promise<void> {
    if (pattern.includes('*') || (await glob(pattern, this.#files).catch(() => [])).length > 0) return;
    this.#fail(`${JSON.stringify(pattern)} does not point to an existing file`);
  }

  async checkRules(file: string, scheme: RuleFileOptions['nameValidationScheme']): Promise<number | undefined> {
    const text = await this.#read(file);
    if (text === undefined) return undefined;
    const parsed = parseRuleFile(text, file, { ...this.#options.rules, nameValidationScheme: scheme });
    this.errors.push(...parsed.errors);
    this.warnings.push(...parsed.warnings);
    return parsed.groups.reduce((count, group) => count + group.rules.length, 0);
  }

  async checkJob(job: ScrapeConfig): Promise<void> {
    const { httpClient, discovery } = job;
    this.#checkTargets(discovery.static, job, this.#file);
    if (this.#options.syntaxOnly === true) return;
    await this.#mustExist(
      httpClient.authorization?.credentialsFile ?? '',
      'authorization credentials or bearer token file',
    );
    await this.#checkTls(httpClient.tls);
    for (const { httpClient: own } of discovery.kubernetes) await this.#checkTls(own.tls);
    for (const { files } of discovery.file) for (const pattern of files) await this.#checkTargetFiles(pattern, job);
  }

  async #checkTargetFiles(pattern: string, job: ScrapeConfig): Promise<void> {
    const found = await glob(pattern, this.#files).catch(() => []);
    if (found.length === 0) {
      const name = JSON.stringify(job.jobName);
      this.warnings.push(`file ${JSON.stringify(pattern)} for file_sd in scrape job ${name} does not exist`);
    }
    for (const file of found) {
      const text = await this.#read(file);
      if (text === undefined) continue;
      const { value, errors } = decodeYaml(targetGroupsSchema, text, file);
      this.errors.push(...errors);
      if (errors.length === 0) this.#checkTargets(value, job, file);
    }
  }

  #checkTargets(groups: readonly TargetGroupConfig[], job: ScrapeConfig, file: string): void {
    try {
      this.#options.checkTargets?.(groups, job);
    } catch (error) {
      this.errors.push(unreadable(file, error));
    }
  }

  async #checkTls(tls: TlsConfig): Promise<void> {
    await this.#mustExist(tls.certFile, 'client cert file');
    await this.#mustExist(tls.keyFile, 'client key file');
    await this.#mustExist(tls.caFile, 'CA file');
  }

  async #mustExist(file: string, what: string): Promise<void> {
    if (file !== '' && !(await this.#files.exists(file)))
      this.#fail(`error checking ${what} ${JSON.stringify(file)}: no such file`);
  }

  async #read(file: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#files.read(file);
    } catch (error) {
      this.errors.push(unreadable(file, error));
      return undefined;
    }
  }

  #fail(message: string): void {
    this.errors.push(new ConfigError({ file: this.#file, line: 0, column: 0, path: '', message }));
  }
}

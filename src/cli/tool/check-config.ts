import { checkConfig } from '../../config/index.ts';
import { listDiscoveries, type TargetGroup, unavailableDiscovery } from '../../discovery/index.ts';
import { formatDuration, Labels, Relabeling } from '../../model/index.ts';
import { type ScrapeConfig, targetsOfGroup } from '../../scrape/index.ts';
import type { Terminal } from '../terminal.ts';
import { alertmanagerProblems } from './check-alertmanagers.ts';
import { checkRuleFiles, type CheckRulesOptions, exitCodeOf } from './check-rules.ts';

export interface CheckConfigOptions extends CheckRulesOptions {
  readonly syntaxOnly: boolean;
  readonly agent: boolean;
  /** Scrape intervals from here on are too long. */
  readonly lookbackDeltaMs: number;
}

/** A written-out group as it comes from static configurations and target files. */
interface GroupConfig {
  readonly targets: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * Checks configuration files as promtool does: same words, same exit codes, with our errors and their places.
 *
 * @returns the exit code
 */
export async function checkConfigs(
  files: readonly string[],
  terminal: Terminal,
  options: CheckConfigOptions,
): Promise<number> {
  let hasErrors = false;
  let hasLintProblems = false;
  for (const file of files) {
    terminal.out(`Checking ${file}\n`);
    const { syntaxOnly } = options;
    const report = await checkConfig(file, {
      env: terminal.env,
      agentMode: options.agent,
      syntaxOnly,
      // The rule files are checked below, one by one.
      rules: { parseExpr: () => undefined, checkTemplate: () => undefined, ignoreUnknownFields: true },
      checkTargets: (groups, job) => {
        for (const group of groups) checkTargets(group, job);
      },
    });
    const { loaded } = report;
    const ruleFiles = syntaxOnly ? [] : loaded.ruleFiles;
    const alertmanagers =
      loaded.errors.length > 0
        ? { errors: [], warnings: [] }
        : await alertmanagerProblems(loaded.config, file, syntaxOnly);
    const errors = [
      ...report.errors.filter((error) => !loaded.ruleFiles.includes(error.file)),
      ...alertmanagers.errors,
    ].map(String);
    const warnings = [...report.warnings, ...alertmanagers.warnings, ...unavailable(loaded.scrapeConfigs)];
    for (const warning of warnings) terminal.out(`  WARNING: ${warning}\n`);
    if (errors.length > 0) {
      terminal.err(`  FAILED: ${errors.join('\n    ')}\n\n`);
      hasErrors = true;
      continue;
    }
    if (ruleFiles.length > 0) terminal.out(`  SUCCESS: ${ruleFiles.length} rule files found\n`);
    terminal.out(` SUCCESS: ${file} is valid prometheus config file syntax\n\n`);
    if (syntaxOnly) continue;
    if (lintScrapeIntervals(loaded.scrapeConfigs, terminal, options)) hasLintProblems = true;
    const rules = await checkRuleFiles(ruleFiles, terminal, {
      ...options,
      nameValidationScheme: loaded.config.global.metricNameValidationScheme,
    });
    hasErrors ||= rules.hasErrors;
    hasLintProblems ||= rules.hasLintProblems;
  }
  return exitCodeOf({ hasErrors, hasLintProblems }, options.isLintFatal);
}

/** Throws for the first target that cannot be scraped. */
function checkTargets(group: GroupConfig, job: ScrapeConfig): void {
  const relabeling = new Relabeling(job.relabelConfigs, job.metricNameValidationScheme);
  targetsOfGroup(asTargetGroup(group), job, relabeling).forEach((populated, i) => {
    if (populated.kind === 'failed') throw new Error(`instance ${i} in group 0: ${populated.reason}`);
  });
}

/** The group as discovery hands it on. */
export function asTargetGroup({ targets, labels }: GroupConfig): TargetGroup {
  return {
    source: '0',
    labels: Labels.fromPairs(labels),
    targets: targets.map((address) => Labels.from({ __address__: address })),
  };
}

/** promtool stops at the first job. */
function lintScrapeIntervals(
  jobs: readonly ScrapeConfig[],
  terminal: Terminal,
  { lints, lookbackDeltaMs }: CheckConfigOptions,
): boolean {
  if (!lints.has('all') && !lints.has('too-long-scrape-interval')) return false;
  const job = jobs.find(({ scrapeIntervalMs }) => lookbackDeltaMs > 0 && scrapeIntervalMs >= lookbackDeltaMs);
  if (job === undefined) return false;
  terminal.err(
    `  FAILED: too long scrape interval found, data point will be marked as stale - job: ${job.jobName}, interval: ${formatDuration(job.scrapeIntervalMs)}\n`,
  );
  return true;
}

/** Valid, and not yet to be had from `yagura serve`. */
function unavailable(jobs: readonly ScrapeConfig[]): string[] {
  return jobs.flatMap(({ jobName, discovery }) => {
    const kinds = new Set(listDiscoveries(discovery).map(unavailableDiscovery));
    kinds.delete(undefined);
    return [...kinds].map(
      (kind) => `yagura serve does not have ${String(kind)}_sd_configs yet (job ${JSON.stringify(jobName)})`,
    );
  });
}

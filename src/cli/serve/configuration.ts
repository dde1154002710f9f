import { readFile } from 'node:fs/promises';
import { loadConfigFile, type LoadedConfig } from '../../config/index.ts';
import { ConfigError } from '../../schema/index.ts';
import { parseExpr, type ParseOptions } from '../../promql/index.ts';
import { alertTemplateProblem, groupDefinitions, parseRuleFile, type GroupDefinition } from '../../rules/index.ts';
import { listDiscoveries, unavailableDiscovery } from '../../discovery/index.ts';

/** The configuration with its rules: everything a reload applies. */
export interface Configuration {
  readonly loaded: LoadedConfig;
  readonly ruleGroups: readonly GroupDefinition[];
  /** Every file that was read. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

export type ConfigurationResult =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

export interface ReadOptions {
  readonly promql: ParseOptions;
  readonly agent: boolean;
}

/** Reads the configuration file and everything it names. Never throws for what is wrong with them. */
export async function readConfiguration(file: string, { promql, agent }: ReadOptions): Promise<ConfigurationResult> {
  const loaded = await loadConfigFile(file, { env: process.env, agentMode: agent });
  const errors = [...loaded.errors];
  const warnings = [...loaded.warnings];
  const ruleGroups: GroupDefinition[] = [];
  for (const ruleFile of loaded.ruleFiles) {
    let text: Buffer;
    try {
      text = await readFile(ruleFile);
    } catch (error) {
      const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      errors.push(new ConfigError({ file: ruleFile, line: 0, column: 0, path: '', message }));
      continue;
    }
    const parsed = parseRuleFile(text, ruleFile, {
      nameValidationScheme: loaded.config.global.metricNameValidationScheme,
      parseExpr: (expr) => parseExpr(expr, promql),
      checkTemplate: (alert, template) => {
        const problem = alertTemplateProblem(alert, template);
        if (problem !== undefined) throw new Error(problem);
      },
    });
    errors.push(...parsed.errors);
    warnings.push(...parsed.warnings);
    if (parsed.errors.length > 0) continue;
    const { evaluationIntervalMs, ruleQueryOffsetMs } = loaded.config.global;
    ruleGroups.push(...groupDefinitions(ruleFile, parsed, { evaluationIntervalMs, ruleQueryOffsetMs }));
  }
  for (const job of loaded.scrapeConfigs) {
    const kind = listDiscoveries(job.discovery)
      .map(unavailableDiscovery)
      .find((name) => name !== undefined);
    if (kind === undefined) continue;
    const message = `${kind}_sd_configs: this discovery is not available yet`;
    errors.push(
      new ConfigError({
        file,
        line: 0,
        column: 0,
        path: `scrape_configs (job ${JSON.stringify(job.jobName)})`,
        message,
      }),
    );
  }
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, configuration: { loaded, ruleGroups, files: [...loaded.files, ...loaded.ruleFiles], warnings } };
}

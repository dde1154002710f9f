import { list, mustDecodeYaml } from '../schema/index.ts';
import { targetGroupConfigSchema, type TargetGroupConfig } from './target-group-config.ts';

const documentSchema = list(targetGroupConfigSchema);

/**
 * The groups of a file or HTTP discovery document.
 *
 * @param isJson JSON is read by the engine's own parser, which is many times faster on large lists
 * @throws {Error} naming the document and what is wrong with it
 */
export function parseTargetGroups(text: string, name: string, isJson: boolean): readonly TargetGroupConfig[] {
  if (!isJson) return mustDecodeYaml(documentSchema, text, name);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${name}: expected a list of target groups, got ${typeOf(value)}`);
  return value.map((group: unknown, i) => jsonGroup(group, `${name}: [${i}]`));
}

function jsonGroup(group: unknown, where: string): TargetGroupConfig {
  if (typeof group !== 'object' || group === null || Array.isArray(group)) {
    throw new Error(`${where}: expected a target group, got ${typeOf(group)}`);
  }
  const { targets = [], labels, ...unknown } = group as Record<string, unknown>;
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined)
    throw new Error(`${where}: unknown key ${JSON.stringify(surplus)}, expected targets and labels`);
  if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string')) {
    throw new Error(`${where}.targets: expected a list of addresses`);
  }
  const entries = Object.entries((labels ?? {}) as Record<string, unknown>);
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw new Error(`${where}.labels.${name}: expected text, got ${typeOf(value)}`);
  }
  return { targets, labels: new Map(entries as [string, string][]) };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value;
}

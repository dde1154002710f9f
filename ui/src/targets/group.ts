import { type ActiveTarget, type DroppedTarget, type TargetHealth, type Targets } from '../api/index.ts';

/** The targets of one scrape pool. */
export interface Pool {
  readonly name: string;
  readonly targets: readonly ActiveTarget[];
  readonly dropped: readonly DroppedTarget[];
  /** All that were dropped; the server keeps only some of them for showing. */
  readonly droppedCount: number;
  readonly counts: Readonly<Record<TargetHealth, number>>;
}

/** Which targets to show. */
export interface TargetFilter {
  readonly health: TargetHealth | 'any';
  readonly text: string;
}

/** The pools with what passes the filter, by name; pools of which nothing is left are left out. */
export function groupTargets(answer: Targets, filter: TargetFilter): Pool[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const pools = new Map<string, { targets: ActiveTarget[]; dropped: DroppedTarget[] }>();
  const poolOf = (name: string) => {
    let pool = pools.get(name);
    if (pool === undefined) {
      pool = { targets: [], dropped: [] };
      pools.set(name, pool);
    }
    return pool;
  };
  for (const target of answer.activeTargets) {
    if (matches(target, filter.health, words)) poolOf(target.scrapePool).targets.push(target);
  }
  for (const target of answer.droppedTargets) {
    const name = target.scrapePool ?? target.discoveredLabels.job ?? '';
    if (filter.health === 'any' && holdsAll(name, target.discoveredLabels, words)) poolOf(name).dropped.push(target);
  }
  return [...pools]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { targets, dropped }]) => ({
      name,
      targets,
      dropped,
      droppedCount: filter.health === 'any' ? (answer.droppedTargetCounts?.[name] ?? dropped.length) : 0,
      counts: countHealth(targets),
    }));
}

export function countHealth(targets: readonly ActiveTarget[]): Record<TargetHealth, number> {
  const counts: Record<TargetHealth, number> = { up: 0, down: 0, unknown: 0 };
  for (const target of targets) counts[target.health]++;
  return counts;
}

function matches(target: ActiveTarget, health: TargetFilter['health'], words: readonly string[]): boolean {
  if (health !== 'any' && target.health !== health) return false;
  const text = `${target.scrapePool} ${target.scrapeUrl} ${target.lastError}`;
  return holdsAll(text, target.labels, words);
}

/** Whether every word stands in the text or in a label, which a search writes as `name=value` or with quotes. */
function holdsAll(text: string, labels: Readonly<Record<string, string>>, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value} ${name}="${value}"`);
  const haystack = `${text} ${pairs.join(' ')}`.toLowerCase();
  return words.every((word) => haystack.includes(word));
}

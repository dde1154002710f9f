import type { TargetSource } from '../../api/index.ts';
import { formatDuration } from '../../model/index.ts';
import type { ScrapeManager } from '../../scrape/index.ts';

/** The scrape pools as the API shows them. */
export function targetSource(manager: ScrapeManager): TargetSource {
  return {
    pools: () => manager.pools.map((pool) => pool.name),
    active: () =>
      manager.pools.flatMap((pool) =>
        pool.loops.map(({ target, metadata }) => ({
          labels: target.labels,
          discoveredLabels: target.discoveredLabels,
          pool: pool.name,
          url: target.url,
          lastError: target.lastError,
          lastScrapeMs: target.lastScrapeMs,
          lastScrapeSeconds: target.lastDurationSeconds,
          health: target.health,
          interval: formatDuration(target.intervalMs),
          timeout: formatDuration(target.timeoutMs),
          metadata: new Map(metadata.entries()),
        })),
      ),
    dropped: () =>
      manager.pools.flatMap((pool) =>
        pool.dropped.targets.map(({ discoveredLabels }) => ({ pool: pool.name, discoveredLabels })),
      ),
    droppedCounts: () => Object.fromEntries(manager.pools.map((pool) => [pool.name, pool.dropped.count])),
  };
}

import type { TargetGroup } from '../discovery/index.ts';
import { Relabeling, type Labels } from '../model/index.ts';
import { fingerprint } from '../runtime/index.ts';
import type { HttpClient } from '../httpclient/index.ts';
import type { ScrapeConfig } from './config.ts';
import type { ScrapeMetrics } from './metrics.ts';
import { ScrapeLoop, type LoopContext } from './scrape-loop.ts';
import type { Target } from './target.ts';
import { targetsOfGroup } from './targets-of-group.ts';

export type PoolContext = Omit<LoopContext, 'client'> & {
  readonly metrics: ScrapeMetrics;
  /** The client of the job; `url` tells targets that need one of their own. */
  readonly clientFor: (url: string) => HttpClient;
};

/** A target that was discovered and not scraped. */
export interface DroppedTarget {
  readonly discoveredLabels: Labels;
  /** Absent when relabelling dropped it. */
  readonly reason?: string;
}

/** The targets of one job and their loops. */
export class ScrapePool {
  readonly config: ScrapeConfig;
  readonly #context: PoolContext;
  readonly #targetRelabeling: Relabeling;
  readonly #metricRelabeling: Relabeling;
  readonly #loops = new Map<string, ScrapeLoop>();
  #dropped: readonly DroppedTarget[] = [];
  #droppedCount = 0;
  #groups: readonly TargetGroup[] | undefined;

  constructor(config: ScrapeConfig, context: PoolContext) {
    this.config = config;
    this.#context = context;
    const scheme = config.metricNameValidationScheme;
    this.#targetRelabeling = new Relabeling(config.relabelConfigs, scheme);
    this.#metricRelabeling = new Relabeling(config.metricRelabelConfigs, scheme);
  }

  get name(): string {
    return this.config.jobName;
  }

  get targets(): readonly Target[] {
    return [...this.#loops.values()].map((loop) => loop.target);
  }

  get loops(): readonly ScrapeLoop[] {
    return [...this.#loops.values()];
  }

  /** Some of the dropped targets (`keep_dropped_targets`), and how many there are. */
  get dropped(): { readonly targets: readonly DroppedTarget[]; readonly count: number } {
    return { targets: this.#dropped, count: this.#droppedCount };
  }

  /** What discovery said last; `undefined` before it said anything. */
  get groups(): readonly TargetGroup[] | undefined {
    return this.#groups;
  }

  /** Scrapes exactly the targets of these groups from now on. Targets that are still there go on undisturbed. */
  sync(groups: readonly TargetGroup[]): void {
    const { metrics } = this.#context;
    this.#groups = groups;
    const wanted = new Map<string, Target>();
    const dropped: DroppedTarget[] = [];
    for (const populated of groups.flatMap((group) => targetsOfGroup(group, this.config, this.#targetRelabeling))) {
      if (populated.kind === 'active') wanted.set(populated.target.key, populated.target);
      else if (populated.kind === 'dropped') dropped.push({ discoveredLabels: populated.discoveredLabels });
      else {
        dropped.push({ discoveredLabels: populated.discoveredLabels, reason: populated.reason });
        metrics.syncFailed.with(this.name).inc();
        this.#context.logger.error('Creating target failed', { job: this.name, error: populated.reason });
      }
    }
    this.#droppedCount = dropped.length;
    const { keepDroppedTargets } = this.config;
    this.#dropped = keepDroppedTargets > 0 ? dropped.slice(0, keepDroppedTargets) : dropped;
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue;
      this.#loops.delete(key);
      void loop.stop();
      loop.endSeries();
    }
    const { targetLimit } = this.config;
    const isOverLimit = targetLimit > 0 && wanted.size > targetLimit;
    if (isOverLimit) metrics.targetLimitExceeded.inc();
    for (const [key, target] of wanted) {
      const known = this.#loops.get(key);
      if (known === undefined) this.#add(target);
      else known.target.discoveredLabels = target.discoveredLabels;
    }
    for (const loop of this.#loops.values()) {
      loop.forcedError = isOverLimit
        ? `target_limit exceeded (number of targets: ${wanted.size}, limit: ${targetLimit})`
        : undefined;
    }
    metrics.poolSyncs.with(this.name).inc();
    metrics.poolTargets.with(this.name).set(wanted.size);
    metrics.poolTargetLimit.with(this.name).set(targetLimit);
  }

  /** Continues for the targets of the pool this one replaces after a reload. */
  async replace(previous: ScrapePool): Promise<void> {
    if (previous.#groups !== undefined) this.sync(previous.#groups);
    const keepsCache = seriesFingerprint(previous.config) === seriesFingerprint(this.config);
    const byLabels = new Map([...this.#loops.values()].map((loop) => [loop.target.labels.key(), loop]));
    await Promise.all(
      previous.loops.map(async (loop) => {
        await loop.stop();
        const successor = byLabels.get(loop.target.labels.key());
        if (successor === undefined) loop.endSeries();
        else successor.inherit(loop, keepsCache);
      }),
    );
  }

  /** Stops every loop; writes no staleness markers. Safe to call twice. @param discards see {@link ScrapeLoop.stop} */
  async stop(discards = false): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop(discards)));
  }

  /** Stops every loop and ends the series of all targets, for a job that is removed. */
  async remove(): Promise<void> {
    await this.stop();
    for (const loop of this.loops) loop.endSeries();
    this.#context.metrics.poolRemoved(this.name);
  }

  #add(target: Target): void {
    const { metrics, clientFor, ...context } = this.#context;
    const loop = new ScrapeLoop(
      target,
      { ...context, client: clientFor(target.url) },
      { config: this.config, relabeling: this.#metricRelabeling, metrics },
    );
    this.#loops.set(target.key, loop);
    loop.start();
  }
}

/** Equal for configurations under which a page makes the same series. */
function seriesFingerprint(config: ScrapeConfig): string {
  const {
    scrapeIntervalMs: _interval,
    scrapeTimeoutMs: _timeout,
    sampleLimit: _limit,
    httpClient: _client,
    ...rest
  } = config;
  return fingerprint({ ...rest, discovery: undefined });
}

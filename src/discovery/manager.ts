import { fingerprint, type Registry } from '../runtime/index.ts';
import type { DiscoveryConfig } from './discovery-config.ts';
import type { DiscoveryMetrics, ProviderContext } from './provider.ts';
import { makeProvider } from './providers.ts';
import type { TargetGroup } from './target-group.ts';

/** Changes are passed on at most this often: discovery of a large cluster can speak many times a second. */
const UPDATE_INTERVAL_MS = 5000;

interface RunningProvider {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  readonly groups: Map<string, TargetGroup>;
  /** Whether it has said anything yet: until then the jobs it replaces keep their targets. */
  hasEmitted: boolean;
}

export type DiscoveryManagerContext = Omit<ProviderContext, 'metrics'> & {
  readonly registry: Registry;
  /** Label of the metrics: `scrape` or `notify`. */
  readonly name: string;
};

/**
 * Runs the discoveries of all jobs and tells of every job's groups when any of them changed. Jobs with the same discovery share one
 * provider; a reload leaves providers alone whose configuration is the same.
 */
export class DiscoveryManager {
  readonly #context: ProviderContext;
  readonly #onUpdate: (groups: ReadonlyMap<string, readonly TargetGroup[]>) => void;
  readonly #running = new Map<string, RunningProvider>();
  /** By job, the keys of its providers. */
  #jobs = new Map<string, readonly string[]>();
  #cancelUpdate: (() => void) | undefined;
  #lastUpdateMs = -Infinity;

  constructor(
    context: DiscoveryManagerContext,
    onUpdate: (groups: ReadonlyMap<string, readonly TargetGroup[]>) => void,
  ) {
    const { registry, name, ...rest } = context;
    this.#context = { ...rest, metrics: discoveryMetrics(registry) };
    this.#onUpdate = onUpdate;
    const targets = registry.gaugeVec('prometheus_sd_discovered_targets', 'Current number of discovered targets.', [
      'name',
      'config',
    ]);
    this.#reportTargets = (job, count) => {
      if (count === undefined) targets.delete(name, job);
      else targets.with(name, job).set(count);
    };
  }

  readonly #reportTargets: (job: string, count: number | undefined) => void;

  /**
   * Runs exactly these discoveries from now on, by job name.
   *
   * @throws {UnsupportedDiscoveryError} before anything is changed
   */
  apply(jobs: ReadonlyMap<string, readonly DiscoveryConfig[]>): void {
    const wanted = new Map<string, DiscoveryConfig>();
    const next = new Map<string, readonly string[]>();
    for (const [job, discoveries] of jobs) {
      const keys = discoveries.map((discovery) => {
        const key = fingerprint(discovery);
        wanted.set(key, discovery);
        return key;
      });
      next.set(job, [...new Set(keys)]);
    }
    const started = new Map(
      [...wanted]
        .filter(([key]) => !this.#running.has(key))
        .map(([key, config]) => [key, makeProvider(config, this.#context)]),
    );
    for (const [key, running] of this.#running) {
      if (wanted.has(key)) continue;
      running.abort.abort();
      this.#running.delete(key);
    }
    for (const job of this.#jobs.keys()) if (!next.has(job)) this.#reportTargets(job, undefined);
    this.#jobs = next;
    for (const [key, provider] of started) {
      const abort = new AbortController();
      const groups = new Map<string, TargetGroup>();
      const running: RunningProvider = { abort, groups, hasEmitted: false, done: Promise.resolve() };
      this.#running.set(key, running);
      const emit = (emitted: readonly TargetGroup[]) => {
        if (abort.signal.aborted) return;
        for (const group of emitted) {
          if (group.targets.length === 0) groups.delete(group.source);
          else groups.set(group.source, group);
        }
        running.hasEmitted = true;
        this.#scheduleUpdate();
      };
      Object.assign(running, {
        done: provider.run(emit, abort.signal).catch((error: unknown) => {
          this.#context.logger.error('Discovery ended unexpectedly', { kind: wanted.get(key)!.kind, error });
        }),
      });
    }
    this.#update();
  }

  /** Stops every provider. Safe to call twice. */
  async close(): Promise<void> {
    this.#cancelUpdate?.();
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const { abort } of running) abort.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  #scheduleUpdate(): void {
    if (this.#cancelUpdate !== undefined) return;
    const { clock } = this.#context;
    const waitMs = Math.max(0, this.#lastUpdateMs + UPDATE_INTERVAL_MS - clock.monotonic());
    this.#cancelUpdate = clock.after(waitMs, () => {
      this.#update();
    });
  }

  #update(): void {
    this.#cancelUpdate?.();
    this.#cancelUpdate = undefined;
    const update = new Map<string, readonly TargetGroup[]>();
    for (const [job, keys] of this.#jobs) {
      const providers = keys.map((key) => this.#running.get(key)!);
      // A job none of whose providers has spoken yet keeps what it had.
      if (providers.length > 0 && !providers.some((provider) => provider.hasEmitted)) continue;
      const groups = providers.flatMap((provider, i) =>
        [...provider.groups.values()].map((group) => ({ ...group, source: `${i}/${group.source}` })),
      );
      update.set(job, groups);
      this.#reportTargets(
        job,
        groups.reduce((sum, group) => sum + group.targets.length, 0),
      );
    }
    if (update.size === 0) return;
    this.#lastUpdateMs = this.#context.clock.monotonic();
    this.#onUpdate(update);
  }
}

function discoveryMetrics(registry: Registry): DiscoveryMetrics {
  const failures = registry.counterVec(
    'prometheus_sd_refresh_failures_total',
    'Number of refresh failures for the given SD mechanism.',
    ['mechanism'],
  );
  const duration = registry.summaryVec(
    'prometheus_sd_refresh_duration_seconds',
    'The duration of a refresh in seconds for the given SD mechanism.',
    ['mechanism'],
  );
  return {
    failed: (kind) => {
      failures.with(kind).inc();
    },
    looked: (kind, seconds) => {
      failures.with(kind);
      duration.with(kind).observe(seconds);
    },
  };
}

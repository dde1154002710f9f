import type { TargetGroup } from '../discovery/index.ts';
import type { HttpClient, HttpClientConfig } from '../httpclient/index.ts';
import type { Metadata } from '../model/index.ts';
import { fingerprint, type Clock, type Logger, type Registry } from '../runtime/index.ts';
import type { Appendable } from '../storage/index.ts';
import type { ScrapeConfig } from './config.ts';
import { FailureLogs } from './failure-log.ts';
import { ScrapeMetrics } from './metrics.ts';
import { ScrapePool } from './scrape-pool.ts';
import type { Target } from './target.ts';

export interface ScrapeManagerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly appendable: Appendable;
  /** Differs between servers that scrape the same targets. */
  readonly seed: string;
  /** A client for a job's targets, behind the outbound firewall. */
  readonly httpClient: (config: HttpClientConfig) => HttpClient;
  /**
   * A client for a target that is this very server; `undefined` for any other target, and for a job with credentials of its own.
   */
  readonly selfClient?: (url: string, config: HttpClientConfig) => HttpClient | undefined;
}

interface RunningPool {
  readonly pool: ScrapePool;
  readonly fingerprint: string;
  readonly clients: HttpClient[];
}

/** All scrape pools of a server, one for each job. */
export class ScrapeManager {
  readonly #options: ScrapeManagerOptions;
  readonly #metrics: ScrapeMetrics;
  readonly #pools = new Map<string, RunningPool>();
  readonly #failureLogs: FailureLogs;

  constructor(options: ScrapeManagerOptions) {
    this.#options = options;
    this.#metrics = new ScrapeMetrics(options.registry);
    this.#failureLogs = new FailureLogs(options.clock);
  }

  /** By job name, in name order. */
  get pools(): readonly ScrapePool[] {
    return [...this.#pools.values()].map(({ pool }) => pool).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Runs exactly these jobs from now on. A job whose configuration is unchanged goes on undisturbed; the targets of a changed one keep their state and
   * the knowledge of their series.
   *
   * @throws {Error} when a scrape failure log cannot be opened; nothing has changed then
   */
  async apply(configs: readonly ScrapeConfig[]): Promise<void> {
    const wanted = new Map(configs.map((config) => [config.jobName, config]));
    // First, since a log that cannot be opened refuses the whole configuration.
    this.#failureLogs.reopen(configs.map((config) => config.scrapeFailureLogFile).filter((file) => file !== ''));
    for (const [name, running] of this.#pools) {
      if (wanted.has(name)) continue;
      this.#pools.delete(name);
      await running.pool.remove();
      await closeAll(running.clients);
    }
    for (const [name, config] of wanted) {
      const previous = this.#pools.get(name);
      const print = fingerprint(config);
      if (previous?.fingerprint === print) continue;
      const next = this.#start(config, print);
      this.#pools.set(name, next);
      if (previous === undefined) continue;
      this.#metrics.reloads.inc();
      await next.pool.replace(previous.pool);
      await closeAll(previous.clients);
    }
  }

  /** What discovery says of the jobs it names. */
  update(groups: ReadonlyMap<string, readonly TargetGroup[]>): void {
    for (const [name, list] of groups) this.#pools.get(name)?.pool.sync(list);
  }

  /** What targets say of a metric family, each different statement once. */
  metadataOf(metric: string): Metadata[] {
    const distinct = new Map<string, Metadata>();
    for (const { pool } of this.#pools.values()) {
      for (const loop of pool.loops) {
        const metadata = loop.metadata.get(metric);
        if (metadata !== undefined)
          distinct.set(`${metadata.type}\u0000${metadata.unit}\u0000${metadata.help}`, metadata);
      }
    }
    return [...distinct.values()];
  }

  /** Stops every scrape and writes no staleness markers, so that a restart goes on where this ended. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#pools.values()].map(async ({ pool, clients }) => {
        const stopped = pool.stop(true);
        // Ends the requests that the loops are waiting for.
        await closeAll(clients);
        await stopped;
      }),
    );
    this.#failureLogs.close();
  }

  #start(config: ScrapeConfig, print: string): RunningPool {
    const { clock, logger, appendable, seed, httpClient, selfClient } = this.#options;
    const clients = [httpClient(config.httpClient)];
    const clientFor = (url: string) => {
      const own = selfClient?.(url, config.httpClient);
      if (own === undefined) return clients[0];
      clients.push(own);
      return own;
    };
    this.#metrics.pools.inc();
    const onFailure = (target: Target, error: string) => {
      this.#failureLogs.write(config.scrapeFailureLogFile, config.jobName, target.url, error);
    };
    const pool = new ScrapePool(config, {
      clock,
      logger,
      appendable,
      seed,
      metrics: this.#metrics,
      clientFor,
      onFailure,
    });
    return { pool, fingerprint: print, clients };
  }
}

async function closeAll(clients: readonly HttpClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.close()));
}

import type { HttpClient, HttpClientConfig } from '../httpclient/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import type { TargetGroup } from './target-group.ts';

/**
 * Finds targets of one configured kind until it is told to stop.
 *
 * It emits a group when it is first seen and when it changes; a failure to look emits nothing, so that the targets known so far
 * stay. It never rejects for a fault of the world: it logs, counts and tries again.
 */
export interface Provider {
  run(emit: (groups: readonly TargetGroup[]) => void, signal: AbortSignal): Promise<void>;
}

/** Answers of a name server; each rejects when there is none. */
export interface DnsResolver {
  srv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
  a(name: string): Promise<readonly string[]>;
  aaaa(name: string): Promise<readonly string[]>;
  mx(name: string): Promise<readonly string[]>;
  ns(name: string): Promise<readonly string[]>;
}

/** What providers are made with. */
export interface ProviderContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly resolver: DnsResolver;
  /** A client for requests to a discovery service, behind the outbound firewall. */
  readonly httpClient: (config: HttpClientConfig) => HttpClient;
  readonly metrics: DiscoveryMetrics;
}

/** What discovery counts. */
export interface DiscoveryMetrics {
  failed(kind: string): void;
  looked(kind: string, seconds: number): void;
}

/** Waits, or until the signal is given: then at once. Resolves either way. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const stop = () => {
      cancel();
      resolve();
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** A provider that looks again and again: emits what `look` finds, and that groups which are no longer found are empty. */
export function refreshing(
  kind: string,
  intervalMs: number,
  context: ProviderContext,
  look: (signal: AbortSignal) => Promise<readonly TargetGroup[]>,
): Provider {
  return {
    run: async (emit, signal) => {
      let known = new Map<string, TargetGroup>();
      while (!signal.aborted) {
        const started = context.clock.monotonic();
        try {
          const groups = await look(signal);
          if (signal.aborted) return;
          const found = new Map(groups.map((group) => [group.source, group]));
          const gone = [...known.values()]
            .filter((group) => !found.has(group.source))
            .map((group) => ({ ...group, targets: [] }));
          known = found;
          emit([...groups, ...gone]);
        } catch (error) {
          if (signal.aborted) return;
          context.metrics.failed(kind);
          context.logger.error('Discovery failed, keeping the targets known so far', { kind, error });
        }
        context.metrics.looked(kind, (context.clock.monotonic() - started) / 1000);
        await pause(context.clock, intervalMs, signal);
      }
    },
  };
}

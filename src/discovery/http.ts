import { parseTargetGroups } from './documents.ts';
import type { HttpSdConfig } from './http-config.ts';
import { refreshing, type Provider, type ProviderContext } from './provider.ts';
import { targetGroup } from './static.ts';

/** More targets than any service lists; keeps a broken one from filling the memory. */
const MAX_BYTES = 256 * 2 ** 20;
const TIMEOUT_MS = 60_000;

/**
 * Target groups fetched as JSON.
 *
 * @see Prometheus `discovery/http`
 */
export function httpProvider(config: HttpSdConfig, context: ProviderContext): Provider {
  const client = context.httpClient(config.httpClient);
  const look = refreshing('http', config.refreshIntervalMs, context, async (signal) => {
    const response = await client.get(config.url, {
      headers: {
        accept: 'application/json',
        'x-prometheus-refresh-interval-seconds': String(config.refreshIntervalMs / 1000),
      },
      timeoutMs: Math.min(TIMEOUT_MS, config.refreshIntervalMs),
      maxBytes: MAX_BYTES,
      signal,
    });
    if (response.status !== 200)
      throw new Error(`${config.url}: server returned HTTP status ${response.status}, expected 200`);
    const contentType = response.headers['content-type'] ?? '';
    if (!/^\s*application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(contentType)) {
      throw new Error(
        `${config.url}: unsupported content type ${JSON.stringify(contentType)}, expected application/json`,
      );
    }
    return parseTargetGroups(response.body.toString('utf8'), config.url, true).map((group, i) =>
      targetGroup(`${config.url}:${i}`, group, { __meta_url: config.url }),
    );
  });
  return {
    run: async (emit, signal) => {
      try {
        await look.run(emit, signal);
      } finally {
        await client.close();
      }
    },
  };
}

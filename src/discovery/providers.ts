import type { DiscoveryConfig } from './discovery-config.ts';
import { dnsProvider } from './dns.ts';
import { fileProvider } from './file.ts';
import { httpProvider } from './http.ts';
import type { Provider, ProviderContext } from './provider.ts';
import { staticProvider } from './static.ts';

/** A kind of discovery is configured that cannot be run. */
export class UnsupportedDiscoveryError extends Error {
  override readonly name = 'UnsupportedDiscoveryError';
}

/** Kinds that are read and checked but not run yet. */
const unavailable: readonly DiscoveryConfig['kind'][] = [
  'consul',
  'docker',
  'dockerswarm',
  'ec2',
  'eureka',
  'kubernetes',
  'nomad',
];

/** The kind of a discovery that cannot be run yet; `undefined` for one that can. */
export function unavailableDiscovery({ kind }: DiscoveryConfig): string | undefined {
  return unavailable.includes(kind) ? kind : undefined;
}

/**
 * The table of contents: the provider for each kind of discovery.
 *
 * @throws {UnsupportedDiscoveryError} for a kind that is read but not run yet
 */
export function makeProvider(discovery: DiscoveryConfig, context: ProviderContext): Provider {
  switch (discovery.kind) {
    case 'static':
      return staticProvider(discovery.config);
    case 'file':
      return fileProvider(discovery.config, context);
    case 'dns':
      return dnsProvider(discovery.config, context);
    case 'http':
      return httpProvider(discovery.config, context);
    case 'consul':
    case 'docker':
    case 'dockerswarm':
    case 'ec2':
    case 'eureka':
    case 'kubernetes':
    case 'nomad':
      throw new UnsupportedDiscoveryError(`${discovery.kind}_sd_configs: this discovery is not available yet`);
  }
}

import { Labels } from '../model/index.ts';
import type { DnsSdConfig } from './dns-config.ts';
import { refreshing, type DnsResolver, type Provider, type ProviderContext } from './provider.ts';
import { ADDRESS_LABEL, type TargetGroup } from './target-group.ts';

/**
 * Targets from DNS records: one group a name.
 *
 * @see Prometheus `discovery/dns`
 */
export function dnsProvider(config: DnsSdConfig, context: ProviderContext): Provider {
  const known = new Map<string, TargetGroup>();
  return refreshing('dns', config.refreshIntervalMs, context, async () => {
    const results = await Promise.allSettled(config.names.map(async (name) => groupOf(name, config, context.resolver)));
    // One name that does not resolve keeps its targets and does not cost the others theirs.
    results.forEach((result, i) => {
      const name = config.names[i]!;
      if (result.status === 'fulfilled') known.set(name, result.value);
      else {
        context.metrics.failed('dns');
        context.logger.warn('DNS look-up failed, keeping the targets known so far', {
          name,
          error: result.reason as unknown,
        });
      }
    });
    return [...known.values()];
  });
}

async function groupOf(name: string, config: DnsSdConfig, resolver: DnsResolver): Promise<TargetGroup> {
  const target = (address: string, more: Record<string, string> = {}) =>
    Labels.from({ [ADDRESS_LABEL]: address, __meta_dns_name: name, ...more });
  const withPort = (hosts: readonly string[], label?: string) =>
    hosts.map((host) => target(joinHostPort(host, config.port), label === undefined ? {} : { [label]: host }));
  return { source: name, labels: Labels.EMPTY, targets: await targets() };

  async function targets(): Promise<readonly Labels[]> {
    switch (config.type.toUpperCase()) {
      case 'A':
        return withPort(await resolver.a(name));
      case 'AAAA':
        return withPort(await resolver.aaaa(name));
      case 'MX':
        return withPort((await resolver.mx(name)).map(withoutDot), '__meta_dns_mx_record_target');
      case 'NS':
        return withPort((await resolver.ns(name)).map(withoutDot), '__meta_dns_ns_record_target');
      default:
        return (await resolver.srv(name)).map((record) =>
          target(joinHostPort(withoutDot(record.name), record.port), {
            __meta_dns_srv_record_target: `${withoutDot(record.name)}.`,
            __meta_dns_srv_record_port: String(record.port),
          }),
        );
    }
  }
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

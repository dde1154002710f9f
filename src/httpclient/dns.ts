import { Resolver } from 'node:dns/promises';
import { HttpClientError } from './errors.ts';

/** What a record points at. `port` is 0 where the record has none. */
export interface DnsTarget {
  readonly host: string;
  readonly port: number;
}

export type DnsRecordType = 'SRV' | 'A' | 'AAAA' | 'MX' | 'NS';

const noSuchName = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Asks the system's name servers for the records of a name; a name without such records has none.
 *
 * @throws {HttpClientError} `connection` when no server gives an answer
 */
export async function resolveRecords(
  name: string,
  type: DnsRecordType,
  options: { readonly timeoutMs?: number; readonly servers?: readonly string[] } = {},
): Promise<DnsTarget[]> {
  const resolver = new Resolver({ timeout: options.timeoutMs ?? 5000, tries: 2 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  const atHost = (host: string): DnsTarget => ({ host, port: 0 });
  try {
    switch (type) {
      case 'SRV':
        return (await resolver.resolveSrv(name)).map((record) => ({ host: record.name, port: record.port }));
      case 'A':
        return (await resolver.resolve4(name)).map(atHost);
      case 'AAAA':
        return (await resolver.resolve6(name)).map(atHost);
      case 'MX':
        return (await resolver.resolveMx(name)).map((record) => atHost(record.exchange));
      case 'NS':
        return (await resolver.resolveNs(name)).map(atHost);
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (noSuchName.has(code)) return [];
    throw new HttpClientError('connection', `Cannot resolve ${type} records of ${name}: ${code}`, { cause });
  }
}

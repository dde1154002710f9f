import { type Address, isInNetwork, type Network, parseAddress, parseNetwork } from './address.ts';

/** Hosts as lists name them: `example.org`, `*.example.org`, `10.0.0.0/8`, `[fd00::1]`, each with `:port` or for every port. */
export interface HostPattern {
  readonly source: string;
  /** Lower case, without a final dot; with `*.` in front, the names below it. */
  readonly name: string | undefined;
  readonly network: Network | undefined;
  readonly port: number | undefined;
}

/** @throws {Error} for a text that names no host */
export function parseHostPattern(source: string): HostPattern {
  const wrong = (): Error =>
    new Error(`not a host: ${JSON.stringify(source)}, expected such as example.org, *.example.org:443 or 10.0.0.0/8`);
  const whole = parseNetwork(source);
  if (whole !== undefined) return { source, name: undefined, network: whole, port: undefined };
  const match = /^(\[[^\]]+\](?:\/\d+)?|[^:[\]]+?)(?::(\d{1,5}))?$/.exec(source);
  if (match === null || Number(match[2] ?? 0) > 65_535) throw wrong();
  const port = match[2] === undefined ? undefined : Number(match[2]);
  const network = parseNetwork(match[1].replace(/[[\]]/g, ''));
  if (network !== undefined) return { source, name: undefined, network, port };
  const name = normalizeName(match[1]);
  if (!/^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(name)) throw wrong();
  return { source, name, network: undefined, port };
}

/** Lower case, without the final dot that makes a name absolute. */
export function normalizeName(host: string): string {
  const lower = host.toLowerCase();
  return lower.length > 1 && lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** Whether a pattern names a host by its name (or by an address, where the host is one). */
export function matchesHost(pattern: HostPattern, host: string, port: number): boolean {
  if (pattern.port !== undefined && pattern.port !== port) return false;
  if (pattern.network !== undefined) {
    const address = parseAddress(host);
    return address !== undefined && isInNetwork(address, pattern.network);
  }
  const name = normalizeName(host);
  const wanted = pattern.name ?? '';
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length >= wanted.length : name === wanted;
}

/** Whether a pattern names an address itself. Patterns of names never do: what a name resolves to is not in their author's hands. */
export function matchesAddress(pattern: HostPattern, address: Address, port: number): boolean {
  if (pattern.network === undefined) return false;
  return (pattern.port === undefined || pattern.port === port) && isInNetwork(address, pattern.network);
}

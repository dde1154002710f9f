import { isInNetwork, type Network, parseAddress, parseNetwork } from './address.ts';
import { type ProxyConfig } from './config.ts';
import { normalizeName } from './host-pattern.ts';

/** The environment variables that name proxies. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** Finds the proxy for a destination, or `undefined` to connect directly. */
export type ProxyFinder = (url: URL) => URL | undefined;

/**
 * The choice of proxy for a configuration; `undefined` when it never uses one.
 *
 * @throws {TypeError} for a proxy URL that is none
 * @see golang.org/x/net/http/httpproxy, whose rules for NO_PROXY these are
 */
export function proxyFinder(config: ProxyConfig, env: ProxyEnvironment): ProxyFinder | undefined {
  if (config.proxyFromEnvironment) {
    const http = proxyUrl(variable(env, 'HTTP_PROXY'));
    const https = proxyUrl(variable(env, 'HTTPS_PROXY'));
    if (http === undefined && https === undefined) return undefined;
    const isDirect = directMatcher(variable(env, 'NO_PROXY'));
    return (url) => (isDirect(url) ? undefined : url.protocol === 'https:' ? https : http);
  }
  const proxy = proxyUrl(config.proxyUrl?.reveal() ?? '');
  if (proxy === undefined) return undefined;
  if (config.noProxy === '') return () => proxy;
  const isDirect = directMatcher(config.noProxy);
  return (url) => (isDirect(url) ? undefined : proxy);
}

function variable(env: ProxyEnvironment, name: string): string {
  return env[name] ?? env[name.toLowerCase()] ?? '';
}

function proxyUrl(text: string): URL | undefined {
  if (text === '') return undefined;
  return new URL(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) ? text : `http://${text}`);
}

interface DirectRule {
  readonly port: number | undefined;
  readonly network?: Network;
  /** Names equal to it or, with a dot in front, below it. */
  readonly name?: string;
  readonly isExact?: boolean;
}

/** Whether a URL is reached without a proxy, by a list such as `localhost,10.0.0.0/8,.corp.example:8080`. */
function directMatcher(list: string): (url: URL) => boolean {
  const entries = list.split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim().toLowerCase()]));
  if (entries.includes('*')) return () => true;
  const rules = entries.map(parseRule);
  return (url) => {
    const host = normalizeName(url.hostname.replace(/^\[|\]$/g, ''));
    const address = parseAddress(host);
    // As Go has it: the machine itself is never reached through a proxy.
    if (host === 'localhost' || (address && isInNetwork(address, loopback4)) || host === '::1') return true;
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return rules.some((rule) => {
      if (rule.port !== undefined && rule.port !== port) return false;
      if (rule.network !== undefined) return address !== undefined && isInNetwork(address, rule.network);
      const name = rule.name ?? '';
      return host.endsWith(name) || (rule.isExact !== true && host === name.slice(1));
    });
  };
}

const loopback4: Network = { family: 4, bits: 127n << 24n, prefix: 8 };

function parseRule(entry: string): DirectRule {
  const whole = parseNetwork(entry.replace(/^\[([^\]]*)\]$/, '$1'));
  if (whole !== undefined) return { port: undefined, network: whole };
  const match = /^(.*?)(?::(\d+))?$/.exec(entry);
  const host = (match?.[1] ?? entry).replace(/^\[([^\]]*)\]$/, '$1');
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  const network = parseNetwork(host);
  if (network !== undefined) return { port, network };
  if (host.startsWith('*.')) return { port, name: host.slice(1), isExact: true };
  // `.example.org` means only what is below it, `example.org` also itself.
  return host.startsWith('.') ? { port, name: host, isExact: true } : { port, name: `.${host}` };
}

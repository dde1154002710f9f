import { createHttpClient, type HttpClient, type HttpClientConfig, type Outbound } from '../../httpclient/index.ts';
import { Secret } from '../../runtime/index.ts';
import type { ListenAddress } from './options.ts';

/** A listener of this server, as it really listens. */
export interface Listener {
  /** The address bound to: `127.0.0.1`, `::`, … */
  readonly address: string;
  readonly port: number;
}

/** Addresses that reach this machine whatever it is called. */
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);
const everyAddress = new Set(['0.0.0.0', '::', '']);

/** Whether a URL leads to one of the listeners, by address and not by a name that anybody may give. */
export function isOwnUrl(url: string, listeners: readonly Listener[]): boolean {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return false;
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? 443 : 80) : Number(parsed.port);
  return listeners.some((listener) => {
    if (listener.port !== port) return false;
    if (host === listener.address) return true;
    return loopback.has(host) && (everyAddress.has(listener.address) || loopback.has(listener.address));
  });
}

/**
 * The client for a target that is this very server: it carries the server's own token, bound to that address, so that neither a redirect nor another
 * target can come by it. `undefined` for other targets and for jobs with credentials of their own.
 */
export function selfClient(
  url: string,
  config: HttpClientConfig,
  own: {
    readonly listeners: () => readonly Listener[];
    readonly token: string;
    readonly outbound: Outbound;
    readonly userAgent: string;
  },
): HttpClient | undefined {
  const hasCredentials = [config.basicAuth, config.authorization, config.oauth2].some((kind) => kind !== undefined);
  if (hasCredentials || !isOwnUrl(url, own.listeners())) return undefined;
  const { hostname, port } = new URL(url);
  const credentials = new Secret(own.token);
  return createHttpClient({
    kind: 'scrape',
    outbound: own.outbound,
    userAgent: own.userAgent,
    config: {
      ...config,
      authorization: { type: 'Bearer', credentials, credentialsFile: '', credentialsRef: '' },
      followRedirects: false,
    },
    binding: {
      name: 'self-scrape',
      hosts: [port === '' ? hostname : `${hostname}:${port}`],
      schemes: ['http', 'https'],
    },
  });
}

/** The address a person types for a listener. */
export function browserAddress({ host, port }: ListenAddress): string {
  const name =
    host === '' || host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${name}:${port}`;
}

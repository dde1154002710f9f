import { type Route } from './connector.ts';
import { basicAuthorization } from './credentials.ts';
import { HttpClientError } from './errors.ts';
import { type HttpHeaders } from './http-client.ts';
import { showUrl } from './outbound.ts';
import { type ProxyFinder } from './proxy.ts';

/** A URL made ready for requests. */
export interface Location {
  readonly href: string;
  readonly shown: string;
  readonly scheme: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the Host header. */
  readonly authority: string;
  /** As sent: path and query, or the whole URL for a forwarding proxy. */
  readonly path: string;
  /** `Basic …` from a user and password in the URL. */
  readonly login: string | undefined;
  readonly route: Route;
  readonly poolKey: string;
}

/**
 * Takes a URL apart, once: what is judged is what is connected to.
 *
 * @throws {HttpClientError} `denied` for what is not an HTTP URL
 */
export function makeLocation(
  text: string,
  socketPath: string | undefined,
  findProxy: ProxyFinder | undefined,
): Location {
  const shown = showUrl(text);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new HttpClientError('denied', `Cannot connect to ${shown}: it is not a URL`);
  }
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') {
    throw new HttpClientError(
      'denied',
      `Cannot connect to ${shown}: scheme ${JSON.stringify(scheme)} is not http or https`,
    );
  }
  const isTls = scheme === 'https';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  const login =
    url.username === '' && url.password === ''
      ? undefined
      : basicAuthorization(decodePart(url.username), decodePart(url.password));
  url.username = '';
  url.password = '';
  url.hash = '';
  const proxy = socketPath === undefined ? findProxy?.(url) : undefined;
  const isForwarded = proxy !== undefined && !isTls && (proxy.protocol === 'http:' || proxy.protocol === 'https:');
  const way = socketPath ?? proxy?.href ?? '';
  return {
    href: url.href,
    shown,
    scheme,
    host,
    port,
    authority: url.host,
    path: isForwarded ? url.href : `${url.pathname}${url.search}`,
    login,
    route: {
      isTls,
      host,
      port,
      shown: isForwarded ? proxy.host : `${scheme}://${url.host}`,
      socketPath,
      proxy,
      isForwarded,
    },
    // Through a forwarding proxy, all hosts share its connections.
    poolKey: isForwarded ? `forward ${way}` : `${scheme}://${url.host} ${way}`,
  };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Where an answer sends the client on to, if it does. A user and password in it are not taken over. */
export function redirectTarget(
  response: { readonly status: number; readonly headers: HttpHeaders },
  from: Location,
): string | undefined {
  if (!redirectStatuses.has(response.status)) return undefined;
  const to = response.headers.location as string | undefined;
  if (to === undefined || to === '') return undefined;
  let url: URL;
  try {
    url = new URL(to, from.href);
  } catch (cause) {
    throw new HttpClientError('protocol', `The answer of ${from.shown} redirects to something that is not a URL`, {
      cause,
    });
  }
  url.username = '';
  url.password = '';
  return url.href;
}

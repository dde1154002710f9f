import { type Socket } from 'node:net';
import { type ConnectionOptions } from 'node:tls';
import { basicAuthorization } from './credentials.ts';
import { dial, dialSocket, startTls } from './dial.ts';
import { HttpClientError } from './errors.ts';
import { type Outbound } from './outbound.ts';
import { type OutboundKind } from './outbound-kind.ts';
import { openHttpTunnel, openSocksTunnel } from './tunnel.ts';

/** Where the connections of one pool lead, and by which way. */
export interface Route {
  readonly isTls: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** For messages, without anything secret. */
  readonly shown: string;
  /** Instead of host and port. */
  readonly socketPath: string | undefined;
  readonly proxy: URL | undefined;
  /** Plain HTTP through an HTTP proxy needs no tunnel: the proxy reads the whole URL. */
  readonly isForwarded: boolean;
}

export interface ConnectOptions {
  readonly outbound: Outbound;
  readonly kind: OutboundKind;
  /** For the target; proxies are verified by the system's certificates. */
  readonly tls: ConnectionOptions | undefined;
  /** Name, value, name, value …: sent with CONNECT. */
  readonly proxyHeaders: readonly string[];
}

/** Opens a connection along a route; every host on the way is judged first. @throws {HttpClientError} */
export async function connectRoute(route: Route, options: ConnectOptions): Promise<Socket> {
  const socket =
    route.proxy === undefined
      ? await connectDirectly(route, options)
      : await connectByProxy(route, route.proxy, options);
  if (!route.isTls) return socket;
  return startTls(socket, options.tls ?? {}, route.shown);
}

async function connectDirectly(route: Route, { outbound, kind }: ConnectOptions): Promise<Socket> {
  if (route.socketPath !== undefined) {
    outbound.judgeSocket(kind, route.socketPath);
    return dialSocket(route.socketPath, route.shown);
  }
  return dial(await outbound.judgeHost(kind, route.host, route.port, route.shown), route.shown);
}

async function connectByProxy(route: Route, proxy: URL, options: ConnectOptions): Promise<Socket> {
  const { outbound, kind } = options;
  const shown = `${route.shown} by proxy ${proxy.host}`;
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const port = proxy.port === '' ? defaultProxyPort(proxy) : Number(proxy.port);
  // A forwarded request's own host is judged with each request: this connection serves many.
  if (!route.isForwarded) await outbound.judgeBehindProxy(kind, route.host, route.port, route.shown);
  const plain = await dial(await outbound.judgeHost(kind, host, port, shown), shown);
  const socket = proxy.protocol === 'https:' ? await startTls(plain, { servername: host }, shown) : plain;
  if (route.isForwarded) return socket;
  try {
    const login = proxyLogin(proxy);
    if (proxy.protocol === 'socks5:' || proxy.protocol === 'socks5h:')
      await openSocksTunnel(socket, route, login, shown);
    else {
      const authorization =
        login === undefined ? [] : ['Proxy-Authorization', basicAuthorization(login.username, login.password)];
      await openHttpTunnel(socket, route, [...authorization, ...options.proxyHeaders], shown);
    }
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

function defaultProxyPort(proxy: URL): number {
  switch (proxy.protocol) {
    case 'http:':
      return 80;
    case 'https:':
      return 443;
    case 'socks5:':
    case 'socks5h:':
      return 1080;
    default:
      throw new HttpClientError(
        'connection',
        `Cannot use proxy ${proxy.host}: scheme ${JSON.stringify(proxy.protocol)} is unknown`,
      );
  }
}

/** User and password of a proxy URL. */
export function proxyLogin(proxy: URL): { username: string; password: string } | undefined {
  if (proxy.username === '' && proxy.password === '') return undefined;
  return { username: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) };
}

import { type ConnectionOptions } from 'node:tls';
import { type Dispatcher, Pool } from 'undici';
import { type Clock, systemClock } from '../runtime/index.ts';
import { decodeBody, wireLimit } from './body.ts';
import { defaultHttpClientConfig, type HttpClientConfig } from './config.ts';
import { connectRoute, proxyLogin } from './connector.ts';
import { Deadline } from './deadline.ts';
import { basicAuthorization, type CredentialBinding, Credentials, type HeaderPairs } from './credentials.ts';
import { HttpClientError } from './errors.ts';
import { Exchange, isLostConnection } from './exchange.ts';
import type {
  GetOptions,
  HttpClient,
  HttpHeaders,
  HttpResponse,
  RequestOptions,
  StreamedResponse,
} from './http-client.ts';
import { OAuth2Tokens } from './oauth2.ts';
import { type Location, makeLocation, redirectTarget } from './location.ts';
import { type Outbound } from './outbound.ts';
import { type OutboundKind } from './outbound-kind.ts';
import { type ProxyEnvironment, proxyFinder, type ProxyFinder } from './proxy.ts';
import { StreamedExchange } from './response-stream.ts';
import { type SecretManager } from './secret-source.ts';
import { TlsMaterial } from './tls-material.ts';

export interface HttpClientOptions {
  /** Decides where the client may go. */
  readonly kind: OutboundKind;
  readonly outbound: Outbound;
  readonly config?: HttpClientConfig;
  /** The User-Agent header. */
  readonly userAgent?: string;
  /** For the `…_ref` fields of the configuration. */
  readonly secrets?: SecretManager;
  /** The only places the configured credentials may be sent to. */
  readonly binding?: CredentialBinding;
  /** For `proxy_from_environment`. */
  readonly env?: ProxyEnvironment;
  readonly clock?: Clock;
}

/** Makes a client. @throws {HttpClientError} `credentials` for a configuration that can never work */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  return new PooledClient(options);
}

/** As Go's client: the eleventh answer that is a redirect is an error. */
const maxRedirects = 10;

/** A body nobody has set a limit for is still not allowed to fill the memory. */
const defaultMaxBytes = 256 * 1024 * 1024;

/** What fits into one buffer everywhere. */
const largestBody = 2 ** 31 - 1;

/** Above the longest sensible scrape interval, so that scrapes reuse their connection. */
const idleConnectionMs = 300_000;

/** Pools no request has used for this long are closed: their target is gone. */
const idlePoolMs = 600_000;
const sweepIntervalMs = 60_000;

/** Bounds the memory for parsed URLs; beyond it they are parsed anew. */
const maxLocations = 50_000;

/** Headers of the caller that may follow a redirect to another host: they say what is understood, not who asks. */
const harmlessHeaders = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'user-agent',
  'x-prometheus-scrape-timeout-seconds',
]);

interface PoolEntry {
  readonly pool: Pool;
  usedAtMs: number;
}

class PooledClient implements HttpClient {
  readonly #kind: OutboundKind;
  readonly #outbound: Outbound;
  readonly #config: HttpClientConfig;
  readonly #clock: Clock;
  readonly #credentials: Credentials;
  readonly #tls: TlsMaterial;
  readonly #findProxy: ProxyFinder | undefined;
  readonly #proxyHeaders: HeaderPairs;
  readonly #userAgent: HeaderPairs;
  readonly #tokens: OAuth2Tokens | undefined;
  readonly #locations = new Map<string, Location>();
  readonly #running = new Set<{ abort(error: HttpClientError): void }>();
  #pools = new Map<string, PoolEntry>();
  #tlsOptions: ConnectionOptions | undefined;
  #generation: number;
  #sweptAtMs: number;
  #isClosed = false;

  constructor(options: HttpClientOptions) {
    this.#kind = options.kind;
    this.#outbound = options.outbound;
    this.#config = options.config ?? defaultHttpClientConfig();
    this.#clock = options.clock ?? systemClock;
    this.#generation = options.outbound.generation;
    this.#sweptAtMs = this.#clock.monotonic();
    this.#userAgent = options.userAgent === undefined ? [] : ['user-agent', options.userAgent];
    const config = this.#config;
    const { oauth2 } = config;
    this.#tls = new TlsMaterial(config.tls, this.#clock, options.secrets);
    this.#tokens =
      oauth2 === undefined
        ? undefined
        : new OAuth2Tokens(
            oauth2,
            new PooledClient({
              ...options,
              config: { ...defaultHttpClientConfig(), tls: oauth2.tls, proxy: oauth2.proxy, followRedirects: false },
              binding: undefined,
            } as HttpClientOptions),
            this.#clock,
            options.secrets,
          );
    const tokens = this.#tokens;
    this.#credentials = new Credentials({
      config,
      clock: this.#clock,
      manager: options.secrets,
      binding: options.binding,
      token: tokens === undefined ? undefined : () => tokens.token(),
    });
    this.#findProxy = proxyFinder(config.proxy, options.env ?? {});
    this.#proxyHeaders = Array.from(config.proxy.proxyConnectHeader).flatMap(([name, values]) =>
      values.flatMap((value) => [name, value.reveal()]),
    );
  }

  get(url: string, options: GetOptions = {}): Promise<HttpResponse> {
    return this.request(url, options);
  }

  async request(url: string, options: RequestOptions = {}): Promise<HttpResponse> {
    const maxBytes = Math.min(options.maxBytes ?? defaultMaxBytes, largestBody);
    const deadline = new Deadline(url, options.timeoutMs, options.signal);
    try {
      const [wire, location] = await this.#follow(url, options, deadline, (at) => {
        return new Exchange(at.shown, maxBytes, wireLimit(maxBytes));
      });
      const decoded = decodeBody(wire.body, wire.headers['content-encoding'], maxBytes, location.shown);
      const body = decoded instanceof Promise ? await deadline.race(decoded) : decoded;
      const { status, headers } = wire;
      return { status, headers, body, wireBytes: wire.body.length, url: location.href };
    } finally {
      deadline.clear();
    }
  }

  async stream(url: string, options: RequestOptions = {}): Promise<StreamedResponse> {
    const maxBytes = options.maxBytes ?? Infinity;
    const deadline = new Deadline(url, options.timeoutMs, options.signal);
    let last: StreamedExchange | undefined;
    try {
      const [response] = await this.#follow(
        url,
        options,
        deadline,
        (at) => (last = new StreamedExchange(at.shown, at.href, maxBytes)),
      );
      // The time limit ends with the head; the caller's signal goes on to end the body.
      deadline.clearTimer();
      last?.onClose(() => {
        deadline.clear();
      });
      return response;
    } catch (error) {
      deadline.clear();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const error = new HttpClientError('aborted', 'The client was closed');
    for (const running of this.#running) running.abort(error);
    const pools = [...this.#pools.values()];
    this.#pools = new Map();
    await Promise.all([...pools.map(({ pool }) => pool.destroy()), this.#tokens?.close()]);
  }

  /** Sends the request, follows redirects, and judges each hop anew. */
  async #follow<R extends { readonly status: number; readonly headers: HttpHeaders }>(
    url: string,
    options: RequestOptions,
    deadline: Deadline,
    start: (location: Location) => RunningExchange<R>,
  ): Promise<readonly [R, Location]> {
    let location = this.#locate(url, options.socketPath);
    let method = options.method ?? 'GET';
    let body = options.body;
    // Once a redirect has led to another host, credentials stay behind, even if a later one leads back.
    let isAtHome = true;
    for (let redirects = 0; ; redirects++) {
      const hop: Hop = {
        location,
        given: options.headers,
        hasBody: body !== undefined,
        isAtHome,
        isFirst: redirects === 0,
      };
      const own = this.#ownHeaders(hop);
      const headers = joinHeaders(hop, this.#userAgent, own instanceof Promise ? await deadline.race(own) : own);
      const response = await this.#send(location, method, headers, body, deadline, start);
      const target = this.#config.followRedirects ? redirectTarget(response, location) : undefined;
      if (target === undefined) return [response, location];
      if ('close' in response) (response as unknown as StreamedResponse).close();
      if (redirects >= maxRedirects) {
        throw new HttpClientError(
          'protocol',
          `No answer from ${location.shown}: stopped after ${maxRedirects} redirects`,
        );
      }
      const next = this.#locateRedirect(target, location, options.socketPath);
      isAtHome &&= next.host === location.host && !(location.scheme === 'https' && next.scheme === 'http');
      if (response.status < 307 && method !== 'GET' && method !== 'HEAD') {
        method = 'GET';
        body = undefined;
      }
      location = next;
    }
  }

  async #send<R>(
    location: Location,
    method: string,
    headers: HeaderPairs,
    body: string | Uint8Array | undefined,
    deadline: Deadline,
    start: (location: Location) => RunningExchange<R>,
  ): Promise<R> {
    const isRepeatable = method === 'GET' || method === 'HEAD';
    for (let attempt = 0; ; attempt++) {
      const ready = this.#prepare(location);
      if (ready !== undefined) await deadline.race(ready);
      const pool = this.#poolFor(location);
      const exchange = start(location);
      this.#running.add(exchange);
      deadline.guard(exchange);
      try {
        pool.dispatch(
          { path: location.path, method, headers, body: body ?? null } as Parameters<Pool['dispatch']>[0],
          exchange,
        );
        return await exchange.answered;
      } catch (error) {
        // A server may close an idle connection just when a request is sent on it: that request has done nothing yet.
        if (attempt === 0 && isRepeatable && !exchange.hasHead && isLostConnection(error)) continue;
        throw error;
      } finally {
        this.#running.delete(exchange);
      }
    }
  }

  /** The headers that identify the client, where they may be sent; at once when nothing has to be fetched for them. */
  #ownHeaders({ location, isAtHome, isFirst }: Hop): HeaderPairs | Promise<HeaderPairs> {
    if (!isAtHome || this.#credentials.isEmpty) return noHeaders;
    // A first request to where the credential must not go is an error; a redirect there goes on without it.
    if (!isFirst && !this.#credentials.mayBeSentTo(location)) return noHeaders;
    return this.#credentials.headersFor(location);
  }

  /** A socket in the file system goes on serving the host it stands for. */
  #locateRedirect(target: string, from: Location, socketPath: string | undefined): Location {
    const next = this.#locate(target, socketPath);
    return socketPath === undefined || next.authority === from.authority ? next : this.#locate(target, undefined);
  }

  #locate(url: string, socketPath: string | undefined): Location {
    const key = socketPath === undefined ? url : `${socketPath} ${url}`;
    const known = this.#locations.get(key);
    if (known !== undefined) return known;
    const location = makeLocation(url, socketPath, this.#findProxy);
    if (this.#locations.size >= maxLocations) this.#locations.clear();
    this.#locations.set(key, location);
    return location;
  }

  /** What has to be waited for before a connection can be asked for; `undefined` when nothing has. */
  #prepare(location: Location): Promise<void> | undefined {
    if (this.#outbound.generation !== this.#generation) {
      this.#generation = this.#outbound.generation;
      // Connections the new policy might not allow end at once, whatever they are busy with.
      this.#retirePools((pool) => pool.destroy());
    }
    const { isTls, isForwarded } = location.route;
    if (isTls && !(this.#tlsOptions !== undefined && this.#tls.isFixed)) return this.#prepareTls();
    return isForwarded
      ? this.#outbound.judgeBehindProxy(this.#kind, location.host, location.port, location.shown)
      : undefined;
  }

  async #prepareTls(): Promise<void> {
    const options = await this.#tls.options();
    // New certificates are for new connections; the old ones end with their requests.
    if (options !== this.#tlsOptions && this.#tlsOptions !== undefined) this.#retirePools((pool) => pool.close());
    this.#tlsOptions = options;
  }

  #poolFor(location: Location): Pool {
    if (this.#isClosed) throw new HttpClientError('aborted', `No answer from ${location.shown}: the client was closed`);
    const now = this.#clock.monotonic();
    if (now - this.#sweptAtMs > sweepIntervalMs) this.#sweep(now);
    let entry = this.#pools.get(location.poolKey);
    if (entry === undefined) {
      entry = { pool: this.#openPool(location), usedAtMs: now };
      this.#pools.set(location.poolKey, entry);
    }
    entry.usedAtMs = now;
    return entry.pool;
  }

  #openPool(location: Location): Pool {
    const { route } = location;
    const outbound = this.#outbound;
    const kind = this.#kind;
    const proxyHeaders = this.#proxyHeaders;
    const tls = route.isTls ? { ...this.#tlsOptions, ...this.#tls.nameFor(route.host) } : undefined;
    return new Pool(`${location.scheme}://${location.authority}`, {
      connect: (_options, done) => {
        connectRoute(route, { outbound, kind, tls, proxyHeaders }).then(
          (socket) => {
            done(null, socket);
          },
          (error: unknown) => {
            done(error as Error, null);
          },
        );
      },
      pipelining: 1,
      // Deadlines are the requests' own.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleConnectionMs,
      keepAliveMaxTimeout: idleConnectionMs,
      maxHeaderSize: 64 * 1024,
    });
  }

  /** Ends the pools as told; whatever comes next gets new connections. */
  #retirePools(end: (pool: Pool) => Promise<void>): void {
    for (const { pool } of this.#pools.values()) void end(pool).catch(() => {});
    this.#pools = new Map();
  }

  #sweep(nowMs: number): void {
    this.#sweptAtMs = nowMs;
    for (const [key, entry] of this.#pools) {
      if (nowMs - entry.usedAtMs < idlePoolMs) continue;
      this.#pools.delete(key);
      void entry.pool.close().catch(() => {});
    }
  }
}

/** One request on the way to an answer that is no redirect. */
interface Hop {
  readonly location: Location;
  /** The caller's headers. */
  readonly given: HttpHeaders | undefined;
  readonly hasBody: boolean;
  /** No redirect has led to another host yet. */
  readonly isAtHome: boolean;
  readonly isFirst: boolean;
}

const noHeaders: HeaderPairs = [];

/** All headers of a request; what the caller gives wins over what is configured. */
function joinHeaders(hop: Hop, userAgent: HeaderPairs, own: HeaderPairs): HeaderPairs {
  const { location, given, isAtHome } = hop;
  const pairs: HeaderPairs = isAtHome && given?.host !== undefined ? [] : ['host', location.authority];
  for (let i = 0; i < userAgent.length; i++) pairs.push(userAgent[i]);
  let acceptsEncoding = false;
  for (const name in given) {
    if (!isAtHome && !harmlessHeaders.has(name)) continue;
    // A body that was dropped by a redirect takes its description along.
    if (!hop.hasBody && name.startsWith('content-')) continue;
    if (name === 'accept-encoding') acceptsEncoding = true;
    pairs.push(name, given[name]);
  }
  if (!acceptsEncoding) pairs.push('accept-encoding', 'gzip');
  for (let i = 0; i < own.length; i += 2) {
    if (given?.[own[i]] === undefined) pairs.push(own[i], own[i + 1]);
  }
  if (location.login !== undefined && hop.isFirst && !pairs.includes('authorization')) {
    pairs.push('authorization', location.login);
  }
  const { proxy, isForwarded } = location.route;
  const login = isForwarded && proxy !== undefined ? proxyLogin(proxy) : undefined;
  if (login !== undefined) pairs.push('proxy-authorization', basicAuthorization(login.username, login.password));
  return pairs;
}

interface RunningExchange<R> extends Dispatcher.DispatchHandler {
  readonly answered: Promise<R>;
  readonly hasHead: boolean;
  abort(error: HttpClientError): void;
}

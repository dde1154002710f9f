import type { AddressInfo } from 'node:net';
import type { IncomingMessage } from 'node:http';
import fastifyCompress from '@fastify/compress';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type InjectOptions,
  type LightMyRequestResponse,
} from 'fastify';
import type { AccessControl } from '../access/index.ts';
import type { Clock, Logger, Registry } from '../runtime/index.ts';
import { ApiError } from './api-error.ts';
import { sessionCookieName, sessionIdOf } from './credential.ts';
import { dispatch, errorReply, toApiError, type RequestState } from './dispatch.ts';
import { Guard } from './guard.ts';
import { KnownHosts } from './hosts.ts';
import { HttpMetrics } from './http-metrics.ts';
import { Listeners, type ListenAddress } from './listeners.ts';
import { originFacts, Origins, type OriginFacts } from './origins.ts';
import { RateLimiter, type RateLimit } from './rate-limit.ts';
import type { Reply } from './reply.ts';
import { isCanonicalPath, splitTarget } from './request-path.ts';
import { bodyOf, type Route } from './route.ts';
import { securityHeaders } from './security-headers.ts';
import type { TlsSettings } from './tls.ts';

/** `starting`: the log is being replayed; `stopping`: requests under way may end. */
export type Readiness = 'starting' | 'ready' | 'stopping';

export interface WebServerOptions {
  readonly listen: readonly ListenAddress[];
  readonly routes: readonly Route[];
  readonly access: AccessControl;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly readiness: () => Readiness;
  /** Under which people reach the server. */
  readonly externalUrl?: URL;
  /** `/prefix` before every path; `''` for none. */
  readonly routePrefix: string;
  /** Exact origins whose pages may read the API. */
  readonly corsOrigins: readonly string[];
  /** Names under which the server may be addressed beside those it knows. */
  readonly hosts?: readonly string[];
  readonly tls?: TlsSettings;
  /** Offer HTTP/2 to clients that come with TLS; default true. */
  readonly http2?: boolean;
  /** Security headers of the web configuration. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly rateLimit?: RateLimit;
  readonly maxConnections: number;
  readonly readTimeoutMs: number;
  /** Longest a request may take until its answer begins. */
  readonly deadlineMs: number;
}

/** A query in a URL can be long: Node's 16 kB are not enough, Go's 1 MB invite abuse. */
const MAX_HEADER_BYTES = 256 * 1024;
const MAX_PARAM_LENGTH = 16 * 1024;
/** Where a request is sent whose path is not canonical: no route can be there. */
const NOWHERE = '/~nowhere';

/**
 * The HTTP server over a route table.
 *
 * @throws {Error} for an origin that is none, or a route table that contradicts itself
 */
export async function createServer(options: WebServerOptions): Promise<WebServer> {
  const server = new WebServer(options);
  await server.prepare();
  return server;
}

export class WebServer {
  readonly #options: WebServerOptions;
  readonly #app: FastifyInstance;
  readonly #listeners: Listeners;
  readonly #guard: Guard;
  readonly #origins: Origins;
  readonly #hosts: KnownHosts;
  readonly #metrics: HttpMetrics;
  readonly #states = new WeakMap<FastifyRequest, RequestState>();
  #headers: Readonly<Record<string, string>>;
  #rateLimiter: RateLimiter | undefined;

  constructor(options: WebServerOptions) {
    const { access, externalUrl, listen, registry } = options;
    this.#options = options;
    this.#origins = new Origins(options.corsOrigins, externalUrl);
    this.#guard = new Guard(access, this.#origins);
    this.#hosts = new KnownHosts([
      ...listen.map(({ host }) => host),
      ...(externalUrl === undefined ? [] : [externalUrl.hostname]),
      ...(options.hosts ?? []),
    ]);
    this.#headers = options.headers ?? {};
    this.#rateLimiter = options.rateLimit && new RateLimiter(options.clock, options.rateLimit);
    this.#metrics = new HttpMetrics(registry);
    this.#app = this.#createApp();
    this.#listeners = new Listeners({
      listen,
      tls: options.tls,
      http2: options.http2 ?? true,
      maxConnections: options.maxConnections,
      readTimeoutMs: options.readTimeoutMs,
      maxHeaderBytes: MAX_HEADER_BYTES,
      clock: options.clock,
      onRequest: (request, response) => {
        this.#app.routing(request, response);
      },
    });
    registry.gaugeFunction(
      'yagura_http_connections',
      'Open connections of clients.',
      () => this.#listeners.connections,
    );
  }

  /** Builds the router; `createServer` has done it. */
  async prepare(): Promise<void> {
    await this.#app.register(fastifyCompress, {
      globalDecompression: false,
      encodings: ['zstd', 'gzip', 'deflate'],
      threshold: 1024,
      // Level 1 takes half the time of the default for a seventh more bytes.
      zlibOptions: { level: 1 },
      customTypes: (type: string) =>
        /^(text\/(?!event-stream)|application\/(json|javascript|openmetrics-text)|image\/svg)/.test(type),
    });
    this.#addRoutes();
    await this.#app.ready();
  }

  /** @throws {Error} when an address cannot be listened on */
  async listen(): Promise<void> {
    await this.#listeners.open();
  }

  /** Where the server listens, in the order of the options. */
  get addresses(): readonly AddressInfo[] {
    return this.#listeners.addresses;
  }

  /** Takes over what can change while running: certificates, headers, the rate limit. */
  reconfigure(changes: Pick<WebServerOptions, 'tls' | 'headers' | 'rateLimit'>): void {
    if (changes.tls !== undefined) this.#listeners.setTls(changes.tls);
    this.#headers = changes.headers ?? {};
    this.#rateLimiter = changes.rateLimit && new RateLimiter(this.#options.clock, changes.rateLimit);
  }

  /** A request without a socket; for tests. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse> {
    return this.#app.inject(request);
  }

  /** Accepts no more, lets requests under way end for up to `graceMs`, then cuts off what is left. Safe to call twice. */
  async close(graceMs: number): Promise<void> {
    await this.#listeners.close(graceMs);
    await this.#app.close();
  }

  #createApp(): FastifyInstance {
    const app = Fastify({
      logger: false,
      exposeHeadRoutes: false,
      return503OnClosing: false,
      requestIdHeader: false,
      routerOptions: {
        caseSensitive: true,
        ignoreTrailingSlash: false,
        ignoreDuplicateSlashes: false,
        maxParamLength: MAX_PARAM_LENGTH,
        // Parsed once, by the rules of Go, where the route is known.
        querystringParser: () => ({}),
      },
      rewriteUrl: (request) => targetOf(request),
      frameworkErrors: (error, _request, reply) => {
        void this.#sendError(
          new ApiError('not_found', `404 page not found`, { cause: error }),
          '/',
          reply as FastifyReply,
        );
      },
    });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body);
    });
    app.addHook('onRequest', async (request, reply) => {
      await this.#arrive(request, reply);
    });
    app.addHook('onResponse', (request, reply, done) => {
      this.#left(request, reply);
      done();
    });
    app.setNotFoundHandler((request, reply) =>
      this.#sendError(new ApiError('not_found', '404 page not found'), '/', reply, request),
    );
    app.setErrorHandler((error, request, reply) => {
      const path = this.#states.get(request)?.path ?? '/';
      const failure = toApiError(error, this.#options.logger, `${request.method} ${path}`);
      return this.#sendError(failure, path, reply, request);
    });
    return app;
  }

  /** What holds for every request, whatever its route. */
  async #arrive(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { externalUrl, routePrefix, clock, tls } = this.#options;
    const isSecure = tls !== undefined || externalUrl?.protocol === 'https:';
    const cookieName = sessionCookieName(isSecure, request.socket.localPort);
    const { path, query } = splitTarget(request.url);
    const below = path.startsWith(`${routePrefix}/`) ? path.slice(routePrefix.length) : path;
    this.#states.set(request, {
      startedMs: clock.monotonic(),
      cookieName,
      isSecure,
      sessionId: sessionIdOf(request.headers, cookieName),
      path: below,
      query,
      bytes: 0,
      admission: undefined,
    });
    void reply.headers(this.#securityHeaders());
    const host = hostOf(request);
    if (!this.#hosts.accepts(host)) {
      throw new ApiError(
        'misdirected',
        `${JSON.stringify(host)} is not a name of this server; if it should be, name it in --web.external-url`,
      );
    }
    if (below.startsWith('/api/')) this.#allowOrigin(this.#originOf(request), reply);
    if (this.#rateLimiter?.take() === false) {
      throw new ApiError('too_many_requests', 'too many requests', { headers: { 'Retry-After': '1' } });
    }
    await Promise.resolve();
  }

  #originOf(request: FastifyRequest): OriginFacts {
    return originFacts(request.headers, hostOf(request), this.#states.get(request)!.isSecure);
  }

  /** A page of a listed origin may read the answer. Never with cookies: a session serves its own page only. */
  #allowOrigin(facts: OriginFacts, reply: FastifyReply): void {
    void reply.header('Vary', 'Origin');
    const origin = this.#origins.allowed(facts);
    if (origin === undefined) return;
    void reply.headers({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Date' });
  }

  #addRoutes(): void {
    const { routes, routePrefix } = this.#options;
    const byPath = new Map<string, Map<string, Route>>();
    for (const route of routes) {
      const methods = byPath.get(route.path) ?? new Map<string, Route>();
      byPath.set(route.path, methods);
      for (const method of route.methods) {
        if (methods.has(method)) throw new Error(`Route ${method} ${route.path} is declared twice`);
        methods.set(method, route);
      }
    }
    for (const [path, methods] of byPath) this.#addPath(routePrefix + path, path, methods);
    if (routePrefix !== '') {
      this.#app.get('/', (_request, reply) => reply.redirect(`${routePrefix}/`, 302));
    }
  }

  #addPath(url: string, path: string, declared: ReadonlyMap<string, Route>): void {
    const methods = new Map(declared);
    const get = declared.get('GET');
    if (get !== undefined) methods.set('HEAD', get);
    for (const [method, route] of methods) {
      const body = bodyOf(route);
      this.#app.route({
        method,
        url,
        bodyLimit: body.kind === 'none' ? 1 : body.maxBytes,
        onRequest: async (request) => {
          checkCaptures(request);
          await this.#admit(route, request);
        },
        handler: (request, reply) => this.#handle(route, request, reply),
      });
    }
    const allow = [...methods.keys(), 'OPTIONS'].sort().join(', ');
    this.#addOptions(url, methods, allow);
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !methods.has(method));
    if (others.length > 0) {
      this.#app.route({
        method: others,
        url,
        onRequest: (request) => {
          checkCaptures(request);
          throw new ApiError('method_not_allowed', wrongMethod(path, [...declared.keys()]), {
            headers: { Allow: allow },
          });
        },
        handler: (_request, reply) => reply.send(),
      });
    }
  }

  /** OPTIONS needs what the route needs, but for the question a browser asks on behalf of a listed origin, without credentials. */
  #addOptions(url: string, methods: ReadonlyMap<string, Route>, allow: string): void {
    const guarded = methods.get('GET') ?? [...methods.values()][0]!;
    this.#app.route({
      method: 'OPTIONS',
      url,
      onRequest: async (request) => {
        const isListed = this.#origins.allowed(this.#originOf(request)) !== undefined;
        const isPreflight = request.headers['access-control-request-method'] !== undefined;
        checkCaptures(request);
        const reads: Route = { ...guarded, effect: 'read', methods: ['GET'] } as Route;
        if (!(isListed && isPreflight)) await this.#admit(reads, request);
      },
      handler: (request, reply) => {
        const state = this.#states.get(request)!;
        if (state.path.startsWith('/api/') && this.#origins.allowed(this.#originOf(request)) !== undefined) {
          void reply.headers({
            'Access-Control-Allow-Methods': allow,
            'Access-Control-Allow-Headers': 'Accept, Authorization, Content-Type, Origin',
          });
        }
        return reply.code(204).header('Allow', allow).send();
      },
    });
  }

  async #admit(route: Route, request: FastifyRequest): Promise<void> {
    const state = this.#states.get(request)!;
    state.admission = await this.#guard.admit(route, {
      headers: request.headers,
      sessionId: state.sessionId,
      origin: this.#originOf(request),
      source: request.ip,
    });
  }

  async #handle(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const state = this.#states.get(request)!;
    const readiness = this.#options.readiness();
    if (readiness !== 'ready' && route.beforeReady !== true) {
      return reply
        .code(503)
        .headers({
          'X-Prometheus-Stopping': String(readiness === 'stopping'),
          'Content-Type': 'text/plain; charset=utf-8',
        })
        .send('Service Unavailable');
    }
    const { clock, logger, deadlineMs } = this.#options;
    return dispatch(route, state, request, reply, {
      clock,
      logger,
      deadlineMs,
      pageHeaders: ({ styleNonce, cache }) => this.#securityHeaders(styleNonce, cache),
    });
  }

  #securityHeaders(styleNonce?: string, cache?: Reply['cache']): Record<string, string> {
    const isTls = this.#options.tls !== undefined;
    return securityHeaders({ isTls, styleNonce, cache, configured: this.#headers });
  }

  #sendError(error: ApiError, path: string, reply: FastifyReply, request?: FastifyRequest): FastifyReply {
    const answer = errorReply(path, error);
    // Of a string Fastify would say that it is UTF-8, also of JSON, which can be nothing else.
    // What is left of a refused body is not read: the connection cannot be used again.
    if (request !== undefined && request.raw.httpVersionMajor === 1 && hasUnreadBody(request)) {
      void reply.header('Connection', 'close');
    }
    return reply
      .code(answer.status)
      .headers({ ...answer.headers, 'Content-Type': answer.contentType! })
      .send(request?.method === 'HEAD' ? undefined : Buffer.from(answer.body as string));
  }

  #left(request: FastifyRequest, reply: FastifyReply): void {
    const { clock, readiness } = this.#options;
    const state = this.#states.get(request);
    const handler = request.routeOptions.url ?? 'none';
    const seconds = state === undefined ? 0 : (clock.monotonic() - state.startedMs) / 1000;
    this.#metrics.answered(handler, reply.statusCode, seconds, state?.bytes ?? 0);
    this.#metrics.setReady(readiness() === 'ready');
  }
}

/** A path that ends where a name should stand is another path. */
function checkCaptures(request: FastifyRequest): void {
  if (Object.values(request.params as Record<string, string>).includes('')) {
    throw new ApiError('not_found', '404 page not found');
  }
}

function targetOf(request: { url?: string | undefined }): string {
  const target = request.url ?? '';
  return isCanonicalPath(splitTarget(target).path) ? target : NOWHERE;
}

/** The Host header, or what stands for it in HTTP/2. */
function hostOf(request: FastifyRequest): string | undefined {
  const authority = request.headers[':authority'];
  return request.headers.host ?? (typeof authority === 'string' ? authority : undefined);
}

function hasUnreadBody(request: FastifyRequest): boolean {
  const raw: IncomingMessage = request.raw;
  return (
    !raw.complete && (raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined)
  );
}

function wrongMethod(path: string, methods: readonly string[]): string {
  const isLifecycle = path.startsWith('/-/') && !methods.includes('GET');
  return isLifecycle ? `Only ${methods.join(' or ')} requests allowed` : 'Method Not Allowed';
}

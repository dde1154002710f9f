import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../runtime/index.ts';
import { admitsClient, secureContext, type TlsSettings } from './tls.ts';

export interface ListenAddress {
  /** `''` listens on every address. */
  readonly host: string;
  readonly port: number;
}

export interface ListenerOptions {
  readonly listen: readonly ListenAddress[];
  readonly tls: TlsSettings | undefined;
  readonly http2: boolean;
  /** Over all listeners; a further connection is closed at once. */
  readonly maxConnections: number;
  /** How long a request may take to arrive, and a connection may stay idle. */
  readonly readTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly clock: Clock;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
}

type Server = http.Server | https.Server | http2.Http2SecureServer;

/** A request's head has to be there by then: nobody types it. */
const HEAD_TIMEOUT_MS = 30_000;
/** Between two requests; longer than what proxies and Go's client keep connections for, so that they close first. */
const KEEP_ALIVE_MS = 120_000;
const MAX_STREAMS = 100;

/** The sockets the server listens on, all with the same handler. */
export class Listeners {
  readonly #options: ListenerOptions;
  readonly #servers: readonly Server[];
  readonly #connections = new Set<Socket>();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  /** Requests without an end yet. */
  #pending = 0;
  #whenIdle: (() => void) | undefined;
  #tls: TlsSettings | undefined;
  #isClosing = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#tls = options.tls;
    this.#servers = options.listen.map(() => this.#createServer());
  }

  /** @throws {Error} when an address cannot be listened on; none is then */
  async open(): Promise<void> {
    try {
      await Promise.all(this.#servers.map((server, i) => listen(server, this.#options.listen[i]!)));
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  /** Where the servers listen, in the order of the options; a port 0 has become a real one. */
  get addresses(): readonly AddressInfo[] {
    return this.#servers.flatMap((server) => {
      const address = server.address();
      return typeof address === 'object' && address !== null ? [address] : [];
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** New certificates for new connections. */
  setTls(settings: TlsSettings): void {
    this.#tls = settings;
    for (const server of this.#servers)
      if ('setSecureContext' in server) server.setSecureContext(secureContext(settings));
  }

  /** Accepts no more, lets requests under way end for up to `graceMs`, then cuts off what is left. Safe to call twice. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const closed = this.#servers.map(
      (server) =>
        new Promise<void>((resolve) =>
          server.close(() => {
            resolve();
          }),
        ),
    );
    for (const server of this.#servers) if ('closeIdleConnections' in server) server.closeIdleConnections();
    for (const session of this.#sessions) session.close();
    if (this.#pending > 0 && graceMs > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
        this.#options.clock.after(graceMs, resolve);
      });
    }
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#connections) socket.destroy();
    await Promise.all(closed);
  }

  #createServer(): Server {
    const { onRequest, readTimeoutMs, maxHeaderBytes } = this.#options;
    const common = {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: Math.min(HEAD_TIMEOUT_MS, readTimeoutMs),
      requestTimeout: readTimeoutMs,
      keepAliveTimeout: Math.min(KEEP_ALIVE_MS, readTimeoutMs),
      connectionsCheckingInterval: 5000,
      // A header without the line ending the standard asks for is how smuggled requests begin.
      insecureHTTPParser: false,
      requireHostHeader: true,
    };
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      this.#begin(request, response);
      onRequest(request, response);
    };
    let server: Server;
    if (this.#tls === undefined) {
      server = http.createServer(common, handler);
    } else if (this.#options.http2) {
      const options = {
        ...common,
        ...secureContext(this.#tls),
        allowHTTP1: true,
        settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: maxHeaderBytes, enablePush: false },
      };
      // The compatibility API's requests and responses are what Fastify takes for HTTP/1 ones.
      server = http2.createSecureServer(options, handler as unknown as Parameters<typeof http2.createSecureServer>[1]);
      server.on('session', (session) => {
        this.#sessions.add(session);
        session.on('close', () => this.#sessions.delete(session));
        session.setTimeout(readTimeoutMs, () => {
          session.destroy();
        });
      });
    } else {
      server = https.createServer({ ...common, ...secureContext(this.#tls) }, handler);
    }
    // The compatibility server of HTTP/2 has the same properties for its HTTP/1 connections, but no options for them. A client that
    // neither sends nor takes anything is cut off, also in the middle of an answer.
    const { maxHeaderSize: _size, insecureHTTPParser: _parser, ...timeouts } = common;
    Object.assign(server, timeouts, { timeout: readTimeoutMs });
    this.#watch(server);
    return server;
  }

  #watch(server: Server): void {
    const { maxConnections } = this.#options;
    (server as NetServer).on('connection', (socket) => {
      if (this.#connections.size >= maxConnections || this.#isClosing) {
        socket.destroy();
        return;
      }
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      if (!admitsClient(this.#tls!, socket)) socket.destroy();
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
      refuse(error, socket);
    });
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    this.#pending++;
    if (this.#isClosing && request.httpVersionMajor === 1) response.setHeader('Connection', 'close');
    response.on('close', () => {
      this.#pending--;
      if (this.#pending === 0) this.#whenIdle?.();
    });
  }
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(new Error(`Cannot listen on ${host === '' ? '*' : host}:${port}: ${error.message}`, { cause: error }));
    };
    server.once('error', fail);
    server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** An answer to what is no HTTP: one line, then the connection ends. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n\r\n`);
}

import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvariantError, type Clock, type Logger } from '../runtime/index.ts';
import { ApiError, type ErrorType } from './api-error.ts';
import { sessionCookie } from './credential.ts';
import type { Admission } from './guard.ts';
import { mediaType } from './guard.ts';
import { FormError, formText, Params, parseForm } from './params.ts';
import { toJson, type Reply } from './reply.ts';
import { bodyOf, type Route, type ScopedRequest, type WebRequest } from './route.ts';

/** What is known of a request before its route's handler runs. */
export interface RequestState {
  readonly startedMs: number;
  readonly cookieName: string;
  readonly isSecure: boolean;
  readonly sessionId: string | undefined;
  /** Below the route prefix. */
  readonly path: string;
  readonly query: string;
  /** Sent so far, before compression. */
  bytes: number;
  admission: Admission | undefined;
}

export interface DispatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Longest a handler may take until it answers. */
  readonly deadlineMs: number;
  /** The headers of an answer that is a page or may be kept. */
  readonly pageHeaders: (answer: Pick<Reply, 'styleNonce' | 'cache'>) => Record<string, string>;
}

/** Runs a route's handler for a request that was admitted, and sends what it answers. */
export async function dispatch(
  route: Route,
  state: RequestState,
  request: FastifyRequest,
  reply: FastifyReply,
  options: DispatchOptions,
): Promise<FastifyReply> {
  const gone = new AbortController();
  const { raw } = reply as { raw: ServerResponse };
  const onClose = (): void => {
    if (!raw.writableFinished) gone.abort(new ApiError('canceled', 'the request was given up'));
  };
  raw.on('close', onClose);
  const webRequest = toWebRequest(route, state, request, gone.signal);
  const answered = Promise.resolve(runHandler(route, webRequest, state));
  const late = deadline(options, gone);
  try {
    const answer = await Promise.race([answered, late.passed]);
    // From here on a closed connection ends the answer's iterator by itself.
    return await send(answer, state, request, reply, options);
  } finally {
    late.cancel();
  }
}

function runHandler(route: Route, request: WebRequest, state: RequestState): Reply | Promise<Reply> {
  if (route.permission === 'open' || route.permission === 'identity') return route.handler(request);
  const scope = state.admission?.scope;
  // Not reached: the guard has thrown. But a route must never run without its scope.
  if (scope === undefined) throw new InvariantError(`No scope for ${route.path}`);
  const scoped: ScopedRequest = Object.assign(request, { scope });
  return route.handler(scoped);
}

function toWebRequest(route: Route, state: RequestState, request: FastifyRequest, signal: AbortSignal): WebRequest {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const urlPairs = pairsOf(() => parseForm(state.query));
  const formPairs = bodyOf(route).kind === 'form' && body.length > 0 ? pairsOf(() => formPairsOf(request, body)) : [];
  const { admission } = state;
  return {
    method: request.method,
    path: state.path,
    pathParams: request.params as Record<string, string>,
    params: new Params([...formPairs, ...urlPairs]),
    urlParams: new Params(urlPairs),
    rawQuery: state.query,
    body,
    identity: admission!.identity,
    session: admission!.session,
    sessionId: state.sessionId,
    source: request.ip,
    isSecure: state.isSecure,
    signal,
    header: (name) => {
      const value = request.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

function formPairsOf(request: FastifyRequest, body: Buffer): [string, string][] {
  const type = mediaType(request.headers['content-type']);
  if (type !== 'application/x-www-form-urlencoded') {
    throw new ApiError(
      'unsupported_media_type',
      `content type ${JSON.stringify(type)}, expected application/x-www-form-urlencoded`,
    );
  }
  return parseForm(formText(body));
}

function pairsOf(parse: () => [string, string][]): [string, string][] {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FormError) {
      throw new ApiError('bad_data', `error parsing form values: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function deadline(
  { clock, deadlineMs }: DispatchOptions,
  gone: AbortController,
): { readonly passed: Promise<never>; cancel(): void } {
  let cancel = (): void => {};
  const passed = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(deadlineMs, () => {
      const error = new ApiError('timeout', `the request took longer than ${deadlineMs / 1000} s`);
      gone.abort(error);
      reject(error);
    });
  });
  return { passed, cancel };
}

async function send(
  answer: Reply,
  state: RequestState,
  request: FastifyRequest,
  reply: FastifyReply,
  options: DispatchOptions,
): Promise<FastifyReply> {
  const body = await bodyOfAnswer(answer, state);
  reply.code(answer.status);
  if (answer.styleNonce !== undefined || answer.cache !== undefined) reply.headers(options.pageHeaders(answer));
  if (answer.contentType !== undefined) reply.header('Content-Type', answer.contentType);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.cookie !== undefined) {
    reply.header('Set-Cookie', sessionCookie(state.cookieName, answer.cookie.id, state.isSecure));
  }
  if (answer.holdsSecret === true) request.headers['x-no-compression'] = '1';
  if (request.method === 'HEAD') {
    if (body instanceof Readable) body.destroy();
    else if (answer.status !== 204) reply.header('Content-Length', String(body.length));
    return reply.send();
  }
  return reply.send(answer.body === undefined ? undefined : body);
}

/** A short answer in one piece, a long one as a stream. The first pieces are made before the head is sent, so that errors show. */
async function bodyOfAnswer({ body }: Reply, state: RequestState): Promise<Buffer | Readable> {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = Buffer.from(body);
    state.bytes = bytes.length;
    return bytes;
  }
  const iterator = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
  const first = await iterator.next();
  if (first.done === true) return Buffer.alloc(0);
  const second = await iterator.next();
  if (second.done === true) {
    state.bytes = first.value.length;
    return Buffer.from(first.value);
  }
  return Readable.from(rest([first.value, second.value], iterator, state), { objectMode: false });
}

async function* rest(
  begun: readonly Uint8Array[],
  iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array>,
  state: RequestState,
): AsyncGenerator<Uint8Array> {
  try {
    for (const piece of begun) {
      state.bytes += piece.length;
      yield piece;
    }
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      state.bytes += next.value.length;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** An error as an answer: Prometheus's envelope below `/api/`, a line of text elsewhere and where there is no such route. */
export function errorReply(path: string, error: ApiError): Reply {
  const headers = error.headers;
  if (path.startsWith('/api/') && error.type !== 'method_not_allowed') {
    const envelope = { status: 'error', errorType: error.type, error: error.message, ...error.details };
    return { status: error.status, contentType: 'application/json', headers, body: toJson(envelope) };
  }
  return { status: error.status, contentType: 'text/plain; charset=utf-8', headers, body: `${error.message}\n` };
}

/** What to tell of an error that a handler or Fastify threw. Of our own mistakes nothing is told but that there was one. */
export function toApiError(error: unknown, logger: Logger, where: string): ApiError {
  if (error instanceof ApiError) return error;
  const { statusCode, code, message } = error as { statusCode?: unknown; code?: unknown; message?: unknown };
  if (typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' && statusCode < 500) {
    const type: ErrorType =
      statusCode === 413 ? 'too_large' : statusCode === 415 ? 'unsupported_media_type' : 'bad_data';
    return new ApiError(type, String(message), { cause: error });
  }
  const id = randomBytes(6).toString('hex');
  logger.error('Request failed', { where, id, error, stack: error instanceof Error ? error.stack : undefined });
  return new ApiError('internal', `internal error ${id}, see the log of the server`, { cause: error });
}

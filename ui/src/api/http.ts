import { ApiFailure } from './failure.ts';

/** Parameters of a request; an array repeats the name, `undefined` leaves it out. */
export type Params = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What a reading route answered. */
export interface Answer<T> {
  readonly data: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** The permission this route needs: named to the reader when the server answers 403. */
  readonly permission?: string;
}

export interface HttpOptions {
  /** Absolute address of the folder the page is served from, ending in `/`. */
  readonly base: string;
  readonly fetch: typeof fetch;
}

/** Longer queries go as POST: proxies in between commonly cut request lines at 8 kB, some at 2 kB. */
export const longestGetQuery = 1800;

/**
 * Requests to the server's API: one place for the base path, the envelope, failures and the token that proves a change
 * of state was meant.
 */
export class Http {
  readonly #base: string;
  readonly #fetch: typeof fetch;
  /** Set from the session; sent with every POST and DELETE. */
  csrfToken: string | undefined;
  /** Called once per answer 401, except where the caller is signing in. */
  onUnauthorized: (() => void) | undefined;

  constructor(options: HttpOptions) {
    this.#base = options.base;
    this.#fetch = options.fetch;
  }

  /** Reads a route: GET, or POST with a form where the query would be too long for a request line. */
  async read<T>(path: string, params: Params = {}, options: ReadOptions = {}): Promise<Answer<T>> {
    const query = encodeParams(params);
    const url = this.#url(path);
    const { signal, permission } = options;
    if (query.length <= longestGetQuery) {
      return this.#answer<T>(query === '' ? url : `${url}?${query}`, { method: 'GET', signal }, permission);
    }
    const headers = this.#headers('application/x-www-form-urlencoded');
    return this.#answer<T>(url, { method: 'POST', body: query, headers, signal }, permission);
  }

  /** Changes state: JSON in, JSON out. */
  async change<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>> {
    return this.#answer<T>(
      this.#url(path),
      {
        method,
        // A type without a body is refused, as a body without a type would be.
        headers: this.#headers(body === undefined ? undefined : 'application/json'),
        body: body === undefined ? undefined : JSON.stringify(body),
      },
      undefined,
      path === 'api/v1/session',
    );
  }

  #url(path: string): string {
    return this.#base + path;
  }

  #headers(contentType: string | undefined): Record<string, string> {
    const headers: Record<string, string> = contentType === undefined ? {} : { 'Content-Type': contentType };
    if (this.csrfToken !== undefined) headers['X-Yagura-CSRF'] = this.csrfToken;
    return headers;
  }

  async #answer<T>(
    url: string,
    init: { method: string; body?: string; headers?: Record<string, string>; signal?: AbortSignal | undefined },
    permission: string | undefined,
    isSignIn = false,
  ): Promise<Answer<T>> {
    let response: Response;
    try {
      response = await this.#fetch(url, {
        ...init,
        headers: { Accept: 'application/json', ...init.headers },
        credentials: 'same-origin',
      });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiFailure('unreachable', 'The server did not answer', { cause: error });
    }
    const body = await readJson(response, init.signal);
    if (response.ok && isSuccess(body)) {
      return { data: body.data as T, warnings: texts(body.warnings), infos: texts(body.infos) };
    }
    const failure = toFailure(response, body, permission);
    if (failure.kind === 'unauthorized' && !isSignIn) this.onUnauthorized?.();
    throw failure;
  }
}

/** `a=1&b=2&b=3` of the parameters that are there. */
export function encodeParams(params: Params): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    if (typeof value === 'object') value.forEach((v) => out.append(name, v));
    else out.append(name, String(value));
  }
  return out.toString();
}

/** The body as JSON, or as text where it is none; reading may be aborted half-way. */
async function readJson(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiFailure('unreachable', 'The answer broke off', { status: response.status, cause: error });
  }
  // 204: done, and nothing to say.
  if (text === '' && response.ok) return { status: 'success' };
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isSuccess(body: unknown): body is { data?: unknown; warnings?: unknown; infos?: unknown } {
  return typeof body === 'object' && body !== null && 'status' in body && body.status === 'success';
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];

/** The failure of an answer that is not `{"status": "success"}`. */
export function toFailure(response: Response, body: unknown, permission: string | undefined): ApiFailure {
  const { status } = response;
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const said = typeof fields.error === 'string' ? fields.error : '';
  const errorType = typeof fields.errorType === 'string' ? fields.errorType : '';
  if (status === 401) return new ApiFailure('unauthorized', said || 'Sign in to continue', { status, errorType });
  if (status === 403) {
    const named = typeof fields.permission === 'string' ? fields.permission : permission;
    return new ApiFailure('forbidden', said || 'You may not see this', { status, errorType, permission: named });
  }
  const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  if (said !== '') return new ApiFailure('refused', said, { status, errorType, retryAfterSeconds });
  if (response.ok) return new ApiFailure('unreadable', 'The answer is not what the API promises', { status });
  // Prometheus answers 404 and 405 as plain text, proxies answer in HTML: a short text is worth showing, a page is not.
  const plain = typeof body === 'string' && body.length < 300 && !body.includes('<') ? body.trim() : '';
  return new ApiFailure('refused', plain || `The server answered ${status} ${response.statusText}`.trim(), {
    status,
    retryAfterSeconds,
  });
}

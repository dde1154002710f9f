import type { Identity, Permission, Scope, Session } from '../access/index.ts';
import type { Params } from './params.ts';
import type { Reply } from './reply.ts';

/**
 * What a route asks of whoever uses it: one permission of the access model; `identity`, a valid credential of any kind; or `open`,
 * nothing, for what holds no data (the page's files, signing in).
 */
export type RoutePermission = Permission | 'identity' | 'open';

/** A request that has passed the guard. */
export interface WebRequest {
  readonly method: string;
  /** Below the route prefix, decoded, canonical. */
  readonly path: string;
  /** Captures of the route's path, decoded. */
  readonly pathParams: Readonly<Record<string, string>>;
  /** Of a form body and of the URL, the body's first. */
  readonly params: Params;
  /** Of the URL alone. */
  readonly urlParams: Params;
  /** The query string as it was sent, without `?`. */
  readonly rawQuery: string;
  readonly body: Buffer;
  readonly identity: Identity;
  /** The session that proved the identity, when one did. */
  readonly session: Session | undefined;
  /** The id in the session cookie, good or not. */
  readonly sessionId: string | undefined;
  /** The address the request came from. */
  readonly source: string;
  /** Whether the browser's address bar shows https. */
  readonly isSecure: boolean;
  /** Aborted when whoever asked has gone or the request has taken too long. */
  readonly signal: AbortSignal;
  header(name: string): string | undefined;
}

/** A request to a route with a permission: the scope says what the identity may see with that permission. */
export interface ScopedRequest extends WebRequest {
  readonly scope: Scope;
}

type Answer = Reply | Promise<Reply>;

/** What a route's body is. A form is read into `params`; JSON and bytes come as `body`. */
export type RouteBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'form'; readonly maxBytes: number }
  | { readonly kind: 'json'; readonly maxBytes: number }
  /** `types`: media types that are accepted. */
  | { readonly kind: 'bytes'; readonly maxBytes: number; readonly types: readonly string[] };

interface RouteBase {
  /** `/api/v1/label/:name/values`; `*` at the end takes the rest of the path. */
  readonly path: string;
  /** One line for the documentation. */
  readonly summary: string;
  /** Also answered while the server is starting or stopping. */
  readonly beforeReady?: boolean;
}

/** Reads. A POST is a GET whose parameters do not fit into a URL. */
interface ReadMethods {
  readonly effect: 'read';
  readonly methods: readonly ('GET' | 'POST')[];
}

/** Changes something: never by GET, and a browser has to prove that its page meant it. */
interface ChangeMethods {
  readonly effect: 'change';
  readonly methods: readonly ('POST' | 'PUT' | 'DELETE')[];
  readonly body: Exclude<RouteBody, { kind: 'form' }>;
}

interface Permitted {
  readonly permission: Permission;
  readonly handler: (request: ScopedRequest) => Answer;
}

interface Unscoped {
  readonly permission: 'identity' | 'open';
  readonly handler: (request: WebRequest) => Answer;
}

/** One entry of the route table. There is no default permission: a route that declares none does not compile. */
export type Route = RouteBase & (ReadMethods | ChangeMethods) & (Permitted | Unscoped);

/** A POSTed form may be as large as Prometheus takes it. */
const FORM_BYTES = 10 * 1024 * 1024;

export function bodyOf(route: Route): RouteBody {
  if (route.effect === 'change') return route.body;
  return route.methods.includes('POST') ? { kind: 'form', maxBytes: FORM_BYTES } : { kind: 'none' };
}

import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AccessControl, Identity, Permission, Scope, Session } from '../access/index.ts';
import { ApiError } from './api-error.ts';
import { shownCredential } from './credential.ts';
import type { OriginFacts, Origins } from './origins.ts';
import type { Route } from './route.ts';

/** The header in which the page returns the token it was given with its session. */
export const CSRF_HEADER = 'x-yagura-csrf';

/** What the guard looks at. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly sessionId: string | undefined;
  readonly origin: OriginFacts;
  readonly source: string;
}

/** Somebody who may use the route. */
export interface Admission {
  readonly identity: Identity;
  readonly session: Session | undefined;
  /** Absent where the route declares no permission. */
  readonly scope: Scope | undefined;
}

/** Decides who may use a route: credential → identity → permission → scope, and what a browser has to prove. */
export class Guard {
  readonly #access: AccessControl;
  readonly #origins: Origins;

  constructor(access: AccessControl, origins: Origins) {
    this.#access = access;
    this.#origins = origins;
  }

  /** @throws {ApiError} 401, 403, 415 or 429 */
  async admit(route: Route, arrival: Arrival): Promise<Admission> {
    const { permission } = route;
    // Health checks answer while passwords are being guessed: nothing is looked up for them.
    const isOpen = permission === 'open' || (permission === 'health' && this.#access.isOpen(permission));
    const who = isOpen ? this.#nobody() : await this.#identify(arrival);
    const scope = this.#authorize(permission, who, arrival);
    if (route.effect === 'change') this.#checkChange(route, who, arrival);
    return { identity: who.identity, session: who.session, scope };
  }

  #nobody(): Who {
    return { identity: this.#access.withoutCredential, session: undefined, by: 'nothing' };
  }

  async #identify(arrival: Arrival): Promise<Who> {
    const shown = shownCredential(arrival.headers, arrival.sessionId);
    if (shown.kind === 'none' || this.#access.isInsecure) return this.#nobody();
    if (shown.kind === 'malformed') throw this.#unauthorized(arrival, 'malformed Authorization header');
    if (shown.kind === 'session' && isForeignLoad(arrival.origin)) return this.#nobody();
    const verdict = await this.#access.authenticate(shown, arrival.source);
    switch (verdict.status) {
      case 'accepted': {
        const session = shown.kind === 'session' ? this.#access.sessions.use(shown.id) : undefined;
        return { identity: verdict.identity, session, by: shown.kind === 'session' ? 'session' : 'header' };
      }
      case 'later':
        throw new ApiError('too_many_requests', 'too many sign-ins, try again later', {
          headers: { 'Retry-After': String(verdict.retryAfterSeconds) },
        });
      case 'refused':
        // A session that has ended is a browser that has to sign in again, not an attempt.
        if (shown.kind === 'session') return this.#nobody();
        throw this.#unauthorized(
          arrival,
          verdict.reason === 'expired' ? 'the credential has expired' : 'invalid credentials',
        );
    }
  }

  #authorize(permission: Permission | 'identity' | 'open', who: Who, arrival: Arrival): Scope | undefined {
    if (permission === 'open') return undefined;
    const isAnonymous = who.identity.kind === 'anonymous';
    if (permission === 'identity') {
      if (isAnonymous) throw this.#unauthorized(arrival, 'sign in first');
      return undefined;
    }
    const decision = this.#access.decide(who.identity, permission);
    if (decision.allowed) return decision.scope;
    if (isAnonymous) throw this.#unauthorized(arrival, `sign in first: the permission ${permission} is needed`);
    const message =
      decision.reason === 'templates_only'
        ? `${who.identity.name} may run registered queries only`
        : `${who.identity.name} lacks the permission ${permission}`;
    throw new ApiError('forbidden', message, { details: { permission } });
  }

  /**
   * What proves that a change was meant. A script with an Authorization header is taken at its word; a browser attaches cookies, and
   * passwords it remembers, to requests that any page makes it send, so there the request's origin decides.
   */
  #checkChange(route: Route, who: Who, arrival: Arrival): void {
    const { origin, headers } = arrival;
    const isListed = this.#origins.allowed(origin) !== undefined && who.by === 'header';
    if (this.#origins.isForeignPage(origin) && !isListed) {
      throw new ApiError('forbidden', 'a page of another site may not change anything here');
    }
    if (who.by === 'session') {
      if (!this.#origins.isOwnPage(origin)) {
        throw new ApiError('forbidden', 'a session may change something from its own page only: no Origin header');
      }
      if (!isSame(headers[CSRF_HEADER], who.session?.csrfToken)) {
        throw new ApiError('forbidden', `the header ${CSRF_HEADER} does not hold the token of the session`);
      }
    }
    checkContentType(route, headers);
  }

  #unauthorized(arrival: Arrival, message: string): ApiError {
    return new ApiError('unauthorized', message, { headers: { 'WWW-Authenticate': challenge(arrival.origin) } });
  }
}

interface Who {
  readonly identity: Identity;
  readonly session: Session | undefined;
  readonly by: 'nothing' | 'header' | 'session';
}

/** A browser asks for a password of its own at the word Basic, also in answers to a page's scripts; the page has its own form. */
function challenge(origin: OriginFacts): string {
  const isBrowser = origin.fetchSite !== undefined || origin.origin !== undefined;
  return isBrowser ? 'Bearer realm="yagura"' : 'Basic realm="yagura", charset="UTF-8", Bearer realm="yagura"';
}

/** A page of another site loads something with the cookies of this one; following a link is not that. */
function isForeignLoad({ fetchSite, fetchMode }: OriginFacts): boolean {
  const isForeign = fetchSite === 'cross-site' || fetchSite === 'same-site';
  return isForeign && fetchMode !== 'navigate';
}

/** The types a form of any site can send without asking first. */
const formTypes: ReadonlySet<string> = new Set([
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
]);

function checkContentType(route: Route, headers: IncomingHttpHeaders): void {
  const type = mediaType(headers['content-type']);
  if (type === '' && !hasBody(headers)) return;
  const accepted = acceptedTypes(route);
  if (formTypes.has(type) || !accepted.includes(type)) {
    const expected = accepted.length === 0 ? 'no body' : accepted.join(' or ');
    throw new ApiError('unsupported_media_type', `content type ${JSON.stringify(type)}, expected ${expected}`);
  }
}

function acceptedTypes(route: Route): readonly string[] {
  if (route.effect !== 'change') return [];
  switch (route.body.kind) {
    case 'none':
      return [];
    case 'json':
      return ['application/json'];
    case 'bytes':
      return route.body.types;
  }
}

/** The media type of a Content-Type header, without parameters, in lower case. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function isSame(given: string | string[] | undefined, expected: string | undefined): boolean {
  if (typeof given !== 'string' || expected === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

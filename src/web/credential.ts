import type { IncomingHttpHeaders } from 'node:http';
import { fastifyCookie } from '@fastify/cookie';
import type { Credential } from '../access/index.ts';

/** What a request shows: one credential at most, `malformed` when the Authorization header cannot be read. */
export type Shown = Credential | { readonly kind: 'none' } | { readonly kind: 'malformed' };

/**
 * The credential of a request. An Authorization header counts alone, even a bad one: a wrong password must not be forgiven because a
 * session is there.
 */
export function shownCredential(headers: IncomingHttpHeaders, sessionId: string | undefined): Shown {
  const { authorization } = headers;
  if (authorization !== undefined) return parseAuthorization(authorization) ?? { kind: 'malformed' };
  return sessionId === undefined ? { kind: 'none' } : { kind: 'session', id: sessionId };
}

function parseAuthorization(header: string): Credential | undefined {
  const [, scheme, value] = /^([A-Za-z]+) +([A-Za-z0-9\-._~+/]+=*) *$/.exec(header) ?? [];
  switch (scheme?.toLowerCase()) {
    case 'bearer':
      return { kind: 'bearer', token: value! };
    case 'basic': {
      const decoded = Buffer.from(value!, 'base64').toString('utf8');
      const colon = decoded.indexOf(':');
      if (colon < 0) return undefined;
      return { kind: 'basic', user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
    }
    default:
      return undefined;
  }
}

/**
 * The session cookie's name. Under https the `__Host-` prefix makes browsers refuse it unless this very host has set it, for all paths
 * and securely. Without, the port keeps two servers on one host apart: browsers share cookies between ports.
 */
export function sessionCookieName(isSecure: boolean, port: number | undefined): string {
  return isSecure ? '__Host-yagura' : `yagura-${port ?? 0}`;
}

/** An id as `Sessions` makes them; anything else is not worth a look-up. */
const idForm = /^[A-Za-z0-9_-]{43}$/;

export function sessionIdOf(headers: IncomingHttpHeaders, cookieName: string): string | undefined {
  if (headers.cookie === undefined) return undefined;
  const id = fastifyCookie.parse(headers.cookie)[cookieName];
  return id !== undefined && idForm.test(id) ? id : undefined;
}

/** The Set-Cookie header that starts a session, or ends it when `id` is undefined. */
export function sessionCookie(cookieName: string, id: string | undefined, isSecure: boolean): string {
  return fastifyCookie.serialize(cookieName, id ?? '', {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
    ...(id === undefined ? { maxAge: 0 } : {}),
  });
}

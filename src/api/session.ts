import type { Proof } from '../access/index.ts';
import { ApiError, success, type Reply, type Route, type WebRequest } from '../web/index.ts';
import type { ApiServices } from './services.ts';

/** Nobody's name, password or token is longer. */
const MAX_BODY = 16 * 1024;

/** /api/v1/session: signing in and out, and who one is. */
export function sessionRoutes({ access }: ApiServices): Route[] {
  return [
    {
      path: '/api/v1/session',
      methods: ['GET'],
      effect: 'read',
      permission: 'identity',
      summary: 'who is signed in, and what they may do',
      beforeReady: true,
      handler: ({ identity, session }) =>
        whoIs(identity.name, access.permissionsOf(identity), session?.csrfToken ?? ''),
    },
    {
      path: '/api/v1/session',
      methods: ['POST'],
      effect: 'change',
      body: { kind: 'json', maxBytes: MAX_BODY },
      permission: 'open',
      summary: 'sign in with a password or a token',
      beforeReady: true,
      handler: async (request) => {
        const signedIn = await access.signIn(proofOf(request), request.source);
        switch (signedIn.status) {
          case 'later':
            throw new ApiError('too_many_requests', 'too many sign-ins, try again later', {
              headers: { 'Retry-After': String(signedIn.retryAfterSeconds) },
            });
          case 'refused':
            throw new ApiError(
              'unauthorized',
              signedIn.reason === 'expired' ? 'the credential has expired' : 'wrong name, password or token',
              { headers: { 'WWW-Authenticate': 'Bearer realm="yagura"' } },
            );
          case 'accepted': {
            // The id changes at sign-in: one that somebody planted before gives nothing.
            if (request.sessionId !== undefined) access.sessions.close(request.sessionId);
            const { identity, csrfToken } = signedIn.session;
            const reply = whoIs(identity.name, access.permissionsOf(identity), csrfToken);
            return { ...reply, cookie: { id: signedIn.id } };
          }
        }
      },
    },
    {
      path: '/api/v1/session',
      methods: ['DELETE'],
      effect: 'change',
      body: { kind: 'none' },
      permission: 'identity',
      summary: 'sign out',
      beforeReady: true,
      handler: ({ sessionId }) => {
        if (sessionId !== undefined) access.sessions.close(sessionId);
        return { ...success({}), cookie: { id: undefined } };
      },
    },
  ];
}

function whoIs(user: string, permissions: readonly string[], csrfToken: string): Reply {
  return { ...success({ user, permissions, csrfToken }), holdsSecret: true };
}

function proofOf(request: WebRequest): Proof {
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new ApiError('bad_data', 'the body is not JSON');
  }
  const { user, password, token } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof token === 'string' && user === undefined) return { token };
  if (typeof user === 'string' && typeof password === 'string' && token === undefined) return { user, password };
  throw new ApiError('bad_data', 'expected {"user": …, "password": …} or {"token": …}');
}

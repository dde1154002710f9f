import type { Identity } from './identity.ts';

/** What somebody showed to say who they are. */
export type Credential =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'session'; readonly id: string };

/** What became of a credential. */
export type Verdict =
  | { readonly status: 'accepted'; readonly identity: Identity }
  | { readonly status: 'refused'; readonly reason: 'invalid' | 'expired' }
  /** Not looked at: too many failures before, or too many others waiting. */
  | { readonly status: 'later'; readonly retryAfterSeconds: number };

export const invalid: Verdict = { status: 'refused', reason: 'invalid' };
export const expired: Verdict = { status: 'refused', reason: 'expired' };

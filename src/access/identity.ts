/** How an identity came to be known. */
export type IdentityKind =
  /** No credential was shown. */
  | 'anonymous'
  /** A person, by password, the first start's credential or a session opened with one of them. */
  | 'user'
  /** A bearer token of the access file. */
  | 'token'
  /** A part of this server. */
  | 'system'
  /** `--insecure`: whoever reaches the port. */
  | 'insecure';

/** Who asks. One object per credential for as long as the credential is valid: it may be a key of a WeakMap. */
export interface Identity {
  readonly kind: IdentityKind;
  readonly name: string;
  readonly groups: readonly string[];
  /** Names the credential that proved it, without its secret: `basic:alice`, `token:grafana`. */
  readonly credential: string;
}

export const anonymous: Identity = { kind: 'anonymous', name: 'anonymous', groups: [], credential: 'none' };

/** A text two identities share exactly when they are the same; for map keys and logs. */
export function identityKey(identity: Identity): string {
  return `${identity.kind}:${identity.name}`;
}

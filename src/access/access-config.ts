import type { Limits } from './limits.ts';

/** A bearer token: only the SHA-256 of it is kept. */
export interface TokenConfig {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** ms since the epoch; absent: never. */
  readonly expiresMs?: number;
}

/** Gives a role to a user, a group or a token. Exactly one of the three is set. */
export interface BindingConfig {
  readonly user?: string;
  /** A name, or a pattern with captures `(?P<name>…)` that the scope may use as `$name`. */
  readonly group?: string;
  readonly token?: string;
  readonly role: string;
  /** Series selectors, alternatives of each other; absent: every series. */
  readonly scope?: readonly string[];
  /** Name of an entry of `limits`. */
  readonly limits?: string;
  /** Only registered queries with parameters may be run. */
  readonly templatesOnly?: boolean;
}

/** The access file, parsed but not yet checked against itself: see `compilePolicy`. */
export interface AccessConfig {
  /** Permissions without a credential. */
  readonly anonymous: readonly string[];
  /** bcrypt hash by user name. */
  readonly basicUsers: Readonly<Record<string, string>>;
  readonly tokens: readonly TokenConfig[];
  /** Members of each role: permissions and other roles. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly bindings: readonly BindingConfig[];
  readonly limits: Readonly<Record<string, Limits>>;
}

/** What holds without an access file: health checks need no credential, and the users named are administrators. */
export function administratorsOnly(users: readonly string[]): AccessConfig {
  return {
    anonymous: ['health'],
    basicUsers: {},
    tokens: [],
    roles: {},
    bindings: users.map((user) => ({ user, role: 'admin' })),
    limits: {},
  };
}

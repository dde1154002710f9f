import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../runtime/index.ts';
import type { TokenConfig } from './access-config.ts';
import { AccessConfigError } from './config-error.ts';
import type { Identity } from './identity.ts';
import { expired, invalid, type Verdict } from './verdict.ts';

/** What every token made here begins with: a secret scanner finds a leaked one by it. */
export const TOKEN_PREFIX = 'ygr_';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is just above 2^256. */
const TOKEN_LENGTH = 43;

/**
 * A new secret of 256 bits: `ygr_` and 43 letters and digits, so that a double click selects all of it. `kind` tells secrets of
 * different use apart: `ygr_link_…`.
 */
export function newToken(kind = ''): string {
  let text = '';
  while (text.length < TOKEN_LENGTH) {
    // Bytes from 248 on would favour the first letters: they are thrown away.
    for (const byte of randomBytes(64)) if (byte < 248 && text.length < TOKEN_LENGTH) text += alphabet[byte % 62];
  }
  return `${TOKEN_PREFIX}${kind === '' ? '' : `${kind}_`}${text}`;
}

/** Lower-case hex SHA-256: all that is ever stored of a token. 256 random bits need no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

const LONGEST_TOKEN = 8192;

/** Bearer tokens whose hashes are known. */
export class TokenAuthenticator {
  readonly #clock: Clock;
  #tokens = new Map<string, { readonly identity: Identity; readonly expiresMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Replaces the tokens. One whose name and hash are unchanged keeps the same identity. */
  setTokens(tokens: readonly TokenConfig[]): void {
    const before = this.#tokens;
    this.#tokens = new Map(
      tokens.map(({ name, sha256, expiresMs = Infinity }) => {
        const known = before.get(sha256)?.identity;
        const identity: Identity =
          known?.name === name ? known : { kind: 'token', name, groups: [], credential: `token:${name}` };
        return [sha256, { identity, expiresMs }];
      }),
    );
  }

  holds(identity: Identity): boolean {
    for (const token of this.#tokens.values()) {
      if (token.identity === identity) return token.expiresMs > this.#clock.now();
    }
    return false;
  }

  /** `undefined` for a token that is none of these. The look-up is by hash: its time says nothing about a secret. */
  authenticate(token: string): Verdict | undefined {
    if (token.length > LONGEST_TOKEN) return invalid;
    const known = this.#tokens.get(hashToken(token));
    if (known === undefined) return undefined;
    return known.expiresMs > this.#clock.now() ? { status: 'accepted', identity: known.identity } : expired;
  }
}

/** @throws {AccessConfigError} for a hash that is none, or a name or hash used twice */
export function checkTokens(tokens: readonly TokenConfig[]): void {
  const names = new Set<string>();
  const hashes = new Set<string>();
  tokens.forEach(({ name, sha256 }, i) => {
    if (name === '') throw new AccessConfigError(['tokens', i, 'name'], 'empty, expected a name for the token');
    if (!/^[0-9a-f]{64}$/.test(sha256)) {
      throw new AccessConfigError(['tokens', i, 'sha256'], 'expected the 64 lower-case hex digits of a SHA-256');
    }
    if (names.has(name)) throw new AccessConfigError(['tokens', i, 'name'], `${JSON.stringify(name)} is used twice`);
    if (hashes.has(sha256)) throw new AccessConfigError(['tokens', i, 'sha256'], 'the same token is listed twice');
    names.add(name);
    hashes.add(sha256);
  });
}

import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../runtime/index.ts';
import { bcryptCost, type PasswordHasher } from './bcrypt.ts';
import { AccessConfigError, type ConfigPath } from './config-error.ts';
import type { Identity } from './identity.ts';
import { sourceOf, Throttle } from './throttle.ts';
import { invalid, type Verdict } from './verdict.ts';

/** bcrypt looks at 72 bytes; what is far longer is not a password. */
const LONGEST_PASSWORD = 1024;
const LONGEST_USER = 256;
/** A password once proved is good for this long without hashing it again. */
const PROVED_MS = 5 * 60_000;
const MAX_PROVED = 1024;
const HIGHEST_DUMMY_COST = 14;
/** Seconds a client is asked to wait when the hasher is busy. */
const BUSY_SECONDS = 2;

export interface BasicUser {
  readonly name: string;
  readonly hash: string;
}

/**
 * Users with passwords. A wrong password and an unknown user take the same time and get the same answer; those who guess are slowed
 * down, and a password that was proved is not hashed again for some minutes.
 */
export class BasicAuthenticator {
  readonly #hasher: PasswordHasher;
  readonly #clock: Clock;
  /** By key of user, stored hash and password: when the proof ends. */
  readonly #proved = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #perUser: Throttle;
  readonly #perSource: Throttle;
  readonly #salt = randomBytes(32);
  #users = new Map<string, { readonly hash: string; readonly identity: Identity }>();
  #dummyHash = dummyHash(10);

  constructor(hasher: PasswordHasher, clock: Clock) {
    this.#hasher = hasher;
    this.#clock = clock;
    const waits = { firstWaitMs: 1000, longestWaitMs: 60_000, forgetMs: 10 * 60_000, maxKeys: 10_000 };
    this.#perUser = new Throttle(clock, { ...waits, free: 5 });
    // Many people may sit behind one address: it takes more before all of them wait.
    this.#perSource = new Throttle(clock, { ...waits, free: 50 });
  }

  get hasUsers(): boolean {
    return this.#users.size > 0;
  }

  /** Replaces the users. Whoever is unchanged keeps the same identity. The users must have passed `checkBasicUsers`. */
  setUsers(users: readonly BasicUser[]): void {
    const before = this.#users;
    this.#users = new Map(
      users.map(({ name, hash }) => {
        const known = before.get(name);
        if (known?.hash === hash) return [name, known];
        const identity: Identity = { kind: 'user', name, groups: [], credential: `basic:${name}` };
        return [name, { hash, identity }];
      }),
    );
    this.#proved.clear();
    // As slow as the slowest real one, so that time says nothing about who exists; but made-up names must not be able to keep the
    // hasher busy for seconds each because one user chose an extreme cost.
    const costs = users.map(({ hash }) => bcryptCost(hash) ?? 0).filter((cost) => cost <= HIGHEST_DUMMY_COST);
    this.#dummyHash = dummyHash(Math.max(10, ...costs));
  }

  /** Whether the identity still stands for one of the users, with the same password. */
  holds(identity: Identity): boolean {
    return this.#users.get(identity.name)?.identity === identity;
  }

  /** @param source the address the request came from */
  async authenticate(name: string, password: string, source: string): Promise<Verdict> {
    if (name.length > LONGEST_USER || password.length > LONGEST_PASSWORD) return invalid;
    const user = this.#users.get(name);
    const hash = user?.hash ?? this.#dummyHash;
    const key = this.#keyOf(name, hash, password);
    const nowMs = this.#clock.monotonic();
    const provedUntil = this.#proved.get(key);
    if (user !== undefined && provedUntil !== undefined && provedUntil > nowMs) {
      return { status: 'accepted', identity: user.identity };
    }
    const address = sourceOf(source);
    const pair = `${address} ${name}`;
    const wait = Math.max(this.#perUser.waitSeconds(pair), this.#perSource.waitSeconds(address));
    if (wait > 0) return { status: 'later', retryAfterSeconds: wait };

    // A page that opens with twenty requests hashes its password once.
    let comparison = this.#underWay.get(key);
    if (comparison === undefined) {
      comparison = this.#hasher.compare(password, hash);
      if (comparison === undefined) return { status: 'later', retryAfterSeconds: BUSY_SECONDS };
      this.#underWay.set(key, comparison);
      const forget = () => this.#underWay.delete(key);
      comparison.then(forget, forget);
    }
    const matches = await comparison;
    // The users may have been replaced meanwhile: only the one whose hash was compared counts.
    if (!matches || user === undefined || this.#users.get(name) !== user) {
      this.#perUser.failed(pair);
      this.#perSource.failed(address);
      return invalid;
    }
    this.#perUser.succeeded(pair);
    this.#remember(key);
    return { status: 'accepted', identity: user.identity };
  }

  #remember(key: string): void {
    this.#proved.delete(key);
    this.#proved.set(key, this.#clock.monotonic() + PROVED_MS);
    if (this.#proved.size > MAX_PROVED) this.#proved.delete(this.#proved.keys().next().value!);
  }

  // A JSON list keeps its parts apart whatever they contain: no user and password can spell another user's key. The salt keeps
  // the memory of proofs useless to whoever reads it.
  #keyOf(name: string, hash: string, password: string): string {
    return createHmac('sha256', this.#salt)
      .update(JSON.stringify([name, hash, password]))
      .digest('base64');
  }
}

/** @throws {AccessConfigError} at `[...path, name]` for the first user whose hash could not be verified */
export function checkBasicUsers(users: Readonly<Record<string, string>>, path: ConfigPath): void {
  for (const [name, hash] of Object.entries(users)) {
    if (name === '' || name.length > LONGEST_USER || name.includes(':')) {
      throw new AccessConfigError(
        path,
        `${JSON.stringify(name)} is not a user name, expected 1–${LONGEST_USER} characters without a colon`,
      );
    }
    if (bcryptCost(hash) === undefined) {
      throw new AccessConfigError([...path, name], 'not a bcrypt hash, expected for example $2b$10$…');
    }
  }
}

/** A hash of a password nobody knows. */
function dummyHash(cost: number): string {
  const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const text = Array.from(randomBytes(52), (byte) => alphabet[byte & 63]).join('');
  // The 22nd character of the salt carries four bits only: '.' is a valid last one.
  return `$2b$${String(cost).padStart(2, '0')}$${text.slice(0, 21)}.${text.slice(21)}`;
}

import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../runtime/index.ts';
import type { Identity } from './identity.ts';

/** A browser that has signed in. */
export interface Session {
  readonly identity: Identity;
  /** Shown to the page alone: whoever changes something proves with it that the page asked. */
  readonly csrfToken: string;
}

export interface SessionOptions {
  /** A session nobody uses ends after this long. */
  readonly idleMs: number;
  /** A session ends after this long whatever happens. */
  readonly absoluteMs: number;
  /** The one unused for longest ends when there are more. */
  readonly maxSessions: number;
  readonly maxPerIdentity: number;
}

export const defaultSessionOptions: SessionOptions = {
  idleMs: 12 * 3_600_000,
  absoluteMs: 7 * 86_400_000,
  maxSessions: 10_000,
  maxPerIdentity: 100,
};

interface Entry extends Session {
  readonly endsMs: number;
  lastUsedMs: number;
}

/** Sessions of browsers, kept here and nowhere else: a restart ends them all. Ids are known by their hash only. */
export class Sessions {
  readonly #clock: Clock;
  readonly #options: SessionOptions;
  // In the order of last use.
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, options: SessionOptions = defaultSessionOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A new session under a new id: 256 random bits, told only to the caller. */
  open(identity: Identity): { readonly id: string; readonly session: Session } {
    const id = randomBytes(32).toString('base64url');
    const nowMs = this.#clock.monotonic();
    const entry: Entry = {
      identity,
      csrfToken: randomBytes(32).toString('base64url'),
      endsMs: nowMs + this.#options.absoluteMs,
      lastUsedMs: nowMs,
    };
    this.#makeRoom(identity);
    this.#entries.set(keyOf(id), entry);
    return { id, session: entry };
  }

  /** The session, which counts as used now; `undefined` when there is none or it has ended. */
  use(id: string): Session | undefined {
    const key = keyOf(id);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (this.#hasEnded(entry)) return undefined;
    entry.lastUsedMs = this.#clock.monotonic();
    this.#entries.set(key, entry);
    return entry;
  }

  close(id: string): void {
    this.#entries.delete(keyOf(id));
  }

  /** Ends the sessions whose identity is no longer good. */
  closeWhere(isOver: (identity: Identity) => boolean): void {
    for (const [key, entry] of this.#entries) if (isOver(entry.identity)) this.#entries.delete(key);
  }

  #hasEnded(entry: Entry): boolean {
    const nowMs = this.#clock.monotonic();
    return nowMs >= entry.endsMs || nowMs - entry.lastUsedMs >= this.#options.idleMs;
  }

  #makeRoom(identity: Identity): void {
    let own = 0;
    let oldestOwn: string | undefined;
    for (const [key, entry] of this.#entries) {
      if (this.#hasEnded(entry)) this.#entries.delete(key);
      else if (entry.identity === identity) {
        own++;
        oldestOwn ??= key;
      }
    }
    if (own >= this.#options.maxPerIdentity) this.#entries.delete(oldestOwn!);
    if (this.#entries.size >= this.#options.maxSessions) this.#entries.delete(this.#entries.keys().next().value!);
  }
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}

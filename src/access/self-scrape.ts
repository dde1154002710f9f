import type { Identity } from './identity.ts';
import { hashToken, newToken } from './token.ts';
import type { Verdict } from './verdict.ts';

/**
 * The token with which this process scrapes itself: random at each start, in memory only, good for reading metrics and nothing
 * else. Attach it to requests for this server's own listeners, never to others.
 */
export class SelfScrapeToken {
  readonly token = newToken('self');
  readonly #hash = hashToken(this.token);
  readonly #identity: Identity = { kind: 'system', name: 'self-scrape', groups: [], credential: 'self-scrape' };

  authenticate(token: string): Verdict | undefined {
    return hashToken(token) === this.#hash ? { status: 'accepted', identity: this.#identity } : undefined;
  }

  holds(identity: Identity): boolean {
    return identity === this.#identity;
  }
}

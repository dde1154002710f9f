import type { Clock } from '../runtime/index.ts';

/** `rate_limit` of the web configuration: `burst` requests at once, then one per `intervalMs`; 0 for no limit. */
export interface RateLimit {
  readonly intervalMs: number;
  readonly burst: number;
}

/** A bucket of tokens over all requests, as the exporter toolkit keeps it. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #limit: RateLimit;
  #tokens: number;
  #filledMs: number;

  constructor(clock: Clock, limit: RateLimit) {
    this.#clock = clock;
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#filledMs = clock.monotonic();
  }

  /** Takes a token. @returns whether there was one */
  take(): boolean {
    const { intervalMs, burst } = this.#limit;
    if (intervalMs <= 0) return true;
    const nowMs = this.#clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + (nowMs - this.#filledMs) / intervalMs);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

import type { Clock } from '../runtime/index.ts';

export interface ThrottleOptions {
  /** Failures that cost nothing. */
  readonly free: number;
  /** Wait after the first failure beyond, doubled by each further one. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Without a failure for this long all is forgotten. */
  readonly forgetMs: number;
  /** Keys remembered; the one unused for longest goes first. */
  readonly maxKeys: number;
}

interface Record {
  failures: number;
  lastMs: number;
  openAtMs: number;
}

/** Makes those who guess wait longer each time. */
export class Throttle {
  readonly #clock: Clock;
  readonly #options: ThrottleOptions;
  // A Map keeps the order of insertion: re-inserting on use keeps the least recently used first.
  readonly #records = new Map<string, Record>();

  constructor(clock: Clock, options: ThrottleOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Seconds until the key may try again, rounded up; 0 when it may now. */
  waitSeconds(key: string): number {
    const record = this.#records.get(key);
    if (record === undefined) return 0;
    return Math.ceil(Math.max(0, record.openAtMs - this.#clock.monotonic()) / 1000);
  }

  failed(key: string): void {
    const nowMs = this.#clock.monotonic();
    const { free, firstWaitMs, longestWaitMs, forgetMs, maxKeys } = this.#options;
    let record = this.#records.get(key);
    if (record === undefined || nowMs - record.lastMs > forgetMs) record = { failures: 0, lastMs: nowMs, openAtMs: 0 };
    this.#records.delete(key);
    this.#records.set(key, record);
    record.failures++;
    record.lastMs = nowMs;
    if (record.failures > free) {
      record.openAtMs = nowMs + Math.min(longestWaitMs, firstWaitMs * 2 ** (record.failures - free - 1));
    }
    if (this.#records.size > maxKeys) this.#records.delete(this.#records.keys().next().value!);
  }

  succeeded(key: string): void {
    this.#records.delete(key);
  }
}

/**
 * What an address counts as: an IPv6 host usually has a /64 to itself and could otherwise try from each of its addresses.
 * IPv4 in IPv6 form is the IPv4 address.
 */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::') as [string, string?];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}

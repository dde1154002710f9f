import { HttpClientError } from './errors.ts';
import { showUrl } from './outbound.ts';

/** The time a request may take in all, and the signal that may end it before. */
export class Deadline {
  readonly #shown: () => string;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onAbort: (() => void) | undefined;
  #error: HttpClientError | undefined;
  #exchange: { abort(error: HttpClientError): void } | undefined;
  #rejectRace: ((error: HttpClientError) => void) | undefined;

  constructor(url: string, timeoutMs: number | undefined, signal: AbortSignal | undefined) {
    this.#shown = () => showUrl(url);
    this.#signal = signal;
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => {
        this.#end(
          new HttpClientError('timeout', `No complete answer from ${this.#shown()} within ${timeoutMs / 1000} s`),
        );
      }, timeoutMs);
    }
    if (signal !== undefined) {
      this.#onAbort = () => {
        this.#end(
          new HttpClientError('aborted', `The request to ${this.#shown()} was given up`, { cause: signal.reason }),
        );
      };
      if (signal.aborted) this.#onAbort();
      else signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  /** Ends the exchange when the time is up. */
  guard(exchange: { abort(error: HttpClientError): void }): void {
    this.#exchange = exchange;
    if (this.#error !== undefined) exchange.abort(this.#error);
  }

  /** A promise's result, unless the time is up before. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) reject(this.#error);
      this.#rejectRace = reject;
      promise.then(resolve, reject);
    });
  }

  clearTimer(): void {
    clearTimeout(this.#timer);
  }

  clear(): void {
    clearTimeout(this.#timer);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#exchange = undefined;
    this.#rejectRace = undefined;
  }

  #end(error: HttpClientError): void {
    this.#error = error;
    this.#exchange?.abort(error);
    this.#rejectRace?.(error);
  }
}

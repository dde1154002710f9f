import { type IncomingHttpHeaders } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Dispatcher } from 'undici';
import { decodeError } from './body.ts';
import { BodyTooLargeError, HttpClientError } from './errors.ts';
import { exchangeError, flatHeaders } from './exchange.ts';
import { type StreamedResponse } from './http-client.ts';

/** One request whose answer is read piece by piece; the server is slowed down to the reader's pace. */
export class StreamedExchange implements Dispatcher.DispatchHandler {
  /** Settles with the head of the answer. */
  readonly answered: Promise<StreamedResponse>;
  hasHead = false;
  readonly #shown: string;
  readonly #url: string;
  readonly #maxBytes: number;
  readonly #wire: Readable;
  #controller: Dispatcher.DispatchController | undefined;
  #error: HttpClientError | undefined;
  #resolve!: (response: StreamedResponse) => void;
  #reject!: (error: HttpClientError) => void;

  constructor(shown: string, url: string, maxBytes: number) {
    this.#shown = shown;
    this.#url = url;
    this.#maxBytes = maxBytes;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#wire = new Readable({
      read: () => this.#controller?.resume(),
      destroy: (error, done) => {
        this.abort(new HttpClientError('aborted', `The answer of ${shown} was given up`));
        done(error);
      },
    });
    // Without a reader, a broken connection is no one's concern.
    this.#wire.on('error', () => {});
  }

  /** Calls back when the body has ended, in whatever way. */
  onClose(callback: () => void): void {
    if (this.#wire.closed) callback();
    else this.#wire.once('close', callback);
  }

  abort(error: HttpClientError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#reject(error);
    this.#controller?.abort(error);
    this.#wire.destroy(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#error !== undefined) controller.abort(this.#error);
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.hasHead = true;
    const flat = flatHeaders(headers);
    let body: AsyncIterable<Buffer>;
    try {
      body = this.#decoded(flat['content-encoding']);
    } catch (error) {
      this.abort(exchangeError(this.#shown, error, true));
      return;
    }
    this.#resolve({
      status,
      headers: flat,
      url: this.#url,
      body,
      close: () => {
        this.#wire.destroy();
      },
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#error === undefined && !this.#wire.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    // Nothing is left to abort, and the stream ends when its reader has caught up.
    this.#controller = undefined;
    if (this.#error === undefined) this.#wire.push(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    if (this.#error !== undefined) return;
    this.#error = exchangeError(this.#shown, cause, this.hasHead);
    this.#reject(this.#error);
    this.#wire.destroy(this.#error);
  }

  #decoded(encoding: string | undefined): AsyncIterable<Buffer> {
    const name = encoding?.trim().toLowerCase() ?? '';
    if (name === '' || name === 'identity') return this.#bounded(this.#wire);
    if (name !== 'gzip' && name !== 'x-gzip') {
      throw new HttpClientError(
        'protocol',
        `Cannot read the answer of ${this.#shown}: encoding ${JSON.stringify(name)} cannot be streamed`,
      );
    }
    const gunzip = createGunzip();
    pipeline(this.#wire, gunzip, () => {});
    return this.#bounded(gunzip);
  }

  async *#bounded(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
    let bytes = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > this.#maxBytes) throw new BodyTooLargeError(this.#shown, this.#maxBytes);
        yield chunk;
      }
    } catch (error) {
      // What ended the reading is told as it is; leaving the loop has since marked the exchange as given up.
      if (error instanceof HttpClientError) throw error;
      throw this.#error ?? decodeError(this.#shown, this.#maxBytes, error);
    } finally {
      this.#wire.destroy();
    }
  }
}

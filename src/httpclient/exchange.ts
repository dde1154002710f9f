import { type IncomingHttpHeaders } from 'node:http';
import { type Dispatcher } from 'undici';
import { connectProblem } from './dial.ts';
import { BodyTooLargeError, HttpClientError } from './errors.ts';
import { type HttpHeaders } from './http-client.ts';

/** An answer as it came over the wire. */
export interface WireResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: Buffer;
}

/**
 * One request and its answer, collected into memory. It ends exactly once: with the whole answer, or with an error, whichever
 * comes first; what happens on the connection afterwards no longer matters.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answered: Promise<WireResponse>;
  /** The head of an answer has been seen: from here on a retry would repeat what the server has done. */
  hasHead = false;
  readonly #shown: string;
  readonly #maxWireBytes: number;
  readonly #maxBytes: number;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #wireBytes = 0;
  #error: HttpClientError | undefined;
  #resolve!: (response: WireResponse) => void;
  #reject!: (error: HttpClientError) => void;

  constructor(shown: string, maxBytes: number, maxWireBytes: number) {
    this.#shown = shown;
    this.#maxBytes = maxBytes;
    this.#maxWireBytes = maxWireBytes;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends the exchange with an error, and its connection with it. */
  abort(error: HttpClientError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#chunks = [];
    this.#reject(error);
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The request may have been given up while it waited for its connection.
    if (this.#error !== undefined) controller.abort(this.#error);
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Interim answers (100 Continue) announce the real one.
    if (status < 200) return;
    this.hasHead = true;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#error !== undefined) return;
    this.#wireBytes += chunk.length;
    // Judged by the bytes that are there, whatever length the answer claims.
    const limit = this.#headers['content-encoding'] === undefined ? this.#maxBytes : this.#maxWireBytes;
    if (this.#wireBytes > limit) this.abort(new BodyTooLargeError(this.#shown, this.#maxBytes));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#error !== undefined) return;
    const chunks = this.#chunks;
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, this.#wireBytes);
    this.#resolve({ status: this.#status, headers: flatHeaders(this.#headers), body });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    if (this.#error !== undefined) return;
    this.#error = exchangeError(this.#shown, cause, this.hasHead);
    this.#chunks = [];
    this.#reject(this.#error);
  }
}

/** The library's headers with repeated ones joined. */
export function flatHeaders(headers: IncomingHttpHeaders): HttpHeaders {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== 'string') headers[name] = (value ?? []).join(', ');
  }
  return headers as HttpHeaders;
}

/** What a failure of the connection means to the one who asked. */
export function exchangeError(shown: string, cause: unknown, hasHead: boolean): HttpClientError {
  if (cause instanceof HttpClientError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  const what = hasHead ? `The answer of ${shown} broke off` : `No answer from ${shown}`;
  if (
    (cause as Error | undefined)?.name === 'HTTPParserError' ||
    code === 'UND_ERR_HEADERS_OVERFLOW' ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  ) {
    const why = cause instanceof Error ? cause.message : code;
    return new HttpClientError('protocol', `The answer of ${shown} is not valid HTTP: ${why}`, { cause });
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new HttpClientError('aborted', `${what}: the client was closed`, { cause });
  }
  return new HttpClientError('connection', `${what}: ${connectProblem(cause)}`, { cause });
}

/** Whether the connection was lost before the server can have answered, as happens when it closes an idle one. */
export function isLostConnection(error: unknown): boolean {
  const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** What kept a request from being answered. */
export type HttpFailure =
  /** The outbound firewall said no; no connection was opened. */
  | 'denied'
  /** A name that does not resolve, a refused or broken connection, a failed handshake. */
  | 'connection'
  | 'timeout'
  /** The caller's signal, or the client was closed. */
  | 'aborted'
  /** The body grew beyond `maxBytes`. */
  | 'too_large'
  /** Not HTTP, a body that does not decompress, too many redirects. */
  | 'protocol'
  /** A credential or certificate that could not be read. */
  | 'credentials';

/** A request without an answer. The message says what was attempted; nothing secret is in it. */
export class HttpClientError extends Error {
  override readonly name: string = 'HttpClientError';
  readonly failure: HttpFailure;

  constructor(failure: HttpFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** The body is longer than the caller allows. */
export class BodyTooLargeError extends HttpClientError {
  override readonly name = 'BodyTooLargeError';
  readonly maxBytes: number;

  constructor(url: string, maxBytes: number) {
    super('too_large', `Body of ${url} is longer than ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

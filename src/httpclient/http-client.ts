/** Headers by lower-case name; a header that was sent several times has its values joined with `, `. */
export type HttpHeaders = Readonly<Record<string, string>>;

export interface GetOptions {
  /** Sent with the request; `accept-encoding: gzip` and the configured credentials are added by the client. */
  readonly headers?: HttpHeaders;
  /** For the whole exchange, from name resolution to the last byte of the body. */
  readonly timeoutMs?: number;
  /** Bytes of the decompressed body; a longer one ends the exchange with a {@link BodyTooLargeError}. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Connects to a socket in the file system instead of the URL's host, which still goes into the Host header. */
  readonly socketPath?: string;
}

export interface RequestOptions extends GetOptions {
  /** GET when absent. */
  readonly method?: string;
  readonly body?: string | Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Decompressed; owned by the caller. */
  readonly body: Buffer;
  /** Bytes of the body as they came over the wire. */
  readonly wireBytes: number;
  /** The URL that answered, after redirects. */
  readonly url: string;
}

/** A response whose body comes piece by piece, for watches and long answers. */
export interface StreamedResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly url: string;
  /** The decompressed body, once. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Buffer>;
  /** Gives the response up; safe at any time, also twice. */
  close(): void;
}

/**
 * An HTTP client for one configuration (`http_config`) and one kind of destination.
 *
 * Any status is an answer, not an error. A promise rejects with an {@link HttpClientError} when there is no answer: refused by
 * the firewall, not connected, timed out, cut short, or too long.
 */
export interface HttpClient {
  /** The hot path: fetches a body into memory. */
  get(url: string, options?: GetOptions): Promise<HttpResponse>;
  request(url: string, options?: RequestOptions): Promise<HttpResponse>;
  /** `timeoutMs` covers the time until the head of the response is there; the body has no deadline of its own. */
  stream(url: string, options?: RequestOptions): Promise<StreamedResponse>;
  /** Closes idle connections and ends running requests. Closing twice is fine. */
  close(): Promise<void>;
}

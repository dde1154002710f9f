/** What a handler answers. */
export interface Reply {
  readonly status: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces are asked for as the client takes them. */
  readonly body?: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** How long anybody may keep the answer; absent: not at all. */
  readonly cache?: 'forever' | 'revalidate';
  /** Do not compress: the answer holds a secret beside what the asker sent, whose sizes would tell of it. */
  readonly holdsSecret?: boolean;
  /** The answer is an HTML page; its styles carry this nonce. */
  readonly styleNonce?: string;
  readonly cookie?: SessionCookie;
}

/** Sets the session cookie, or removes it (`id` undefined). */
export interface SessionCookie {
  readonly id: string | undefined;
}

/** `{"status":"success","data":…}` */
export function success(data: unknown, warnings: readonly string[] = []): Reply {
  const envelope = warnings.length > 0 ? { status: 'success', data, warnings } : { status: 'success', data };
  return { status: 200, contentType: 'application/json', body: toJson(envelope) };
}

/** JSON in which nothing can be taken for HTML, whoever looks at it: as Go's encoder writes it. */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  return /[<>&\u2028\u2029]/.test(json)
    ? json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
}

/** Ready-made JSON in pieces. */
export function jsonPieces(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Reply {
  return { status: 200, contentType: 'application/json', body: pieces };
}

export function text(body: string, status = 200): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

export const noContent: Reply = { status: 204 };

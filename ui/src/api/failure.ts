/** What went wrong with a request, as the page tells it apart. */
export type FailureKind = 'unauthorized' | 'forbidden' | 'refused' | 'unreachable' | 'unreadable';

/**
 * A request that brought no data.
 *
 * `unauthorized` needs a sign-in, `forbidden` a permission (named in `permission`), `refused` is an error the server
 * explains itself, `unreachable` got no answer, `unreadable` an answer that is not the API's JSON.
 */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly kind: FailureKind;
  readonly status: number;
  readonly errorType: string;
  readonly permission: string | undefined;
  /** From the Retry-After header of 429 and 503. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    details: {
      status?: number;
      errorType?: string;
      permission?: string;
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.status = details.status ?? 0;
    this.errorType = details.errorType ?? '';
    this.permission = details.permission;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

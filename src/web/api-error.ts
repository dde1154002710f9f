/**
 * What can be wrong with a request: the error type of the answer, and its status. The first eight are Prometheus's, with its
 * statuses (`unavailable` is a 500 there too); the others are answers Prometheus does not have.
 */
export const errorStatuses = {
  bad_data: 400,
  execution: 422,
  canceled: 499,
  timeout: 503,
  internal: 500,
  unavailable: 500,
  not_found: 404,
  not_acceptable: 406,
  unauthorized: 401,
  forbidden: 403,
  method_not_allowed: 405,
  request_timeout: 408,
  too_large: 413,
  unsupported_media_type: 415,
  misdirected: 421,
  too_many_requests: 429,
} as const;

export type ErrorType = keyof typeof errorStatuses;

export interface ApiErrorOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the answer. */
  readonly details?: Readonly<Record<string, string>>;
}

/** An answer that is an error. The message is shown to whoever asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly type: ErrorType;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, string>>;

  constructor(type: ErrorType, message: string, options: ApiErrorOptions = {}) {
    super(message, options);
    this.type = type;
    this.headers = options.headers ?? {};
    this.details = options.details ?? {};
  }

  get status(): number {
    return errorStatuses[this.type];
  }
}

/** `invalid parameter "limit": …`, as Prometheus words it. */
export function invalidParameter(name: string, message: string): ApiError {
  return new ApiError('bad_data', `invalid parameter ${JSON.stringify(name)}: ${message}`);
}

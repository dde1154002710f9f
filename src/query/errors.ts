/** The names of the limits, as they stand in the access file. */
export type LimitName = 'max_series' | 'max_samples' | 'max_range' | 'max_result_bytes';

/** A query asked for more than the limits of whoever asked allow; the message names the limit. */
export class QueryLimitError extends Error {
  override readonly name = 'QueryLimitError';
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string) {
    super(`${message} (limit ${limit})`);
    this.limit = limit;
  }
}

/** Too many queries of the same identity are waiting or running: try again later. */
export class TooManyQueriesError extends Error {
  override readonly name = 'TooManyQueriesError';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A query was stopped before it ran. The texts are Prometheus's. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code: 'timeout' | 'canceled';

  constructor(code: QueueError['code']) {
    super(code === 'timeout' ? 'query timed out in query queue' : 'query was canceled in query queue');
    this.code = code;
  }
}

/**
 * Why a query has no result. `code` is the API's error type; `message` is the text Prometheus gives.
 *
 * `execution`: the query met data it cannot be evaluated on, or a limit. `internal`: the storage could not be read.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code: 'bad_data' | 'execution' | 'timeout' | 'canceled' | 'internal';

  constructor(code: QueryError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The query met data it cannot be evaluated on. */
export function executionError(message: string): QueryError {
  return new QueryError('execution', message);
}

/** Text Prometheus gives when two results of one expression have the same labels. */
export const SAME_LABELSET = 'vector cannot contain metrics with the same labelset';

import { ParseError, QueryError } from '../promql/index.ts';
import { QueryLimitError, QueueError, TooManyQueriesError } from '../query/index.ts';
import { StorageError } from '../storage/index.ts';
import { ApiError, invalidParameter } from '../web/index.ts';

/** What to answer for an error of parsing, evaluating or reading; anything else is not the asker's to know and comes back as it is. */
export function queryFailure(error: unknown): unknown {
  if (error instanceof ParseError) return invalidParameter('query', error.message);
  if (error instanceof QueryLimitError) return new ApiError('execution', error.message, { cause: error });
  if (error instanceof QueueError) return new ApiError(error.code, error.message, { cause: error });
  if (error instanceof TooManyQueriesError) {
    const headers = { 'Retry-After': String(error.retryAfterSeconds) };
    return new ApiError('too_many_requests', error.message, { cause: error, headers });
  }
  if (error instanceof StorageError) return new ApiError('internal', error.message, { cause: error });
  if (error instanceof QueryError) {
    if (error.code === 'bad_data') return invalidParameter('query', error.message);
    return new ApiError(error.code, error.message, { cause: error });
  }
  return error;
}

/** Runs what reads the storage. @throws {ApiError} for errors of the storage and of queries */
export async function reading<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw queryFailure(error);
  }
}

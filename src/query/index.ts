export type { Execution, QueryEngine, QueryTime } from './engine.ts';
export { QueryLimitError, QueueError, TooManyQueriesError, type LimitName } from './errors.ts';
export { encodeAnswer, encodeLabelSets, TRUNCATED, type AnswerExtras } from './json-writer.ts';
export type { QueryResult } from '../promql/index.ts';
export {
  QueryService,
  type ActiveQuery,
  type Asker,
  type QueryLimits,
  type QueryLogEntry,
  type QueryRequest,
  type QueryServiceOptions,
} from './query-service.ts';

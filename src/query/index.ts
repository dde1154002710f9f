export type { Execution, QueryEngine, QueryOutcome, QueryTime, SampleStats } from './engine.ts';
export { QueryLimitError, QueueError, TooManyQueriesError, type LimitName } from './errors.ts';
export {
  encodeAnswer,
  encodeLabelSets,
  TRUNCATED,
  type AnswerExtras,
  type QueryValue,
  type StepColumn,
  type VectorSample,
} from './json-writer.ts';
export {
  QueryService,
  type ActiveQuery,
  type Asker,
  type QueryAnswer,
  type QueryLimits,
  type QueryLogEntry,
  type QueryRequest,
  type QueryServiceOptions,
} from './query-service.ts';

export {
  ACCEPTED,
  DUPLICATE_TIMESTAMP,
  OUT_OF_BOUNDS,
  OUT_OF_ORDER,
  TOO_OLD,
  UNKNOWN_SERIES,
  type Appendable,
  type Appender,
  type AppendVerdict,
  type SeriesRef,
} from './append.ts';
export type {
  ExemplarQueryable,
  ExemplarSeries,
  LabelHints,
  LabelNames,
  Querier,
  Queryable,
  SelectHints,
  Series,
  SeriesSet,
} from './query.ts';
export { StorageError } from './errors.ts';
export { mergeQueriers, mergeQueryables, mergeSeriesSets, mergeTail } from './merge.ts';
export { restrict, restrictExemplars, type LabelScope } from './restrict.ts';

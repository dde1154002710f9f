export type {
  AggregateExpr,
  AggregateOperator,
  ArithmeticOperator,
  AstNode,
  BinaryExpr,
  BinaryOperator,
  Call,
  Cardinality,
  ComparisonOperator,
  DurationExpr,
  DurationOperand,
  DurationOperator,
  Expr,
  FillValues,
  LabelMatcher,
  LabelParameter,
  MatrixSelector,
  NumberLiteral,
  Parameter,
  ParameterType,
  ParenExpr,
  PositionRange,
  SetOperator,
  StepInvariantExpr,
  StringLiteral,
  SubqueryExpr,
  TrimOperator,
  UnaryExpr,
  ValueType,
  VectorMatching,
  VectorSelector,
} from './parse/ast.ts';
export { functions, type FunctionSignature } from './parse/functions.ts';
export { describePosition, ParseError, type ParseFault } from './parse/parse-error.ts';
export { parseExpr, parseMetricSelector } from './parse/parser.ts';
export { type ParseOptions } from './parse/token-reader.ts';
export { typeOf } from './parse/check.ts';
export { printExpr, printMatcher } from './parse/print.ts';
export { prettify } from './parse/prettify.ts';
export { toParseQueryJson, type Json } from './parse/parse-query-json.ts';
export { deleteMatchers, setMatcher } from './parse/label-matchers.ts';
export { bindParameters, type ParameterValue } from './parse/parameters.ts';
export { children, rewrite, selectorsOf, walk } from './parse/walk.ts';
export { languageFeatures, type LanguageFeatures } from './parse/language-features.ts';
export { isUtf8 } from './parse/literal.ts';
export { createEngine, type Engine, type EngineOptions } from './engine.ts';
export { QueryError } from './errors.ts';
export type { QueryOptions, QueryRunner, RangeQueryOptions } from './runner.ts';
export type { Cancellation } from './operators/context.ts';
export type {
  InstantResult,
  MatrixResult,
  MatrixSeries,
  QueryOutcome,
  QueryResult,
  QueryStats,
  SampleSeries,
  SamplesResult,
  ScalarResult,
  StringResult,
  VectorResult,
} from './result.ts';
export { ABSENT, Column, FLOAT, gridEnd, HISTOGRAM, type StepGrid } from './column.ts';

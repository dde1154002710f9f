import type { FunctionSignature } from './functions.ts';

/** A piece of the query text, half-open, counted in UTF-8 bytes as Prometheus counts it. */
export interface PositionRange {
  readonly start: number;
  readonly end: number;
}

/** What an expression evaluates to; `none` only for what has no value. */
export type ValueType = 'none' | 'scalar' | 'string' | 'vector' | 'matrix';

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type SetOperator = 'and' | 'or' | 'unless';
/** `</` keeps the part of a histogram below the bound, `>/` the part above. */
export type TrimOperator = '</' | '>/';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | TrimOperator | SetOperator;

export type AggregateOperator =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'count_values'
  | 'quantile'
  | 'limitk'
  | 'limit_ratio';

/** How series of the two sides pair up; `many-to-many` for the set operators only. */
export type Cardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';

/**
 * One condition on one label, as written. The planner compiles it to the `Matcher` of `src/model`; patterns are known to be valid
 * RE2. A placeholder (`job=$job`, `{$label="x"}`) stands beside the empty text it will replace, until `bindParameters` removes it.
 */
export interface LabelMatcher {
  readonly type: '=' | '!=' | '=~' | '!~';
  readonly name: string;
  readonly value: string;
  readonly nameParameter?: Parameter;
  readonly valueParameter?: Parameter;
}

/** What a placeholder may become; `label` is one label name or a list of them. */
export type ParameterType = 'number' | 'string' | 'duration' | 'label' | 'pattern';

/** A place in a list of label names that a parameter will fill. */
export interface LabelParameter {
  /** Index in the list; the text there is empty until then. */
  readonly index: number;
  readonly parameter: Parameter;
}

/** A number; `duration` when it was written as one (`5m` = 300). */
export interface NumberLiteral {
  readonly kind: 'NumberLiteral';
  readonly value: number;
  readonly duration: boolean;
  readonly pos: PositionRange;
}

export interface StringLiteral {
  readonly kind: 'StringLiteral';
  readonly value: string;
  readonly pos: PositionRange;
}

/** `$name`, where a literal will stand. Never in a tree that was parsed without `parameters`, or whose parameters are bound. */
export interface Parameter {
  readonly kind: 'Parameter';
  readonly name: string;
  /** What its place asks for. */
  readonly type: ParameterType;
  readonly pos: PositionRange;
}

/** What stands in `[…]` and after `offset`: known when the query is parsed, or once step and range of the evaluation are. */
export type DurationOperand = NumberLiteral | DurationExpr | Parameter;

export type DurationOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'step' | 'range' | 'min_of' | 'max_of';

/**
 * Arithmetic on durations (in seconds). Signs have no `lhs`; `step()` and `range()` have neither side.
 * A plain `+` sign around a number only carries the parentheses.
 */
export interface DurationExpr {
  readonly kind: 'DurationExpr';
  readonly op: DurationOperator;
  readonly lhs: DurationOperand | undefined;
  readonly rhs: DurationOperand | undefined;
  /** Written in parentheses. */
  readonly wrapped: boolean;
  readonly pos: PositionRange;
}

/** `name{matchers}` with its modifiers. */
export interface VectorSelector {
  readonly kind: 'VectorSelector';
  /** The name before the braces; `''` where there is none. It is also the last of `matchers`. */
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
  /** `offset` as written, in ms, negative looks ahead; 0 when `offsetExpr` says it. */
  readonly offsetMs: number;
  readonly offsetExpr: DurationExpr | Parameter | undefined;
  /** `@` with a number, in ms. */
  readonly timestampMs: number | undefined;
  readonly timestampParameter?: Parameter;
  /** `@ start()` or `@ end()`. */
  readonly startOrEnd: 'start' | 'end' | undefined;
  readonly anchored: boolean;
  readonly smoothed: boolean;
  /** The second argument of `info`: need not select anything by itself. */
  readonly bypassEmptyMatcherCheck: boolean;
  readonly pos: PositionRange;
}

/** `selector[range]`; offset, `@`, anchored and smoothed stand in the selector. */
export interface MatrixSelector {
  readonly kind: 'MatrixSelector';
  readonly selector: VectorSelector;
  /** In ms; 0 when `rangeExpr` says it. */
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | Parameter | undefined;
  readonly pos: PositionRange;
}

/** `expr[range:step]` with its modifiers. */
export interface SubqueryExpr {
  readonly kind: 'SubqueryExpr';
  readonly expr: Expr;
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | Parameter | undefined;
  /** In ms; 0 for the default resolution, or when `stepExpr` says it. */
  readonly stepMs: number;
  readonly stepExpr: DurationExpr | Parameter | undefined;
  readonly offsetMs: number;
  readonly offsetExpr: DurationExpr | Parameter | undefined;
  readonly timestampMs: number | undefined;
  readonly timestampParameter?: Parameter;
  readonly startOrEnd: 'start' | 'end' | undefined;
  readonly pos: PositionRange;
}

export interface Call {
  readonly kind: 'Call';
  readonly func: FunctionSignature;
  readonly args: readonly Expr[];
  readonly pos: PositionRange;
}

export interface AggregateExpr {
  readonly kind: 'AggregateExpr';
  readonly op: AggregateOperator;
  readonly expr: Expr;
  /** The first argument of topk, bottomk, quantile, count_values, limitk and limit_ratio. */
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly groupingParameters?: readonly LabelParameter[];
  /** `without (…)`; otherwise `by (…)`, also when neither was written. */
  readonly without: boolean;
  readonly pos: PositionRange;
}

/** What `fill`, `fill_left` and `fill_right` put in for series missing on a side. */
export interface FillValues {
  readonly lhs: number | undefined;
  readonly rhs: number | undefined;
  readonly lhsParameter?: Parameter;
  readonly rhsParameter?: Parameter;
}

/** How the series of two vectors find each other. */
export interface VectorMatching {
  readonly card: Cardinality;
  readonly matchingLabels: readonly string[];
  readonly matchingParameters?: readonly LabelParameter[];
  /** `on (…)`; otherwise `ignoring (…)`, also when neither was written. */
  readonly on: boolean;
  /** Labels that `group_left`/`group_right` take over from the "one" side. */
  readonly include: readonly string[];
  readonly includeParameters?: readonly LabelParameter[];
  readonly fill: FillValues;
}

export interface BinaryExpr {
  readonly kind: 'BinaryExpr';
  readonly op: BinaryOperator;
  readonly lhs: Expr;
  readonly rhs: Expr;
  /** Comparison with `bool`: 0 or 1 instead of filtering. */
  readonly returnBool: boolean;
  /** Present exactly when both sides are vectors. */
  readonly matching: VectorMatching | undefined;
  readonly pos: PositionRange;
}

export interface UnaryExpr {
  readonly kind: 'UnaryExpr';
  readonly op: '+' | '-';
  readonly expr: Expr;
  readonly pos: PositionRange;
}

export interface ParenExpr {
  readonly kind: 'ParenExpr';
  readonly expr: Expr;
  readonly pos: PositionRange;
}

/** A part with the same result at every step. The parser does not make it; the planner wraps such parts. */
export interface StepInvariantExpr {
  readonly kind: 'StepInvariantExpr';
  readonly expr: Expr;
  readonly pos: PositionRange;
}

/** A PromQL expression. Nodes are never changed once the parser has returned them; subtrees may be shared. */
export type Expr =
  | AggregateExpr
  | BinaryExpr
  | Call
  | MatrixSelector
  | NumberLiteral
  | Parameter
  | ParenExpr
  | StepInvariantExpr
  | StringLiteral
  | SubqueryExpr
  | UnaryExpr
  | VectorSelector;

/** Any node, also those that stand in `[…]` and after `offset` only. */
export type AstNode = Expr | DurationExpr;

import { Lexer } from './lexer.ts';
import { type ParseFault } from './parse-error.ts';
import { type PositionRange } from './ast.ts';
import { describeToken } from './token.ts';

/** Which parts of the language are on; all off by default, as in Prometheus. */
export interface ParseOptions {
  /** `limitk`, `limit_ratio`, `info`, `sort_by_label` … (Prometheus: `--enable-feature=promql-experimental-functions`). */
  readonly enableExperimentalFunctions?: boolean;
  /** `anchored` and `smoothed` (`promql-extended-range-selectors`). */
  readonly enableExtendedRangeSelectors?: boolean;
  /** `fill`, `fill_left` and `fill_right` (`promql-binop-fill-modifiers`). */
  readonly enableBinopFillModifiers?: boolean;
  /** `$name` placeholders, to be filled by `bindParameters`; not in Prometheus. */
  readonly parameters?: boolean;
}

/** How deep an expression may nest: deep enough for people and generators, shallow enough for every recursive pass over the tree. */
export const MAX_DEPTH = 1000;

/** More than anyone reads, and few enough for any log. */
const MAX_FAULTS = 1000;

/** The innermost construct that an unexpected token is reported against, and what it wanted there. */
export const Place = {
  EXPRESSION: ['', ''],
  AGGREGATION: ['aggregation', ''],
  GROUPING: ['grouping opts', '"("'],
  GROUPING_LABEL: ['grouping opts', 'label'],
  GROUPING_NEXT: ['grouping opts', '"," or ")"'],
  OFFSET: ['offset', 'number, duration, step(), or range()'],
  AT: ['@', 'timestamp'],
  RANGE: ['subquery or range selector', 'number, duration, step(), or range()'],
  RANGE_END: ['subquery or range', '":" or "]"'],
  STEP: ['subquery selector', 'number, duration, step(), range(), or "]"'],
  STEP_END: ['subquery selector', '"]"'],
  MATCHER: ['label matching', 'identifier or "}"'],
  MATCHER_OPERATOR: ['label matching', 'label matching operator'],
  MATCHER_VALUE: ['label matching', 'string'],
  MATCHER_NEXT: ['label matching', '"," or "}"'],
} as const satisfies Record<string, readonly [construct: string, expected: string]>;
export type Place = readonly [construct: string, expected: string];

/** Thrown to leave the parser after the first syntax error; the faults hold what it was. */
export class SyntaxFailure extends Error {
  override readonly name = 'SyntaxFailure';
}

/**
 * The tokens of a query with one token of lookahead, and the faults found in it.
 *
 * A token is read only when the grammar must look at it, in the places where Prometheus's generated parser would: the order of the
 * reported faults and some positions depend on it.
 */
export class TokenReader {
  readonly input: string;
  readonly options: ParseOptions;
  readonly lexer: Lexer;
  readonly faults: ParseFault[] = [];
  place: Place = Place.EXPRESSION;
  depth = 0;
  /** Whether the lexer's current token is still to be consumed. */
  #ahead = false;
  #bytes: Uint8Array | undefined;

  constructor(input: string, options: ParseOptions) {
    this.input = input;
    this.options = options;
    this.lexer = new Lexer(input, options.parameters === true);
  }

  /** The input in UTF-8, made when it is first asked for. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= Buffer.from(this.input));
  }

  /** Kind of the next token, which becomes the lexer's current one. */
  peek(): number {
    if (!this.#ahead) {
      this.lexer.next();
      this.#ahead = true;
    }
    return this.lexer.kind;
  }

  /** Consumes the token last peeked at; its properties stay readable until the next `peek`. */
  advance(): void {
    this.#ahead = false;
  }

  /** Consumes the next token, which must be of this kind. */
  expect(kind: number): void {
    if (this.peek() !== kind) this.unexpected();
    this.advance();
  }

  /** Notes a fault and goes on; of very many, the first. */
  fault(message: string, pos: PositionRange): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ message, pos });
  }

  /** Range of the lexer's current token. */
  tokenRange(): PositionRange {
    return { start: this.lexer.byteStart, end: this.lexer.byteEnd };
  }

  /** Reports the current token against `place`, by default the innermost construct, and leaves the parser. */
  unexpected([construct, expected]: Place = this.place): never {
    let message = `unexpected ${describeToken(this.lexer.kind, this.lexer.text)}`;
    if (construct !== '') message += ` in ${construct}`;
    if (expected !== '') message += `, expected ${expected}`;
    this.fault(message, this.tokenRange());
    throw new SyntaxFailure(message);
  }

  /** Goes one level down; whoever calls it subtracts one from `depth` on the way back. */
  descend(): void {
    if (++this.depth > MAX_DEPTH) this.tooDeep(this.tokenRange());
  }

  tooDeep(pos: PositionRange): never {
    const message = `expression nests more than ${MAX_DEPTH} levels deep`;
    this.fault(message, pos);
    throw new SyntaxFailure(message);
  }
}

/** A node under construction. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

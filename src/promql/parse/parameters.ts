import {
  type DurationOperand,
  type Expr,
  type FillValues,
  type LabelMatcher,
  type LabelParameter,
  type NumberLiteral,
  type Parameter,
  type VectorMatching,
  type VectorSelector,
  type SubqueryExpr,
} from './ast.ts';
import { checkTypes } from './check.ts';
import { isLabelName } from './grouping.ts';
import { LexFailure } from './lexer.ts';
import { LiteralError, goRound, isOutOfRange, isTimestamp, readDuration, readNumber, toMs } from './literal.ts';
import { ParseError } from './parse-error.ts';
import { type Draft, SyntaxFailure, TokenReader } from './token-reader.ts';
import * as T from './token.ts';
import { rewrite } from './walk.ts';

/** A number; a string, label name, or the text of a number or duration; a list of strings. */
export type ParameterValue = string | number | readonly string[];

/**
 * The expression with every `$name` replaced by a literal of its value. What a value may be depends on the place:
 * a number or duration (`0.5`, `"5m"`; plain numbers are seconds), a string, a label name (a list where lists of labels stand), or, for
 * `=~` and `!~`, one or several strings of which each stands for itself only.
 *
 * @param query the text the expression was parsed from, for the positions in error messages
 * @throws {ParseError} when a parameter has no value, a value has no parameter, or one does not fit its place
 */
export function bindParameters(expr: Expr, values: Readonly<Record<string, ParameterValue>>, query = ''): Expr {
  const reader = new TokenReader(query, {});
  const binding = new Binding(reader, values);
  const bound = binding.bind(expr);
  binding.reportSurplus();
  // What could not be judged before: whether a selector selects anything, labels that occur twice.
  if (reader.faults.length === 0) checkTypes(reader, bound);
  if (reader.faults.length > 0) throw new ParseError(query, reader.faults);
  return bound;
}

class Binding {
  readonly #reader: TokenReader;
  readonly #values: ReadonlyMap<string, ParameterValue>;
  readonly #used = new Set<string>();

  constructor(reader: TokenReader, values: Readonly<Record<string, ParameterValue>>) {
    this.#reader = reader;
    this.#values = new Map(Object.entries(values));
  }

  bind(expr: Expr): Expr {
    return rewrite(expr, (node) => {
      switch (node.kind) {
        case 'Parameter':
          return this.#literal(node);
        case 'BinaryExpr': {
          const matching = node.matching && this.#matching(node.matching);
          return matching === node.matching ? node : { ...node, matching };
        }
        case 'AggregateExpr': {
          const { groupingParameters, ...rest } = node;
          if (groupingParameters === undefined) return node;
          return { ...rest, grouping: this.#labels(node.grouping, groupingParameters) };
        }
        case 'VectorSelector':
          return this.#selector(node);
        case 'MatrixSelector': {
          if (node.rangeExpr === undefined) return node;
          const range = this.#duration(node.rangeExpr);
          return { ...node, rangeMs: this.#positiveMs(range), rangeExpr: computed(range) };
        }
        case 'SubqueryExpr': {
          const range = node.rangeExpr && this.#duration(node.rangeExpr);
          const step = node.stepExpr && this.#duration(node.stepExpr);
          return {
            ...this.#modifiers(node),
            ...(range && { rangeMs: this.#positiveMs(range), rangeExpr: computed(range) }),
            ...(step && { stepMs: this.#positiveMs(step), stepExpr: computed(step) }),
          };
        }
        default:
          return node;
      }
    });
  }

  reportSurplus(): void {
    for (const name of this.#values.keys()) {
      if (!this.#used.has(name)) this.#reader.fault(`the expression has no parameter $${name}`, { start: 0, end: 0 });
    }
  }

  #value(parameter: Parameter): ParameterValue | undefined {
    this.#used.add(parameter.name);
    const value = this.#values.get(parameter.name);
    if (value === undefined) this.#reader.fault(`parameter $${parameter.name} has no value`, parameter.pos);
    return value;
  }

  #mistyped(parameter: Parameter, expected: string): void {
    this.#reader.fault(`parameter $${parameter.name} must be ${expected}`, parameter.pos);
  }

  #literal(parameter: Parameter): Expr {
    const { pos } = parameter;
    if (parameter.type === 'string') return { kind: 'StringLiteral', value: this.#string(parameter), pos };
    const literal = this.#number(parameter, 'a number or a duration');
    // A sign binds less tightly than `^`: `$x ^ 2` is a square, also of a negative number.
    return isNegative(literal.value) ? { kind: 'ParenExpr', expr: literal, pos } : literal;
  }

  #string(parameter: Parameter): string {
    const value = this.#value(parameter);
    if (typeof value === 'string') return value;
    if (value !== undefined) this.#mistyped(parameter, 'a string');
    return '';
  }

  #number(parameter: Parameter, expected: string): NumberLiteral {
    const value = this.#value(parameter);
    let read: Pick<NumberLiteral, 'value' | 'duration'> | undefined;
    if (typeof value === 'number') read = { value, duration: false };
    else if (typeof value === 'string') read = readLiteral(value);
    if (read === undefined && value !== undefined) this.#mistyped(parameter, expected);
    return { kind: 'NumberLiteral', value: read?.value ?? 1, duration: read?.duration ?? false, pos: parameter.pos };
  }

  #duration(operand: DurationOperand): DurationOperand {
    if (operand.kind === 'NumberLiteral') return operand;
    if (operand.kind === 'Parameter') {
      const literal = this.#number(operand, 'a duration');
      if (!isOutOfRange(literal.value)) return literal;
      this.#reader.fault('duration out of range', operand.pos);
      return { ...literal, value: 1 };
    }
    const lhs = operand.lhs && wrapped(this.#duration(operand.lhs));
    const rhs = operand.rhs && wrapped(this.#duration(operand.rhs));
    return lhs === operand.lhs && rhs === operand.rhs ? operand : { ...operand, lhs, rhs };
  }

  #positiveMs(duration: DurationOperand): number {
    if (duration.kind !== 'NumberLiteral') return 0;
    if (duration.value <= 0) this.#reader.fault('duration must be greater than 0', duration.pos);
    return toMs(duration.value);
  }

  #label(parameter: Parameter): string {
    const value = this.#value(parameter);
    if (typeof value === 'string' && isLabelName(value)) return value;
    if (value !== undefined) this.#mistyped(parameter, 'a label name');
    return '';
  }

  #labels(labels: readonly string[], parameters: readonly LabelParameter[]): readonly string[] {
    return labels.flatMap((label, i) => {
      const parameter = parameters.find(({ index }) => index === i)?.parameter;
      if (parameter === undefined) return label;
      const value = this.#value(parameter);
      const names = typeof value === 'string' ? [value] : value;
      if (Array.isArray(names) && names.every((name) => typeof name === 'string' && isLabelName(name))) return names;
      if (value !== undefined) this.#mistyped(parameter, 'a label name or a list of label names');
      return [];
    });
  }

  #matching(matching: VectorMatching): VectorMatching {
    const { matchingParameters, includeParameters, ...rest } = matching;
    const fill = this.#fill(matching.fill);
    if (matchingParameters === undefined && includeParameters === undefined && fill === matching.fill) return matching;
    return {
      ...rest,
      matchingLabels: this.#labels(matching.matchingLabels, matchingParameters ?? []),
      include: this.#labels(matching.include, includeParameters ?? []),
      fill,
    };
  }

  #fill(fill: FillValues): FillValues {
    const { lhsParameter, rhsParameter } = fill;
    if (lhsParameter === undefined && rhsParameter === undefined) return fill;
    return {
      lhs: lhsParameter ? this.#number(lhsParameter, 'a number').value : fill.lhs,
      rhs: rhsParameter ? this.#number(rhsParameter, 'a number').value : fill.rhs,
    };
  }

  #selector(node: VectorSelector): VectorSelector {
    const selector = this.#modifiers(node);
    if (!node.matchers.some((matcher) => matcher.nameParameter ?? matcher.valueParameter)) return selector;
    return { ...selector, matchers: node.matchers.map((matcher) => this.#matcher(matcher)) };
  }

  #matcher(matcher: LabelMatcher): LabelMatcher {
    const { type, nameParameter, valueParameter } = matcher;
    if (nameParameter === undefined && valueParameter === undefined) return matcher;
    const name = nameParameter ? this.#label(nameParameter) : matcher.name;
    let { value } = matcher;
    if (valueParameter?.type === 'pattern') value = this.#pattern(valueParameter);
    else if (valueParameter) value = this.#string(valueParameter);
    return { type, name, value };
  }

  /** A pattern that matches the given strings and nothing else. */
  #pattern(parameter: Parameter): string {
    const value = this.#value(parameter);
    const literals = typeof value === 'string' ? [value] : value;
    if (Array.isArray(literals) && literals.length > 0 && literals.every((literal) => typeof literal === 'string')) {
      return literals.map(quoteMeta).join('|');
    }
    if (value !== undefined) this.#mistyped(parameter, 'a string or a list of at least one string');
    return '';
  }

  #modifiers<N extends VectorSelector | SubqueryExpr>(node: N): N {
    if (node.offsetExpr === undefined && node.timestampParameter === undefined) return node;
    const changed: Draft<N> = { ...node };
    if (node.offsetExpr !== undefined) {
      const offset = this.#duration(node.offsetExpr);
      changed.offsetMs = offset.kind === 'NumberLiteral' ? toMs(offset.value) : 0;
      changed.offsetExpr = computed(offset);
    }
    if (node.timestampParameter !== undefined) {
      const seconds = this.#number(node.timestampParameter, 'a time in seconds').value;
      if (!isTimestamp(seconds)) this.#mistyped(node.timestampParameter, 'a time in seconds');
      changed.timestampMs = goRound(seconds * 1000);
      delete changed.timestampParameter;
    }
    return changed;
  }
}

function computed(duration: DurationOperand): Exclude<DurationOperand, NumberLiteral> | undefined {
  return duration.kind === 'NumberLiteral' ? undefined : duration;
}

/** A negative literal in a duration expression, in parentheses. */
function wrapped(operand: DurationOperand): DurationOperand {
  if (operand.kind !== 'NumberLiteral' || !isNegative(operand.value)) return operand;
  return { kind: 'DurationExpr', op: '+', lhs: undefined, rhs: operand, wrapped: true, pos: operand.pos };
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

/** Go's `regexp.QuoteMeta`. */
function quoteMeta(literal: string): string {
  return literal.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** A number or duration with an optional sign, and nothing else. */
function readLiteral(text: string): Pick<NumberLiteral, 'value' | 'duration'> | undefined {
  const [, sign, literal] = /^([+-]?)([0-9A-Za-z_.+-]+)$/.exec(text) ?? [];
  if (literal === undefined) return undefined;
  const reader = new TokenReader(literal, {});
  try {
    const kind = reader.peek();
    if ((kind !== T.NUMBER && kind !== T.DURATION) || reader.lexer.end !== literal.length) return undefined;
    const duration = kind === T.DURATION;
    const value = duration ? readDuration(literal) : readNumber(literal);
    return { value: sign === '-' ? -value : value, duration };
  } catch (error) {
    if (error instanceof LexFailure || error instanceof LiteralError || error instanceof SyntaxFailure)
      return undefined;
    throw error;
  }
}

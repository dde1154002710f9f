import { formatFloatPlain } from '../../model/index.ts';
import { type AstNode, type LabelMatcher, type SubqueryExpr, type VectorSelector } from './ast.ts';

/** Plain data for `JSON.stringify`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * The tree as `/api/v1/parse_query` shows it, keys in the order Prometheus writes them.
 *
 * @see Prometheus `web/api/v1/translate_ast.go` (3.14)
 */
export function toParseQueryJson(node: AstNode): Json {
  switch (node.kind) {
    case 'AggregateExpr':
      return {
        expr: toParseQueryJson(node.expr),
        grouping: node.grouping,
        op: node.op,
        param: optional(node.param),
        type: 'aggregation',
        without: node.without,
      };
    case 'BinaryExpr': {
      const { matching } = node;
      return {
        bool: node.returnBool,
        lhs: toParseQueryJson(node.lhs),
        matching:
          matching === undefined
            ? null
            : {
                card: matching.card,
                fillValues: { lhs: matching.fill.lhs ?? null, rhs: matching.fill.rhs ?? null },
                include: matching.include,
                labels: matching.matchingLabels,
                on: matching.on,
              },
        op: node.op,
        rhs: toParseQueryJson(node.rhs),
        type: 'binaryExpr',
      };
    }
    case 'Call': {
      const { name, argTypes, variadic, returnType } = node.func;
      return { args: node.args.map(toParseQueryJson), func: { argTypes, name, returnType, variadic }, type: 'call' };
    }
    case 'DurationExpr':
      return {
        lhs: durationOperand(node.lhs),
        op: node.op,
        rhs: durationOperand(node.rhs),
        type: 'durationExpr',
        wrapped: node.wrapped,
      };
    case 'MatrixSelector':
      return selector(node.selector, { range: node.rangeMs, rangeExpr: optional(node.rangeExpr) }, 'matrixSelector');
    case 'NumberLiteral':
      return { type: 'numberLiteral', val: formatFloatPlain(node.value) };
    case 'Parameter':
      return { name: node.name, type: 'parameter' };
    case 'ParenExpr':
      return { expr: toParseQueryJson(node.expr), type: 'parenExpr' };
    case 'StepInvariantExpr':
      return toParseQueryJson(node.expr);
    case 'StringLiteral':
      return { type: 'stringLiteral', val: wellFormed(node.value) };
    case 'SubqueryExpr':
      return {
        expr: toParseQueryJson(node.expr),
        ...offset(node),
        range: node.rangeMs,
        rangeExpr: optional(node.rangeExpr),
        startOrEnd: node.startOrEnd ?? null,
        step: node.stepMs,
        stepExpr: optional(node.stepExpr),
        timestamp: node.timestampMs ?? null,
        type: 'subquery',
      };
    case 'UnaryExpr':
      return { expr: toParseQueryJson(node.expr), op: node.op, type: 'unaryExpr' };
    case 'VectorSelector':
      return selector(node, {}, 'vectorSelector');
  }
}

function optional(node: AstNode | undefined): Json {
  return node === undefined ? null : toParseQueryJson(node);
}

function selector(node: VectorSelector, range: Readonly<Record<string, Json>>, type: string): Json {
  return {
    anchored: node.anchored,
    matchers: node.matchers.map(matcher),
    name: node.name,
    ...offset(node),
    ...range,
    smoothed: node.smoothed,
    startOrEnd: node.startOrEnd ?? null,
    timestamp: node.timestampMs ?? null,
    type,
  };
}

function offset(node: VectorSelector | SubqueryExpr): Readonly<Record<string, Json>> {
  return { offset: node.offsetMs, offsetExpr: optional(node.offsetExpr) };
}

function matcher({ name, type, value }: LabelMatcher): Json {
  return { name: wellFormed(name), type, value: wellFormed(value) };
}

/** Bytes that are no UTF-8 cannot stand in JSON. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}

/** Numbers in duration arithmetic say whether they were written as durations. */
function durationOperand(node: AstNode | undefined): Json {
  if (node?.kind === 'NumberLiteral') {
    return { duration: node.duration, type: 'numberLiteral', val: formatFloatPlain(node.value) };
  }
  return optional(node);
}

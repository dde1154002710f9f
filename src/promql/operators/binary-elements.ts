import { unreachable } from '../../runtime/index.ts';
import {
  BOUNDS_RECONCILED,
  COUNTER_RESET_COLLISION,
  INCOMPATIBLE_SCHEMAS,
  addHistogram,
  compactHistogram,
  copyHistogram,
  divHistogram,
  equalHistograms,
  mulHistogram,
  subHistogram,
  trimHistogram,
  type FloatHistogram,
} from '../../model/histogram/index.ts';
import type { Annotations } from '../annotations.ts';
import { goPow } from '../arithmetic.ts';
import { ABSENT, FLOAT, HISTOGRAM, type Column } from '../column.ts';
import type { PositionRange } from '../parse/ast.ts';
import type { BinaryNode } from '../plan/node.ts';

/** A binary operation on samples, set operators apart. */
export interface ElementOperation {
  readonly op: BinaryNode['op'];
  readonly returnBool: boolean;
  readonly annotations: Annotations;
  readonly pos: PositionRange;
}

export function isComparison(op: BinaryNode['op']): op is '==' | '!=' | '<' | '<=' | '>' | '>=' {
  switch (op) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return true;
    default:
      return false;
  }
}

/** Arithmetic changes what a metric means, so its result has no name; filters leave it. */
export function changesMeaning(op: BinaryNode['op']): boolean {
  return !isComparison(op) && op !== '</' && op !== '>/';
}

/**
 * Combines two columns step by step into `out`, which may be one of them: arithmetic, or the left sample where the comparison holds,
 * or with `bool` 1 and 0. Steps at which either is absent are absent.
 *
 * @see Prometheus `promql/engine.go` (3.14), VectorBinop and vectorElemBinop
 */
export function combineColumns(operation: ElementOperation, lhs: Column, rhs: Column, out: Column): void {
  if (lhs.histograms !== undefined || rhs.histograms !== undefined) {
    combineMixed(operation, lhs, rhs, out);
    return;
  }
  const { op, returnBool, annotations, pos } = operation;
  out.histograms = undefined;
  const steps = out.steps;
  if (isComparison(op)) {
    compareFloats(op, returnBool, lhs, rhs, out);
    return;
  }
  if (op === '</' || op === '>/') {
    for (let i = 0; i < steps; i++) {
      if (lhs.kinds[i] !== ABSENT && rhs.kinds[i] !== ABSENT) {
        annotations.incompatibleTypesInBinaryOperation('float', op, 'float', pos);
        break;
      }
    }
    out.clear();
    return;
  }
  // What absent steps hold is computed along and ignored: cheaper than to ask.
  combineFloats(op, lhs.values, rhs.values, out.values);
  const a = lhs.kinds;
  const b = rhs.kinds;
  const kinds = out.kinds;
  for (let i = 0; i < steps; i++) kinds[i] = a[i]! & b[i]!;
}

function combineFloats(
  op: Exclude<BinaryNode['op'], '==' | '!=' | '<' | '<=' | '>' | '>=' | '</' | '>/'>,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
): void {
  const n = out.length;
  switch (op) {
    case '+':
      for (let i = 0; i < n; i++) out[i] = a[i]! + b[i]!;
      break;
    case '-':
      for (let i = 0; i < n; i++) out[i] = a[i]! - b[i]!;
      break;
    case '*':
      for (let i = 0; i < n; i++) out[i] = a[i]! * b[i]!;
      break;
    case '/':
      for (let i = 0; i < n; i++) out[i] = a[i]! / b[i]!;
      break;
    case '%':
      for (let i = 0; i < n; i++) out[i] = a[i]! % b[i]!;
      break;
    case '^':
      for (let i = 0; i < n; i++) out[i] = goPow(a[i]!, b[i]!);
      break;
    case 'atan2':
      for (let i = 0; i < n; i++) out[i] = Math.atan2(a[i]!, b[i]!);
      break;
    default:
      unreachable(op);
  }
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

function compareFloats(op: Comparison, returnBool: boolean, lhs: Column, rhs: Column, out: Column): void {
  const a = lhs.values;
  const b = rhs.values;
  const { values, kinds } = out;
  for (let i = 0; i < kinds.length; i++) {
    if (lhs.kinds[i] === ABSENT || rhs.kinds[i] === ABSENT) {
      kinds[i] = ABSENT;
      continue;
    }
    const holds = compare(op, a[i]!, b[i]!);
    if (returnBool) {
      values[i] = holds ? 1 : 0;
      kinds[i] = FLOAT;
    } else {
      values[i] = a[i]!;
      kinds[i] = holds ? FLOAT : ABSENT;
    }
  }
}

function compare(op: Comparison, a: number, b: number): boolean {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** `combineColumns` where histograms occur. */
function combineMixed(operation: ElementOperation, lhs: Column, rhs: Column, out: Column): void {
  const histograms: (FloatHistogram | undefined)[] = [];
  let any = false;
  for (let i = 0; i < out.steps; i++) {
    const left = lhs.kinds[i]!;
    const right = rhs.kinds[i]!;
    const result: ElementResult =
      left === ABSENT || right === ABSENT
        ? undefined
        : combineElements(
            operation,
            left === HISTOGRAM ? lhs.histograms![i]! : lhs.values[i]!,
            right === HISTOGRAM ? rhs.histograms![i]! : rhs.values[i]!,
          );
    if (typeof result === 'object') {
      histograms[i] = result;
      any = true;
    } else if (result !== undefined) out.values[i] = result;
    out.kinds[i] = result === undefined ? ABSENT : typeof result === 'object' ? HISTOGRAM : FLOAT;
  }
  out.histograms = any ? histograms : undefined;
}

/** A sample, or none. */
export type ElementResult = number | FloatHistogram | undefined;

/** One pair of samples. Histograms are only read. */
export function combineElements(
  operation: ElementOperation,
  lhs: number | FloatHistogram,
  rhs: number | FloatHistogram,
): ElementResult {
  const { op, returnBool } = operation;
  if (typeof lhs === 'number' && typeof rhs === 'number') {
    if (isComparison(op)) {
      const holds = compare(op, lhs, rhs);
      return returnBool ? Number(holds) : holds ? lhs : undefined;
    }
    if (op !== '</' && op !== '>/') return combineNumbers(op, lhs, rhs);
  } else if (typeof lhs === 'number') {
    if (op === '*') return scaled(rhs as FloatHistogram, (copy) => mulHistogram(copy, lhs));
  } else if (typeof rhs === 'number') {
    if (op === '*') return scaled(lhs, (copy) => mulHistogram(copy, rhs));
    if (op === '/') return scaled(lhs, (copy) => divHistogram(copy, rhs));
    if (op === '</' || op === '>/') {
      const copy = copyHistogram(lhs);
      trimHistogram(copy, rhs, op === '</' ? 'below' : 'above');
      return copy;
    }
  } else {
    if (op === '+' || op === '-') return addHistograms(operation, lhs, rhs);
    if (op === '==' || op === '!=') {
      const holds = equalHistograms(lhs, rhs) === (op === '==');
      return returnBool ? Number(holds) : holds ? lhs : undefined;
    }
  }
  operation.annotations.incompatibleTypesInBinaryOperation(kindOf(lhs), op, kindOf(rhs), operation.pos);
  return undefined;
}

function combineNumbers(op: Exclude<BinaryNode['op'], Comparison | '</' | '>/'>, lhs: number, rhs: number): number {
  switch (op) {
    case '+':
      return lhs + rhs;
    case '-':
      return lhs - rhs;
    case '*':
      return lhs * rhs;
    case '/':
      return lhs / rhs;
    case '%':
      return lhs % rhs;
    case '^':
      return goPow(lhs, rhs);
    case 'atan2':
      return Math.atan2(lhs, rhs);
  }
}

function scaled(histogram: FloatHistogram, change: (copy: FloatHistogram) => void): FloatHistogram {
  const copy = copyHistogram(histogram);
  change(copy);
  compactHistogram(copy);
  return copy;
}

function addHistograms(
  { op, annotations, pos }: ElementOperation,
  lhs: FloatHistogram,
  rhs: FloatHistogram,
): FloatHistogram | undefined {
  const result = copyHistogram(lhs);
  const outcome = op === '+' ? addHistogram(result, rhs) : subHistogram(result, rhs);
  if ((outcome & INCOMPATIBLE_SCHEMAS) !== 0) {
    annotations.incompatibleBucketLayoutInBinaryOperation(op, pos);
    return undefined;
  }
  const name = op === '+' ? 'addition' : 'subtraction';
  // The sum of counters of which one was reset is no counter: there is only the warning.
  if ((outcome & COUNTER_RESET_COLLISION) !== 0) {
    annotations.counterResetCollision(name, pos);
    return undefined;
  }
  if ((outcome & BOUNDS_RECONCILED) !== 0) annotations.mismatchedCustomBuckets(name, pos);
  if (op === '-') result.counterResetHint = 'gauge';
  compactHistogram(result);
  return result;
}

function kindOf(sample: number | FloatHistogram): string {
  return typeof sample === 'number' ? 'float' : 'histogram';
}

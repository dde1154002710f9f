import { scalarOperation } from '../../arithmetic.ts';
import { mapChildren, type PlanNode } from '../node.ts';

/** Computes scalar arithmetic and signs between numbers once, here: `2 * 3600` becomes `7200`. */
export function foldConstants(node: PlanNode): PlanNode {
  const folded = mapChildren(node, foldConstants);
  if (folded.kind === 'negate' && folded.expr.kind === 'number') {
    return { kind: 'number', value: -folded.expr.value, pos: folded.pos };
  }
  if (folded.kind === 'binary' && folded.lhs.kind === 'number' && folded.rhs.kind === 'number') {
    const { op, lhs, rhs, pos } = folded;
    // Between scalars the parser has refused the trim operators.
    if (op === '</' || op === '>/') return folded;
    return { kind: 'number', value: scalarOperation(op, lhs.value, rhs.value), pos };
  }
  if (folded.kind === 'call' && folded.func === 'pi') return { kind: 'number', value: Math.PI, pos: folded.pos };
  return folded;
}

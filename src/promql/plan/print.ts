import { formatDuration, formatFloatPlain, quoteGo, type Matcher } from '../../model/index.ts';
import type { VectorMatching } from '../parse/ast.ts';
import {
  childrenOf,
  type MatrixNode,
  type Plan,
  type PlanNode,
  type SelectSpec,
  type SelectorHints,
  type VectorNode,
} from './node.ts';

/**
 * A plan as text: one node a line, children indented below it, a shared subtree once with its number (`#1 = …`, then `#1`), and at
 * the end the selects that will go to the storage.
 */
export function printPlan(plan: Plan): string {
  const lines = printTree(plan.root).split('\n');
  plan.selects.forEach((select, i) => lines.push(`select ${i}: ${describeSelect(select)}`));
  return lines.join('\n');
}

/** A subtree in the same form, without selects. */
export function printTree(root: PlanNode): string {
  const uses = new Map<PlanNode, number>();
  countUses(root, uses);
  const numbers = new Map<PlanNode, number>();
  const lines: string[] = [];
  print(root, 0);
  return lines.join('\n');

  function print(node: PlanNode, depth: number): void {
    const indent = '  '.repeat(depth);
    const known = numbers.get(node);
    if (known !== undefined) {
      lines.push(`${indent}#${known}`);
      return;
    }
    let prefix = '';
    if (uses.get(node)! > 1 && node.kind !== 'number' && node.kind !== 'text') {
      numbers.set(node, numbers.size + 1);
      prefix = `#${numbers.size} = `;
    }
    lines.push(indent + prefix + describeNode(node));
    for (const child of childrenOf(node)) print(child, depth + 1);
  }
}

function countUses(node: PlanNode, uses: Map<PlanNode, number>): void {
  const before = uses.get(node) ?? 0;
  uses.set(node, before + 1);
  if (before > 0) return;
  for (const child of childrenOf(node)) countUses(child, uses);
}

/** One line about the node itself. */
export function describeNode(node: PlanNode): string {
  switch (node.kind) {
    case 'number':
      return formatFloatPlain(node.value);
    case 'text':
      return quoteGo(node.value);
    case 'vector': {
      const smoothed = node.smoothed ? ' smoothed' : '';
      const yields = node.yields === 'value' ? '' : ` → ${node.yields}`;
      return `vector ${describeMatchers(node.matchers)}${smoothed}${describeTime(node)}${describeReading(node)}${yields}`;
    }
    case 'matrix': {
      const extension = node.extension === undefined ? '' : ` ${node.extension}`;
      const range = `[${formatDuration(node.rangeMs)}]`;
      return `matrix ${describeMatchers(node.matchers)}${range}${extension}${describeTime(node)}${describeReading(node)}`;
    }
    case 'subquery':
      return `subquery [${formatDuration(node.rangeMs)}:${formatDuration(node.stepMs)}]${describeTime(node)}`;
    case 'range-call':
    case 'call':
      return node.func;
    case 'absent':
      return `absent ${node.labels.toString()}`;
    case 'info':
      return `info${node.matchers === undefined ? '' : ` ${describeMatchers(node.matchers)}`}${describeTime(node)}`;
    case 'aggregate':
      return `${node.op}${describeGrouping(node.grouping, node.without)}`;
    case 'binary':
      return `${node.op}${node.returnBool ? ' bool' : ''}${describeMatching(node.matching)}`;
    case 'set':
      return `${node.op}${describeMatching(node.matching)}`;
    case 'negate':
      return 'negate';
    case 'invariant':
      return 'invariant';
  }
}

/** `{a="1",b=~"x.*"}` */
export function describeMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.join(',')}}`;
}

function describeTime({ offsetMs, atMs }: { offsetMs: number; atMs: number | undefined }): string {
  const at = atMs === undefined ? '' : ` @ ${(atMs / 1000).toFixed(3)}`;
  return at + (offsetMs === 0 ? '' : ` offset ${formatDuration(offsetMs)}`);
}

function describeGrouping(grouping: readonly string[], without: boolean): string {
  if (without) return ` without (${grouping.join(', ')})`;
  return grouping.length === 0 ? '' : ` by (${grouping.join(', ')})`;
}

function describeHints(hints: SelectorHints): string {
  if (!hints.projected) return '';
  return ` labels ${hints.by ? 'only' : 'but'} (${hints.grouping.join(', ')})`;
}

/** What is read of a selector's series, and from which select. */
function describeReading({ hints, withoutBuckets, select }: VectorNode | MatrixNode): string {
  return describeHints(hints) + (withoutBuckets ? ' without buckets' : '') + (select < 0 ? '' : ` from ${select}`);
}

function describeMatching(matching: VectorMatching | undefined): string {
  if (matching === undefined) return '';
  let text = '';
  if (matching.on || matching.matchingLabels.length > 0) {
    text += ` ${matching.on ? 'on' : 'ignoring'} (${matching.matchingLabels.join(', ')})`;
  }
  if (matching.card === 'many-to-one') text += ` group_left (${matching.include.join(', ')})`;
  if (matching.card === 'one-to-many') text += ` group_right (${matching.include.join(', ')})`;
  const { lhs, rhs } = matching.fill;
  if (lhs !== undefined) text += ` fill_left (${formatFloatPlain(lhs)})`;
  if (rhs !== undefined) text += ` fill_right (${formatFloatPlain(rhs)})`;
  return text;
}

function describeSelect({ matchers, mint, maxt, hints }: SelectSpec): string {
  const func = hints.func === '' ? '' : ` for ${hints.func}`;
  return `${describeMatchers(matchers)} from ${mint} to ${maxt}${func}${describeHints(hints)}`;
}

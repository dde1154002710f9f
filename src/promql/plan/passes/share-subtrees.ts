import { childrenOf, mapChildren, type PlanNode } from '../node.ts';
import { describeNode } from '../print.ts';

/**
 * Makes equal subtrees the same node, so that each is evaluated once: in `sum(rate(x[5m])) / (sum(rate(x[5m])) + 1)` the sum.
 *
 * Where it stands in the query does not count. The last of the places gives the node, as its annotations would have replaced those of
 * the others. Numbers and strings stay apart: they cost nothing, and annotations tell where they stand.
 */
export function shareSubtrees(root: PlanNode): PlanNode {
  const known = new Map<string, { id: number; node: PlanNode }>();
  return share(root).node;

  function share(node: PlanNode): { id: number; node: PlanNode } {
    const children = childrenOf(node);
    const shared = new Map<PlanNode, { id: number; node: PlanNode }>();
    for (let i = children.length - 1; i >= 0; i--) {
      if (!shared.has(children[i]!)) shared.set(children[i]!, share(children[i]!));
    }
    const ids = children.map((child) => shared.get(child)!.id);
    const key = `${node.kind} ${describeNode(node)} ${ids.join(' ')}`;
    const rebuilt = mapChildren(node, (child) => shared.get(child)!.node);
    const existing = known.get(key);
    if (existing === undefined) {
      const entry = { id: known.size, node: rebuilt };
      known.set(key, entry);
      return entry;
    }
    return node.kind === 'number' || node.kind === 'text' ? { id: existing.id, node } : existing;
  }
}

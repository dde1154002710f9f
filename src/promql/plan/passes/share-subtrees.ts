import { mapChildren, type PlanNode } from '../node.ts';
import { describeNode } from '../print.ts';

/**
 * Makes equal subtrees the same node, so that each is evaluated once: in `sum(rate(x[5m])) / (sum(rate(x[5m])) + 1)` the sum.
 *
 * Where a text stands in the query does not count; annotations then name the last of the places, as if each had been evaluated.
 */
export function shareSubtrees(root: PlanNode): PlanNode {
  const known = new Map<string, { id: number; node: PlanNode }>();
  const ids = new Map<PlanNode, number>();
  return share(root);

  function share(node: PlanNode): PlanNode {
    const children: number[] = [];
    const shared = mapChildren(node, (child) => {
      const result = share(child);
      children.push(ids.get(result)!);
      return result;
    });
    const key = `${node.kind} ${describeNode(shared)} ${children.join(' ')}`;
    const existing = known.get(key);
    if (existing !== undefined) return existing.node;
    known.set(key, { id: known.size, node: shared });
    ids.set(shared, known.size - 1);
    return shared;
  }
}

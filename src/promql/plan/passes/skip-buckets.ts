import { mapChildren, type PlanNode } from '../node.ts';

/** Functions of a histogram's count and sum alone. */
const STATISTICS = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
/** Functions that need the buckets of whatever is below them. */
const BUCKETS = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction']);

/**
 * Marks the selectors of whose histograms only count and sum will be looked at: their buckets are forgotten once they have told
 * counter resets. Below a subquery they are kept, for resets are looked for again there.
 *
 * @see Prometheus `promql/engine.go` (3.14), detectHistogramStatsDecoding
 */
export function skipBuckets(node: PlanNode, below = false): PlanNode {
  switch (node.kind) {
    case 'vector':
    case 'matrix':
      return below ? { ...node, withoutBuckets: true } : node;
    case 'subquery':
      // Nothing below is marked, whatever stands there.
      return node;
    case 'binary':
      if (node.op === '</' || node.op === '>/') return node;
      break;
    case 'call':
      if (BUCKETS.has(node.func)) return node;
      if (STATISTICS.has(node.func)) return mapChildren(node, (child) => skipBuckets(child, true));
      break;
    default:
      break;
  }
  return mapChildren(node, (child) => skipBuckets(child, below));
}

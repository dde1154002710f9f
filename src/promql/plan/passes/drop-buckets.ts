import { mapChildren, type PlanNode } from '../node.ts';

/** Functions that look at count and sum of a histogram only. */
const STATISTICS = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
/** Functions that look at its buckets. */
const WHOLE = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction']);

/**
 * Tells the selectors below `histogram_count` and its like that they may leave the buckets of native histograms out. Not below what looks at
 * buckets, nor inside a subquery, which needs them to see counter resets between its own steps.
 *
 * @see Prometheus `promql/engine.go`, detectHistogramStatsDecoding (3.14)
 */
export function dropBuckets(root: PlanNode): PlanNode {
  return drop(root, false);
}

function drop(node: PlanNode, statisticsOnly: boolean): PlanNode {
  switch (node.kind) {
    case 'vector':
    case 'matrix':
      return statisticsOnly ? { ...node, statisticsOnly } : node;
    case 'subquery':
      return node;
    case 'call':
      if (WHOLE.has(node.func)) return node;
      return mapChildren(node, (child) => drop(child, statisticsOnly || STATISTICS.has(node.func)));
    case 'binary':
      if (node.op === '</' || node.op === '>/') return node;
      return mapChildren(node, (child) => drop(child, statisticsOnly));
    default:
      return mapChildren(node, (child) => drop(child, statisticsOnly));
  }
}

import { parseExpr } from '../parse/parser.ts';
import type { ParseOptions } from '../parse/token-reader.ts';
import type { Expr } from '../parse/ast.ts';
import { buildPlan } from './build.ts';
import { gridOf, type Plan, type PlanContext } from './node.ts';
import { assignSelects } from './passes/assign-selects.ts';
import { foldConstants } from './passes/fold-constants.ts';
import { hoistInvariants } from './passes/hoist-invariants.ts';
import { mergeMatchers } from './passes/merge-matchers.ts';
import { projectLabels } from './passes/project-labels.ts';
import { propagateMatchers } from './passes/propagate-matchers.ts';
import { skipBuckets } from './passes/skip-buckets.ts';
import { shareSubtrees } from './passes/share-subtrees.ts';
import { printPlan } from './print.ts';

/**
 * The plan of an expression. Passes run in this order, each a pure function from tree to tree: later ones rely on what earlier ones
 * have settled.
 *
 * @throws {QueryError} code `bad_data` for duration expressions without a sensible value
 */
export function planQuery(expr: Expr, context: PlanContext): Plan {
  const grid = gridOf(context);
  let root = buildPlan(expr, context);
  root = foldConstants(root);
  root = propagateMatchers(root);
  root = mergeMatchers(root);
  root = hoistInvariants(root);
  root = projectLabels(root, context);
  root = skipBuckets(root);
  const assigned = assignSelects(root, grid, context);
  const { selects } = assigned;
  root = shareSubtrees(assigned.root);

  let mint = Infinity;
  let maxt = -Infinity;
  for (const select of selects) {
    mint = Math.min(mint, select.mint);
    maxt = Math.max(maxt, select.maxt);
  }
  return selects.length === 0 ? { root, grid, selects, mint: 0, maxt: 0 } : { root, grid, selects, mint, maxt };
}

/** The plan of a query as text, for people. @throws {ParseError} */
export function explainQuery(query: string, context: PlanContext, options?: ParseOptions): string {
  return printPlan(planQuery(parseExpr(query, options), context));
}

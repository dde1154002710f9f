import { type Expr, type VectorSelector } from './ast.ts';

/** The expressions directly below one, in Prometheus's order; what stands in `[…]` and after `offset` is not among them. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'AggregateExpr':
      return expr.param === undefined ? [expr.expr] : [expr.expr, expr.param];
    case 'BinaryExpr':
      return [expr.lhs, expr.rhs];
    case 'Call':
      return expr.args;
    case 'MatrixSelector':
      return [expr.selector];
    case 'ParenExpr':
    case 'StepInvariantExpr':
    case 'SubqueryExpr':
    case 'UnaryExpr':
      return [expr.expr];
    case 'NumberLiteral':
    case 'Parameter':
    case 'StringLiteral':
    case 'VectorSelector':
      return [];
  }
}

/**
 * Visits an expression and all below it, parents first.
 *
 * @param visit gets the node and the path of its ancestors, outermost first; the path is reused, copy what is kept
 */
export function walk(expr: Expr, visit: (node: Expr, path: readonly Expr[]) => void): void {
  const path: Expr[] = [];
  const descend = (node: Expr): void => {
    visit(node, path);
    path.push(node);
    for (const child of children(node)) descend(child);
    path.pop();
  };
  descend(expr);
}

/** The vector selectors of an expression, also those inside range selectors, in the order of the text. */
export function selectorsOf(expr: Expr): readonly VectorSelector[] {
  const selectors: VectorSelector[] = [];
  walk(expr, (node) => {
    if (node.kind === 'VectorSelector') selectors.push(node);
  });
  return selectors;
}

/**
 * The expression with every node replaced by what `change` makes of it, children first. Subtrees in which nothing changed are shared with
 * the original.
 */
export function rewrite(expr: Expr, change: (node: Expr) => Expr): Expr {
  return change(rewriteChildren(expr, change));
}

function rewriteChildren(node: Expr, change: (node: Expr) => Expr): Expr {
  switch (node.kind) {
    case 'AggregateExpr': {
      const expr = rewrite(node.expr, change);
      const param = node.param && rewrite(node.param, change);
      return expr === node.expr && param === node.param ? node : { ...node, expr, param };
    }
    case 'BinaryExpr': {
      const lhs = rewrite(node.lhs, change);
      const rhs = rewrite(node.rhs, change);
      return lhs === node.lhs && rhs === node.rhs ? node : { ...node, lhs, rhs };
    }
    case 'Call': {
      const args = node.args.map((arg) => rewrite(arg, change));
      return args.every((arg, i) => arg === node.args[i]) ? node : { ...node, args };
    }
    case 'MatrixSelector': {
      // A selector stays one whatever happens to it.
      const selector = rewrite(node.selector, change) as VectorSelector;
      return selector === node.selector ? node : { ...node, selector };
    }
    case 'ParenExpr':
    case 'StepInvariantExpr':
    case 'SubqueryExpr':
    case 'UnaryExpr': {
      const expr = rewrite(node.expr, change);
      return expr === node.expr ? node : { ...node, expr };
    }
    case 'NumberLiteral':
    case 'Parameter':
    case 'StringLiteral':
    case 'VectorSelector':
      return node;
  }
}

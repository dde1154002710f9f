import { type Expr, type LabelMatcher, type VectorSelector } from './ast.ts';
import { rewrite } from './walk.ts';

/**
 * The expression with this condition in every selector: conditions on the same label are replaced, otherwise it is added.
 *
 * @see Prometheus `cmd/promtool`, promql label-matchers set
 */
export function setMatcher(expr: Expr, matcher: LabelMatcher): Expr {
  return changeMatchers(expr, (matchers) => {
    let found = false;
    const changed = matchers.map((old) => {
      if (old.name !== matcher.name) return old;
      found = true;
      return matcher;
    });
    return found ? changed : [...matchers, matcher];
  });
}

/**
 * The expression without any condition on the label.
 *
 * @see Prometheus `cmd/promtool`, promql label-matchers delete
 */
export function deleteMatchers(expr: Expr, label: string): Expr {
  return changeMatchers(expr, (matchers) => matchers.filter(({ name }) => name !== label));
}

function changeMatchers(expr: Expr, change: (matchers: readonly LabelMatcher[]) => readonly LabelMatcher[]): Expr {
  return rewrite(expr, (node) => {
    if (node.kind !== 'VectorSelector') return node;
    const selector: VectorSelector = { ...node, matchers: change(node.matchers) };
    return selector;
  });
}

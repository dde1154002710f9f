import { mapChildren, type PlanNode } from '../node.ts';
import type { Matcher } from '../../../model/index.ts';

/** Leaves out matchers that say the same twice, and puts the rest in one order, so that equal selectors look equal. */
export function mergeMatchers(node: PlanNode): PlanNode {
  if (node.kind === 'vector' || node.kind === 'matrix') return { ...node, matchers: merged(node.matchers) };
  return mapChildren(node, mergeMatchers);
}

function merged(matchers: readonly Matcher[]): readonly Matcher[] {
  const byText = new Map<string, Matcher>();
  for (const matcher of matchers) {
    // A label that is not there counts as empty, so this holds for every series.
    if (matcher.type === '=~' && matcher.value === '.*') continue;
    byText.set(matcher.toString(), matcher);
  }
  const texts = [...byText.keys()].sort();
  return texts.map((text) => byText.get(text)!);
}

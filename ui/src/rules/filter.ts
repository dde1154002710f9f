import { type Rule, type RuleGroup } from '../api/index.ts';

/** Which rules to show. */
export interface RuleFilter {
  readonly kind: 'any' | 'alerting' | 'recording';
  readonly onlyFailing: boolean;
  readonly text: string;
}

/** The groups with the rules that pass; groups of which nothing is left are left out. */
export function filterGroups(groups: readonly RuleGroup[], filter: RuleFilter): RuleGroup[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return groups
    .map((group) => {
      const groupText = `${group.name} ${group.file}`.toLowerCase();
      return { ...group, rules: group.rules.filter((rule) => passes(rule, filter, words, groupText)) };
    })
    .filter((group) => group.rules.length > 0);
}

function passes(rule: Rule, filter: RuleFilter, words: readonly string[], groupText: string): boolean {
  if (filter.kind !== 'any' && rule.type !== filter.kind) return false;
  if (filter.onlyFailing && rule.health !== 'err') return false;
  if (words.length === 0) return true;
  const text = `${groupText} ${rule.name} ${rule.query} ${Object.values(rule.labels ?? {}).join(' ')}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

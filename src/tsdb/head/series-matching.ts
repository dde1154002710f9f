import type { Matcher } from '../../model/index.ts';
import type { LabelIndex, LabelName } from './label-index.ts';
import type { SeriesTable } from './series-table.ts';

const NO_REFS = new Uint32Array(0);

/** What a matcher asks of the index. */
interface Condition {
  readonly matcher: Matcher;
  readonly entry: LabelName | undefined;
  /** Whether a series without the label satisfies it. */
  readonly matchesEmpty: boolean;
  /** The only pairs that satisfy it (besides a missing label), where they can be told without testing every value. */
  readonly pairs: readonly number[] | undefined;
  /** Upper bound of the series that satisfy it; Infinity where it cannot be used to start from. */
  readonly cost: number;
}

/**
 * Refs of the series that satisfy every matcher, ascending.
 *
 * It begins with the condition that names the fewest series and tests the others on each candidate's own labels; a pattern is
 * matched once per distinct value that occurs among the candidates. Only when no condition names its values are the values of a label
 * walked, cheapest label first.
 */
export function matchSeries(index: LabelIndex, table: SeriesTable, matchers: readonly Matcher[]): Uint32Array {
  const conditions: Condition[] = [];
  for (const matcher of matchers) {
    if (isAlwaysTrue(matcher)) continue;
    const condition = conditionOf(index, matcher);
    if (condition.cost === 0) return NO_REFS;
    conditions.push(condition);
  }
  if (conditions.length === 0) return index.postings(0).slice();
  conditions.sort((a, b) => a.cost - b.cost);
  const [first] = conditions;
  if (first.cost === Infinity) return filterByLabels(index, table, index.postings(0), conditions);
  const candidates = unionOf(index, first.pairs ?? matchingPairs(first));
  return conditions.length === 1 && !first.matchesEmpty
    ? candidates.slice()
    : filterByLabels(index, table, candidates, conditions.slice(1));
}

/** `.*` holds for every series, with the label or without. */
function isAlwaysTrue({ type, value }: Matcher): boolean {
  return type === '=~' && value === '.*';
}

function conditionOf(index: LabelIndex, matcher: Matcher): Condition {
  const entry = index.name(matcher.name);
  const { matchesEmpty } = matcher;
  if (entry === undefined) return { matcher, entry, matchesEmpty, pairs: undefined, cost: matchesEmpty ? Infinity : 0 };
  if (matchesEmpty) return { matcher, entry, matchesEmpty, pairs: undefined, cost: Infinity };
  const values = valuesOf(index, entry, matcher);
  if (values === undefined) return { matcher, entry, matchesEmpty, pairs: undefined, cost: index.postingsCount(0) };
  const pairs: number[] = [];
  let cost = 0;
  for (const value of values) {
    const pair = entry.pairs.get(value);
    if (pair === undefined) continue;
    pairs.push(pair);
    cost += index.postingsCount(pair);
  }
  return { matcher, entry, matchesEmpty, pairs, cost };
}

/** The values a matcher can be satisfied by, where it names them or a prefix of them. */
function valuesOf(index: LabelIndex, entry: LabelName, matcher: Matcher): Iterable<string> | undefined {
  if (matcher.type === '=') return [matcher.value];
  const { regexp } = matcher;
  if (matcher.type !== '=~' || regexp === undefined) return undefined;
  const { setMatches, prefix } = regexp;
  if (setMatches !== undefined) return new Set(setMatches);
  if (prefix === '') return undefined;
  return withPrefix(index.sortedValues(entry), prefix).filter((value) => regexp.matches(value));
}

/** The stretch of values that start with `prefix`. In byte order they lie together. */
export function withPrefix(sorted: readonly string[], prefix: string): string[] {
  // The sorted values need not be in UTF-16 order, so the stretch is found by testing the prefix itself at the bisected place.
  let from = 0;
  let to = sorted.length;
  const bytes = Buffer.from(prefix);
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (Buffer.compare(Buffer.from(sorted[middle]), bytes) < 0) from = middle + 1;
    else to = middle;
  }
  const found: string[] = [];
  for (let i = from; i < sorted.length && sorted[i].startsWith(prefix); i++) found.push(sorted[i]);
  return found;
}

function matchingPairs({ entry, matcher }: Condition): number[] {
  const pairs: number[] = [];
  const anyValue = isAnyValue(matcher);
  for (const [value, pair] of entry!.pairs) if (anyValue || matcher.matches(value)) pairs.push(pair);
  return pairs;
}

/** `!=""` and `.+`: every value there is. */
function isAnyValue({ type, value }: Matcher): boolean {
  return (type === '!=' && value === '') || (type === '=~' && value === '.+');
}

function unionOf(index: LabelIndex, pairs: readonly number[]): Uint32Array {
  if (pairs.length === 0) return NO_REFS;
  if (pairs.length === 1) return index.postings(pairs[0]);
  // A series has a label once: lists of one name share no ref, so the union is their concatenation, sorted.
  let length = 0;
  for (const pair of pairs) length += index.postingsCount(pair);
  const union = new Uint32Array(length);
  let at = 0;
  for (const pair of pairs) {
    const list = index.postings(pair);
    union.set(list, at);
    at += list.length;
  }
  return union.sort();
}

/** The conditions' verdict per pair, filled in as pairs are met. */
const UNKNOWN = 0;
const YES = 1;
const NO = 2;

function filterByLabels(
  index: LabelIndex,
  table: SeriesTable,
  candidates: Uint32Array,
  conditions: readonly Condition[],
): Uint32Array {
  const kept = new Uint32Array(candidates.length);
  let count = 0;
  const nameIds = conditions.map(({ entry }) => entry?.id ?? -1);
  const verdicts = conditions.map(() => new Map<number, number>());
  const { labelWords } = table;
  next: for (let i = 0; i < candidates.length; i++) {
    const ref = candidates[i];
    const slot = table.slot(ref);
    const from = table.pairsFrom(slot);
    const to = from + table.pairCount(slot);
    for (let c = 0; c < conditions.length; c++) {
      const nameId = nameIds[c];
      let verdict = UNKNOWN;
      for (let p = from; p < to; p++) {
        const pair = labelWords[p];
        if (index.nameIdOf(pair) !== nameId) continue;
        verdict = verdicts[c].get(pair) ?? UNKNOWN;
        if (verdict === UNKNOWN) {
          verdict = conditions[c].matcher.matches(index.valueOf(pair)) ? YES : NO;
          verdicts[c].set(pair, verdict);
        }
        break;
      }
      if (verdict === UNKNOWN ? !conditions[c].matchesEmpty : verdict === NO) continue next;
    }
    kept[count++] = ref;
  }
  return kept.slice(0, count);
}

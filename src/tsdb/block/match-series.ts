import type { Matcher } from '../../model/index.ts';
import type { ChunkRange, IndexReader } from './index-reader.ts';
import { intersect, NO_POSTINGS, subtract, type Postings } from './postings.ts';
import type { PostingsEntry } from './postings-table.ts';
import { SeriesTable } from './series-table.ts';

/**
 * Looking at the labels of a series that is read anyway costs about as much as so many steps through a list of series or of values. Where
 * few series are left and a list is long, their labels are looked at instead.
 */
const STEPS_PER_SERIES = 64;

/**
 * What a matcher asks of an index: the series that have one of the matcher's *distinguished* values. A matcher that a missing label does
 * not satisfy wants these series and no others (`wants`); one that a missing label satisfies wants all but them.
 */
interface Condition {
  readonly matcher: Matcher;
  readonly wants: boolean;
  /** The distinguished values where they are known without looking, or `undefined`: they are found among the label's values. */
  readonly values: readonly string[] | undefined;
  /** Filled for known values: where their lists lie. */
  entries: readonly PostingsEntry[];
  /** About how many steps it takes to find the series by lists. */
  cost: number;
}

/** The answer to a select: references, or the labels of series that still have to be looked at. */
interface Candidates {
  readonly refs: Postings;
  readonly unchecked: readonly Matcher[];
}

/**
 * The series that satisfy all matchers and have a chunk in the range, with their labels and chunks.
 *
 * @throws {CorruptionError}
 * @throws {StorageError}
 * @see Prometheus `tsdb/querier.go`, PostingsForMatchers (3.x), whose answers these are; how they are found differs
 */
export function selectSeries(
  index: IndexReader,
  matchers: readonly Matcher[],
  range: ChunkRange,
  limit = 0,
): SeriesTable {
  const { refs, unchecked } = candidates(index, matchers);
  const most = limit > 0 ? limit : Infinity;
  const table = new SeriesTable(Math.min(refs.length, most));
  if (unchecked.length === 0) {
    index.readSeries(refs, range, table, most);
    return table;
  }
  index.readSeries(refs, range, table);
  const keep = new Uint8Array(table.length).fill(1);
  for (const matcher of unchecked) checkLabels(index, table, matcher, keep);
  let left = most;
  for (let i = 0; i < keep.length; i++) if (keep[i] !== 0 && --left < 0) keep[i] = 0;
  table.filter(keep);
  return table;
}

/** The references of the series that satisfy all matchers, in label order. */
export function matchSeries(index: IndexReader, matchers: readonly Matcher[]): Postings {
  const { refs, unchecked } = candidates(index, matchers);
  if (unchecked.length === 0) return refs;
  const table = new SeriesTable(refs.length);
  index.readSeries(refs, { mint: -Infinity, maxt: Infinity, labelsOnly: true }, table);
  const keep = new Uint8Array(table.length).fill(1);
  for (const matcher of unchecked) checkLabels(index, table, matcher, keep);
  table.filter(keep);
  return table.refs.slice(0, table.length);
}

function candidates(index: IndexReader, matchers: readonly Matcher[]): Candidates {
  const wanted: Condition[] = [];
  const unwanted: Condition[] = [];
  for (const matcher of matchers) {
    const condition = conditionOf(index, matcher);
    if (condition === 'always') continue;
    if (condition === 'never') return { refs: NO_POSTINGS, unchecked: [] };
    (condition.wants ? wanted : unwanted).push(condition);
  }
  // The cheapest first: what follows has fewer series to care for.
  wanted.sort((a, b) => a.cost - b.cost);
  let refs: Postings | undefined;
  const unchecked: Matcher[] = [];
  for (const condition of wanted) {
    if (refs !== undefined && condition.cost > refs.length * STEPS_PER_SERIES) {
      unchecked.push(condition.matcher);
      continue;
    }
    const list = read(index, condition);
    refs = refs === undefined ? list : intersect(refs, list);
    if (refs.length === 0) return { refs, unchecked: [] };
  }
  refs ??= index.allPostings();
  for (const condition of unwanted) {
    if (condition.cost > refs.length * STEPS_PER_SERIES) unchecked.push(condition.matcher);
    else refs = subtract(refs, read(index, condition));
  }
  return { refs, unchecked };
}

function conditionOf(index: IndexReader, matcher: Matcher): Condition | 'always' | 'never' {
  const wants = !matcher.matchesEmpty;
  if (matcher.regexp?.source === '.*') return matcher.type === '=~' ? 'always' : 'never';
  const values = knownValues(matcher);
  if (values !== undefined) {
    const entries = index.findPostings(matcher.name, values);
    if (entries.length === 0) return wants ? 'never' : 'always';
    return { matcher, wants, values, entries, cost: listCost(index, entries) };
  }
  const count = index.valueCount(matcher.name);
  if (count === 0) return wants ? 'never' : 'always';
  // A value costs its test, and the list of its series a read.
  return { matcher, wants, values, entries: [], cost: count * 8 };
}

/** Lists that are looked at to guess how long all of them are. */
const LISTS_ASKED = 16;

function listCost(index: IndexReader, entries: readonly PostingsEntry[]): number {
  const asked = entries.slice(0, LISTS_ASKED);
  return (index.postingsLengths(asked) * entries.length) / asked.length;
}

/** The values that tell, where they can be listed. */
function knownValues(matcher: Matcher): readonly string[] | undefined {
  const { type, value, regexp, matchesEmpty } = matcher;
  // A matcher that a missing label satisfies is told by the values that do not satisfy it, and the other way round.
  const listed = regexp === undefined ? [value] : regexp.setMatches;
  if (listed === undefined) return undefined;
  const listedSatisfy = type === '=' || type === '=~';
  return listedSatisfy === matchesEmpty ? undefined : listed;
}

/** The series with a distinguished value. */
function read(index: IndexReader, { matcher, values, entries }: Condition): Postings {
  if (values !== undefined) return index.readUnion(ascending(entries.map(({ offset }) => offset)));
  const offsets: number[] = [];
  const { matchesEmpty } = matcher;
  const all = matcher.regexp?.source === '.+' || matcher.value === '';
  index.scanValues(matcher.name, prefixOf(matcher), (value, offset) => {
    // The empty value stands for a missing label and is not told apart from it.
    if (value !== '' && (all || matcher.matches(value) !== matchesEmpty)) offsets.push(offset);
    return true;
  });
  return index.readUnion(ascending(offsets));
}

function ascending(offsets: number[]): number[] {
  return offsets.sort((a, b) => a - b);
}

/** What every distinguished value begins with. */
function prefixOf({ type, regexp, matchesEmpty }: Matcher): string {
  if (regexp === undefined || (type === '=~') === matchesEmpty) return '';
  const { prefix } = regexp;
  // A prefix may end in the middle of a character beyond U+FFFF; half of it has no bytes.
  const last = prefix.charCodeAt(prefix.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? prefix.slice(0, -1) : prefix;
}

/** Clears `keep[i]` where series `i` does not satisfy the matcher. Every value is tested once, however many series have it. */
function checkLabels(index: IndexReader, table: SeriesTable, matcher: Matcher, keep: Uint8Array): void {
  const nameSymbol = index.labelSymbol(matcher.name);
  const valueOf = new Int32Array(table.length).fill(-1);
  const seen = new Set<number>();
  for (let i = 0; i < table.length; i++) {
    if (keep[i] === 0) continue;
    for (let at = table.labelStart(i); at < table.labelEnds[i]; at += 2) {
      if (table.symbols[at] !== nameSymbol) continue;
      valueOf[i] = table.symbols[at + 1];
      seen.add(valueOf[i]);
      break;
    }
  }
  const ordinals = Uint32Array.from(seen).sort();
  const satisfied = new Map<number, boolean>();
  const strings = index.symbols(ordinals);
  for (let i = 0; i < ordinals.length; i++) satisfied.set(ordinals[i], matcher.matches(strings[i]));
  for (let i = 0; i < table.length; i++) {
    if (keep[i] === 0) continue;
    const ok = valueOf[i] < 0 ? matcher.matchesEmpty : satisfied.get(valueOf[i])!;
    if (!ok) keep[i] = 0;
  }
}

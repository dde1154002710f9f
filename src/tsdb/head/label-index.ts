import { GrowableWords } from '../../bytes/index.ts';
import { Labels, compareText } from '../../model/index.ts';
import { PostingLists } from './posting-lists.ts';

/** Words of a pair in the table: postings (three words, see `PostingLists`), then its name's number. */
const PAIR_WORDS = 4;
const PAIR_NAME = 3;
const LIST_LENGTH = 1;

/** One label name that occurs in the store. */
export interface LabelName {
  readonly id: number;
  readonly name: string;
  /** Value → pair number. */
  readonly pairs: Map<string, number>;
  /** Values in byte order; absent when values came or went since it was made. */
  sorted: readonly string[] | undefined;
}

/**
 * Every name–value pair of the store under a small number, with the ascending list of series that have it.
 *
 * A series is a list of pair numbers: comparing, hashing and indexing label sets never looks at text. Pair 0 is no pair;
 * its list is that of all series.
 */
export class LabelIndex {
  readonly #names = new Map<string, LabelName>();
  readonly #namesById: (LabelName | undefined)[] = [];
  readonly #freeNames: number[] = [];
  readonly #lists = new PostingLists();
  readonly #tableMemory = new GrowableWords();
  #table = this.#tableMemory.words;
  readonly #values: string[] = [''];
  readonly #freePairs: number[] = [];

  get postingsBytes(): number {
    return this.#lists.usedBytes;
  }

  /** Distinct pairs that occur. */
  get pairCount(): number {
    return this.#values.length - 1 - this.#freePairs.length;
  }

  names(): IterableIterator<LabelName> {
    return this.#names.values();
  }

  name(name: string): LabelName | undefined {
    return this.#names.get(name);
  }

  /** The pair's number, or 0 where no series has it. */
  pair(name: string, value: string): number {
    return this.#names.get(name)?.pairs.get(value) ?? 0;
  }

  /** The pair's number, made if new. */
  intern(name: string, value: string): number {
    let entry = this.#names.get(name);
    if (entry === undefined) {
      const id = this.#freeNames.pop() ?? this.#namesById.length;
      entry = { id, name: ownText(name), pairs: new Map(), sorted: undefined };
      this.#namesById[id] = entry;
      this.#names.set(entry.name, entry);
    }
    const known = entry.pairs.get(value);
    if (known !== undefined) return known;
    const text = ownText(value);
    const pair = this.#freePairs.pop() ?? this.#values.length;
    this.#values[pair] = text;
    this.#table = this.#tableMemory.reserve((pair + 1) * PAIR_WORDS);
    this.#table[pair * PAIR_WORDS + LIST_LENGTH] = 0;
    this.#table[pair * PAIR_WORDS + PAIR_NAME] = entry.id;
    entry.pairs.set(text, pair);
    entry.sorted = undefined;
    return pair;
  }

  nameOf(pair: number): string {
    return this.#namesById[this.#table[pair * PAIR_WORDS + PAIR_NAME]]!.name;
  }

  /** Number of the pair's name. */
  nameIdOf(pair: number): number {
    return this.#table[pair * PAIR_WORDS + PAIR_NAME];
  }

  valueOf(pair: number): string {
    return this.#values[pair];
  }

  /** Adds a series, whose ref must be above all refs added before, to a pair's list (pair 0: all series). */
  append(pair: number, ref: number): void {
    this.#lists.append(this.#table, pair * PAIR_WORDS, ref);
  }

  /** Series of a pair (0: all), ascending; a view that the next `append` may invalidate. */
  postings(pair: number): Uint32Array {
    return this.#lists.view(this.#table, pair * PAIR_WORDS);
  }

  postingsCount(pair: number): number {
    return this.#table[pair * PAIR_WORDS + LIST_LENGTH];
  }

  /** Values of a name in byte order. */
  sortedValues(entry: LabelName): readonly string[] {
    return (entry.sorted ??= [...entry.pairs.keys()].sort(compareText));
  }

  /** Takes dead series out of the lists of `pairs` (and of the list of all); pairs and names without series go. */
  remove(pairs: ReadonlySet<number>, isLive: (ref: number) => boolean): void {
    this.#lists.filter(this.#table, 0, isLive);
    for (const pair of pairs) {
      if (this.#lists.filter(this.#table, pair * PAIR_WORDS, isLive) > 0) continue;
      const entry = this.#namesById[this.#table[pair * PAIR_WORDS + PAIR_NAME]]!;
      entry.pairs.delete(this.#values[pair]);
      entry.sorted = undefined;
      this.#values[pair] = '';
      this.#freePairs.push(pair);
      if (entry.pairs.size === 0) {
        this.#names.delete(entry.name);
        this.#namesById[entry.id] = undefined;
        this.#freeNames.push(entry.id);
      }
    }
  }

  /** Puts every list in ascending order: for series that came with refs out of order. */
  sortPostings(): void {
    for (let pair = 0; pair < this.#values.length; pair++) {
      this.#lists.sort(this.#table, pair * PAIR_WORDS);
    }
  }

  /** The label set that a list of pair numbers stands for. */
  labels(words: Uint32Array, from: number, to: number): Labels {
    const pairs: string[] = [];
    for (let i = from; i < to; i++) pairs.push(this.nameOf(words[i]), this.#values[words[i]]);
    return new Labels(pairs);
  }
}

/** A copy that does not keep the larger string it may have been cut from alive. */
function ownText(text: string): string {
  return Buffer.from(text).toString();
}

import { GrowableWords } from '../../bytes/index.ts';

/** Words of a block of a long list. */
const BLOCK_WORDS = 512;
/** Capacities of lists that lie in one stretch; a list of one needs none. */
const CAPACITIES: readonly number[] = [2, 4, 6, 9, 13, 19, 28, 42, 63, 94, 141, 211, 316, BLOCK_WORDS];
const LONG = CAPACITIES.length;
const LENGTH = 1;
const CLASS = 2;

/** Blocks of one long list. */
interface LongList {
  blocks: Uint32Array;
  count: number;
}

/**
 * Ascending lists of series refs, very many and mostly short, in one array of words.
 *
 * A list is three words the owner keeps: `(where, length, class)`. A list of one holds its only ref in `where`; longer ones lie in the
 * array at `where`, in a stretch of `CAPACITIES[class]` words; those beyond the largest stretch in blocks, and `where` numbers them. So
 * nothing that is long is ever moved, and what is freed fits something else. Appending must be in ascending order.
 */
export class PostingLists {
  readonly #memory = new GrowableWords();
  #words = this.#memory.words;
  #used = 1;
  readonly #free = new Uint32Array(CAPACITIES.length);
  readonly #long: (LongList | undefined)[] = [];
  readonly #freeLong: number[] = [];

  get usedBytes(): number {
    return this.#used * 4;
  }

  /** Appends `ref` to the list in `table[at … at + 2]`. */
  append(table: Uint32Array, at: number, ref: number): void {
    const length = table[at + LENGTH];
    table[at + LENGTH] = length + 1;
    if (length === 0) {
      table[at] = ref;
      table[at + CLASS] = 0;
      return;
    }
    let sizeClass = table[at + CLASS];
    if (sizeClass !== LONG && (length === 1 || length === CAPACITIES[sizeClass])) {
      sizeClass = this.#grow(table, at, length);
    }
    if (sizeClass !== LONG) {
      this.#words[table[at] + length] = ref;
      return;
    }
    const list = this.#long[table[at]]!;
    const block = Math.floor(length / BLOCK_WORDS);
    if (block === list.count) this.#addBlock(list);
    this.#words[list.blocks[block] + (length % BLOCK_WORDS)] = ref;
  }

  /** Moves a list to the next size; returns its new class. */
  #grow(table: Uint32Array, at: number, length: number): number {
    const where = table[at];
    if (length === 1) {
      const target = this.#allocate(0);
      this.#words[target] = where;
      table[at] = target;
      table[at + CLASS] = 0;
      return 0;
    }
    const sizeClass = table[at + CLASS];
    if (sizeClass === LONG - 1) {
      // The stretch is as large as a block, and becomes the first one.
      const number = this.#freeLong.pop() ?? this.#long.length;
      this.#long[number] = { blocks: Uint32Array.of(where, 0), count: 1 };
      table[at] = number;
      table[at + CLASS] = LONG;
      return LONG;
    }
    const target = this.#allocate(sizeClass + 1);
    this.#words.copyWithin(target, where, where + length);
    this.#release(where, sizeClass);
    table[at] = target;
    table[at + CLASS] = sizeClass + 1;
    return sizeClass + 1;
  }

  #addBlock(list: LongList): void {
    if (list.count === list.blocks.length) {
      const grown = new Uint32Array(Math.ceil(list.count * 1.5));
      grown.set(list.blocks);
      list.blocks = grown;
    }
    list.blocks[list.count++] = this.#allocate(LONG - 1);
  }

  /** Keeps the refs for which `isLive` holds; returns how many are left. */
  filter(table: Uint32Array, at: number, isLive: (ref: number) => boolean): number {
    const length = table[at + LENGTH];
    if (length === 0) return 0;
    const kept = this.view(table, at).filter(isLive);
    if (kept.length === length) return length;
    this.#replace(table, at, kept);
    return kept.length;
  }

  /** Puts a list in ascending order. */
  sort(table: Uint32Array, at: number): void {
    const list = this.view(table, at);
    for (let i = 1; i < list.length; i++) {
      if (list[i] >= list[i - 1]) continue;
      this.#replace(table, at, list.slice().sort());
      return;
    }
  }

  #replace(table: Uint32Array, at: number, refs: Uint32Array): void {
    if (table[at + LENGTH] > 1) {
      if (table[at + CLASS] === LONG) this.#releaseLong(table[at]);
      else this.#release(table[at], table[at + CLASS]);
    }
    table[at + LENGTH] = 0;
    for (let i = 0; i < refs.length; i++) this.append(table, at, refs[i]);
  }

  /** The list; a view of it where it lies in one stretch, valid until the next append, else a copy. */
  view(table: Uint32Array, at: number): Uint32Array {
    const length = table[at + LENGTH];
    if (length === 0) return new Uint32Array(0);
    if (length === 1) return Uint32Array.of(table[at]);
    if (table[at + CLASS] !== LONG) return this.#words.subarray(table[at], table[at] + length);
    const { blocks } = this.#long[table[at]]!;
    const list = new Uint32Array(length);
    for (let from = 0, block = 0; from < length; from += BLOCK_WORDS, block++) {
      const where = blocks[block];
      list.set(this.#words.subarray(where, where + Math.min(BLOCK_WORDS, length - from)), from);
    }
    return list;
  }

  #allocate(sizeClass: number): number {
    const free = this.#free[sizeClass];
    if (free !== 0) {
      this.#free[sizeClass] = this.#words[free];
      return free;
    }
    const at = this.#used;
    this.#used += CAPACITIES[sizeClass];
    this.#words = this.#memory.reserve(this.#used);
    return at;
  }

  #release(where: number, sizeClass: number): void {
    this.#words[where] = this.#free[sizeClass];
    this.#free[sizeClass] = where;
  }

  #releaseLong(number: number): void {
    const { blocks, count } = this.#long[number]!;
    for (let i = 0; i < count; i++) this.#release(blocks[i], LONG - 1);
    this.#long[number] = undefined;
    this.#freeLong.push(number);
  }
}

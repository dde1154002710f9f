import { GrowableWords } from '../../bytes/index.ts';

/** Capacities of lists kept in the slab; a list of one needs none. */
const CAPACITIES = makeCapacities();

/**
 * Ascending lists of series refs, very many and mostly short, in one array of words.
 *
 * A list is three words the owner keeps: `(where, length, class)`. A list of one holds its only ref in `where`; longer ones lie in the
 * slab at `where`, in a stretch of `CAPACITIES[class]` words. Appending must be in ascending order. Freed stretches are reused by size.
 */
export class PostingLists {
  readonly #memory = new GrowableWords();
  words = this.#memory.words;
  #used = 1;
  readonly #free = new Uint32Array(CAPACITIES.length);

  get usedBytes(): number {
    return this.#used * 4;
  }

  /** Appends `ref` to the list in `table[at … at + 2]`. */
  append(table: Uint32Array, at: number, ref: number): void {
    const length = table[at + 1];
    if (length === 0) {
      table[at] = ref;
      table[at + 1] = 1;
      table[at + 2] = 0;
      return;
    }
    const sizeClass = table[at + 2];
    let where = table[at];
    if (length === 1 || length === CAPACITIES[sizeClass]) {
      const larger = length === 1 ? 0 : sizeClass + 1;
      const target = this.#allocate(larger);
      if (length === 1) this.words[target] = where;
      else {
        this.words.copyWithin(target, where, where + length);
        this.#release(where, sizeClass);
      }
      where = target;
      table[at] = target;
      table[at + 2] = larger;
    }
    this.words[where + length] = ref;
    table[at + 1] = length + 1;
  }

  /** Keeps the refs for which `isLive` holds; returns how many are left. */
  filter(table: Uint32Array, at: number, isLive: (ref: number) => boolean): number {
    const length = table[at + 1];
    const where = table[at];
    if (length === 0) return 0;
    if (length === 1) {
      if (!isLive(where)) table[at + 1] = 0;
      return table[at + 1];
    }
    const { words } = this;
    const sizeClass = table[at + 2];
    let kept = 0;
    for (let i = where; i < where + length; i++) {
      const ref = words[i];
      if (isLive(ref)) words[where + kept++] = ref;
    }
    table[at + 1] = kept;
    if (kept === 0) this.#release(where, sizeClass);
    else if (kept === 1) {
      table[at] = words[where];
      this.#release(where, sizeClass);
    } else {
      // A list that shrank to less than half moves to a stretch of its size.
      let smaller = sizeClass;
      while (smaller > 0 && CAPACITIES[smaller - 1] >= kept) smaller--;
      if (smaller < sizeClass - 1) {
        const target = this.#allocate(smaller);
        this.words.copyWithin(target, where, where + kept);
        this.#release(where, sizeClass);
        table[at] = target;
        table[at + 2] = smaller;
      }
    }
    return kept;
  }

  /** A view of the list, valid until the next append; lists of one are put into `single`. */
  view(table: Uint32Array, at: number): Uint32Array {
    const length = table[at + 1];
    if (length === 1) return Uint32Array.of(table[at]);
    return this.words.subarray(table[at], table[at] + length);
  }

  #allocate(sizeClass: number): number {
    const free = this.#free[sizeClass];
    if (free !== 0) {
      this.#free[sizeClass] = this.words[free];
      return free;
    }
    const at = this.#used;
    this.#used += CAPACITIES[sizeClass];
    this.words = this.#memory.reserve(this.#used);
    return at;
  }

  #release(where: number, sizeClass: number): void {
    this.words[where] = this.#free[sizeClass];
    this.#free[sizeClass] = where;
  }
}

function makeCapacities(): readonly number[] {
  const capacities = [2];
  while (capacities[capacities.length - 1] < 2 ** 31) {
    const last = capacities[capacities.length - 1];
    // Long lists are few: growing them by a quarter wastes little memory and copies little.
    capacities.push(Math.max(last + 2, Math.floor(last * (last < 64 ? 1.5 : 1.25))));
  }
  return capacities;
}

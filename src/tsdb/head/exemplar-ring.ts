import type { Exemplar } from '../../model/index.ts';

/** Most code points an exemplar's names and values may have together. */
const MAX_LABEL_LENGTH = 128;

interface Entry {
  readonly ref: number;
  readonly exemplar: Exemplar;
}

/**
 * The newest exemplars of all series, a fixed number of them: the oldest give way.
 *
 * @see Prometheus `tsdb/exemplar.go`
 */
export class ExemplarRing {
  readonly #capacity: number;
  readonly #entries: (Entry | undefined)[] = [];
  #next = 0;
  /** Newest exemplar per series, with how many of its exemplars are held. */
  readonly #newest = new Map<number, { exemplar: Exemplar; held: number }>();
  appended = 0;
  outOfOrder = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#entries.length;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Series that have exemplars. */
  get seriesCount(): number {
    return this.#newest.size;
  }

  /** Time of the oldest one held, or `undefined`. */
  get oldestT(): number | undefined {
    return this.#entries[this.#entries.length < this.#capacity ? 0 : this.#next]?.exemplar.t;
  }

  /** Whether `add` would take it: labels short enough, not older than the series' newest, not the same again. */
  accepts(ref: number, exemplar: Exemplar): boolean {
    if (this.#capacity === 0) return false;
    let length = 0;
    for (const text of exemplar.labels.pairs) {
      for (const _ of text) length++;
      if (length > MAX_LABEL_LENGTH) return false;
    }
    const newest = this.#newest.get(ref)?.exemplar;
    if (newest === undefined || exemplar.t > newest.t) return true;
    // Several at one instant are ordered by value: a native histogram brings one for each of several buckets.
    if (exemplar.t < newest.t || exemplar.v < newest.v) return false;
    return exemplar.v > newest.v || exemplar.labels.key() > newest.labels.key();
  }

  add(ref: number, exemplar: Exemplar): boolean {
    if (!this.accepts(ref, exemplar)) {
      this.outOfOrder++;
      return false;
    }
    const old = this.#entries[this.#next];
    if (old !== undefined) {
      const kept = this.#newest.get(old.ref)!;
      if (--kept.held === 0) this.#newest.delete(old.ref);
    }
    this.#entries[this.#next] = { ref, exemplar };
    this.#next = (this.#next + 1) % this.#capacity;
    const newest = this.#newest.get(ref);
    if (newest === undefined) this.#newest.set(ref, { exemplar, held: 1 });
    else {
      newest.exemplar = exemplar;
      newest.held++;
    }
    this.appended++;
    return true;
  }

  /** All exemplars of the given series between the bounds, by series, in the order of their times. */
  select(refs: ReadonlySet<number>, mint: number, maxt: number): Map<number, Exemplar[]> {
    const found = new Map<number, Exemplar[]>();
    const { length } = this.#entries;
    const first = length < this.#capacity ? 0 : this.#next;
    for (let i = 0; i < length; i++) {
      const { ref, exemplar } = this.#entries[(first + i) % length]!;
      if (exemplar.t < mint || exemplar.t > maxt || !refs.has(ref)) continue;
      const list = found.get(ref);
      if (list === undefined) found.set(ref, [exemplar]);
      else list.push(exemplar);
    }
    return found;
  }
}

import type { SeriesRef } from '../storage/index.ts';

/** The series is known, and relabelling drops it. */
export const DROPPED = -1;
/** The series has not been seen before, or was forgotten. */
export const UNKNOWN = -2;

/** Series that have not been exposed for this many scrapes are forgotten. */
const KEPT_SCRAPES = 10;

/**
 * What a target's page looked like in earlier scrapes: the raw text of each series and the reference it is stored under, so that labels are built
 * and relabelled at first sight only. It also tells which series were there in the last scrape and are missing from this one.
 *
 * A scrape is `begin`, any number of `find`/`add`/`see`, then `finish` or `forgetAll`.
 */
export class SeriesCache {
  /** Series text → its entry. The text is latin-1 of the bytes, which is exact and cheap. */
  readonly #entries = new Map<string, Entry>();
  #scrape = 0;
  /** Stored series of the last successful scrape whose staleness is tracked, by reference. */
  #before = new Map<SeriesRef, SeriesRef>();
  #now = new Map<SeriesRef, SeriesRef>();

  get size(): number {
    return this.#entries.size;
  }

  begin(): void {
    this.#scrape++;
    this.#now.clear();
  }

  /** The reference of a series, `DROPPED` or `UNKNOWN`. */
  find(bytes: Buffer, from: number, to: number): SeriesRef {
    const entry = this.#entries.get(bytes.toString('latin1', from, to));
    if (entry === undefined) return UNKNOWN;
    entry.scrape = this.#scrape;
    return entry.ref;
  }

  /** Remembers a series; `DROPPED` for one that relabelling drops. */
  add(bytes: Buffer, from: number, to: number, ref: SeriesRef): void {
    this.#entries.set(bytes.toString('latin1', from, to), { ref, scrape: this.#scrape });
  }

  /** Notes that the series is there in this scrape, so that its absence from a later one is noticed. */
  see(ref: SeriesRef): void {
    this.#now.set(ref, ref);
  }

  /** Whether the series was already there in this scrape. */
  isSeen(ref: SeriesRef): boolean {
    return this.#now.has(ref);
  }

  /** The series of the last scrape that this one lacks. */
  *missing(): Iterable<SeriesRef> {
    for (const ref of this.#before.keys()) if (!this.#now.has(ref)) yield ref;
  }

  /** Makes this scrape the last one. */
  finish(): void {
    [this.#before, this.#now] = [this.#now, this.#before];
    // Only pages that change gather entries that are no longer used.
    if (this.#entries.size > this.#before.size + 1000 || this.#scrape % KEPT_SCRAPES === 0) this.#forgetUnused();
  }

  /** After a failed scrape: nothing is there any more. */
  clearSeen(): void {
    this.#now.clear();
  }

  /** Takes over what another cache saw last, so that series which do not come back are noticed. */
  inherit(previous: SeriesCache): void {
    this.#before = new Map(previous.#before);
  }

  /** The store no longer knows a reference: the series is looked up anew at the next sight. */
  forget(bytes: Buffer, from: number, to: number): void {
    this.#entries.delete(bytes.toString('latin1', from, to));
  }

  #forgetUnused(): void {
    for (const [text, entry] of this.#entries)
      if (this.#scrape - entry.scrape > KEPT_SCRAPES) this.#entries.delete(text);
  }
}

interface Entry {
  readonly ref: SeriesRef;
  scrape: number;
}

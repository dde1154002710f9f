import type { SeriesRef } from '../storage/index.ts';
import { type LayoutRecorder, PageLayout } from './page-layout.ts';
import { DROPPED, NONE, SeriesTable } from './series-table.ts';

/** How far the table may outgrow the last good page through pages that fail. */
const SPARE_ENTRIES = 1000;

/**
 * What a target's pages looked like: its series with their references, the order of the last page, and which series have to be ended
 * when they are gone.
 *
 * A scrape is `begin`, any number of `noteSeen` and `noteTaken`, `missing`, then `succeed` or `fail`. A second pass over a scrape that failed
 * (to end the series it did not expose) comes before `fail` and needs no `begin`.
 *
 * @see Prometheus `scrape/scrape.go`, scrapeCache (3.14)
 */
export class SeriesCache {
  readonly table = new SeriesTable();
  layout = PageLayout.EMPTY;
  /** The scrape under way, from 1 on. */
  scrape = 0;
  /** Entries seen in this scrape. */
  seenCount = 0;
  /** Entries whose sample was taken in this scrape, and those of them that were taken in the last one too. */
  trackedCount = 0;
  carriedCount = 0;
  /** Entries taken in the last scrape. */
  #trackedBefore = 0;
  #sizeAfterSuccess = 0;
  /** References that have to be ended and that no entry stands for: those of the target's loop before a reload. */
  #inherited: readonly SeriesRef[] = [];
  readonly #onForcedFlush: () => void;

  /** @param onForcedFlush called when failing scrapes filled the table and it had to be emptied */
  constructor(onForcedFlush: () => void = () => {}) {
    this.#onForcedFlush = onForcedFlush;
  }

  begin(): void {
    this.scrape++;
    this.seenCount = 0;
    this.trackedCount = 0;
    this.carriedCount = 0;
  }

  /** Notes that the page names the series. @returns `false` when it did already */
  noteSeen(entry: number): boolean {
    const { seen } = this.table;
    if (seen[entry] === this.scrape) return false;
    seen[entry] = this.scrape;
    this.seenCount++;
    return true;
  }

  /** Notes that the series has a sample in this scrape, so that it is ended when it has none in the next. */
  noteTaken(entry: number): void {
    const { tracked } = this.table;
    const last = tracked[entry]!;
    if (last === this.scrape) return;
    if (last === this.scrape - 1) this.carriedCount++;
    tracked[entry] = this.scrape;
    this.trackedCount++;
  }

  /** References of the series that had a sample in the last scrape and have none in this one. */
  missing(): SeriesRef[] {
    if (this.carriedCount === this.#trackedBefore && this.#inherited.length === 0) return [];
    const { size, refs, tracked } = this.table;
    // Two texts can name one series: it is there as long as one of them is.
    const present = new Set<SeriesRef>();
    for (let entry = 0; entry < size; entry++) if (tracked[entry] === this.scrape) present.add(refs[entry]!);
    const missing = new Set<SeriesRef>();
    for (const ref of this.#inherited) if (!present.has(ref)) missing.add(ref);
    for (let entry = 0; entry < size; entry++) {
      const ref = refs[entry]!;
      if (tracked[entry] === this.scrape - 1 && ref > DROPPED && !present.has(ref)) missing.add(ref);
    }
    return [...missing];
  }

  /** The page was read to its end: what it does not name is forgotten. @param recorder of a page that was not like the last one */
  succeed(recorder: LayoutRecorder | undefined): void {
    if (recorder !== undefined) this.layout = recorder.layout();
    if (this.table.size > this.seenCount) this.#forgetUnseen();
    if (recorder !== undefined) this.#placeEntries();
    this.#sizeAfterSuccess = this.table.size;
    this.#end();
  }

  /** The scrape had no page, or one that broke off. */
  fail(): void {
    if (this.table.size > this.#sizeAfterSuccess * 2 + SPARE_ENTRIES) {
      this.#onForcedFlush();
      this.#forgetUnseen();
    }
    this.#end();
  }

  /** Takes over what another cache has to end, so that series which do not come back are noticed. */
  inherit(previous: SeriesCache): void {
    const { size, refs, tracked } = previous.table;
    const inherited = [...previous.#inherited];
    for (let entry = 0; entry < size; entry++) {
      if (tracked[entry] === previous.scrape && refs[entry]! > DROPPED) inherited.push(refs[entry]!);
    }
    this.#inherited = inherited;
  }

  #end(): void {
    this.#trackedBefore = this.trackedCount;
    this.#inherited = [];
  }

  #forgetUnseen(): void {
    const { seen } = this.table;
    const numbers = this.table.keep((entry) => seen[entry] === this.scrape);
    this.layout = this.layout.renumber(numbers);
    if (this.layout.length === 0) this.table.positions.fill(NONE);
  }

  #placeEntries(): void {
    const { positions } = this.table;
    const { entries } = this.layout;
    for (let line = 0; line < entries.length; line++) if (entries[line] !== NONE) positions[entries[line]!] = line;
  }
}

import type { Metadata, MetricType } from '../model/index.ts';

/** Families that were not exposed for this many scrapes are forgotten. */
const KEPT_SCRAPES = 10;

interface Family {
  type: MetricType;
  unit: string;
  help: string;
  scrape: number;
  /** Whether it stands on the last page. */
  isListed: boolean;
}

/** What a target says of its metric families. */
export class MetadataCache {
  readonly #families = new Map<string, Family>();
  #scrape = 0;
  /** Families that do not stand on the last page. */
  #unlisted = 0;

  begin(): void {
    this.#scrape++;
  }

  setType(name: string, type: MetricType): void {
    this.#family(name).type = type;
  }

  setUnit(name: string, unit: string): void {
    this.#family(name).unit = unit;
  }

  setHelp(name: string, help: string): void {
    this.#family(name).help = help;
  }

  /** Notes that a family is still described as before. */
  keep(name: string): void {
    const family = this.#families.get(name);
    if (family !== undefined) family.scrape = this.#scrape;
  }

  /** The page was read to its end. @param isNew `false`: it says the same as the page before, whether or not all of it was set again */
  finish(isNew: boolean): void {
    if (isNew) {
      this.#unlisted = 0;
      for (const family of this.#families.values()) {
        family.isListed = family.scrape === this.#scrape;
        if (!family.isListed) this.#unlisted++;
      }
    }
    if (this.#unlisted === 0) return;
    for (const [name, family] of this.#families) {
      if (family.isListed || this.#scrape - family.scrape <= KEPT_SCRAPES) continue;
      this.#families.delete(name);
      this.#unlisted--;
    }
  }

  get size(): number {
    return this.#families.size;
  }

  /** Characters of all that is kept. */
  get length(): number {
    let length = 0;
    for (const { type, unit, help } of this.#families.values()) length += type.length + unit.length + help.length;
    return length;
  }

  get(name: string): Metadata | undefined {
    return this.#families.get(name);
  }

  entries(): IterableIterator<[name: string, metadata: Metadata]> {
    return this.#families.entries();
  }

  #family(name: string): Family {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { type: 'unknown', unit: '', help: '', scrape: this.#scrape, isListed: false };
      this.#families.set(name, family);
      this.#unlisted++;
    }
    family.scrape = this.#scrape;
    return family;
  }
}

import type { Metadata, MetricType } from '../model/index.ts';

/** Families that were not exposed for this many scrapes are forgotten. */
const KEPT_SCRAPES = 10;

interface Family {
  type: MetricType;
  unit: string;
  help: string;
  scrape: number;
}

/** What a target says of its metric families. */
export class MetadataCache {
  readonly #families = new Map<string, Family>();
  #scrape = 0;

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

  finish(): void {
    for (const [name, family] of this.#families)
      if (this.#scrape - family.scrape > KEPT_SCRAPES) this.#families.delete(name);
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
      family = { type: 'unknown', unit: '', help: '', scrape: this.#scrape };
      this.#families.set(name, family);
    }
    family.scrape = this.#scrape;
    return family;
  }
}

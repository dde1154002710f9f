import type { Metadata } from '../../model/index.ts';
import type { SeriesTable } from './series-table.ts';

/** Metadata of series: the same text is held once, and a series has its number. */
export class MetadataTable {
  readonly #table: SeriesTable;
  readonly #known: Metadata[] = [{ type: 'unknown', unit: '', help: '' }];
  readonly #byText = new Map<string, number>();

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  set(slot: number, metadata: Metadata): void {
    const text = `${metadata.type}\u0000${metadata.unit}\u0000${metadata.help}`;
    let number = this.#byText.get(text);
    if (number === undefined) {
      number = this.#known.push(metadata) - 1;
      this.#byText.set(text, number);
    }
    this.#table.setMetadata(slot, number);
  }

  get(slot: number): Metadata | undefined {
    const number = this.#table.metadata(slot);
    return number === 0 ? undefined : this.#known[number];
  }
}

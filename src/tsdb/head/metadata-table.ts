import type { Metadata } from '../../model/index.ts';

/** Metadata of series: the same text is held once, a series costs four bytes, and nothing while none has any. */
export class MetadataTable {
  #ids = new Uint32Array(0);
  readonly #known: Metadata[] = [{ type: 'unknown', unit: '', help: '' }];
  readonly #byText = new Map<string, number>();

  /** Notes the series' metadata; `false` when it had the same already. */
  set(slot: number, metadata: Metadata): boolean {
    const text = `${metadata.type}\u0000${metadata.unit}\u0000${metadata.help}`;
    let id = this.#byText.get(text);
    if (id === undefined) {
      id = this.#known.push(metadata) - 1;
      this.#byText.set(text, id);
    }
    if (slot >= this.#ids.length) {
      const grown = new Uint32Array(Math.max(1024, slot * 2));
      grown.set(this.#ids);
      this.#ids = grown;
    }
    if (this.#ids[slot] === id) return false;
    this.#ids[slot] = id;
    return true;
  }

  get(slot: number): Metadata | undefined {
    const id = slot < this.#ids.length ? this.#ids[slot] : 0;
    return id === 0 ? undefined : this.#known[id];
  }

  delete(slot: number): void {
    if (slot < this.#ids.length) this.#ids[slot] = 0;
  }
}

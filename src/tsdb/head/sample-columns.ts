import { PAGE_BYTES, type HeadMemory } from './head-memory.ts';

/** Bytes of a sample: slot, time, value. */
const SAMPLE_BYTES = 20;

/**
 * Float samples as columns in the head's memory, where the appending kernel reads them: `slots[i]`, `ts[i]` (ms) and `values[i]`, whose
 * words are `words[2 * i]` (low) and `words[2 * i + 1]` (high). The views are replaced when the columns grow.
 */
export class SampleColumns {
  readonly #memory: HeadMemory;
  #pages = 0;
  #address = 0;
  capacity = 0;
  slots: Int32Array = new Int32Array(0);
  ts: Float64Array = new Float64Array(0);
  values: Float64Array = new Float64Array(0);
  words: Int32Array = new Int32Array(0);

  constructor(memory: HeadMemory) {
    this.#memory = memory;
    this.reserve(1);
  }

  get tsAt(): number {
    return this.#address;
  }

  get valuesAt(): number {
    return this.#address + 8 * this.capacity;
  }

  get slotsAt(): number {
    return this.#address + 16 * this.capacity;
  }

  /** Makes room for so many samples; those there are stay. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    const memory = this.#memory;
    const pages = Math.max(Math.ceil((capacity * SAMPLE_BYTES) / PAGE_BYTES), this.#pages * 2);
    const address = memory.allocate(pages);
    const { slots, ts, words } = this;
    const previous = { address: this.#address, pages: this.#pages };
    // A whole number of eight-byte words for each column.
    this.capacity = Math.floor((pages * PAGE_BYTES) / SAMPLE_BYTES / 2) * 2;
    this.#address = address;
    this.#pages = pages;
    this.slots = memory.i32(this.slotsAt, this.capacity);
    this.ts = memory.f64(this.tsAt, this.capacity);
    this.values = memory.f64(this.valuesAt, this.capacity);
    this.words = memory.i32(this.valuesAt, this.capacity * 2);
    this.slots.set(slots);
    this.ts.set(ts);
    this.words.set(words);
    if (previous.pages > 0) memory.free(previous.address, previous.pages);
  }

  /** Gives the memory back; the columns are not used afterwards. */
  release(): void {
    this.#memory.free(this.#address, this.#pages);
  }
}

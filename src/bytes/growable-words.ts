import { WASM_PAGE_BYTES, makeMemory, type WasmMemory } from './webassembly.ts';

const MAX_PAGES = 65_536;
const WORDS_PER_PAGE = WASM_PAGE_BYTES / 4;

/**
 * An array of 32-bit words that grows in place: nothing is copied, and nothing is left behind for the garbage collector, which would be in
 * no hurry to free it. New words are zero.
 */
export class GrowableWords {
  readonly #memory: WasmMemory;
  /** The words; replaced by `reserve` when they grow. */
  words: Uint32Array;

  constructor() {
    this.#memory = makeMemory(1);
    this.words = new Uint32Array(this.#memory.buffer);
  }

  /** Makes sure that there are `count` words, and some more where they have to grow. @throws {RangeError} beyond four GiB */
  reserve(count: number): Uint32Array {
    if (count > this.words.length) {
      const present = this.words.length / WORDS_PER_PAGE;
      const needed = Math.ceil(count / WORDS_PER_PAGE);
      this.#memory.grow(Math.max(needed, Math.min(Math.floor(present * 1.25), present + 256, MAX_PAGES)) - present);
      this.words = new Uint32Array(this.#memory.buffer);
    }
    return this.words;
  }
}

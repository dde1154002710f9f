import type { Block } from './block.ts';
import { compareBytes } from './byte-strings.ts';
import type { IndexWriter } from './index-writer.ts';
import type { SectionScanner } from './section-scanner.ts';
import type { Work } from './work.ts';

const STEPS = 1024;

/** The symbols of one block, read one after another. */
class SymbolScan {
  readonly #scanner: SectionScanner | undefined;
  /** The new number of each symbol, by its number in the block. */
  readonly ordinals: Uint32Array;
  #read = 0;
  /** Bytes of the current symbol; -1 when there are no more. */
  length = -1;

  constructor(block: Block) {
    this.#scanner = block.index.scanSymbols();
    this.ordinals = new Uint32Array(block.index.symbolCount);
    this.next();
  }

  get bytes(): Uint8Array {
    return this.#scanner!.bytes;
  }

  get from(): number {
    return this.#scanner!.pos;
  }

  get to(): number {
    return this.#scanner!.pos + this.length;
  }

  next(): void {
    if (this.#scanner === undefined) return;
    if (this.length >= 0) this.#scanner.pos += this.length;
    this.length = this.#read < this.ordinals.length ? this.#scanner.prefixed() : -1;
    this.#read++;
  }

  /** Notes the new number of the current symbol and goes to the next. */
  take(ordinal: number): void {
    this.ordinals[this.#read - 1] = ordinal;
    this.next();
  }

  compare(other: SymbolScan): number {
    return compareBytes(this.bytes, this.from, this.to, other.bytes, other.from, other.to);
  }

  release(): void {
    this.#scanner?.release();
  }
}

/**
 * Writes the symbols of all blocks, each once, and returns for each block the new numbers of its symbols. Numbers are in byte order, so series
 * of different blocks are compared by numbers from here on.
 *
 * @throws {CorruptionError}
 * @throws {StorageError}
 */
export function* mergeSymbols(blocks: readonly Block[], index: IndexWriter): Work<Uint32Array[]> {
  const scans: SymbolScan[] = [];
  try {
    for (const block of blocks) scans.push(new SymbolScan(block));
    for (let written = 1; ; written++) {
      let least: SymbolScan | undefined;
      for (const scan of scans) {
        if (scan.length >= 0 && (least === undefined || scan.compare(least) < 0)) least = scan;
      }
      if (least === undefined) break;
      const ordinal = index.addSymbol(least.bytes, least.from, least.to);
      for (const scan of scans) {
        if (scan !== least && scan.length >= 0 && scan.compare(least) === 0) scan.take(ordinal);
      }
      least.take(ordinal);
      if (written % STEPS === 0) yield undefined;
    }
  } finally {
    for (const scan of scans) scan.release();
  }
  index.endSymbols();
  return scans.map(({ ordinals }) => ordinals);
}

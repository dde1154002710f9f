import type { Interval } from '../tombstones.ts';
import type { Block } from './block.ts';
import { ChunkCursor } from './chunk-reader.ts';
import { SeriesTable } from './series-table.ts';

const ALL = { mint: -Infinity, maxt: Infinity };
/** Chunks are read in the order in which they lie, all of them. */
const READ_AHEAD = 64 * 1024;

/** The series of one block in label order, their symbols renumbered. */
export class SeriesScan {
  readonly #block: Block;
  readonly #ordinals: Uint32Array;
  readonly #series: Generator<number, void, void>;
  readonly #table = new SeriesTable(1);
  readonly cursor: ChunkCursor;
  /** The symbols of the current series, `[0, length)`: name and value in turn. */
  symbols = new Uint32Array(32);
  length = 0;
  #previous = new Uint32Array(0);
  #ref = 0;
  isDone = false;

  /** @param ordinals new number of each symbol of the block */
  constructor(block: Block, ordinals: Uint32Array) {
    this.#block = block;
    this.#ordinals = ordinals;
    this.cursor = new ChunkCursor(block.segments, block.buffers);
    this.#series = block.index.scanSeries(block.index.allPostings(), ALL, this.#table);
    this.next();
  }

  /** Goes to the next series. @throws {CorruptionError} when it is not behind the last one */
  next(): void {
    this.#previous = this.symbols.slice(0, this.length);
    const step = this.#series.next();
    if (step.done === true) {
      this.isDone = true;
      return;
    }
    this.#ref = step.value;
    const { symbols, symbolCount } = this.#table;
    if (symbolCount > this.symbols.length) this.symbols = new Uint32Array(symbolCount * 2);
    for (let i = 0; i < symbolCount; i++) this.symbols[i] = this.#ordinals[symbols[i]];
    this.length = symbolCount;
    for (let i = 2; i < symbolCount; i += 2) {
      if (this.symbols[i] <= this.symbols[i - 2]) throw this.#corrupt('Label names of the series are not in order');
    }
    if (
      this.#previous.length > 0 &&
      compareSymbols(this.#previous, this.#previous.length, this.symbols, symbolCount) >= 0
    ) {
      throw this.#corrupt('Series is not behind the one before it in label order');
    }
  }

  #corrupt(reason: string): Error {
    return this.#block.index.corruptSeries(this.#ref, reason);
  }

  compare(other: SeriesScan): number {
    return compareSymbols(this.symbols, this.length, other.symbols, other.length);
  }

  get chunkCount(): number {
    return this.#table.chunkCount;
  }

  mint(chunk: number): number {
    return this.#table.mint[chunk];
  }

  maxt(chunk: number): number {
    return this.#table.maxt[chunk];
  }

  /** What of the current series has been deleted. */
  get intervals(): readonly Interval[] | undefined {
    return this.#block.tombstones.get(this.#ref);
  }

  /** Loads a chunk of the current series into the cursor. */
  load(chunk: number): void {
    this.cursor.load(this.#table.chunkRefs[chunk], READ_AHEAD);
  }

  release(): void {
    this.#series.return();
    this.cursor.release();
  }
}

/** Label order, by the numbers of the symbols. */
function compareSymbols(a: Uint32Array, aLength: number, b: Uint32Array, bLength: number): number {
  const length = Math.min(aLength, bLength);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  return aLength - bLength;
}

import { CorruptionError } from '../../bytes/index.ts';
import { Labels, type SampleColumn } from '../../model/index.ts';
import type { Series, SeriesSet } from '../../storage/index.ts';
import { decodeChunk } from '../chunkenc/decode-chunk.ts';
import { dropDeleted, type Interval, type Tombstones } from '../tombstones.ts';
import { SEGMENT_FACTOR } from './chunk-layout.ts';
import type { ChunkCursor } from './chunk-reader.ts';
import type { IndexReader } from './index-reader.ts';
import { covers, touches } from './intervals.ts';
import type { SeriesTable } from './series-table.ts';

/** Chunks that are less than this apart are read together. */
const GAP_BYTES = 8 * 1024;
/** What the last chunk of a series takes at a guess; where it ends stands only at its beginning. */
const LAST_CHUNK_GUESS = 1024;
const MOST_AHEAD = 64 * 1024;

/** The series of one select: labels and places of chunks in a table, of which the series are views. */
export class BlockSeriesSet implements SeriesSet {
  readonly series: readonly Series[];
  readonly warnings: readonly string[] = [];
  readonly table: SeriesTable;
  readonly #index: IndexReader;
  readonly #cursor: ChunkCursor;
  readonly #tombstones: Tombstones;
  /** Once resolved: the strings that the symbols of the table are now numbers of. */
  #strings: readonly string[] | undefined;
  /** The series read last: whoever goes through them in order gets the following ones with the same read. */
  #last = -1;

  constructor(table: SeriesTable, index: IndexReader, cursor: ChunkCursor, tombstones: Tombstones) {
    this.table = table;
    this.#index = index;
    this.#cursor = cursor;
    this.#tombstones = tombstones;
    const series: Series[] = [];
    for (let i = 0; i < table.length; i++) series.push(new BlockSeries(this, i));
    this.series = series;
  }

  labels(i: number): Labels {
    const strings = (this.#strings ??= this.#resolve());
    const { table } = this;
    const pairs: string[] = [];
    const end = table.labelEnds[i];
    for (let at = table.labelStart(i); at < end; at++) pairs.push(strings[table.symbols[at]]);
    return new Labels(pairs);
  }

  /** Reads all symbols of the set at once, and renumbers the table by them. */
  #resolve(): string[] {
    const { symbols, symbolCount } = this.table;
    const distinct = distinctSymbols(symbols, symbolCount, this.#index.symbolCount);
    const strings = this.#index.symbols(distinct.ordinals);
    for (let i = 0; i < symbolCount; i++) symbols[i] = distinct.rank(symbols[i]);
    return strings;
  }

  read(i: number, column: SampleColumn, mint: number, maxt: number): void {
    const { table } = this;
    const intervals = this.#tombstones.get(table.refs[i]);
    const end = table.chunkEnds[i];
    const isNext = i === this.#last + 1;
    this.#last = i;
    for (let chunk = table.chunkStart(i); chunk < end; chunk++) {
      const from = table.mint[chunk];
      const to = table.maxt[chunk];
      if (to < mint) continue;
      if (from > maxt) break;
      if (covers(intervals, from, to)) continue;
      this.#readChunk(chunk, this.#ahead(i, chunk, isNext, maxt), column, mint, maxt, intervals);
    }
  }

  #readChunk(
    chunk: number,
    ahead: number,
    column: SampleColumn,
    mint: number,
    maxt: number,
    intervals: readonly Interval[] | undefined,
  ): void {
    const { table } = this;
    const cursor = this.#cursor;
    cursor.load(table.chunkRefs[chunk], ahead);
    const first = column.length;
    try {
      decodeChunk(cursor.bytes, cursor.from, cursor.to, cursor.encoding, undefined, column, mint, maxt);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      throw new CorruptionError(error.reason, cursor.where(error.offset ?? cursor.from), { cause: error });
    }
    if (intervals !== undefined && touches(intervals, table.mint[chunk], table.maxt[chunk]))
      dropDeleted(column, first, intervals);
  }

  /** How many bytes from `chunk` of series `i` on will be wanted: the rest of the series, and following series that lie close by. */
  #ahead(i: number, chunk: number, isSequential: boolean, maxt: number): number {
    const { table } = this;
    const start = table.chunkRefs[chunk];
    if (this.#cursor.holds(start)) return 0;
    // A segment's end is beyond reach: references of another one are further away than any gap.
    let end = start + LAST_CHUNK_GUESS;
    const last = isSequential ? table.chunkCount : table.chunkEnds[i];
    for (let next = chunk + 1; next < last && end - start < MOST_AHEAD; next++) {
      if (table.mint[next] > maxt) continue;
      const at = table.chunkRefs[next];
      if (at < start || at - end > GAP_BYTES || at - start > SEGMENT_FACTOR) break;
      end = Math.max(end, at + LAST_CHUNK_GUESS);
    }
    return end - start;
  }
}

class BlockSeries implements Series {
  readonly #set: BlockSeriesSet;
  readonly #i: number;
  #labels: Labels | undefined;

  constructor(set: BlockSeriesSet, i: number) {
    this.#set = set;
    this.#i = i;
  }

  get labels(): Labels {
    return (this.#labels ??= this.#set.labels(this.#i));
  }

  read(column: SampleColumn, mint: number, maxt: number): void {
    this.#set.read(this.#i, column, mint, maxt);
  }
}

/**
 * The different symbols of a stretch, ascending, and the position of each among them: a bit per symbol of the index, with the bits before
 * each word counted.
 */
function distinctSymbols(
  symbols: Uint32Array,
  length: number,
  symbolCount: number,
): { ordinals: Uint32Array; rank: (symbol: number) => number } {
  const words = new Uint32Array((symbolCount + 31) >>> 5);
  for (let i = 0; i < length; i++) words[symbols[i] >>> 5] |= 1 << (symbols[i] & 31);
  const before = new Uint32Array(words.length);
  let count = 0;
  for (let w = 0; w < words.length; w++) {
    before[w] = count;
    count += bitCount(words[w]);
  }
  const ordinals = new Uint32Array(count);
  let n = 0;
  for (let w = 0; w < words.length; w++) {
    for (let word = words[w]; word !== 0; word &= word - 1) ordinals[n++] = w * 32 + 31 - Math.clz32(word & -word);
  }
  return {
    ordinals,
    rank: (symbol) => before[symbol >>> 5] + bitCount(words[symbol >>> 5] & ((1 << (symbol & 31)) - 1)),
  };
}

function bitCount(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

import path from 'node:path';
import { crc32c, VarintReader, type CorruptionError } from '../../bytes/index.ts';
import { compareText } from '../../model/index.ts';
import { BlockFile } from './block-file.ts';
import { FileWindow } from './file-window.ts';
import { INDEX_FILE, INDEX_V1, readIndexFrame, SERIES_ALIGN, type IndexToc } from './index-layout.ts';
import { NO_POSTINGS, union, type Postings } from './postings.ts';
import { PostingsTable, type PostingsEntry } from './postings-table.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { be32, hex, type SectionScanner } from './section-scanner.ts';
import type { SeriesTable } from './series-table.ts';
import { SymbolTable } from './symbol-table.ts';

/** Series whose entries are less than this apart are read together. */
const SERIES_GAP = 2048;
/** What a series entry takes at a guess: the exact length stands at its beginning. */
const SERIES_GUESS = 512;
/** Longer entries than this are damage. */
const MAX_SERIES_BYTES = 64 * 2 ** 20;
/** What is read of a list of series at a guess. */
const LIST_GUESS = 4096;
const WORD = 0x100000000;

const varints = new VarintReader();

/** Which chunks of a series are of interest: those with a sample in the closed interval [mint, maxt] ms, or none at all. */
export interface ChunkRange {
  readonly mint: number;
  readonly maxt: number;
  /** Leave the chunks out, though series without any in the interval are still passed over. */
  readonly labelsOnly?: boolean;
}

/**
 * Reads the index of a block: versions 1, 2 and 3.
 *
 * Opening reads header and table of contents only. The symbols and the postings offset table are scanned, and their checksums compared,
 * when they are first needed; of both a sample stays in memory. Everything else is read where it is asked for, its checksum compared every time.
 *
 * All methods throw `CorruptionError` for damaged bytes and `StorageError` when the disk fails.
 *
 * @see Prometheus `tsdb/index/index.go`, Reader (3.x); docs/formats/index.md
 */
export class IndexReader {
  readonly version: number;
  readonly #file: BlockFile;
  readonly #toc: IndexToc;
  readonly #buffers: ReadBuffers;
  #symbols: SymbolTable | undefined;
  #postings: PostingsTable | undefined;
  readonly #nameSymbols = new Map<string, number>();

  private constructor(file: BlockFile, buffers: ReadBuffers) {
    this.#file = file;
    this.#buffers = buffers;
    const { version, toc } = readIndexFrame(file);
    this.version = version;
    this.#toc = toc;
  }

  static open(dir: string, buffers: ReadBuffers): IndexReader {
    const file = BlockFile.open(path.join(dir, INDEX_FILE));
    try {
      return new IndexReader(file, buffers);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get size(): number {
    return this.#file.size;
  }

  get #symbolTable(): SymbolTable {
    return (this.#symbols ??= new SymbolTable(this.#file, this.#toc.symbols, this.version, this.#buffers));
  }

  get #postingsTable(): PostingsTable {
    return (this.#postings ??= new PostingsTable(
      this.#file,
      this.#toc.postingsOffsetTable,
      this.version,
      this.#buffers,
    ));
  }

  /** How many symbols there are; they are numbered from 0 in byte order. */
  get symbolCount(): number {
    return this.#symbolTable.count;
  }

  /** The symbols with these numbers, which ascend. */
  symbols(ordinals: Uint32Array): string[] {
    return this.#symbolTable.resolve(ordinals);
  }

  /** The number of the symbol that is this label's name, or -1. Remembered: there are few names. */
  labelSymbol(name: string): number {
    let ordinal = this.#nameSymbols.get(name);
    if (ordinal === undefined) {
      ordinal = this.valueCount(name) === 0 ? -1 : this.#symbolTable.ordinalOf(name);
      if (ordinal >= 0) this.#nameSymbols.set(name, ordinal);
    }
    return ordinal;
  }

  /** A scanner at the first of all symbols, each a length and bytes; `undefined` where there are none. The caller releases it. */
  scanSymbols(): SectionScanner | undefined {
    return this.#symbolTable.scan();
  }

  /** The names of all labels, in byte order. */
  labelNames(): string[] {
    return [...this.#postingsTable.names()].filter((name) => name !== '').sort(compareText);
  }

  /** How many values a label has. */
  valueCount(name: string): number {
    return this.#postingsTable.valueCount(name);
  }

  /** Calls `visit` for every value of the label that begins with `prefix`, ascending, until it returns `false`. */
  scanValues(name: string, prefix: string, visit: (value: string, offset: number) => boolean | undefined): void {
    this.#postingsTable.scan(name, prefix, visit);
  }

  /** Where the lists of a label's values lie, as far as the values occur. */
  findPostings(name: string, values: readonly string[]): PostingsEntry[] {
    return this.#postingsTable.find(name, values);
  }

  /** All series. */
  allPostings(): Postings {
    const [entry] = this.findPostings('', ['']);
    return entry === undefined ? NO_POSTINGS : this.readPostings(entry.offset);
  }

  /** How many series each of the lists names, as it claims. */
  postingsLengths(entries: readonly PostingsEntry[]): number {
    const head = new Uint8Array(8);
    let total = 0;
    for (const { offset } of entries) {
      this.#file.read(head, 0, offset, 8);
      total += be32(head, 4);
    }
    return total;
  }

  /** The list of series at `offset`. */
  readPostings(offset: number): Postings {
    return this.readUnion([offset]);
  }

  /** The series of any of the lists, whose offsets had better ascend. */
  readUnion(offsets: readonly number[]): Postings {
    if (offsets.length === 0) return NO_POSTINGS;
    const window = new FileWindow(this.#file, this.#buffers);
    try {
      const last = offsets[offsets.length - 1];
      return union(offsets.map((offset) => this.#readList(window, offset, last - offset)));
    } finally {
      window.release();
    }
  }

  /** @param further how many bytes further on more lists will be read */
  #readList(window: FileWindow, offset: number, further: number): Postings {
    const ahead = Math.max(LIST_GUESS, further);
    let at = window.need(offset, 8, ahead);
    const length = be32(window.bytes, at);
    const count = be32(window.bytes, at + 4);
    if (length !== 4 + 4 * count) {
      throw this.#file.corrupt(`List of ${length} bytes claims ${count} series`, offset);
    }
    this.#file.check(offset, length + 8);
    const refs = new Uint32Array(count);
    const bytes = new Uint8Array(refs.buffer);
    let crc = crc32c(window.bytes, at + 4, at + 8);
    if (length + 8 <= window.bytes.length) {
      at = window.need(offset, length + 8, ahead);
      bytes.set(window.bytes.subarray(at + 8, at + 4 + length));
    } else {
      this.#file.read(bytes, 0, offset + 8, 4 * count);
    }
    crc = crc32c(bytes, 0, bytes.length, crc);
    at = window.need(offset + 4 + length, 4, ahead);
    this.#compareChecksum(crc, be32(window.bytes, at), offset + 4);
    // Big-endian on disk, and every machine Node runs on is little-endian.
    Buffer.from(refs.buffer).swap32();
    for (let i = 1; i < count; i++) {
      if (refs[i] <= refs[i - 1])
        throw this.#file.corrupt(`Series ${refs[i]} follows ${refs[i - 1]}`, offset + 8 + 4 * i);
    }
    return refs;
  }

  #compareChecksum(actual: number, expected: number, offset: number): void {
    if (actual !== expected) throw this.#file.corrupt(`Checksum is ${hex(actual)}, expected ${hex(expected)}`, offset);
  }

  /**
   * Appends the series with these references to `table`, but not those without a chunk in the range. Label symbols are numbers as in `symbols`.
   *
   * @param limit stop after so many
   */
  readSeries(refs: Postings, range: ChunkRange, table: SeriesTable, limit = Infinity): void {
    const window = new FileWindow(this.#file, this.#buffers);
    try {
      for (let i = 0; i < refs.length && table.length < limit; i++) this.#readOne(window, refs, i, range, table);
    } finally {
      window.release();
    }
  }

  /**
   * Goes through the series with these references: before each step `table` holds one of them. Series without a chunk in the range are passed
   * over.
   */
  *scanSeries(refs: Postings, range: ChunkRange, table: SeriesTable): Generator<number, void, void> {
    const window = new FileWindow(this.#file, this.#buffers);
    try {
      for (let i = 0; i < refs.length; i++) {
        table.clear();
        this.#readOne(window, refs, i, range, table);
        if (table.length > 0) yield refs[i];
      }
    } finally {
      window.release();
    }
  }

  /** An error about the series with this reference. */
  corruptSeries(ref: number, reason: string): CorruptionError {
    return this.#file.corrupt(reason, this.version === INDEX_V1 ? ref : ref * SERIES_ALIGN);
  }

  #readOne(window: FileWindow, refs: Postings, i: number, range: ChunkRange, table: SeriesTable): void {
    const scale = this.version === INDEX_V1 ? 1 : SERIES_ALIGN;
    const offset = refs[i] * scale;
    let ahead = SERIES_GUESS;
    if (offset + SERIES_GUESS > window.end || offset < window.start) {
      // Read on over the following series as long as they lie close together.
      for (let j = i + 1; j < refs.length && ahead < window.bytes.length; j++) {
        const next = refs[j] * scale - offset;
        if (next - ahead > SERIES_GAP) break;
        ahead = next + SERIES_GUESS;
      }
    }
    const length = window.uvarint(offset, ahead);
    if (length > MAX_SERIES_BYTES) throw this.#file.corrupt(`Series entry claims ${length} bytes`, offset);
    const from = window.next;
    const at = window.need(from, length + 4, Math.max(ahead - (from - offset), length + 4));
    const { bytes } = window;
    this.#compareChecksum(crc32c(bytes, at, at + length), be32(bytes, at + length), from);
    this.#decode(bytes, at, at + length, from, refs[i], range, table);
  }

  /** Decodes the entry in `bytes[at, end)`, which begins at `offset` of the file. */
  #decode(
    bytes: Uint8Array,
    at: number,
    end: number,
    offset: number,
    ref: number,
    range: ChunkRange,
    table: SeriesTable,
  ): void {
    const start = at;
    const symbolCount = this.version === INDEX_V1 ? WORD : this.symbolCount;
    const labels = varints.uvarint(bytes, at, end);
    if (varints.at < 0 || labels * 2 > end - varints.at)
      throw this.#bad(table, offset, start, `Series entry claims ${labels} labels`);
    at = varints.at;
    for (let i = 0; i < labels; i++) {
      let name = varints.uvarint(bytes, at, end);
      if (varints.at < 0) throw this.#bad(table, offset, start, 'Malformed varint');
      let value = varints.uvarint(bytes, varints.at, end);
      if (varints.at < 0) throw this.#bad(table, offset, start, 'Malformed varint');
      at = varints.at;
      if (this.version === INDEX_V1) {
        name = this.#symbolTable.ordinalAt(name);
        value = this.#symbolTable.ordinalAt(value);
      }
      if (name < 0 || name >= symbolCount || value < 0 || value >= symbolCount) {
        throw this.#bad(table, offset, start, `Series names a symbol that does not exist`);
      }
      table.pushLabel(name, value);
    }
    const chunks = varints.uvarint(bytes, at, end);
    if (varints.at < 0 || chunks * 3 > end - varints.at)
      throw this.#bad(table, offset, start, `Series entry claims ${chunks} chunks`);
    let mint: number;
    let maxt = 0;
    let chunkRef = 0;
    let found = false;
    for (let i = 0; i < chunks; i++) {
      if (i === 0) {
        mint = varints.varint(bytes, varints.at, end);
        if (varints.at < 0) throw this.#bad(table, offset, start, 'Malformed varint');
      } else {
        mint = maxt + varints.uvarint(bytes, varints.at, end);
        if (varints.at < 0) throw this.#bad(table, offset, start, 'Malformed varint');
      }
      maxt = mint + varints.uvarint(bytes, varints.at, end);
      if (varints.at < 0) throw this.#bad(table, offset, start, 'Malformed varint');
      chunkRef = i === 0 ? varints.uvarint(bytes, varints.at, end) : chunkRef + varints.varint(bytes, varints.at, end);
      if (varints.at < 0 || chunkRef < 0 || chunkRef > Number.MAX_SAFE_INTEGER)
        throw this.#bad(table, offset, start, 'Malformed chunk reference');
      if (mint > range.maxt) break;
      if (maxt < range.mint) continue;
      found = true;
      if (range.labelsOnly === true) break;
      table.pushChunk(mint, maxt, chunkRef);
    }
    if (found) table.finish(ref);
    else table.abandon();
  }

  #bad(table: SeriesTable, offset: number, start: number, what: string): Error {
    table.abandon();
    return this.#file.corrupt(what, offset + Math.max(0, varints.at - start));
  }

  /** Safe to call twice. */
  close(): void {
    this.#file.close();
  }
}

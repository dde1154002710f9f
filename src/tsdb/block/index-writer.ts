import path from 'node:path';
import { crc32c, Encbuf, VarintReader } from '../../bytes/index.ts';
import { invariant } from '../../runtime/index.ts';
import { StorageError } from '../../storage/index.ts';
import { BlockFile } from './block-file.ts';
import { FileWindow } from './file-window.ts';
import { FileWriter } from './file-writer.ts';
import { INDEX_FILE, INDEX_HEADER_BYTES, INDEX_MAGIC, INDEX_V2, SERIES_ALIGN } from './index-layout.ts';
import { ReadBuffers } from './read-buffers.ts';
import { SymbolTable } from './symbol-table.ts';
import type { Work } from './work.ts';

/** Postings that are gathered in memory at a time, eight bytes each; a label of all series may need more. */
const BATCH_POSTINGS = 2 ** 21;
/** Series, values or lists between two points where something else may be done. */
const STEPS = 1024;
const MAX_SECTION_BYTES = 0xffffffff;

const varints = new VarintReader();

/** The lists of one label, in the order they are written. */
interface LabelLists {
  readonly name: number;
  /** Symbols of the values, ascending, and how many series have each. */
  readonly values: Uint32Array;
  readonly counts: Uint32Array;
}

/**
 * Writes the index of a new block, version 2: first all symbols, then all series, then `finish`.
 *
 * Of the series nothing stays in memory but their references: the lists of series per label value are gathered at the end from what was
 * written, for as many labels at a time as memory is meant for.
 *
 * The sections that listed the values of each label are not written, as Prometheus has come to leave them out: no reader has used them since
 * version 2.
 *
 * @see Prometheus `tsdb/index/index.go`, Writer (3.x); docs/formats/index.md
 */
export class IndexWriter {
  readonly #file: FileWriter;
  readonly #out = new Encbuf(4096);
  readonly #batchPostings: number;
  #symbolCount = 0;
  #seriesStart = 0;
  #refs = new Uint32Array(1024);
  #seriesCount = 0;
  /** How many series have the label with this symbol as name. */
  #uses = new Uint32Array(0);
  /** The symbols of the last series. */
  #last = new Uint32Array(0);

  /** @throws {StorageError} */
  constructor(blockDir: string, batchPostings = BATCH_POSTINGS) {
    this.#batchPostings = batchPostings;
    this.#file = new FileWriter(path.join(blockDir, INDEX_FILE));
    const out = this.#out;
    out.putBe32(INDEX_MAGIC);
    out.putByte(INDEX_V2);
    // Length and number of the symbols are known later.
    out.putZeros(8);
    this.#file.write(out.bytes());
  }

  /** Adds a symbol, `bytes[from, to)`, behind all earlier ones in byte order; returns its number. */
  addSymbol(bytes: Uint8Array, from: number, to: number): number {
    const out = this.#out;
    out.reset();
    out.putUvarint(to - from);
    this.#file.write(out.bytes());
    this.#file.write(bytes, from, to);
    return this.#symbolCount++;
  }

  /** All symbols are there. @throws {StorageError} when they are too many for the format */
  endSymbols(): void {
    const start = INDEX_HEADER_BYTES;
    const length = this.#file.position - start - 4;
    this.#checkSection(length, 'symbols');
    const out = this.#out;
    out.reset();
    out.putBe32(length);
    out.putBe32(this.#symbolCount);
    this.#file.overwrite(out.bytes(), start);
    // The number stands before what it counts, so the checksum is made from what is on disk.
    const crc = this.#checksum(start + 4, start + 4 + length);
    out.reset();
    out.putBe32(crc);
    this.#file.write(out.bytes());
    this.#seriesStart = this.#file.position;
    this.#uses = new Uint32Array(this.#symbolCount);
  }

  #checksum(from: number, to: number): number {
    const file = BlockFile.open(this.#file.path);
    try {
      const buffer = new Uint8Array(64 * 1024);
      let crc = 0;
      for (let at = from; at < to;) {
        const count = Math.min(buffer.length, to - at);
        file.read(buffer, 0, at, count);
        crc = crc32c(buffer, 0, count, crc);
        at += count;
      }
      return crc;
    } finally {
      file.close();
    }
  }

  #checkSection(length: number, what: string): void {
    if (length > MAX_SECTION_BYTES) {
      throw new StorageError(`Cannot write "${this.#file.path}": ${what} take more than 4 GiB`);
    }
  }

  /**
   * Adds a series behind all earlier ones in label order.
   *
   * @param symbols name and value in turn, `[from, to)`; borrowed
   * @param chunks times and references of its chunks, `[chunkFrom, chunkTo)`: ascending, apart from each other
   * @throws {StorageError} when the index gets too large for the format
   */
  addSeries(
    symbols: Uint32Array,
    from: number,
    to: number,
    chunks: { readonly mint: Float64Array; readonly maxt: Float64Array; readonly chunkRefs: Float64Array },
    chunkFrom: number,
    chunkTo: number,
  ): void {
    this.#checkOrder(symbols, from, to);
    const file = this.#file;
    file.pad(SERIES_ALIGN);
    const ref = file.position / SERIES_ALIGN;
    if (ref > 0xffffffff) throw new StorageError(`Cannot write "${file.path}": the series take more than 64 GiB`);
    const out = this.#out;
    out.reset();
    out.putUvarint((to - from) / 2);
    for (let i = from; i < to; i += 2) {
      this.#uses[symbols[i]]++;
      out.putUvarint(symbols[i]);
      out.putUvarint(symbols[i + 1]);
    }
    const { mint, maxt, chunkRefs } = chunks;
    out.putUvarint(chunkTo - chunkFrom);
    for (let i = chunkFrom; i < chunkTo; i++) {
      invariant(maxt[i] >= mint[i] && (i === chunkFrom || mint[i] > maxt[i - 1]), 'chunks ascend without overlap');
      if (i === chunkFrom) out.putVarint(mint[i]);
      else out.putUvarint(mint[i] - maxt[i - 1]);
      out.putUvarint(maxt[i] - mint[i]);
      if (i === chunkFrom) out.putUvarint(chunkRefs[i]);
      else out.putVarint(chunkRefs[i] - chunkRefs[i - 1]);
    }
    const { length } = out;
    out.putCrc32c(0);
    const entry = out.toBytes();
    out.reset();
    out.putUvarint(length);
    file.write(out.bytes());
    file.write(entry);
    if (this.#seriesCount === this.#refs.length) {
      const grown = new Uint32Array(this.#seriesCount * 2);
      grown.set(this.#refs);
      this.#refs = grown;
    }
    this.#refs[this.#seriesCount++] = ref;
  }

  /** Symbols are numbered in byte order, so series compare by their numbers. */
  #checkOrder(symbols: Uint32Array, from: number, to: number): void {
    invariant(this.#seriesStart > 0, 'all symbols before the first series');
    const last = this.#last;
    const length = to - from;
    let i = 0;
    while (i < length && i < last.length && symbols[from + i] === last[i]) i++;
    const isBehind = i < length && (i === last.length || symbols[from + i] > last[i]);
    invariant(isBehind || this.#seriesCount === 0, 'series in label order, each once');
    this.#last = symbols.slice(from, to);
  }

  get seriesCount(): number {
    return this.#seriesCount;
  }

  /** Writes postings, their offset table and the table of contents, and waits until the file is on the disk. */
  *finish(): Work<void> {
    const file = this.#file;
    const postings = file.position;
    file.pad(4);
    const listsStart = file.position;
    this.#refs = this.#refs.slice(0, this.#seriesCount);
    this.#writeList(this.#refs, 0, this.#seriesCount);
    file.flush();
    const reader = BlockFile.open(file.path);
    const buffers = new ReadBuffers();
    const labels: LabelLists[] = [];
    let table: number;
    try {
      for (const names of this.#batches()) {
        const pairs = yield* this.#gather(reader, buffers, names);
        for (const name of names) labels.push(yield* this.#writeLabel(name, pairs.get(name)!));
      }
      table = file.position;
      const symbols = new SymbolTable(reader, INDEX_HEADER_BYTES, INDEX_V2, buffers);
      yield* this.#writeOffsetTable(listsStart, labels, symbols);
    } finally {
      reader.close();
    }
    const toc = this.#out;
    toc.reset();
    // Where the values of labels would be listed there is nothing, and their offset table is the postings'.
    for (const offset of [INDEX_HEADER_BYTES, this.#seriesStart, postings, table, postings, table]) {
      toc.putBe64(offset);
    }
    toc.putCrc32c(0);
    file.write(toc.bytes());
    yield* file.finish();
  }

  /** The names of labels, ascending, in groups whose lists fit the memory meant for them. */
  #batches(): number[][] {
    const most = Math.max(this.#batchPostings, this.#seriesCount);
    const batches: number[][] = [];
    let left = 0;
    for (let name = 0; name < this.#uses.length; name++) {
      const uses = this.#uses[name];
      if (uses === 0) continue;
      if (uses > left) {
        batches.push([]);
        left = most;
      }
      batches[batches.length - 1].push(name);
      left -= uses;
    }
    return batches;
  }

  /** Goes through the series written and collects value and reference for every use of the names. */
  *#gather(file: BlockFile, buffers: ReadBuffers, names: readonly number[]): Work<Map<number, LabelUses>> {
    const uses = new Map<number, LabelUses>();
    for (const name of names) uses.set(name, new LabelUses(this.#uses[name]));
    const [first] = names;
    const slots = new Int32Array(names[names.length - 1] - first + 1).fill(-1);
    const lists = names.map((name, slot) => {
      slots[name - first] = slot;
      return uses.get(name)!;
    });
    const window = new FileWindow(file, buffers);
    try {
      for (let i = 0; i < this.#seriesCount; i++) {
        if (i % STEPS === STEPS - 1) yield undefined;
        const ref = this.#refs[i];
        const length = window.uvarint(ref * SERIES_ALIGN, window.bytes.length);
        const at = window.need(window.next, length, window.bytes.length);
        const { bytes } = window;
        const end = at + length;
        const labels = varints.uvarint(bytes, at, end);
        for (let label = 0; label < labels; label++) {
          const name = varints.uvarint(bytes, varints.at, end);
          const value = varints.uvarint(bytes, varints.at, end);
          const slot = name < first || name - first >= slots.length ? -1 : slots[name - first];
          if (slot >= 0) lists[slot].push(value, ref);
        }
      }
    } finally {
      window.release();
    }
    return uses;
  }

  /** Writes the lists of a label's values, in the order of the values. */
  *#writeLabel(name: number, uses: LabelUses): Work<LabelLists> {
    const { values, counts, refs } = uses.grouped();
    let from = 0;
    for (let i = 0; i < values.length; i++) {
      if (i % STEPS === STEPS - 1) yield undefined;
      this.#writeList(refs, from, from + counts[i]);
      from += counts[i];
    }
    return { name, values, counts };
  }

  #writeList(refs: Uint32Array, from: number, to: number): void {
    const count = to - from;
    this.#checkSection(4 + 4 * count, 'the series of one label value');
    const out = this.#out;
    out.reset();
    out.putBe32(4 + 4 * count);
    out.putBe32(count);
    const bytes = out.reserve(4 * count + 4);
    let at = out.length;
    for (let i = from; i < to; i++) {
      const ref = refs[i];
      bytes[at] = ref >>> 24;
      bytes[at + 1] = ref >>> 16;
      bytes[at + 2] = ref >>> 8;
      bytes[at + 3] = ref;
      at += 4;
    }
    out.length = at;
    out.putCrc32c(4);
    this.#file.write(out.bytes());
  }

  /** Lists have no gaps between them, so where each begins follows from the lengths of those before. */
  *#writeOffsetTable(listsStart: number, labels: readonly LabelLists[], symbols: SymbolTable): Work<void> {
    const file = this.#file;
    const start = file.position;
    const out = this.#out;
    let crc = 0;
    const put = (): void => {
      crc = crc32c(out.bytes(), 0, out.length, crc);
      file.write(out.bytes());
      out.reset();
    };
    file.write(new Uint8Array(4));
    out.reset();
    out.putBe32(1 + labels.reduce((total, { values }) => total + values.length, 0));
    let offset = listsStart;
    const none = new Uint8Array(0);
    putEntry(out, none, none, 0, 0, offset);
    offset += listBytes(this.#seriesCount);
    put();
    for (const { name, values, counts } of labels) {
      let nameBytes = none;
      symbols.forEach(Uint32Array.of(name), (bytes, from, to) => (nameBytes = bytes.slice(from, to)));
      for (let i = 0; i < values.length; i += STEPS) {
        let next = i;
        symbols.forEach(values.subarray(i, i + STEPS), (bytes, from, to) => {
          putEntry(out, nameBytes, bytes, from, to, offset);
          offset += listBytes(counts[next++]);
        });
        put();
        yield undefined;
      }
    }
    const length = file.position - start - 4;
    this.#checkSection(length, 'the label values');
    out.putBe32(crc);
    file.write(out.bytes());
    out.reset();
    out.putBe32(length);
    file.overwrite(out.bytes(), start);
  }

  /** Lets the file go as it is. Safe to call twice. */
  close(): void {
    this.#file.close();
  }
}

/** Length, count, references, checksum. */
function listBytes(count: number): number {
  return 12 + 4 * count;
}

function putEntry(out: Encbuf, name: Uint8Array, bytes: Uint8Array, from: number, to: number, offset: number): void {
  out.putUvarint(2);
  out.putUvarint(name.length);
  out.putBytes(name);
  out.putUvarint(to - from);
  out.putBytes(bytes.subarray(from, to));
  out.putUvarint(offset);
}

/** The series that have one label: value and reference of each, in the order of the series. */
class LabelUses {
  readonly #values: Uint32Array;
  readonly #refs: Uint32Array;
  #length = 0;

  constructor(length: number) {
    this.#values = new Uint32Array(length);
    this.#refs = new Uint32Array(length);
  }

  push(value: number, ref: number): void {
    this.#values[this.#length] = value;
    this.#refs[this.#length++] = ref;
  }

  /** The references by value: of value `values[i]` there are `counts[i]`, behind those of the values before. */
  grouped(): { values: Uint32Array; counts: Uint32Array; refs: Uint32Array } {
    const starts = new Map<number, number>();
    for (const value of this.#values) starts.set(value, (starts.get(value) ?? 0) + 1);
    const values = Uint32Array.from(starts.keys()).sort();
    const counts = new Uint32Array(values.length);
    let start = 0;
    for (let i = 0; i < values.length; i++) {
      counts[i] = starts.get(values[i])!;
      starts.set(values[i], start);
      start += counts[i];
    }
    const refs = new Uint32Array(this.#refs.length);
    for (let i = 0; i < this.#values.length; i++) {
      const at = starts.get(this.#values[i])!;
      refs[at] = this.#refs[i];
      starts.set(this.#values[i], at + 1);
    }
    return { values, counts, refs };
  }
}

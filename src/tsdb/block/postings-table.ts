import { decodeText } from '../../bytes/index.ts';
import type { BlockFile } from './block-file.ts';
import { ByteStrings, compareBytes } from './byte-strings.ts';
import { FileWindow } from './file-window.ts';
import { INDEX_V1, SAMPLE_EVERY } from './index-layout.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { SectionScanner } from './section-scanner.ts';

const READ_AHEAD = 64 * 1024;
const utf8 = new TextEncoder();

/** Where the values of one label lie in the table. */
interface LabelEntries {
  /** Offset in the section of the first entry, and behind the last. */
  readonly from: number;
  to: number;
  /** Number of values. */
  count: number;
  /** The samples of this label: `[firstSample, lastSample)`. */
  readonly firstSample: number;
  lastSample: number;
}

/** One value of a label and where the list of its series lies in the file. */
export interface PostingsEntry {
  readonly value: string;
  readonly offset: number;
}

/**
 * The postings offset table of an index: label name and value → where the list of its series lies.
 *
 * Names are kept in memory, of the values every 32nd. Version 1 has the table in no order and is kept whole.
 *
 * @see docs/formats/index.md
 */
export class PostingsTable {
  readonly #file: BlockFile;
  readonly #base: number;
  readonly #buffers: ReadBuffers;
  readonly #labels = new Map<string, LabelEntries>();
  readonly #sampleValues = new ByteStrings();
  #sampleOffsets = new Uint32Array(16);
  #samples = 0;
  readonly #unsorted: Map<string, Map<string, number>> | undefined;

  /** Reads the whole section once. @throws {CorruptionError} */
  constructor(file: BlockFile, offset: number, version: number, buffers: ReadBuffers) {
    this.#file = file;
    this.#buffers = buffers;
    this.#base = offset + 4;
    if (version === INDEX_V1) this.#unsorted = new Map();
    if (offset === 0) return;
    const scanner = new SectionScanner(file, offset, buffers);
    try {
      if (this.#unsorted !== undefined) readUnsorted(scanner, this.#unsorted);
      else this.#readSorted(scanner);
      scanner.finish();
    } finally {
      scanner.release();
    }
    this.#sampleValues.trim();
    this.#sampleOffsets = this.#sampleOffsets.slice(0, this.#samples);
  }

  #readSorted(scanner: SectionScanner): void {
    const count = readCount(scanner);
    let entries: LabelEntries | undefined;
    // The bytes of the current name: most entries repeat it.
    let name = new Uint8Array(0);
    for (let i = 0; i < count; i++) {
      const offset = scanner.offset;
      readKeyCount(scanner);
      const length = scanner.prefixed();
      const { bytes, pos } = scanner;
      if (entries === undefined || compareBytes(bytes, pos, pos + length, name, 0, name.length) !== 0) {
        name = bytes.slice(pos, pos + length);
        entries = this.#beginLabel(decodeText(name, 0, length), offset, scanner);
      }
      scanner.pos = pos + length;
      const valueLength = scanner.prefixed();
      if (entries.count % SAMPLE_EVERY === 0) {
        this.#sample(offset, scanner.bytes, scanner.pos, scanner.pos + valueLength);
        entries.lastSample = this.#samples;
      }
      scanner.pos += valueLength;
      scanner.uvarint();
      entries.count++;
      entries.to = scanner.offset;
    }
  }

  #beginLabel(name: string, offset: number, scanner: SectionScanner): LabelEntries {
    if (this.#labels.has(name)) throw scanner.corrupt(`Values of label "${name}" do not lie together`);
    const entries = { from: offset, to: offset, count: 0, firstSample: this.#samples, lastSample: this.#samples };
    this.#labels.set(name, entries);
    return entries;
  }

  #sample(offset: number, bytes: Uint8Array, from: number, to: number): void {
    if (this.#samples === this.#sampleOffsets.length) {
      const grown = new Uint32Array(this.#samples * 2);
      grown.set(this.#sampleOffsets);
      this.#sampleOffsets = grown;
    }
    this.#sampleOffsets[this.#samples++] = offset;
    this.#sampleValues.push(bytes, from, to);
  }

  /** The label names in the table, in no order; the empty name, under which all series are listed, among them. */
  names(): Iterable<string> {
    return (this.#unsorted ?? this.#labels).keys();
  }

  /** How many values a label has. */
  valueCount(name: string): number {
    return this.#unsorted?.get(name)?.size ?? this.#labels.get(name)?.count ?? 0;
  }

  /**
   * The entries of a label with these values, as far as there are; in the order of the values.
   *
   * @param values each once
   * @throws {CorruptionError}
   */
  find(name: string, values: readonly string[]): PostingsEntry[] {
    const found: PostingsEntry[] = [];
    if (this.#unsorted !== undefined) {
      for (const value of values) {
        const offset = this.#unsorted.get(name)?.get(value);
        if (offset !== undefined) found.push({ value, offset });
      }
      return found;
    }
    const entries = this.#labels.get(name);
    if (entries === undefined) return found;
    const window = new FileWindow(this.#file, this.#buffers);
    try {
      for (const value of values) {
        const offset = this.#search(entries, utf8.encode(value), window);
        if (offset >= 0) found.push({ value, offset });
      }
    } finally {
      window.release();
    }
    return found;
  }

  /** The offset of the list for one value, or -1. */
  #search(entries: LabelEntries, value: Uint8Array, window: FileWindow): number {
    const sample = this.#lastSampleUpTo(entries, value);
    if (sample < 0) return -1;
    const from = this.#sampleOffsets[sample];
    const to = sample + 1 < entries.lastSample ? this.#sampleOffsets[sample + 1] : entries.to;
    let offset = this.#base + from;
    const end = this.#base + to;
    window.need(offset, to - from, to - from);
    while (offset < end) {
      offset = skipName(window, offset, end);
      const length = window.uvarint(offset, end - offset);
      offset = window.next;
      const at = window.need(offset, length, end - offset);
      const order = compareBytes(window.bytes, at, at + length, value, 0, value.length);
      if (order > 0) return -1;
      const postings = window.uvarint(offset + length, end - offset - length);
      if (order === 0) return postings;
      offset = window.next;
    }
    return -1;
  }

  /** The last sample whose value is not above `value`, or -1 where all are. */
  #lastSampleUpTo(entries: LabelEntries, value: Uint8Array): number {
    let low = entries.firstSample;
    let high = entries.lastSample;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sampleValues.compare(middle, value, 0, value.length) <= 0) low = middle + 1;
      else high = middle;
    }
    return low === entries.firstSample ? -1 : low - 1;
  }

  /**
   * Calls `visit` for the values of a label that begin with `prefix`, ascending (version 1: sorted here), until it returns `false`.
   *
   * @throws {CorruptionError}
   */
  scan(name: string, prefix: string, visit: (value: string, offset: number) => boolean | undefined): void {
    if (this.#unsorted !== undefined) {
      this.#scanUnsorted(name, prefix, visit);
      return;
    }
    const entries = this.#labels.get(name);
    if (entries === undefined) return;
    const start = utf8.encode(prefix);
    const sample = prefix === '' ? -1 : this.#lastSampleUpTo(entries, start);
    let offset = this.#base + (sample < 0 ? entries.from : this.#sampleOffsets[sample]);
    const end = this.#base + entries.to;
    const window = new FileWindow(this.#file, this.#buffers);
    try {
      while (offset < end) {
        offset = skipName(window, offset, end);
        const length = window.uvarint(offset, Math.min(READ_AHEAD, end - offset));
        offset = window.next;
        const at = window.need(offset, length, Math.min(READ_AHEAD, end - offset));
        const { bytes } = window;
        const common = Math.min(length, start.length);
        const order = compareBytes(bytes, at, at + common, start, 0, common);
        if (order > 0) return;
        const value = order === 0 && length >= start.length ? decodeText(bytes, at, at + length) : undefined;
        const postings = window.uvarint(offset + length, Math.min(READ_AHEAD, end - offset - length));
        offset = window.next;
        if (value !== undefined && visit(value, postings) === false) return;
      }
    } finally {
      window.release();
    }
  }

  #scanUnsorted(name: string, prefix: string, visit: (value: string, offset: number) => boolean | undefined): void {
    const values = [...(this.#unsorted!.get(name) ?? [])].filter(([value]) => value.startsWith(prefix));
    // Version 1 is met in old blocks only; their values are compared as bytes, as everywhere.
    values.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const [value, offset] of values) if (visit(value, offset) === false) return;
  }
}

/** Passes over key count and name of the entry at `offset`; returns the offset of its value. */
function skipName(window: FileWindow, offset: number, end: number): number {
  window.uvarint(offset, Math.min(READ_AHEAD, end - offset));
  const length = window.uvarint(window.next, Math.min(READ_AHEAD, end - window.next));
  return window.next + length;
}

function readUnsorted(scanner: SectionScanner, tables: Map<string, Map<string, number>>): void {
  const count = readCount(scanner);
  for (let i = 0; i < count; i++) {
    readKeyCount(scanner);
    const name = readText(scanner);
    const value = readText(scanner);
    const offset = scanner.uvarint();
    let table = tables.get(name);
    if (table === undefined) tables.set(name, (table = new Map()));
    table.set(value, offset);
  }
}

function readCount(scanner: SectionScanner): number {
  const count = scanner.be32();
  // Four bytes at least: how many keys, two empty ones, an offset.
  if (count * 4 > scanner.remaining)
    throw scanner.corrupt(`Section of ${scanner.length} bytes claims ${count} entries`);
  return count;
}

function readKeyCount(scanner: SectionScanner): void {
  const keys = scanner.uvarint();
  if (keys !== 2) throw scanner.corrupt(`Entry has ${keys} keys, expected 2`);
}

function readText(scanner: SectionScanner): string {
  const length = scanner.prefixed();
  const text = decodeText(scanner.bytes, scanner.pos, scanner.pos + length);
  scanner.pos += length;
  return text;
}

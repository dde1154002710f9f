import { decodeText } from '../../bytes/index.ts';
import type { BlockFile } from './block-file.ts';
import { compareBytes } from './byte-strings.ts';
import { FileWindow } from './file-window.ts';
import { INDEX_V1, SAMPLE_EVERY } from './index-layout.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { SectionScanner } from './section-scanner.ts';

/** Neighbouring groups are read together when what lies between is less than this. */
const GAP_BYTES = 4096;
const utf8 = new TextEncoder();

/**
 * The strings of an index: every label name and value once, numbered in byte order.
 *
 * Only the offset of every 32nd is kept in memory. Version 1 names symbols by their offset instead: `ordinalAt` translates.
 */
export class SymbolTable {
  readonly count: number;
  readonly #file: BlockFile;
  readonly #base: number;
  readonly #end: number;
  readonly #buffers: ReadBuffers;
  /** Offset in the section of symbols 0, 32, 64 … */
  readonly #groups: Uint32Array;
  /** Version 1: offset in the file → number. */
  readonly #ordinals: Map<number, number> | undefined;

  /** Reads the whole section once. @throws {CorruptionError} */
  constructor(file: BlockFile, offset: number, version: number, buffers: ReadBuffers) {
    this.#file = file;
    this.#buffers = buffers;
    if (offset === 0) {
      this.count = 0;
      this.#base = 0;
      this.#end = 0;
      this.#groups = new Uint32Array(0);
      this.#ordinals = undefined;
      return;
    }
    const scanner = new SectionScanner(file, offset, buffers);
    try {
      this.#base = scanner.base;
      this.#end = scanner.base + scanner.length;
      const count = scanner.be32();
      // A symbol takes one byte at least.
      if (count > scanner.remaining)
        throw scanner.corrupt(`Section of ${scanner.length} bytes claims ${count} symbols`);
      this.count = count;
      this.#groups = new Uint32Array(Math.ceil(count / SAMPLE_EVERY));
      this.#ordinals = version === INDEX_V1 ? new Map() : undefined;
      for (let i = 0; i < count; i++) {
        if (i % SAMPLE_EVERY === 0) this.#groups[i / SAMPLE_EVERY] = scanner.offset;
        this.#ordinals?.set(this.#base + scanner.offset, i);
        const length = scanner.prefixed();
        scanner.pos += length;
      }
      scanner.finish();
    } finally {
      scanner.release();
    }
  }

  /** Version 1: the number of the symbol at an offset of the file, or -1. */
  ordinalAt(offset: number): number {
    return this.#ordinals?.get(offset) ?? -1;
  }

  /**
   * The symbols with these numbers, which ascend and are below `count`.
   *
   * @throws {CorruptionError}
   */
  resolve(ordinals: Uint32Array): string[] {
    const strings: string[] = [];
    this.forEach(ordinals, (bytes, from, to) => strings.push(decodeText(bytes, from, to)));
    return strings;
  }

  /**
   * Visits the symbols with these numbers, which ascend and are below `count`: each is `bytes[from, to)`, until the visit ends.
   *
   * @throws {CorruptionError}
   */
  forEach(ordinals: Uint32Array, visit: (bytes: Uint8Array, from: number, to: number) => void): void {
    if (ordinals.length === 0) return;
    const window = new FileWindow(this.#file, this.#buffers);
    try {
      let i = 0;
      while (i < ordinals.length) {
        const group = Math.floor(ordinals[i] / SAMPLE_EVERY);
        const offset = this.#base + this.#groups[group];
        const end = this.#groupEnd(group);
        const at = window.need(offset, end - offset, this.#readAhead(ordinals, i, offset));
        i = this.#resolveGroup(ordinals, i, group, window.bytes, at, at + end - offset, offset, visit);
      }
    } finally {
      window.release();
    }
  }

  /** Visits the wanted symbols of one group, whose bytes are `bytes[at, end)`; returns the index of the first not in it. */
  #resolveGroup(
    ordinals: Uint32Array,
    i: number,
    group: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    offset: number,
    visit: (bytes: Uint8Array, from: number, to: number) => void,
  ): number {
    const start = at;
    for (let ordinal = group * SAMPLE_EVERY; ; ordinal++) {
      if (at >= end) throw this.#file.corrupt('Symbol reaches beyond its section', offset + at - start);
      // Lengths below 128, nearly all, are one byte.
      let length = bytes[at++];
      if (length >= 0x80) {
        length &= 0x7f;
        for (let shift = 7; at < end; shift += 7) {
          const byte = bytes[at++];
          length += (byte & 0x7f) * 2 ** shift;
          if (byte < 0x80) break;
        }
      }
      if (at + length > end) throw this.#file.corrupt('Symbol reaches beyond its section', offset + at - start);
      if (ordinals[i] === ordinal) {
        visit(bytes, at, at + length);
        i++;
        if (i === ordinals.length || ordinals[i] >= (group + 1) * SAMPLE_EVERY) return i;
      }
      at += length;
    }
  }

  #groupEnd(group: number): number {
    return group + 1 < this.#groups.length ? this.#base + this.#groups[group + 1] : this.#end;
  }

  /** How far to read from `offset` on so that groups close together come with one read. */
  #readAhead(ordinals: Uint32Array, i: number, offset: number): number {
    let end = offset;
    let last = -1;
    for (; i < ordinals.length && end - offset < 64 * 1024; i++) {
      const group = Math.floor(ordinals[i] / SAMPLE_EVERY);
      if (group === last) continue;
      if (last >= 0 && this.#base + this.#groups[group] - end > GAP_BYTES) break;
      end = this.#groupEnd(group);
      last = group;
    }
    return end - offset;
  }

  /** The number of a symbol, or -1. @throws {CorruptionError} */
  ordinalOf(text: string): number {
    const wanted = utf8.encode(text);
    const window = new FileWindow(this.#file, this.#buffers);
    try {
      // 1. The last group that does not begin above it.
      let low = 0;
      let high = this.#groups.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.#compareFirst(window, this.#base + this.#groups[middle], wanted) <= 0) low = middle + 1;
        else high = middle;
      }
      // 2. Through the group.
      let offset = low === 0 ? this.#end : this.#base + this.#groups[low - 1];
      const end = low === 0 ? this.#end : this.#groupEnd(low - 1);
      for (let ordinal = (low - 1) * SAMPLE_EVERY; offset < end; ordinal++) {
        if (this.#compareFirst(window, offset, wanted) === 0) return ordinal;
        offset = window.next;
      }
      return -1;
    } finally {
      window.release();
    }
  }

  /** Compares the symbol at `offset` with `wanted`; `window.next` is then the offset of the symbol behind it. */
  #compareFirst(window: FileWindow, offset: number, wanted: Uint8Array): number {
    const length = window.uvarint(offset, Math.min(GAP_BYTES, this.#end - offset));
    const from = window.next;
    const at = window.need(from, length, Math.min(GAP_BYTES, this.#end - from));
    window.next = from + length;
    return compareBytes(window.bytes, at, at + length, wanted, 0, wanted.length);
  }

  /** Reads all symbols in order. The scanner is at the first one; the caller releases it. */
  scan(): SectionScanner | undefined {
    if (this.count === 0) return undefined;
    const scanner = new SectionScanner(this.#file, this.#base - 4, this.#buffers);
    scanner.be32();
    return scanner;
  }
}

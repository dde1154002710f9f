import { Decbuf } from '../../bytes/index.ts';
import type { BlockFile } from './block-file.ts';

/**
 * How an index file lies on disk.
 *
 * @see docs/formats/index.md
 */
export const INDEX_FILE = 'index';
export const INDEX_MAGIC = 0xbaaad700;
export const INDEX_HEADER_BYTES = 5;
/** Symbols and series are referred to by their offset in the file, and the offset tables are in no order. */
export const INDEX_V1 = 1;
/** Symbols are numbered, a series is the sixteenth part of its offset. */
export const INDEX_V2 = 2;
/** Read as version 2. */
export const INDEX_V3 = 3;
/** Series begin at multiples of this, so that 32 bits reach 64 GiB. */
export const SERIES_ALIGN = 16;
/** One entry of so many is kept in memory, of symbols and of the values of each label. */
export const SAMPLE_EVERY = 32;

export const TOC_BYTES = 6 * 8 + 4;

/** Where the sections begin; 0 where there is none. */
export interface IndexToc {
  readonly symbols: number;
  readonly series: number;
  readonly labelIndices: number;
  readonly labelOffsetTable: number;
  readonly postings: number;
  readonly postingsOffsetTable: number;
}

/** Reads version and table of contents. @throws {CorruptionError} */
export function readIndexFrame(file: BlockFile): { version: number; toc: IndexToc } {
  const header = new Uint8Array(INDEX_HEADER_BYTES);
  file.read(header, 0, 0, INDEX_HEADER_BYTES);
  const start = new Decbuf(header, { file: file.path });
  const magic = start.be32();
  if (magic !== INDEX_MAGIC) {
    throw file.corrupt(`Index begins with ${magic.toString(16)}, expected ${INDEX_MAGIC.toString(16)}`, 0);
  }
  const version = start.byte();
  if (version !== INDEX_V1 && version !== INDEX_V2 && version !== INDEX_V3) {
    throw file.corrupt(`Index has version ${version}, expected 1, 2 or 3`, 4);
  }
  const base = file.size - TOC_BYTES;
  const bytes = new Uint8Array(TOC_BYTES);
  file.read(bytes, 0, base, TOC_BYTES);
  const toc = Decbuf.checked(bytes, { file: file.path, base });
  const offset = (): number => {
    const { at } = toc;
    const value = toc.be64();
    if (value > base) throw file.corrupt(`Section begins at ${value}, behind its table of contents`, base + at);
    return value;
  };
  return {
    version,
    toc: {
      symbols: offset(),
      series: offset(),
      labelIndices: offset(),
      labelOffsetTable: offset(),
      postings: offset(),
      postingsOffsetTable: offset(),
    },
  };
}

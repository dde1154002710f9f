/** Record types, as the first byte of a record names them. */
export const RECORD_SERIES = 1;
export const RECORD_SAMPLES = 2;
export const RECORD_TOMBSTONES = 3;
export const RECORD_EXEMPLARS = 4;
export const RECORD_MMAP_MARKERS = 5;
export const RECORD_METADATA = 6;
export const RECORD_HISTOGRAMS = 7;
export const RECORD_FLOAT_HISTOGRAMS = 8;
export const RECORD_CUSTOM_HISTOGRAMS = 9;
export const RECORD_CUSTOM_FLOAT_HISTOGRAMS = 10;
export const RECORD_SAMPLES_V2 = 11;
export const RECORD_HISTOGRAMS_V2 = 12;
export const RECORD_FLOAT_HISTOGRAMS_V2 = 13;

/** A segment is a sequence of pages; a record is cut into fragments that do not cross pages. */
export const PAGE_BYTES = 32 * 1024;
export const SEGMENT_BYTES = 128 * 1024 * 1024;
/** Type and flags, two bytes of length, four of checksum. */
export const FRAGMENT_HEADER_BYTES = 7;

export const FRAGMENT_PAGE_END = 0;
export const FRAGMENT_FULL = 1;
export const FRAGMENT_FIRST = 2;
export const FRAGMENT_MIDDLE = 3;
export const FRAGMENT_LAST = 4;
export const FRAGMENT_TYPE_MASK = 0x07;
export const FLAG_SNAPPY = 0x08;
export const FLAG_ZSTD = 0x10;
export const FRAGMENT_RESERVED_MASK = 0xe0;

/** The most a decompressed record may have: a commit that makes more is split, and nobody else writes larger ones. */
export const MAX_RECORD_BYTES = 512 * 1024 * 1024;

export type Compression = 'none' | 'snappy' | 'zstd';

const NAME_DIGITS = 8;

/** File name of segment `index`. */
export function segmentName(index: number): string {
  return String(index).padStart(NAME_DIGITS, '0');
}

/** Number of a segment file, or `undefined` when the name is not that of one. */
export function segmentIndex(name: string): number | undefined {
  return /^\d{6,}$/.test(name) ? Number(name) : undefined;
}

/** Directory name of the checkpoint that replaces all segments up to `index`. */
export function checkpointName(index: number): string {
  return `checkpoint.${segmentName(index)}`;
}

/** Number of a checkpoint directory, or `undefined`. Unfinished ones end in `.tmp` and are none. */
export function checkpointIndex(name: string): number | undefined {
  const match = /^checkpoint\.(\d{6,})$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

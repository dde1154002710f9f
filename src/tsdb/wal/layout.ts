/**
 * How a log lies on disk: a directory of numbered segments, each a row of pages, each a row of fragments.
 *
 * A record is one `full` fragment, or a `first`, any number of `middle` and a `last` one; a fragment never crosses a page. What is left of a
 * page that cannot hold a header is zero.
 *
 * ```
 * ┌─────────────────────────── fragment ───────────────────────────┐
 * │ kind and compression <1> │ length <2> │ CRC-32C <4> │ bytes … │
 * └────────────────────────────────────────────────────────────────┘
 * ```
 *
 * @see docs/formats/wal.md
 */
import { readdirSync } from 'node:fs';

export const PAGE_BYTES = 32 * 1024;
export const SEGMENT_BYTES = 128 * 2 ** 20;
export const FRAGMENT_HEADER_BYTES = 7;

/** The low three bits of a fragment's first byte. `PAGE_END` says that the rest of the page is empty. */
export const PAGE_END = 0;
export const FULL = 1;
export const FIRST = 2;
export const MIDDLE = 3;
export const LAST = 4;
export const KIND_MASK = 0b111;
/** The bits above them: how the whole record, put together, is compressed. */
export const SNAPPY = 0b1000;
export const ZSTD = 0b10000;
export const UNKNOWN_BITS = 0b11100000;

export type Compression = 'none' | 'snappy' | 'zstd';

/** `00000012` */
export function segmentName(index: number): string {
  return String(index).padStart(8, '0');
}

/** The numbers of the segments in a directory, ascending; none where it does not exist. */
export function listSegments(dir: string): number[] {
  return namesIn(dir)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** `checkpoint.00000012`: what segments up to that number still say of living series. */
export function checkpointName(index: number): string {
  return `checkpoint.${segmentName(index)}`;
}

/** The numbers of the finished checkpoints in a directory, ascending. */
export function listCheckpoints(dir: string): number[] {
  return namesIn(dir)
    .map((name) => /^checkpoint\.(\d+)$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

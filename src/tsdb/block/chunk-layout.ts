import {
  ENCODING_FLOAT_HISTOGRAM_ST,
  ENCODING_HISTOGRAM_ST,
  ENCODING_XOR,
  ENCODING_XOR2,
} from '../../kernels/index.ts';

/**
 * How a segment of chunks lies on disk.
 *
 * ```
 * ┌─────────────────────┬─────────────┬──────────────┐
 * │ 0x85BD40DD <4b>     │ version 1   │ 0 0 0        │
 * ├─────────────────────┴─────────────┴──────────────┤
 * │ length of data <uvarint> │ encoding <1b> │ data … │ CRC-32C over encoding and data <4b> │
 * │ …                                                                                       │
 * ```
 *
 * A chunk is named by segment × 2^32 + offset, both counted from 0.
 *
 * @see docs/formats/chunks.md
 */
export const CHUNKS_DIR = 'chunks';
export const CHUNKS_MAGIC = 0x85bd40dd;
export const CHUNKS_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 8;
export const SEGMENT_BYTES = 512 * 2 ** 20;
/** Longest length field: 32 bits. */
export const MAX_LENGTH_BYTES = 5;
/** Bytes around the data of a chunk, the length field aside: encoding and checksum. */
export const CHUNK_FRAME_BYTES = 5;
/** Segment × this + offset. */
export const SEGMENT_FACTOR = 0x100000000;

/** A chunk that is not (yet) in a segment. */
export interface EncodedChunk {
  readonly encoding: number;
  /** The data (sample count first) are `bytes[from, to)`; borrowed from whoever made the chunk. */
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly samples: number;
  /** First and last sample, ms. */
  readonly mint: number;
  readonly maxt: number;
}

/** `000001` */
export function segmentName(index: number): string {
  return String(index + 1).padStart(6, '0');
}

export function isFloatEncoding(encoding: number): boolean {
  return encoding === ENCODING_XOR || encoding === ENCODING_XOR2;
}

/** The encodings are numbered from that of plain floats to that of float histograms with start timestamps. */
export function isKnownEncoding(encoding: number): boolean {
  return encoding >= ENCODING_XOR && encoding <= ENCODING_FLOAT_HISTOGRAM_ST;
}

/** How many samples the data at `bytes[from…)` claim; those with start timestamps keep the reset header in the upper two bits. */
export function sampleCount(encoding: number, bytes: Uint8Array, from: number): number {
  const count = (bytes[from] << 8) | bytes[from + 1];
  const masked = encoding === ENCODING_HISTOGRAM_ST || encoding === ENCODING_FLOAT_HISTOGRAM_ST;
  return masked ? count & 0x3fff : count;
}

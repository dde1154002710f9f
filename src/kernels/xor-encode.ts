import { writeUvarint, writeVarint } from '../bytes/index.ts';
import { XOR_HEADER_BYTES } from './encoding.ts';

/**
 * State of one growing XOR chunk, kept in a table of records so that a million of them cost no objects.
 *
 * A record is 64 bytes, seen through a Float64Array and an Int32Array over the same buffer; record `i` begins at `f64[8 * i]` and
 * `i32[16 * i]`. The encoder uses the first half:
 *
 * ```
 *  byte  0        8                 16       20     24                                28
 *        lastT f64 last value (bits) delta u32 bits i32 samples u16|leading u8|trailing u8 (the table's)
 * ```
 *
 * Example: word 6 = 0x0a1f0078 is 120 samples (0x0078), 31 leading (0x1f) and 10 trailing (0x0a) zero bits.
 */
export const RECORD_F64 = 8;
export const RECORD_I32 = 16;
export const F64_LAST_T = 0;
export const I32_LAST_LOW = 2;
export const I32_LAST_HIGH = 3;
export const I32_DELTA = 4;
export const I32_BITS = 5;
export const I32_WINDOW = 6;

/** The window word of a chunk without samples: 0xff leading bits say that no window was chosen yet. */
export const EMPTY_WINDOW = 0x00ff0000;
/** Bytes that must be free behind a chunk before a sample is appended: the sample takes 19 at most, the writer touches a few more. */
export const MAX_SAMPLE_BYTES = 24;

/** Makes record `slot` that of an empty chunk. */
export function beginXor(i32: Int32Array, slot: number): void {
  const w = slot * RECORD_I32;
  i32[w + I32_DELTA] = 0;
  i32[w + I32_BITS] = XOR_HEADER_BYTES * 8;
  i32[w + I32_WINDOW] = EMPTY_WINDOW;
}

/** Samples in the chunk of record `slot`. */
export function xorSamples(i32: Int32Array, slot: number): number {
  return i32[slot * RECORD_I32 + I32_WINDOW] & 0xffff;
}

/** Bytes begun in the chunk of record `slot`. */
export function xorBytes(i32: Int32Array, slot: number): number {
  return (i32[slot * RECORD_I32 + I32_BITS] + 7) >>> 3;
}

/**
 * Appends a sample to the chunk of record `slot`, whose data begin at `bytes[chunk]`. The value comes as two words, so that the
 * stale marker survives. `t` must be above the last one, by less than 2^32 ms.
 *
 * At least `MAX_SAMPLE_BYTES` must be free behind what is written. Bytes behind the chunk may hold anything, and the sample count at its
 * beginning is left alone: `finishXor` writes it.
 *
 * @see Prometheus `tsdb/chunkenc/xor.go`, xorAppender
 */
export function appendXor(
  f64: Float64Array,
  i32: Int32Array,
  slot: number,
  bytes: Uint8Array,
  chunk: number,
  t: number,
  high: number,
  low: number,
): void {
  const w = slot * RECORD_I32;
  const f = slot * RECORD_F64;
  let window = i32[w + I32_WINDOW];
  const samples = window & 0xffff;
  let pos = chunk * 8 + i32[w + I32_BITS];

  if (samples === 0) {
    const at = writeVarint(bytes, pos >>> 3, t);
    putBits(bytes, at * 8, high, 32);
    putBits(bytes, at * 8 + 32, low, 32);
    pos = at * 8 + 64;
  } else {
    // Control bits gather in `prefix` and are written together with the value where both fit a word.
    let prefix = 0;
    let width = 0;
    const delta = t - f64[f + F64_LAST_T];
    if (samples === 1) pos = writeUvarint(bytes, pos >>> 3, delta) * 8;
    else {
      const dod = delta - (i32[w + I32_DELTA] >>> 0);
      if (dod === 0) width = 1;
      else if (dod >= -8191 && dod <= 8192) {
        prefix = 0x8000 | (dod & 0x3fff);
        width = 16;
      } else {
        pos = putLongDod(bytes, pos, dod);
      }
    }
    i32[w + I32_DELTA] = delta;

    const xorHigh = high ^ i32[w + I32_LAST_HIGH];
    const xorLow = low ^ i32[w + I32_LAST_LOW];
    if ((xorHigh | xorLow) === 0) {
      putBits(bytes, pos, prefix << 1, width + 1);
      pos += width + 1;
    } else {
      // Five bits hold at most 31 leading zeros.
      let leading = xorHigh === 0 ? 31 : Math.clz32(xorHigh);
      let trailing = xorLow === 0 ? 63 - Math.clz32(xorHigh & -xorHigh) : 31 - Math.clz32(xorLow & -xorLow);
      const lastLeading = (window >>> 16) & 0xff;
      const lastTrailing = window >>> 24;
      let significant: number;
      // 0xff never is ≤ leading, so a fresh chunk always chooses a window.
      if (lastLeading <= leading && lastTrailing <= trailing) {
        leading = lastLeading;
        trailing = lastTrailing;
        significant = 64 - leading - trailing;
        prefix = (prefix << 2) | 2;
        width += 2;
      } else {
        significant = 64 - leading - trailing;
        // 64 significant bits are written as 0.
        prefix = (prefix << 13) | 0x1800 | (leading << 6) | (significant & 0x3f);
        width += 13;
        window = (window & 0xffff) | (leading << 16) | (trailing << 24);
      }
      // The significant bits: `b` holds the low 32 of them, `a` the rest.
      const b =
        trailing === 0
          ? xorLow
          : trailing < 32
            ? (xorHigh << (32 - trailing)) | (xorLow >>> trailing)
            : xorHigh >>> (trailing - 32);
      const total = width + significant;
      if (total <= 32) {
        putBits(bytes, pos, (prefix << significant) | (b & ((1 << significant) - 1)), total);
      } else if (significant <= 32) {
        putBits(bytes, pos, prefix, width);
        putBits(bytes, pos + width, significant === 32 ? b : b & ((1 << significant) - 1), significant);
      } else {
        const a = xorHigh >>> trailing;
        const upper = significant - 32;
        if (width + upper <= 32) putBits(bytes, pos, (prefix << upper) | (a & ((1 << upper) - 1)), width + upper);
        else {
          putBits(bytes, pos, prefix, width);
          putBits(bytes, pos + width, upper === 32 ? a : a & ((1 << upper) - 1), upper);
        }
        putBits(bytes, pos + width + upper, b, 32);
      }
      pos += total;
    }
  }
  f64[f + F64_LAST_T] = t;
  i32[w + I32_LAST_HIGH] = high;
  i32[w + I32_LAST_LOW] = low;
  i32[w + I32_BITS] = pos - chunk * 8;
  i32[w + I32_WINDOW] = window + 1;
}

/** The classes of delta-of-delta that regular series do not use; returns the position behind. */
function putLongDod(bytes: Uint8Array, pos: number, dod: number): number {
  if (dod >= -65535 && dod <= 65536) {
    putBits(bytes, pos, 0xc0000 | (dod & 0x1ffff), 20);
    return pos + 20;
  }
  if (dod >= -524287 && dod <= 524288) {
    putBits(bytes, pos, 0xe00000 | (dod & 0xfffff), 24);
    return pos + 24;
  }
  const upper = Math.floor(dod / 0x100000000);
  putBits(bytes, pos, 0xf, 4);
  putBits(bytes, pos + 4, upper, 32);
  putBits(bytes, pos + 36, dod - upper * 0x100000000, 32);
  return pos + 68;
}

/** Writes the number of samples into the chunk's header. */
export function finishXor(i32: Int32Array, slot: number, bytes: Uint8Array, chunk: number): void {
  const samples = xorSamples(i32, slot);
  bytes[chunk] = samples >>> 8;
  bytes[chunk + 1] = samples;
}

/**
 * Writes `value`, which has no bits above its low `n` (1 … 32) ones, at bit `pos`. What stood behind is overwritten, up to four bytes
 * beyond the last one written: five stores without a branch are faster than as many as are needed.
 */
function putBits(bytes: Uint8Array, pos: number, value: number, n: number): void {
  const at = pos >>> 3;
  const used = pos & 7;
  const word = value << (32 - n);
  bytes[at] = (bytes[at] & (0xff00 >>> used)) | (word >>> (24 + used));
  bytes[at + 1] = word >>> (16 + used);
  bytes[at + 2] = word >>> (8 + used);
  bytes[at + 3] = word >>> used;
  bytes[at + 4] = word << (8 - used);
}

import { CorruptionError, VarintReader } from '../bytes/index.ts';
import { STALE_HIGH, STALE_LOW, type FloatColumn } from './column.ts';
import { XOR_HEADER_BYTES } from './encoding.ts';
import { peek32 } from './xor-decode.ts';

const varints = new VarintReader();

/** Value controls behind a non-zero delta-of-delta. */
const UNCHANGED = 0;
const REUSE = 1;
const NEW_WINDOW = 2;
const STALE = 3;

/**
 * Appends the samples of an XOR2 chunk with mint ≤ t ≤ maxt to a column; start timestamps are skipped. The contract is `decodeXor`'s.
 *
 * A stale marker does not change the value that the next sample is compared with.
 *
 * @see Prometheus `tsdb/chunkenc/xor2.go`, xor2Iterator; docs/formats/chunks.md
 */
export function decodeXor2(
  bytes: Uint8Array,
  from: number,
  to: number,
  samples: number,
  column: FloatColumn,
  mint: number,
  maxt: number,
): void {
  if (samples === 0) return;
  if (samples > (to - from) * 8) {
    throw new CorruptionError(`Chunk of ${to - from} bytes cannot hold ${samples} samples`, { offset: from });
  }
  column.reserve(samples);
  const { t: ts, v: vs, stale } = column;
  const words = new Uint32Array(vs.buffer, vs.byteOffset, vs.length * 2);
  let out = column.length;
  let staleCount = column.staleCount;

  // 1. Header byte for start timestamps, first sample in full, then its start timestamp if there is one.
  const startHeader = bytes[from + XOR_HEADER_BYTES];
  const startFrom = (startHeader & 0x7f) === 0 ? 0x10000 : startHeader & 0x7f;
  let t = varints.varint(bytes, from + XOR_HEADER_BYTES + 1, to);
  let at = varints.at;
  if (at < 0 || at + 8 > to) throw cut(from, to);
  let high = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  let low = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
  at += 8;
  if ((startHeader & 0x80) !== 0) {
    varints.uvarint(bytes, at, to);
    at = varints.at;
    if (at < 0) throw cut(from, to);
  }
  let isStale = 0;
  if (high === STALE_HIGH && low === STALE_LOW) {
    isStale = 1;
    high = 0;
    low = 0;
  }
  let pos = at * 8;
  const end = to * 8;
  let delta = 0;
  let trailing = 0;
  let significant = 64;

  for (let i = 0; ;) {
    // 2. Hand over what was decoded.
    if (t > maxt) break;
    if (t >= mint) {
      ts[out] = t;
      if (isStale === 0) {
        words[2 * out] = low;
        words[2 * out + 1] = high;
      } else vs[out] = NaN;
      stale[out] = isStale;
      staleCount += isStale;
      out++;
    }
    if (++i === samples) break;

    // 3. The joint control says how time moved and whether a value follows.
    let control: number;
    let window: number;
    if (i === 1) {
      delta = varints.uvarint(bytes, pos >>> 3, to);
      if (varints.at < 0) {
        column.length = out;
        column.staleCount = staleCount;
        throw cut(from, to);
      }
      pos = varints.at * 8;
      window = peek32(bytes, pos);
      control = -1;
    } else {
      window = peek32(bytes, pos);
      if (window >= 0) {
        pos += 1;
        control = UNCHANGED;
      } else if (window << 1 >= 0) {
        // The value has changed and is no marker: one bit chooses between the windows.
        control = window << 2 >= 0 ? REUSE : NEW_WINDOW;
        pos += 3;
      } else {
        if (window << 2 >= 0) {
          delta += ((window << 3) >> 19) | 0;
          pos += 16;
          control = -1;
        } else if (window << 3 >= 0) {
          delta += ((window << 4) >> 12) | 0;
          pos += 24;
          control = -1;
        } else if (window << 4 >= 0) {
          delta += peek32(bytes, pos + 5) * 0x100000000 + (peek32(bytes, pos + 37) >>> 0);
          pos += 69;
          control = -1;
        } else {
          pos += 5;
          control = STALE;
        }
        if (control < 0) window = peek32(bytes, pos);
      }
    }
    t += delta;
    if (control < 0) {
      if (window >= 0) {
        control = UNCHANGED;
        pos += 1;
      } else if (window << 1 >= 0) {
        control = REUSE;
        pos += 2;
      } else {
        control = window << 2 >= 0 ? NEW_WINDOW : STALE;
        pos += 3;
      }
    }

    // 4. The value.
    isStale = control === STALE ? 1 : 0;
    if (control === REUSE || control === NEW_WINDOW) {
      if (control === NEW_WINDOW) {
        window = peek32(bytes, pos);
        const leading = window >>> 27;
        significant = (window >>> 21) & 0x3f;
        if (significant === 0) significant = 64;
        trailing = 64 - leading - significant;
        if (trailing < 0) {
          column.length = out;
          column.staleCount = staleCount;
          throw new CorruptionError(`Chunk has ${leading} leading and ${significant} significant bits`, {
            offset: pos >>> 3,
          });
        }
        pos += 11;
      }
      if (significant > 32) {
        const a = peek32(bytes, pos) >>> (64 - significant);
        const b = peek32(bytes, pos + significant - 32);
        high ^= trailing === 0 ? a : (a << trailing) | (b >>> (32 - trailing));
        low ^= b << trailing;
      } else {
        const a = peek32(bytes, pos) >>> (32 - significant);
        if (trailing >= 32) high ^= a << (trailing - 32);
        else {
          low ^= a << trailing;
          if (trailing > 0) high ^= a >>> (32 - trailing);
        }
      }
      pos += significant;
    }

    // 5. The start timestamp, which nobody here asks for, has to be stepped over.
    if (i >= startFrom) pos = skipVarbit(bytes, pos);
    if (pos > end) {
      column.length = out;
      column.staleCount = staleCount;
      throw cut(from, to);
    }
  }
  column.length = out;
  column.staleCount = staleCount;
}

/** Bits of the payload behind 0, 1, 2 … ones of a varbit prefix. */
const varbitPayload = [0, 3, 6, 9, 12, 18, 25, 56, 64];

/** The bit after the varbit integer at `pos`. */
export function skipVarbit(bytes: Uint8Array, pos: number): number {
  const ones = Math.min(8, Math.clz32(~peek32(bytes, pos)));
  return pos + (ones === 8 ? 8 : ones + 1) + varbitPayload[ones];
}

function cut(from: number, to: number): CorruptionError {
  return new CorruptionError(`Chunk ends in the middle of a sample after ${to - from} bytes`, { offset: to });
}

import { CorruptionError, VarintReader } from '../bytes/index.ts';
import { STALE_HIGH, STALE_LOW, type FloatColumn } from './column.ts';
import { XOR_HEADER_BYTES } from './encoding.ts';

const varints = new VarintReader();

/**
 * Appends the samples of an XOR chunk with mint ≤ t ≤ maxt to a column.
 *
 * @param bytes holds the chunk's data (from its sample count on) at `[from, to)`; borrowed
 * @param samples how many to read: what the chunk's header says, or fewer, to see a growing chunk as it was
 * @throws {CorruptionError} when the bits run out; the column then ends with whole samples
 *
 * The value is held as two 32-bit words and written through a Uint32Array over the column's values: doubles would lose the payload
 * of the stale marker, and 64-bit integers are slow here.
 *
 * @see Prometheus `tsdb/chunkenc/xor.go`, xorIterator; docs/formats/chunks.md
 */
export function decodeXor(
  bytes: Uint8Array,
  from: number,
  to: number,
  samples: number,
  column: FloatColumn,
  mint: number,
  maxt: number,
): void {
  if (samples === 0) return;
  // A sample takes two bits at least, so the count cannot make us allocate more than the bytes justify.
  if (samples > (to - from) * 4) {
    throw new CorruptionError(`Chunk of ${to - from} bytes cannot hold ${samples} samples`, { offset: from });
  }
  column.reserve(samples);
  const { t: ts, v: vs, stale } = column;
  const words = new Uint32Array(vs.buffer, vs.byteOffset, vs.length * 2);
  let out = column.length;
  let staleCount = column.staleCount;

  // 1. The first sample stands in full: varint time, eight bytes of value.
  let t = varints.varint(bytes, from + XOR_HEADER_BYTES, to);
  let at = varints.at;
  if (at < 0 || at + 8 > to) throw cut(from, to);
  let high = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  let low = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
  let isStale = high === STALE_HIGH && low === STALE_LOW ? 1 : 0;
  let pos = (at + 8) * 8;
  const end = to * 8;
  let delta = 0;
  let trailing = 0;
  let significant = 64;

  for (let i = 0; ;) {
    // 2. Hand over what was decoded, unless it lies before mint.
    if (t > maxt) break;
    if (t >= mint) {
      ts[out] = t;
      words[2 * out] = low;
      words[2 * out + 1] = high;
      stale[out] = isStale;
      staleCount += isStale;
      out++;
    }
    if (++i === samples) break;

    // A run of samples that repeat step and value is a run of zero bits: two for each.
    let window = 0;
    if (i > 1) {
      window = peek32(bytes, pos);
      let zeros = Math.clz32(window) >>> 1;
      if (zeros > 1 && pos + 2 * zeros <= end) {
        if (zeros > samples - i) zeros = samples - i;
        for (; zeros > 0; zeros--) {
          t += delta;
          pos += 2;
          if (t > maxt) break;
          if (t >= mint) {
            ts[out] = t;
            words[2 * out] = low;
            words[2 * out + 1] = high;
            stale[out] = isStale;
            staleCount += isStale;
            out++;
          }
          i++;
        }
        if (i === samples || t > maxt) break;
        window = peek32(bytes, pos);
      }
    }

    // 3. Time: a varint delta for the second sample, then classes of delta-of-delta.
    if (i > 1) {
      if (window >= 0) pos++;
      else if (window << 1 >= 0) {
        delta += signed((window >>> 16) & 0x3fff, 14);
        pos += 16;
      } else if (window << 2 >= 0) {
        delta += signed((window >>> 12) & 0x1ffff, 17);
        pos += 20;
      } else if (window << 3 >= 0) {
        delta += signed((window >>> 8) & 0xfffff, 20);
        pos += 24;
      } else {
        delta += peek32(bytes, pos + 4) * 0x100000000 + (peek32(bytes, pos + 36) >>> 0);
        pos += 68;
      }
    } else {
      at = pos >>> 3;
      delta = varints.uvarint(bytes, at, to);
      if (varints.at < 0) {
        column.length = out;
        column.staleCount = staleCount;
        throw cut(from, to);
      }
      pos = varints.at * 8;
    }
    t += delta;

    // 4. Value: unchanged, or the XOR with the one before, in the window used last or in a new one.
    window = peek32(bytes, pos);
    if (window >= 0) pos++;
    else {
      if (window << 1 >= 0) pos += 2;
      else {
        const leading = (window >>> 25) & 0x1f;
        significant = (window >>> 19) & 0x3f;
        if (significant === 0) significant = 64;
        trailing = 64 - leading - significant;
        if (trailing < 0) {
          column.length = out;
          column.staleCount = staleCount;
          throw new CorruptionError(`Chunk has ${leading} leading and ${significant} significant bits`, {
            offset: pos >>> 3,
          });
        }
        pos += 13;
      }
      if (significant > 32) {
        // (a:b) is the number of `significant` bits; moved left by `trailing`, which is below 32 here.
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
      isStale = high === STALE_HIGH && low === STALE_LOW ? 1 : 0;
    }
    if (pos > end) {
      column.length = out;
      column.staleCount = staleCount;
      throw cut(from, to);
    }
  }
  column.length = out;
  column.staleCount = staleCount;
}

/** Thirty-two bits from bit `pos` on, as a signed word. Bytes past the array count as zero. */
export function peek32(bytes: Uint8Array, pos: number): number {
  const at = pos >>> 3;
  const shift = pos & 7;
  const word = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  return (word << shift) | (bytes[at + 4] >>> (8 - shift));
}

/** Go's reading of an n-bit delta: exactly half the range counts as positive. */
function signed(bits: number, n: number): number {
  return bits > 1 << (n - 1) ? bits - (1 << n) : bits;
}

function cut(from: number, to: number): CorruptionError {
  return new CorruptionError(`Chunk ends in the middle of a sample after ${to - from} bytes`, { offset: to });
}

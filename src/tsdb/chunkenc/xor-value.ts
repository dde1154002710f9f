import { CorruptionError, type BitReader, type BitWriter } from '../../bytes/index.ts';

/** No window was chosen yet. */
const NO_WINDOW = 0xff;

/**
 * A row of floats that change from sample to sample, each compressed against its own predecessor as in float chunks: the sum of an
 * integer histogram; counts, sum and buckets of a float one. Values are held as words, so that a staleness marker keeps its bits.
 */
export class XorValues {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #leading: Uint8Array;
  readonly #trailing: Uint8Array;

  constructor(count: number) {
    this.#floats = new Float64Array(count);
    this.#words = new Int32Array(this.#floats.buffer);
    this.#leading = new Uint8Array(count).fill(NO_WINDOW);
    this.#trailing = new Uint8Array(count);
  }

  value(i: number): number {
    return this.#floats[i];
  }

  high(i: number): number {
    return this.#words[2 * i + 1];
  }

  low(i: number): number {
    return this.#words[2 * i];
  }

  /** Writes the value in full: the first of a chunk. */
  begin(out: BitWriter, i: number, high: number, low: number): void {
    out.writeBits64(high, low, 64);
    this.#words[2 * i + 1] = high;
    this.#words[2 * i] = low;
  }

  readFirst(from: BitReader, i: number): void {
    this.#words[2 * i] = from.readBits64(64);
    this.#words[2 * i + 1] = from.high;
  }

  write(out: BitWriter, i: number, high: number, low: number): void {
    const xorHigh = high ^ this.#words[2 * i + 1];
    const xorLow = low ^ this.#words[2 * i];
    this.#words[2 * i + 1] = high;
    this.#words[2 * i] = low;
    if ((xorHigh | xorLow) === 0) {
      out.writeBit(0);
      return;
    }
    let leading = xorHigh === 0 ? 31 : Math.clz32(xorHigh);
    let trailing = xorLow === 0 ? 63 - Math.clz32(xorHigh & -xorHigh) : 31 - Math.clz32(xorLow & -xorLow);
    if (this.#leading[i] <= leading && this.#trailing[i] <= trailing) {
      leading = this.#leading[i];
      trailing = this.#trailing[i];
      out.writeBits(2, 2);
    } else {
      this.#leading[i] = leading;
      this.#trailing[i] = trailing;
      out.writeBits(3, 2);
      out.writeBits(leading, 5);
      out.writeBits((64 - leading - trailing) & 0x3f, 6);
    }
    const significant = 64 - leading - trailing;
    const shiftedLow =
      trailing === 0
        ? xorLow
        : trailing < 32
          ? (xorHigh << (32 - trailing)) | (xorLow >>> trailing)
          : xorHigh >>> (trailing - 32);
    out.writeBits64(trailing < 32 ? xorHigh >>> trailing : 0, shiftedLow, significant);
  }

  /** @throws {CorruptionError} */
  read(from: BitReader, i: number): void {
    if (from.readBit() === 0) return;
    if (from.readBit() === 1) {
      const leading = from.readBits(5);
      const significant = from.readBits(6) || 64;
      if (leading + significant > 64) {
        throw new CorruptionError(`Chunk has ${leading} leading and ${significant} significant bits`, {
          offset: from.at >>> 3,
        });
      }
      this.#leading[i] = leading;
      this.#trailing[i] = 64 - leading - significant;
    }
    // Readers begin with the whole word as window, as Go's do.
    const leading = this.#leading[i] === NO_WINDOW ? 0 : this.#leading[i];
    const trailing = this.#trailing[i];
    const low = from.readBits64(64 - leading - trailing);
    const { high } = from;
    if (trailing === 0) {
      this.#words[2 * i + 1] ^= high;
      this.#words[2 * i] ^= low;
    } else if (trailing < 32) {
      this.#words[2 * i + 1] ^= (high << trailing) | (low >>> (32 - trailing));
      this.#words[2 * i] ^= low << trailing;
    } else this.#words[2 * i + 1] ^= low << (trailing - 32);
  }
}

/** Words and floats of one entry: 32 bytes. */
const ENTRY_F64 = 4;
const ENTRY_I32 = 8;

/** Set in `where2` while the chunk still lies in the slabs. */
export const IN_SLAB = 0xffff;
/** Set while the chunk, too large for the slabs, lies in memory of its own; `where` is its number there. */
export const IN_BLOB = 0xfffe;

/**
 * Chunks that are finished but belong to the head still: a table of 32-byte entries, chained newest first per series. Entry 0 is none.
 *
 * ```
 * byte  0 f64 mint   8 f64 maxt   16 i32 next older entry   20 i32 address (slab) or offset (file)
 *      24 i32 bytes (24 bits) | encoding (8 bits)            28 u16 samples | u16 file number, IN_SLAB: in the slabs
 * ```
 *
 * In the slabs a chunk has less than 2^16 bytes, and the upper byte of its length holds the size class of its slot.
 */
export class ClosedChunks {
  f64: Float64Array;
  i32: Int32Array;
  #used = 1;
  #free = 0;
  #count = 0;

  constructor(capacity = 1 << 10) {
    this.f64 = new Float64Array(capacity * ENTRY_F64);
    this.i32 = new Int32Array(this.f64.buffer);
  }

  get count(): number {
    return this.#count;
  }

  get usedBytes(): number {
    return this.#used * ENTRY_F64 * 8;
  }

  add(
    mint: number,
    maxt: number,
    older: number,
    where: number,
    bytes: number,
    encoding: number,
    samples: number,
    file: number,
  ): number {
    let entry = this.#free;
    if (entry !== 0) this.#free = this.i32[entry * ENTRY_I32 + 4];
    else {
      entry = this.#used++;
      if (this.#used * ENTRY_F64 > this.f64.length) {
        const grown = new Float64Array(Math.floor((this.f64.length * 3) / 2 / ENTRY_F64) * ENTRY_F64);
        grown.set(this.f64);
        this.f64 = grown;
        this.i32 = new Int32Array(grown.buffer);
      }
    }
    this.f64[entry * ENTRY_F64] = mint;
    this.f64[entry * ENTRY_F64 + 1] = maxt;
    const w = entry * ENTRY_I32;
    this.i32[w + 4] = older;
    this.i32[w + 5] = where;
    this.i32[w + 6] = bytes | (encoding << 24);
    this.i32[w + 7] = samples | (file << 16);
    this.#count++;
    return entry;
  }

  release(entry: number): void {
    this.i32[entry * ENTRY_I32 + 4] = this.#free;
    this.#free = entry;
    this.#count--;
  }

  mint(entry: number): number {
    return this.f64[entry * ENTRY_F64];
  }

  maxt(entry: number): number {
    return this.f64[entry * ENTRY_F64 + 1];
  }

  older(entry: number): number {
    return this.i32[entry * ENTRY_I32 + 4];
  }

  setOlder(entry: number, older: number): void {
    this.i32[entry * ENTRY_I32 + 4] = older;
  }

  /** Address in the slabs or offset in the file. */
  where(entry: number): number {
    return this.i32[entry * ENTRY_I32 + 5] >>> 0;
  }

  bytes(entry: number): number {
    const bytes = this.i32[entry * ENTRY_I32 + 6] & 0xffffff;
    return this.file(entry) === IN_SLAB ? bytes & 0xffff : bytes;
  }

  /** Size class of the slot of a chunk in the slabs. */
  sizeClass(entry: number): number {
    return (this.i32[entry * ENTRY_I32 + 6] >>> 16) & 0xff;
  }

  encoding(entry: number): number {
    return this.i32[entry * ENTRY_I32 + 6] >>> 24;
  }

  samples(entry: number): number {
    return this.i32[entry * ENTRY_I32 + 7] & 0xffff;
  }

  /** Number of the head chunk file modulo 2^16 - 2, or `IN_SLAB` or `IN_BLOB`. */
  file(entry: number): number {
    return this.i32[entry * ENTRY_I32 + 7] >>> 16;
  }

  /** Notes that the chunk has moved from the slabs to a file. */
  moveToFile(entry: number, file: number, offset: number): void {
    const w = entry * ENTRY_I32;
    this.i32[w + 5] = offset;
    this.i32[w + 6] &= ~0xff0000;
    this.i32[w + 7] = (this.i32[w + 7] & 0xffff) | (file << 16);
  }
}

/**
 * Many short byte strings, one behind the other in one array: what keeps a sample of a table's values small.
 *
 * Filled in one go; `length` counts the strings.
 */
export class ByteStrings {
  #bytes: Uint8Array;
  #ends: Uint32Array;
  length = 0;

  constructor(capacity = 16) {
    this.#bytes = new Uint8Array(capacity * 16);
    this.#ends = new Uint32Array(capacity);
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    const start = this.length === 0 ? 0 : this.#ends[this.length - 1];
    const end = start + to - from;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (this.length === this.#ends.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    this.#bytes.set(bytes.subarray(from, to), start);
    this.#ends[this.length++] = end;
  }

  /** Gives back what was reserved and not used. */
  trim(): void {
    this.#ends = this.#ends.slice(0, this.length);
    this.#bytes = this.#bytes.slice(0, this.length === 0 ? 0 : this.#ends[this.length - 1]);
  }

  /** Compares string `i` with `bytes[from, to)` byte by byte: negative, 0 or positive. */
  compare(i: number, bytes: Uint8Array, from: number, to: number): number {
    return compareBytes(this.#bytes, i === 0 ? 0 : this.#ends[i - 1], this.#ends[i], bytes, from, to);
  }
}

/** Orders `a[aFrom, aTo)` and `b[bFrom, bTo)` byte by byte, a beginning before what it begins: negative, 0 or positive. */
export function compareBytes(
  a: Uint8Array,
  aFrom: number,
  aTo: number,
  b: Uint8Array,
  bFrom: number,
  bTo: number,
): number {
  const length = Math.min(aTo - aFrom, bTo - bFrom);
  for (let i = 0; i < length; i++) {
    const difference = a[aFrom + i] - b[bFrom + i];
    if (difference !== 0) return difference;
  }
  return aTo - aFrom - (bTo - bFrom);
}

/**
 * Where each row of a long list begins, when rows have heights of their own that are known only once they were drawn.
 *
 * Unmeasured rows count with the estimate. Offsets are recomputed from the first changed row when they are next asked
 * for: linear, 20,000 rows take some 20 µs.
 */
export class RowOffsets {
  readonly count: number;
  readonly #heights: Float64Array;
  /** `#starts[i]` is the top of row i; one more entry holds the total. */
  readonly #starts: Float64Array;
  #validUpTo = 0;

  constructor(count: number, estimate: number) {
    this.count = count;
    this.#heights = new Float64Array(count).fill(estimate);
    this.#starts = new Float64Array(count + 1);
  }

  /** Records a drawn row's height; `true` if that moves anything. */
  measure(row: number, height: number): boolean {
    if (row < 0 || row >= this.count || Math.abs(this.#heights[row]! - height) < 0.5) return false;
    this.#heights[row] = height;
    this.#validUpTo = Math.min(this.#validUpTo, row);
    return true;
  }

  top(row: number): number {
    this.#settle();
    return this.#starts[row]!;
  }

  total(): number {
    this.#settle();
    return this.#starts[this.count]!;
  }

  /** The row that covers a distance from the top; the nearest one for a distance outside. */
  rowAt(distance: number): number {
    this.#settle();
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= distance) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  #settle(): void {
    for (let i = this.#validUpTo; i < this.count; i++) this.#starts[i + 1] = this.#starts[i]! + this.#heights[i]!;
    this.#validUpTo = this.count;
  }
}

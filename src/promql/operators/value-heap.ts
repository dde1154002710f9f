/**
 * Binary heaps of (value, series) in flat arrays: one heap per cell, `capacity` places each.
 *
 * Follows Go's container/heap move by move, so that which of several equal values stay, and in what order, is as in Prometheus.
 * The root is the smallest value (the largest when `reversed`); NaN counts as smaller (larger) than everything.
 *
 * @see Prometheus `promql/functions.go` (3.14), vectorByValueHeap and vectorByReverseValueHeap
 */
export class ValueHeaps {
  readonly capacity: number;
  readonly sizes: Uint32Array;
  readonly values: Float64Array;
  readonly series: Uint32Array;
  readonly #sign: 1 | -1;

  constructor(cells: number, capacity: number, reversed: boolean) {
    this.capacity = capacity;
    this.sizes = new Uint32Array(cells);
    this.values = new Float64Array(cells * capacity);
    this.series = new Uint32Array(cells * capacity);
    this.#sign = reversed ? -1 : 1;
  }

  /** Adds an element; the heap must have room. */
  push(cell: number, value: number, series: number): void {
    const base = cell * this.capacity;
    let at = this.sizes[cell]!++;
    this.values[base + at] = value;
    this.series[base + at] = series;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isLess(base + at, base + parent)) break;
      this.#swap(base + at, base + parent);
      at = parent;
    }
  }

  /** Replaces the root. */
  replaceRoot(cell: number, value: number, series: number): void {
    const base = cell * this.capacity;
    const size = this.sizes[cell]!;
    this.values[base] = value;
    this.series[base] = series;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isLess(base + child + 1, base + child)) child++;
      if (!this.#isLess(base + child, base + at)) break;
      this.#swap(base + at, base + child);
      at = child;
    }
  }

  /** Whether `value` belongs into a full heap in place of its root. */
  beatsRoot(cell: number, value: number): boolean {
    const root = this.values[cell * this.capacity]!;
    return (this.#sign > 0 ? root < value : root > value) || (root !== root && value === value);
  }

  /** Sorts one heap, best value first, NaN last. It is no heap afterwards. */
  sort(cell: number): void {
    const base = cell * this.capacity;
    const size = this.sizes[cell]!;
    const order = Array.from({ length: size }, (_, i) => base + i);
    order.sort((a, b) => {
      const x = this.values[a]!;
      const y = this.values[b]!;
      if (x !== x || y !== y) return Number(x !== x) - Number(y !== y);
      return x === y ? 0 : x < y ? this.#sign : -this.#sign;
    });
    const values = order.map((at) => this.values[at]!);
    const series = order.map((at) => this.series[at]!);
    this.values.set(values, base);
    this.series.set(series, base);
  }

  #isLess(a: number, b: number): boolean {
    const x = this.values[a]!;
    if (x !== x) return true;
    const y = this.values[b]!;
    return this.#sign > 0 ? x < y : x > y;
  }

  #swap(a: number, b: number): void {
    const { values, series } = this;
    const value = values[a]!;
    values[a] = values[b]!;
    values[b] = value;
    const which = series[a]!;
    series[a] = series[b]!;
    series[b] = which;
  }
}

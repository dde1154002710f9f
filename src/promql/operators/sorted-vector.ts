import { compareLabels, compareText, type Labels } from '../../model/index.ts';
import { ABSENT, FLOAT, HISTOGRAM, Column, type StepGrid } from '../column.ts';
import type { EvaluationContext } from './context.ts';
import type { VectorOperator } from './operator.ts';
import { OutputCount } from './output-count.ts';
import { stepwiseUsage, type Usage } from './usage.ts';

/** By what a vector is sorted: the value, or labels in this order and then all labels. */
export interface SortKey {
  readonly by: 'value' | readonly string[];
  readonly descending: boolean;
}

/**
 * `sort` and its like. Only an instant query has an order to give; for several steps series pass through. Sorting by value leaves
 * histograms out.
 */
export class SortedVector implements VectorOperator {
  readonly type = 'vector';
  readonly grid: StepGrid;
  readonly #inner: VectorOperator;
  readonly #key: SortKey;
  readonly #context: EvaluationContext;
  readonly #scratch: Column;
  readonly #count = new OutputCount();
  /** Values by inner series, as far as they have been read; `sort` needs them all before the first series. */
  #values = new Float64Array(0);
  #kinds = new Uint8Array(0);
  #next = 0;
  #order: Uint32Array | undefined;

  constructor(inner: VectorOperator, key: SortKey, context: EvaluationContext) {
    this.grid = inner.grid;
    this.#inner = inner;
    this.#key = key;
    this.#context = context;
    this.#scratch = new Column(inner.grid.steps);
  }

  prepare(): Promise<void> {
    return this.#inner.prepare();
  }

  advance(): boolean {
    if (!this.#inner.advance()) return false;
    if (this.grid.steps !== 1 || this.#order !== undefined) return true;
    const { size } = this.#inner;
    if (this.#values.length !== size) {
      this.#values = new Float64Array(size);
      this.#kinds = new Uint8Array(size);
    }
    while (this.#next < size) {
      const i = this.#next++;
      this.#inner.read(i, this.#scratch);
      this.#values[i] = this.#scratch.values[0]!;
      this.#kinds[i] = this.#scratch.kinds[0]!;
      if (this.#context.isSliceOver) return false;
    }
    this.#order = this.#key.by === 'value' ? this.#orderByValue() : this.#orderByLabels(this.#key.by);
    return true;
  }

  get size(): number {
    return this.#order?.length ?? this.#inner.size;
  }

  get readMatters(): boolean {
    // For an instant query everything has been read to sort it.
    return this.#order === undefined && this.#inner.readMatters;
  }

  get metricName(): string | undefined {
    return this.#inner.metricName;
  }

  labels(i: number): Labels {
    return this.#inner.labels(this.#at(i));
  }

  dropsName(i: number): boolean {
    return this.#inner.dropsName(this.#at(i));
  }

  read(i: number, out: Column): void {
    this.#inner.read(this.#at(i), out);
    if (this.#key.by === 'value' && out.histograms !== undefined) {
      const { kinds } = out;
      for (let step = 0; step < kinds.length; step++) if (kinds[step] === HISTOGRAM) kinds[step] = ABSENT;
      out.histograms = undefined;
    }
    this.#count.add(i, out);
  }

  usage(): Usage {
    return stepwiseUsage([this.#inner.usage()], this.#count.samples, this.grid.steps);
  }

  #at(i: number): number {
    return this.#order === undefined ? i : this.#order[i]!;
  }

  /** NaN comes last in both directions. */
  #orderByValue(): Uint32Array {
    const values = this.#values;
    const kinds = this.#kinds;
    const sign = this.#key.descending ? -1 : 1;
    const order: number[] = [];
    for (let i = 0; i < kinds.length; i++) if (kinds[i] === FLOAT) order.push(i);
    order.sort((a, b) => {
      const x = values[a]!;
      const y = values[b]!;
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return x === y ? 0 : x < y ? -sign : sign;
    });
    return Uint32Array.from(order);
  }

  #orderByLabels(names: readonly string[]): Uint32Array {
    const sign = this.#key.descending ? -1 : 1;
    const labels: Labels[] = [];
    for (let i = 0; i < this.#inner.size; i++) labels.push(this.#inner.labels(i));
    const order = labels.map((_, i) => i);
    order.sort((a, b) => {
      for (const name of names) {
        const x = labels[a]!.get(name);
        const y = labels[b]!.get(name);
        if (x !== y) return isNaturallyBefore(x, y) ? -sign : sign;
      }
      return sign * compareLabels(labels[a]!, labels[b]!);
    });
    return Uint32Array.from(order);
  }
}

/** Natural order: runs of digits compare as numbers, so that `node2` comes before `node10`. */
export function isNaturallyBefore(a: string, b: string): boolean {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < left.length; i++) {
    if (i >= right.length) return false;
    const x = left[i]!;
    const y = right[i]!;
    const m = wholeNumber(x);
    const n = wholeNumber(y);
    if (m !== undefined && n !== undefined) {
      if (m !== n) return m < n;
    } else if (x !== y) return compareText(x, y) < 0;
    if (i === left.length - 1) return true;
    if (i === right.length - 1) return false;
  }
  return false;
}

/** Digits that Go's int holds; longer ones compare as text. */
function wholeNumber(text: string): bigint | undefined {
  if (text.charCodeAt(0) < 0x30 || text.charCodeAt(0) > 0x39) return undefined;
  const value = BigInt(text);
  return value <= 0x7fffffffffffffffn ? value : undefined;
}

import type { MetricType } from '../model/index.ts';
import { NONE } from './series-table.ts';

/** What was declared between two lines with samples. */
export interface Declaration {
  /** The line with a sample it stands before. */
  readonly position: number;
  /** The type in force from here on. */
  readonly type: MetricType;
  /** Families that something was said of. */
  readonly families: readonly string[];
}

/**
 * The order of a page: which series each line with a sample names, and the bytes between such lines (comments, help, types). A target's
 * next page nearly always has the same, and then only its values have to be read.
 */
export class PageLayout {
  static readonly EMPTY = new PageLayout(new Int32Array(0), new Uint32Array(0), Buffer.alloc(0), []);

  /** `entries[i]` is the series of line i, `NONE` where its sample was refused and the series not remembered. */
  readonly entries: Int32Array;
  /** What stands before line i is `between[betweenEnds[i - 1] … betweenEnds[i] - 1]`. */
  readonly betweenEnds: Uint32Array;
  readonly between: Buffer;
  readonly declarations: readonly Declaration[];

  constructor(entries: Int32Array, betweenEnds: Uint32Array, between: Buffer, declarations: readonly Declaration[]) {
    this.entries = entries;
    this.betweenEnds = betweenEnds;
    this.between = between;
    this.declarations = declarations;
  }

  get length(): number {
    return this.entries.length;
  }

  /** The type that was declared last before one of the lines `from … to - 1`; `undefined` where none was. */
  typeWithin(from: number, to: number): MetricType | undefined {
    const { declarations } = this;
    let low = 0;
    let high = declarations.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (declarations[middle]!.position < to) low = middle + 1;
      else high = middle;
    }
    const last = declarations[low - 1];
    return last !== undefined && last.position >= from ? last.type : undefined;
  }

  /** The same order with entries renumbered; empty when one is gone. */
  renumber(numbers: Int32Array): PageLayout {
    const entries = this.entries.map((entry) => (entry === NONE ? NONE : numbers[entry]!));
    if (entries.some((entry, line) => entry === NONE && this.entries[line] !== NONE)) return PageLayout.EMPTY;
    return new PageLayout(entries, this.betweenEnds, this.between, this.declarations);
  }
}

/** Collects the layout of a page that is not like the one before: runs that are, and lines that are not. */
export class LayoutRecorder {
  #entries = new Int32Array(64);
  #betweenEnds = new Uint32Array(64);
  #between: Buffer = Buffer.allocUnsafe(1024);
  #betweenLength = 0;
  #length = 0;
  readonly #declarations: Declaration[] = [];

  /** A line with a sample, with what stands before it. @param declared families, and the type in force after what was declared */
  line(entry: number, page: Buffer, from: number, to: number, type: MetricType, declared: readonly string[]): void {
    this.#reserve(1, to - from);
    page.copy(this.#between, this.#betweenLength, from, to);
    this.#betweenLength += to - from;
    this.#entries[this.#length] = entry;
    this.#betweenEnds[this.#length] = this.#betweenLength;
    if (declared.length > 0) this.#declarations.push({ position: this.#length, type, families: declared });
    this.#length++;
  }

  /** Lines `from … to - 1` of an earlier layout. @returns their declarations */
  run(layout: PageLayout, from: number, to: number): readonly Declaration[] {
    const start = from === 0 ? 0 : layout.betweenEnds[from - 1]!;
    const end = to === 0 ? 0 : layout.betweenEnds[to - 1]!;
    this.#reserve(to - from, end - start);
    layout.between.copy(this.#between, this.#betweenLength, start, end);
    this.#entries.set(layout.entries.subarray(from, to), this.#length);
    const shift = this.#betweenLength - start;
    for (let i = from; i < to; i++) this.#betweenEnds[this.#length + i - from] = layout.betweenEnds[i]! + shift;
    const declarations = layout.declarations.filter(({ position }) => position >= from && position < to);
    for (const declaration of declarations) {
      this.#declarations.push({ ...declaration, position: declaration.position - from + this.#length });
    }
    this.#betweenLength = shift + end;
    this.#length += to - from;
    return declarations;
  }

  layout(): PageLayout {
    return new PageLayout(
      this.#entries.slice(0, this.#length),
      this.#betweenEnds.slice(0, this.#length),
      Buffer.from(this.#between.subarray(0, this.#betweenLength)),
      this.#declarations,
    );
  }

  #reserve(lines: number, bytes: number): void {
    const needed = this.#length + lines;
    if (needed > this.#entries.length) {
      const capacity = Math.max(needed, this.#entries.length * 2);
      const [entries, ends] = [this.#entries, this.#betweenEnds];
      this.#entries = new Int32Array(capacity);
      this.#entries.set(entries);
      this.#betweenEnds = new Uint32Array(capacity);
      this.#betweenEnds.set(ends);
    }
    if (this.#betweenLength + bytes > this.#between.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#betweenLength + bytes, this.#between.length * 2));
      this.#between.copy(grown, 0, 0, this.#betweenLength);
      this.#between = grown;
    }
  }
}

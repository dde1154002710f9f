import { quoteGo } from './quote.ts';
import { compareText } from './text-order.ts';

/** The label that holds a series' metric name. */
export const METRIC_NAME = '__name__';

/**
 * The identity of a stream: name–value pairs, sorted by name in byte order, each name once, no empty value.
 *
 * Immutable. `pairs` is flat (name, value, name, value …) and may be read by anyone, changed by no one.
 */
export class Labels {
  static readonly EMPTY = new Labels([]);

  readonly pairs: readonly string[];
  #key: string | undefined;

  /** Takes ownership of `pairs`, which must already be sorted, unique and without empty values. */
  constructor(pairs: readonly string[]) {
    this.pairs = pairs;
  }

  /** From an object's entries; empty values are left out. */
  static from(record: Readonly<Record<string, string>>): Labels {
    return Labels.fromPairs(Object.entries(record));
  }

  /** From pairs in any order; a later pair with the same name wins, empty values are left out. */
  static fromPairs(entries: Iterable<readonly [string, string]>): Labels {
    const builder = new LabelsBuilder();
    for (const [name, value] of entries) builder.set(name, value);
    return builder.labels();
  }

  /** Number of labels. */
  get size(): number {
    return this.pairs.length >> 1;
  }

  /** The label's value, or `''` where there is none (Prometheus treats both alike). */
  get(name: string): string {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1]!;
    return '';
  }

  has(name: string): boolean {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return true;
    return false;
  }

  get metricName(): string {
    return this.get(METRIC_NAME);
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (let i = 0; i < this.pairs.length; i += 2) yield [this.pairs[i]!, this.pairs[i + 1]!];
  }

  /** A string that two label sets share exactly when they are equal; for map keys, never shown. */
  key(): string {
    return (this.#key ??= keyOf(this.pairs));
  }

  /** The key of the labels named in `names` (sorted or not); for grouping `by (…)`. */
  keyOn(names: ReadonlySet<string>): string {
    const kept: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      if (names.has(this.pairs[i]!)) kept.push(this.pairs[i]!, this.pairs[i + 1]!);
    }
    return keyOf(kept);
  }

  /** The key of all labels but those named and the metric name; for grouping `without (…)` and matching `ignoring (…)`. */
  keyWithout(names: ReadonlySet<string>): string {
    const kept: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      const name = this.pairs[i]!;
      if (name !== METRIC_NAME && !names.has(name)) kept.push(name, this.pairs[i + 1]!);
    }
    return keyOf(kept);
  }

  equals(other: Labels): boolean {
    const a = this.pairs;
    const b = other.pairs;
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
  }

  /** This set with only the named labels. */
  keep(names: ReadonlySet<string>): Labels {
    const kept: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      if (names.has(this.pairs[i]!)) kept.push(this.pairs[i]!, this.pairs[i + 1]!);
    }
    return kept.length === this.pairs.length ? this : new Labels(kept);
  }

  /** This set without the named labels. */
  drop(names: ReadonlySet<string>): Labels {
    const kept: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      if (!names.has(this.pairs[i]!)) kept.push(this.pairs[i]!, this.pairs[i + 1]!);
    }
    return kept.length === this.pairs.length ? this : new Labels(kept);
  }

  /** This set without the metric name. */
  withoutName(): Labels {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i] === METRIC_NAME) return new Labels([...pairs.slice(0, i), ...pairs.slice(i + 2)]);
    }
    return this;
  }

  toJSON(): Record<string, string> {
    // Not an object literal: a label called __proto__ must stay a label.
    const record = Object.create(null) as Record<string, string>;
    for (let i = 0; i < this.pairs.length; i += 2) record[this.pairs[i]!] = this.pairs[i + 1]!;
    return record;
  }

  /** `{a="1", b="2"}`, as Prometheus's `Labels.String` prints it: names that are not legacy identifiers are quoted. */
  toString(): string {
    let text = '{';
    for (let i = 0; i < this.pairs.length; i += 2) {
      if (i > 0) text += ', ';
      const name = this.pairs[i]!;
      text += `${isLegacyLabelName(name) ? name : quoteGo(name)}=${quoteGo(this.pairs[i + 1]!)}`;
    }
    return `${text}}`;
  }
}

/** Orders two label sets as Prometheus does: pair by pair, name before value, the shorter set first. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.pairs.length, b.pairs.length);
  for (let i = 0; i < length; i++) {
    if (a.pairs[i] !== b.pairs[i]) return compareText(a.pairs[i]!, b.pairs[i]!);
  }
  return a.pairs.length - b.pairs.length;
}

/** Collects changes to a label set; `set(name, '')` deletes. */
export class LabelsBuilder {
  #values = new Map<string, string>();

  constructor(base: Labels = Labels.EMPTY) {
    this.reset(base);
  }

  reset(base: Labels = Labels.EMPTY): this {
    this.#values.clear();
    for (let i = 0; i < base.pairs.length; i += 2) this.#values.set(base.pairs[i]!, base.pairs[i + 1]!);
    return this;
  }

  get(name: string): string {
    return this.#values.get(name) ?? '';
  }

  set(name: string, value: string): this {
    if (value === '') this.#values.delete(name);
    else this.#values.set(name, value);
    return this;
  }

  delete(name: string): this {
    this.#values.delete(name);
    return this;
  }

  /** The names now present, in no particular order; a copy, so that the caller may change the builder meanwhile. */
  names(): string[] {
    return [...this.#values.keys()];
  }

  labels(): Labels {
    const names = [...this.#values.keys()].sort(compareText);
    const pairs: string[] = [];
    for (const name of names) pairs.push(name, this.#values.get(name)!);
    return new Labels(pairs);
  }
}

/** `[a-zA-Z_][a-zA-Z0-9_]*`: a label name that needs no quotes. */
export function isLegacyLabelName(name: string): boolean {
  return isLegacyName(name, false);
}

/** `[a-zA-Z_:][a-zA-Z0-9_:]*`: a metric name that needs no quotes. */
export function isLegacyMetricName(name: string): boolean {
  return isLegacyName(name, true);
}

function isLegacyName(name: string, colon: boolean): boolean {
  if (name.length === 0) return false;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    const letter = (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f || (colon && c === 0x3a);
    if (!letter && !(i > 0 && c >= 0x30 && c <= 0x39)) return false;
  }
  return true;
}

// Label text is valid UTF-8 and so never holds a lone surrogate: such a unit separates without escaping.
function keyOf(pairs: readonly string[]): string {
  return pairs.join('\udfff');
}

import { timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const placeholder = '<secret>';

/**
 * A string that must not leak: however it is printed (templates, JSON, `console.log`, spreading) it reads `<secret>`.
 * Only {@link Secret.reveal} gives the text, so a search for `reveal(` finds every place a secret is used.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the one place that sends it. */
  reveal(): string {
    return this.#text;
  }

  get isEmpty(): boolean {
    return this.#text === '';
  }

  /** Whether both hold the same text; the time taken depends on the lengths only. */
  equals(other: Secret): boolean {
    const mine = Buffer.from(this.#text);
    const theirs = Buffer.from(other.#text);
    return mine.length === theirs.length && timingSafeEqual(mine, theirs);
  }

  toString(): string {
    return this.isEmpty ? '' : placeholder;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return `Secret(${this.isEmpty ? '' : placeholder})`;
  }
}

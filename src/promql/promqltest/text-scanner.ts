import { quoteGo } from '../../model/index.ts';
import { LiteralError, readNumber } from '../parse/literal.ts';
import { ParseError } from '../parse/parse-error.ts';

/** Reads the values of a series description from left to right. */
export class TextScanner {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Consumes `literal` if it comes next. */
  skip(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return false;
    this.at += literal.length;
    return true;
  }

  /** Consumes what a sticky pattern matches here; `''` where it does not. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [found = ''] = pattern.exec(this.text) ?? [];
    this.at += found.length;
    return found;
  }

  skipSpaces(): boolean {
    return this.take(/[ \t\r\n]+/y) !== '';
  }

  /** A number without sign, also `Inf` and `NaN`. An `x` may follow it, other letters may not. */
  number(place: string): number {
    const start = this.at;
    let text = this.take(/[0-9]+[0-9_]*(\.[0-9_]*)?([eE][+-]?[0-9_]+)?|\.[0-9][0-9_]*([eE][+-]?[0-9_]+)?/y);
    if (text === '') {
      text = this.take(/[A-Za-z_][A-Za-z0-9_]*/y);
      if (!/^(inf|nan)$/i.test(text)) this.unexpected(place, 'number', start);
    } else if (/^[A-Za-z0-9_.]/.test(this.text.slice(this.at)) && this.text[this.at] !== 'x') {
      this.at++;
      this.fail(`bad number syntax: ${quoteGo(this.text.slice(start, this.at))}`, start);
    }
    try {
      return readNumber(text);
    } catch (error) {
      if (error instanceof LiteralError) this.fail(error.message, start);
      throw error;
    }
  }

  /** A number with an optional sign. */
  signedNumber(place: string): number {
    if (this.skip('-')) return -this.number(place);
    this.skip('+');
    return this.number(place);
  }

  /** A whole number without sign. */
  count(): number {
    const start = this.at;
    const text = this.take(/[0-9A-Za-z_.]*/y);
    if (!/^[0-9]{1,20}$/.test(text)) {
      const problem = text === '' ? 'number expected' : `parsing ${quoteGo(text)}: invalid syntax`;
      this.fail(`invalid repetition in series values: ${problem}`, start);
    }
    return Number(text);
  }

  fail(message: string, at = this.at): never {
    const start = Buffer.byteLength(this.text.slice(0, at));
    const end = Buffer.byteLength(this.text.slice(0, Math.max(at, this.at)));
    throw new ParseError(this.text, [{ message, pos: { start, end } }]);
  }

  /** Reports what stands at `at`. */
  unexpected(place: string, expected: string, at = this.at): never {
    const [char] = this.text.slice(at);
    const what = char === undefined ? 'end of input' : quoteGo(char);
    this.fail(`unexpected ${what} in ${place}${expected === '' ? '' : `, expected ${expected}`}`, at);
  }
}

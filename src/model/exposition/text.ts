import { quoteGo } from '../quote.ts';
import type { MetricType } from '../metadata.ts';
import { ExpositionError } from './error.ts';
import { quoteBytes } from './excerpt.ts';
import { type FloatEnd, parseFloatBytes, readFloat } from './float-bytes.ts';
import { hasInvalidName, isUtf8Span, labelPairsAt, unescapedHelp } from './label-text.ts';
import type { LineParser } from './line-parser.ts';
import { COMMENT_ENTRY, END_OF_PAGE, type Entry, HELP_ENTRY, SERIES_ENTRY, TYPE_ENTRY } from './parser.ts';
import { TextLexer } from './text-lexer.ts';
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  COMMENT,
  END,
  EQUAL,
  HELP,
  LABEL_NAME,
  LABEL_VALUE,
  LINE_BREAK,
  METRIC_NAME,
  QUOTED,
  TEXT,
  TIMESTAMP,
  type Token,
  tokenNames,
  TYPE,
  VALUE,
  WHITESPACE,
} from './token.ts';

const types: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

/**
 * The classic text format, versions 0.0.4 and 1.0.0 alike: quoted UTF-8 names are understood in both.
 *
 * @see Prometheus `model/textparse/promparse.go` (3.14)
 */
export class TextParser implements LineParser {
  readonly seriesBytes: Buffer;
  seriesStart = 0;
  seriesEnd = 0;
  valueStart = 0;
  value = 0;
  timestamp = 0;
  hasTimestamp = false;
  readonly hasRest = false;
  readonly histogram = undefined;
  type: MetricType = 'unknown';
  text = '';
  readonly #lexer: TextLexer;
  /** Where the entry begins. */
  #start = 0;
  /** See {@link labelPairsAt}; an unknown metric name is -1, -1. */
  #spans: number[] = [];
  readonly #cursor: FloatEnd = { end: 0 };
  readonly #isCompleted: boolean;

  constructor(page: Buffer) {
    // The last line may lack its newline. Scanning relies on there being one.
    this.#isCompleted = page.length > 0 && page[page.length - 1] !== 0x0a;
    this.seriesBytes = this.#isCompleted ? Buffer.concat([page, newline]) : page;
    this.#lexer = new TextLexer(this.seriesBytes);
  }

  get at(): number {
    return this.#lexer.at;
  }

  next(): Entry {
    for (;;) {
      this.#start = this.#lexer.at;
      this.#spans = [];
      const token = this.#token();
      switch (token) {
        case END:
          return END_OF_PAGE;
        case LINE_BREAK:
          continue;
        case HELP:
        case TYPE:
          return this.#metadata(token);
        case COMMENT:
          this.#expect(LINE_BREAK, 'linebreak expected after comment');
          return COMMENT_ENTRY;
        case BRACE_OPEN:
          this.#spans.push(-1, -1);
          this.#labels();
          this.seriesEnd = this.#lexer.at;
          return this.#series(this.#token());
        case METRIC_NAME: {
          // From the beginning of the entry, as Prometheus has it: blanks before a name become part of it.
          this.#spans.push(this.#start, this.#lexer.at);
          this.seriesEnd = this.#lexer.at;
          let following = this.#token();
          if (following === BRACE_OPEN) {
            this.#labels();
            this.seriesEnd = this.#lexer.at;
            following = this.#token();
          }
          return this.#series(following);
        }
        default:
          throw this.#unexpected('expected a valid start token', token);
      }
    }
  }

  valueAt(lineStart: number, valueStart: number): void {
    this.#start = lineStart;
    this.#readValue(valueStart, 0);
  }

  resume(at: number, type: MetricType): void {
    this.#lexer.restart(at);
    this.type = type;
  }

  labelPairs(): string[] {
    return labelPairsAt(this.seriesBytes, this.#spans, this.type);
  }

  get hasInvalidText(): boolean {
    return hasInvalidName(this.seriesBytes, this.#spans);
  }

  get familyName(): string {
    return this.seriesBytes.toString('utf8', this.#spans[0], this.#spans[1]);
  }

  nextExemplar(): undefined {
    return undefined;
  }

  startTimestamp(): number {
    return 0;
  }

  #token(): Token {
    const token = this.#lexer.lex();
    return token === WHITESPACE ? this.#lexer.lex() : token;
  }

  #expect(wanted: Token, message: string): void {
    const token = this.#token();
    if (token !== wanted) throw this.#unexpected(message, token);
  }

  #metadata(keyword: Token): Entry {
    const lexer = this.#lexer;
    const bytes = this.seriesBytes;
    this.#expect(METRIC_NAME, `expected metric name after ${tokenNames[keyword]!}`);
    const isQuoted = bytes[lexer.start] === 0x22;
    this.#spans.push(isQuoted ? lexer.start + 1 : lexer.start, isQuoted ? lexer.at - 1 : lexer.at);
    const token = this.#token();
    if (token !== TEXT) {
      throw new ExpositionError(`expected text in ${tokenNames[keyword]!}, got ${tokenNames[token]!}`);
    }
    // Of whatever stands between name and text, one byte is taken away.
    const from = Math.min(lexer.start + 1, lexer.at);
    const to = lexer.at;
    if (keyword === TYPE) {
      const name = bytes.toString('utf8', from, to);
      const type = types.get(name);
      if (type === undefined) throw new ExpositionError(`invalid metric type ${quoteBytes(bytes, from, to)}`);
      this.type = type;
    } else {
      if (!isUtf8Span(bytes, from, to)) {
        throw new ExpositionError(`help text ${quoteBytes(bytes, from, to)} is not a valid utf8 string`);
      }
      this.text = unescapedHelp(bytes.toString('utf8', from, to));
    }
    this.#expect(LINE_BREAK, 'linebreak expected after metadata');
    return keyword === TYPE ? TYPE_ENTRY : HELP_ENTRY;
  }

  /** What stands between the braces. */
  #labels(): void {
    const lexer = this.#lexer;
    const spans = this.#spans;
    let token = this.#token();
    while (token !== BRACE_CLOSE) {
      if (token !== LABEL_NAME && token !== QUOTED) throw this.#unexpected('expected label name', token);
      const isQuoted = token === QUOTED;
      const from = isQuoted ? lexer.start + 1 : lexer.start;
      const to = isQuoted ? lexer.at - 1 : lexer.at;
      token = this.#token();
      // A quoted name without a value is the metric's.
      if (isQuoted && (token === COMMA || token === BRACE_CLOSE)) {
        if (spans[0] !== -1) {
          throw new ExpositionError(`metric name already set while parsing: ${this.#excerpt(this.#start, lexer.at)}`);
        }
        spans[0] = from;
        spans[1] = to;
        if (token === COMMA) token = this.#token();
        continue;
      }
      if (token !== EQUAL) throw this.#unexpected('expected equal', token);
      this.#expect(LABEL_VALUE, 'expected label value');
      if (!isUtf8Span(this.seriesBytes, lexer.start, lexer.at)) {
        throw new ExpositionError(`invalid UTF-8 label value: ${this.#excerpt(lexer.start, lexer.at)}`);
      }
      spans.push(from, to, lexer.start + 1, lexer.at - 1);
      token = this.#token();
      if (token === COMMA) token = this.#token();
    }
  }

  #series(token: Token): Entry {
    this.seriesStart = this.#start;
    if (this.#spans[0] === -1) {
      throw new ExpositionError(`metric name not set while parsing: ${this.#excerpt(this.#start, this.#lexer.at)}`);
    }
    if (token !== VALUE) throw this.#unexpected('expected value after metric', token);
    this.#readValue(this.#lexer.start, this.#lexer.at);
    return SERIES_ENTRY;
  }

  /** From the value to the end of the line. @param end of the value's token; 0 where it has not been looked for */
  #readValue(from: number, end: number): void {
    const bytes = this.seriesBytes;
    const cursor = this.#cursor;
    const lexer = this.#lexer;
    this.valueStart = from;
    this.hasTimestamp = false;
    let value = readFloat(bytes, from, cursor);
    if (!Number.isNaN(value) && bytes[cursor.end] === 0x0a) {
      this.value = value;
      lexer.restart(cursor.end + 1);
      return;
    }
    let to = end;
    if (to === 0) {
      lexer.restartAtValue(from);
      const token = this.#token();
      if (token !== VALUE) throw this.#unexpected('expected value after metric', token);
      to = lexer.at;
    }
    if (Number.isNaN(value) || cursor.end !== to) {
      value = parseFloatBytes(bytes, from, to, () => this.#excerpt(this.#start, to));
    }
    this.value = value;
    const token = this.#token();
    if (token === LINE_BREAK) return;
    if (token !== TIMESTAMP) throw this.#unexpected('expected timestamp or new record', token);
    const digits = bytes.toString('latin1', lexer.start, lexer.at);
    const timestamp = Number(digits);
    if (timestamp > 2 ** 63) {
      throw new ExpositionError(
        `strconv.ParseInt: parsing ${quoteGo(digits)}: value out of range while parsing: ${this.#excerpt(this.#start, lexer.at)}`,
      );
    }
    this.timestamp = timestamp;
    this.hasTimestamp = true;
    this.#expect(LINE_BREAK, 'expected next entry after timestamp');
  }

  #unexpected(expected: string, token: Token): ExpositionError {
    const { start, at } = this.#lexer;
    const end = at + 1;
    return new ExpositionError(
      `${expected}, got ${this.#excerpt(start, end)} ("${tokenNames[token]!}") while parsing: ${this.#excerpt(this.#start, end)}`,
    );
  }

  #excerpt(from: number, to: number): string {
    const bytes = this.seriesBytes;
    // Prometheus puts a newline behind every page, and it shows in what it quotes.
    if (to > bytes.length && !this.#isCompleted)
      return quoteBytes(Buffer.concat([bytes.subarray(from), newline]), 0, to - from);
    return quoteBytes(bytes, from, Math.min(to, bytes.length));
  }
}

const newline = Buffer.from('\n');

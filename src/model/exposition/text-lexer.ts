import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  COMMENT,
  END,
  EQUAL,
  HELP,
  INVALID,
  isDigit,
  isLabelNameStart,
  isNameStart,
  LABEL_NAME,
  LABEL_VALUE,
  LINE_BREAK,
  METRIC_NAME,
  QUOTED,
  TEXT,
  TIMESTAMP,
  type Token,
  TYPE,
  VALUE,
  WHITESPACE,
} from './token.ts';

const INIT = 0;
const IN_COMMENT = 1;
const META_NAME = 2;
const META_TEXT = 3;
const IN_LABELS = 4;
const IN_LABEL_VALUE = 5;
const IN_VALUE = 6;
const IN_TIMESTAMP = 7;

type State = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/**
 * Tokens of the text format. After `lex`, the token is `bytes[start]` to `bytes[at - 1]`; after INVALID, `at` is the byte that
 * does not fit.
 *
 * What it takes and where it stops follow Prometheus's lexer to the byte, oddities included: NUL bytes in comments and label
 * values are passed over, a NUL at the start of a line ends the page.
 *
 * @see Prometheus `model/textparse/promlex.l` (3.14)
 */
export class TextLexer {
  readonly bytes: Buffer;
  /** The first byte of the token. */
  start = 0;
  /** Where the next token begins. */
  at = 0;
  #state: State = INIT;

  /** @param bytes must end with a newline */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Goes on at the beginning of the line at `at`. */
  restart(at: number): void {
    this.at = at;
    this.#state = INIT;
  }

  /** Goes on at `at`, which is between a metric (its labels included) and its value. */
  restartAtValue(at: number): void {
    this.at = at;
    this.#state = IN_VALUE;
  }

  lex(): Token {
    const { bytes } = this;
    if (this.at >= bytes.length) return END;
    this.start = this.at;
    const c = bytes[this.at]!;
    // Only text after a metadata name may hold blanks of its own; it is told from mere blanks by what follows them.
    if ((c === 0x20 || c === 0x09) && this.#state !== META_TEXT) return this.#whitespace();
    switch (this.#state) {
      case INIT:
      case IN_COMMENT:
        return this.#lineStart(c);
      case META_NAME:
        return this.#metaName(c);
      case META_TEXT:
        return this.#metaText(c);
      case IN_LABELS:
        return this.#label(c);
      case IN_LABEL_VALUE:
        return c === 0x22 ? this.#labelValue() : INVALID;
      case IN_VALUE:
        return this.#value(c);
      case IN_TIMESTAMP:
        return this.#timestamp(c);
    }
  }

  #whitespace(): Token {
    const { bytes } = this;
    let at = this.at + 1;
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    this.at = at;
    return WHITESPACE;
  }

  #lineStart(c: number): Token {
    switch (c) {
      case 0x0a:
        this.at++;
        return LINE_BREAK;
      case 0x00:
        this.at++;
        return END;
      case 0x23:
        return this.#hash();
      case 0x7b:
        this.at++;
        this.#state = IN_LABELS;
        return BRACE_OPEN;
      default:
        if (!isNameStart(c)) return INVALID;
        this.#name();
        this.#state = IN_VALUE;
        return METRIC_NAME;
    }
  }

  /** `bytes[at]` begins a metric name. */
  #name(): void {
    const { bytes } = this;
    let at = this.at + 1;
    while (isNameStart(bytes[at]!) || isDigit(bytes[at]!)) at++;
    this.at = at;
  }

  #hash(): Token {
    const { bytes } = this;
    let at = this.at + 1;
    if (bytes[at] !== 0x20 && bytes[at] !== 0x09) {
      this.at = at;
      return this.#comment();
    }
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    this.at = at;
    this.#state = IN_COMMENT;
    const first = bytes[at];
    const keyword = first === 0x48 ? HELP_KEYWORD : first === 0x54 ? TYPE_KEYWORD : undefined;
    if (keyword === undefined) return this.#comment();
    for (let i = 1, c = this.#next(); ; i++, c = this.#next()) {
      if (i === keyword.length) {
        if (c !== 0x20 && c !== 0x09) return this.#comment();
        while (c === 0x20 || c === 0x09) c = this.#next();
        this.#state = META_NAME;
        return keyword === HELP_KEYWORD ? HELP : TYPE;
      }
      if (c !== keyword.charCodeAt(i)) return this.#comment();
    }
  }

  /** The rest of the line. */
  #comment(): Token {
    const { bytes } = this;
    let c = bytes[this.at]!;
    for (;;) {
      if (c === 0x0a) {
        this.#state = INIT;
        return COMMENT;
      }
      if (c === 0x00) return END;
      c = this.#next();
    }
  }

  /** The following byte, or 0 at the end; NULs are no bytes where they are allowed to stand. */
  #next(): number {
    const { bytes } = this;
    this.at++;
    if (this.#state === IN_COMMENT) while (bytes[this.at] === 0x00) this.at++;
    return this.at < bytes.length ? bytes[this.at]! : 0;
  }

  #metaName(c: number): Token {
    if (isNameStart(c)) this.#name();
    else if (c !== 0x22 || !this.#quoted()) return INVALID;
    this.#state = META_TEXT;
    return METRIC_NAME;
  }

  #metaText(c: number): Token {
    const { bytes } = this;
    // A NUL is passed over everywhere but here at the beginning.
    if (c !== 0x00) {
      let at = this.at;
      while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
      if (at > this.at && bytes[at] === 0x0a) {
        this.at = at;
        return WHITESPACE;
      }
      this.at = bytes.indexOf(0x0a, at);
    }
    this.#state = INIT;
    return TEXT;
  }

  #label(c: number): Token {
    switch (c) {
      case 0x22:
        return this.#quoted() ? QUOTED : INVALID;
      case 0x7d:
        this.at++;
        this.#state = IN_VALUE;
        return BRACE_CLOSE;
      case 0x3d:
        this.at++;
        this.#state = IN_LABEL_VALUE;
        return EQUAL;
      case 0x2c:
        this.at++;
        return COMMA;
      default: {
        if (!isLabelNameStart(c)) return INVALID;
        const { bytes } = this;
        let at = this.at + 1;
        while (isLabelNameStart(bytes[at]!) || isDigit(bytes[at]!)) at++;
        this.at = at;
        return LABEL_NAME;
      }
    }
  }

  /** A quoted name: no NUL, a backslash before anything but a newline. Leaves `at` behind it or at the byte that does not fit. */
  #quoted(): boolean {
    const { bytes } = this;
    let at = this.at + 1;
    for (; at < bytes.length; at++) {
      const c = bytes[at]!;
      if (c === 0x22) {
        this.at = at + 1;
        return true;
      }
      if (c === 0x5c) at++;
      const taken = bytes[at];
      if (taken === 0x00 || (c === 0x5c && taken === 0x0a)) break;
    }
    this.at = Math.min(at, bytes.length);
    return false;
  }

  /** As a quoted name, but NULs are passed over, also those right behind the closing quote. */
  #labelValue(): Token {
    const { bytes } = this;
    let at = this.at + 1;
    for (; at < bytes.length; at++) {
      const c = bytes[at]!;
      if (c === 0x22) {
        at++;
        while (bytes[at] === 0x00) at++;
        this.at = at;
        this.#state = IN_LABELS;
        return LABEL_VALUE;
      }
      if (c === 0x5c) {
        at++;
        while (bytes[at] === 0x00) at++;
        if (bytes[at] === 0x0a) break;
      }
    }
    this.at = Math.min(at, bytes.length);
    return INVALID;
  }

  #value(c: number): Token {
    if (c === 0x7b) {
      this.at++;
      this.#state = IN_LABELS;
      return BRACE_OPEN;
    }
    const { bytes } = this;
    let at = this.at;
    // `[^{ \t\n]`; no class of the lexer takes a NUL.
    for (let b = c; b !== 0x20 && b !== 0x0a && b !== 0x09 && b !== 0x7b && b !== 0x00; b = bytes[at]!) at++;
    if (at === this.at) return INVALID;
    this.at = at;
    this.#state = IN_TIMESTAMP;
    return VALUE;
  }

  #timestamp(c: number): Token {
    if (c === 0x0a) {
      this.at++;
      this.#state = INIT;
      return LINE_BREAK;
    }
    if (!isDigit(c)) return INVALID;
    const { bytes } = this;
    let at = this.at + 1;
    while (isDigit(bytes[at]!)) at++;
    this.at = at;
    return TIMESTAMP;
  }
}

const HELP_KEYWORD = 'HELP';
const TYPE_KEYWORD = 'TYPE';

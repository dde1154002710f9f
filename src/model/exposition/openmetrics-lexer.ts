import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  COMMENT,
  END,
  END_WORD,
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
  UNIT,
  VALUE,
} from './token.ts';

const INIT = 0;
const IN_COMMENT = 1;
const META_NAME = 2;
const META_TEXT = 3;
const IN_LABELS = 4;
const IN_LABEL_VALUE = 5;
const IN_VALUE = 6;
const IN_TIMESTAMP = 7;
const IN_EXEMPLAR = 8;
const IN_EXEMPLAR_VALUE = 9;
const IN_EXEMPLAR_TIMESTAMP = 10;

type State = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/**
 * Tokens of OpenMetrics text. After `lex`, the token is `bytes[start]` to `bytes[at - 1]`; values and timestamps begin with their
 * space, texts include their newline. After INVALID, `at` is the byte that does not fit.
 *
 * As lax as Prometheus's lexer, which takes more than the specification does.
 *
 * @see Prometheus `model/textparse/openmetricslex.l` (3.14)
 */
export class OpenMetricsLexer {
  readonly bytes: Buffer;
  start = 0;
  at = 0;
  #state: State = INIT;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Goes on at the beginning of the line at `at`. */
  restart(at: number): void {
    this.at = at;
    this.#state = INIT;
  }

  /** Goes on at the space before a value. */
  restartAtValue(at: number): void {
    this.at = at;
    this.#state = IN_VALUE;
  }

  lex(): Token {
    if (this.at >= this.bytes.length) return END;
    this.start = this.at;
    const c = this.bytes[this.at]!;
    switch (this.#state) {
      case INIT:
      case IN_COMMENT:
        return this.#lineStart(c);
      case META_NAME:
        if (isNameStart(c)) this.#name();
        else if (c !== 0x22 || !this.#quoted(false)) return INVALID;
        this.#state = META_TEXT;
        return METRIC_NAME;
      case META_TEXT:
        return this.#metaText(c);
      case IN_LABELS:
        return this.#label(c, false);
      case IN_LABEL_VALUE:
        return c === 0x22 ? this.#labelValue() : INVALID;
      case IN_VALUE:
        if (c !== 0x7b) return this.#word(c, VALUE, IN_TIMESTAMP);
        this.at++;
        this.#state = IN_LABELS;
        return BRACE_OPEN;
      case IN_TIMESTAMP:
        if (c === 0x0a) return this.#lineBreak();
        return this.#isComment(c) ? this.#comment() : this.#word(c, TIMESTAMP, IN_TIMESTAMP);
      case IN_EXEMPLAR:
        return this.#label(c, true);
      case IN_EXEMPLAR_VALUE:
        if (c !== 0x22) return this.#word(c, VALUE, IN_EXEMPLAR_TIMESTAMP);
        if (!this.#quoted(true)) return INVALID;
        this.#state = IN_EXEMPLAR;
        return LABEL_VALUE;
      case IN_EXEMPLAR_TIMESTAMP:
        return c === 0x0a ? this.#lineBreak() : this.#word(c, TIMESTAMP, IN_EXEMPLAR_TIMESTAMP);
    }
  }

  #lineStart(c: number): Token {
    if (c === 0x7b) {
      this.at++;
      this.#state = IN_LABELS;
      return BRACE_OPEN;
    }
    if (isNameStart(c)) {
      this.#name();
      this.#state = IN_VALUE;
      return METRIC_NAME;
    }
    if (c !== 0x23) return INVALID;
    const { bytes } = this;
    this.at++;
    if (bytes[this.at] !== 0x20) return INVALID;
    this.at++;
    this.#state = IN_COMMENT;
    return this.#keyword();
  }

  #keyword(): Token {
    const first = this.bytes[this.at];
    for (let k = 0; k < keywords.length; k++) {
      const { word, token } = keywords[k]!;
      if (first !== word.charCodeAt(0)) continue;
      for (let i = 1, c = this.#next(); i < word.length; i++, c = this.#next()) {
        if (c !== word.charCodeAt(i)) return INVALID;
      }
      if (token === END_WORD) {
        if (this.bytes[this.at] === 0x0a) this.#next();
        this.#state = INIT;
      } else {
        this.#state = META_NAME;
      }
      return token;
    }
    return INVALID;
  }

  /** The following byte, or 0 at the end; NULs are no bytes where they are allowed to stand. */
  #next(): number {
    const { bytes } = this;
    this.at++;
    if (this.#state === IN_COMMENT || this.#state === META_TEXT) while (bytes[this.at] === 0x00) this.at++;
    return this.at < bytes.length ? bytes[this.at]! : 0;
  }

  /** `bytes[at]` begins a metric name. */
  #name(): void {
    const { bytes } = this;
    let at = this.at + 1;
    while (isNameStart(bytes[at]!) || isDigit(bytes[at]!)) at++;
    this.at = at;
  }

  #metaText(c: number): Token {
    if (c !== 0x20) return INVALID;
    const { bytes } = this;
    const end = bytes.indexOf(0x0a, this.at);
    if (end < 0) {
      this.at = bytes.length;
      return INVALID;
    }
    this.at = end;
    this.#next();
    this.#state = INIT;
    return TEXT;
  }

  #label(c: number, isExemplar: boolean): Token {
    switch (c) {
      case 0x22:
        return this.#quoted(isExemplar) ? QUOTED : INVALID;
      case 0x7d:
        this.at++;
        this.#state = isExemplar ? IN_EXEMPLAR_VALUE : IN_VALUE;
        return BRACE_CLOSE;
      case 0x3d:
        this.at++;
        this.#state = isExemplar ? IN_EXEMPLAR_VALUE : IN_LABEL_VALUE;
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

  /** Quoted text without NULs; a backslash before anything but a newline. Leaves `at` behind it or at the byte that does not fit. */
  #quoted(isOneLine: boolean): boolean {
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
      if (taken === 0x00 || (taken === 0x0a && (isOneLine || c === 0x5c))) break;
    }
    this.at = Math.min(at, bytes.length);
    return false;
  }

  /** Quoted text on one line; NULs are passed over, also those right behind the closing quote. */
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
      }
      if (bytes[at] === 0x0a) break;
    }
    this.at = Math.min(at, bytes.length);
    return INVALID;
  }

  /** A space and what follows it up to the next one or the end of the line. */
  #word(c: number, token: Token, following: State): Token {
    if (c !== 0x20) return INVALID;
    const { bytes } = this;
    const from = this.at + 1;
    let at = from;
    for (let b = bytes[at]; b !== undefined && b !== 0x20 && b !== 0x0a && b !== 0x00; b = bytes[at]) at++;
    this.at = at;
    if (at === from) return INVALID;
    this.#state = following;
    return token;
  }

  #lineBreak(): Token {
    this.at++;
    this.#state = INIT;
    return LINE_BREAK;
  }

  /** ` # `: no timestamp, so what follows has to be an exemplar. */
  #isComment(c: number): boolean {
    const { bytes, at } = this;
    return c === 0x20 && bytes[at + 1] === 0x23 && bytes[at + 2] === 0x20;
  }

  #comment(): Token {
    this.at += 3;
    if (this.bytes[this.at] !== 0x7b) return INVALID;
    this.at++;
    this.#state = IN_EXEMPLAR;
    return COMMENT;
  }
}

const keywords: readonly { readonly word: string; readonly token: Token }[] = [
  { word: 'HELP ', token: HELP },
  { word: 'TYPE ', token: TYPE },
  { word: 'UNIT ', token: UNIT },
  { word: 'EOF', token: END_WORD },
];

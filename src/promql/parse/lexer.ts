import { quoteGo } from '../../model/index.ts';
import * as T from './token.ts';

/** What the lexer cannot read; `start` in bytes. Caught by the parser, which words it as a `ParseError`. */
export class LexFailure extends Error {
  override readonly name = 'LexFailure';
  readonly start: number;

  constructor(message: string, start: number) {
    super(message);
    this.start = start;
  }
}

// Classes of ASCII characters, as bits.
const ALPHA = 1;
const DIGIT = 2;
const SPACE = 4;
const HEX = 8;
const classes: Uint8Array = (() => {
  const table = new Uint8Array(128);
  const add = (chars: string, bit: number): void => {
    for (const char of chars) table[char.charCodeAt(0)]! |= bit;
  };
  add('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', ALPHA);
  add('0123456789', DIGIT);
  add(' \t\n\r', SPACE);
  add('0123456789abcdefABCDEF', HEX);
  return table;
})();

/** Whether the UTF-16 unit is of one of the classes; false past the end (NaN). */
function is(code: number, bits: number): boolean {
  return code < 128 && (classes[code]! & bits) !== 0;
}

/**
 * Splits a query into tokens, one at a time, by Prometheus's rules: what a character means depends on whether braces or brackets are
 * open. The current token's properties are fields, so that no object is made for it.
 *
 * @see Prometheus `promql/parser/lex.go` (3.14)
 */
export class Lexer {
  readonly input: string;
  readonly #parameters: boolean;

  /** Kind of the current token; see `token.ts`. */
  kind = T.EOF;
  /** Its place in `input`, in UTF-16 units, half-open. */
  start = 0;
  end = 0;
  /** Its place in bytes. */
  byteStart = 0;
  byteEnd = 0;
  /** Whether the current string token has a backslash. */
  escaped = false;
  /** Where in bytes the last token ended that can close an expression: a closing bracket of any kind, a number, a duration. */
  lastClosing = 0;

  /** How many bytes the input before `end` has more than units. */
  #extra = 0;
  #parenDepth = 0;
  #braceOpen = false;
  #bracketOpen = false;
  /** Right after `[`, until a number was read: only arithmetic is legal. */
  #durationOnly = false;
  #gotColon = false;
  #gotDuration = false;

  constructor(input: string, parameters: boolean) {
    this.input = input;
    this.#parameters = parameters;
  }

  /** The current token as written. */
  get text(): string {
    return this.input.slice(this.start, this.end);
  }

  /** Moves to the next token; at the end stays at `EOF`. @throws {LexFailure} */
  next(): void {
    const { input } = this;
    let at = this.end;
    let code = input.charCodeAt(at);
    for (;;) {
      if (is(code, SPACE)) code = input.charCodeAt(++at);
      else if (code === 0x23 && !this.#durationOnly) {
        at = this.#skipComment(at);
        code = input.charCodeAt(at);
      } else break;
    }
    this.start = at;
    this.end = at;
    this.byteStart = at + this.#extra;
    if (this.#braceOpen) this.#lexInsideBraces(at, code);
    else if (this.#durationOnly) this.#lexDuration(at, code);
    else this.#lexStatement(at, code);
    this.byteEnd = this.end + this.#extra;
    switch (this.kind) {
      case T.RIGHT_BRACE:
      case T.RIGHT_PAREN:
      case T.RIGHT_BRACKET:
      case T.NUMBER:
      case T.DURATION:
        this.lastClosing = this.byteEnd;
    }
  }

  #emit(kind: number, end: number): void {
    this.kind = kind;
    this.end = end;
  }

  #fail(message: string, start = this.byteStart): never {
    throw new LexFailure(message, start);
  }

  #lexStatement(at: number, code: number): void {
    const { input } = this;
    if (is(code, ALPHA) || code === 0x3a) {
      if (this.#bracketOpen) this.#lexInBracket(at, code);
      else this.#lexWord(at);
      return;
    }
    if (is(code, DIGIT) || (code === 0x2e && is(input.charCodeAt(at + 1), DIGIT))) {
      this.#lexNumberOrDuration(at);
      return;
    }
    const next = input.charCodeAt(at + 1);
    switch (code) {
      case 0x28: // (
        this.#parenDepth++;
        return this.#emit(T.LEFT_PAREN, at + 1);
      case 0x29: // )
        this.#parenDepth--;
        if (this.#parenDepth < 0) this.#fail(`unexpected right parenthesis ')'`, this.byteStart + 1);
        return this.#emit(T.RIGHT_PAREN, at + 1);
      case 0x7b: // {
        this.#braceOpen = true;
        return this.#emit(T.LEFT_BRACE, at + 1);
      case 0x5b: // [
        if (this.#bracketOpen) this.#fail(`unexpected left bracket '['`);
        this.#gotColon = false;
        this.#bracketOpen = true;
        this.#durationOnly = true;
        return this.#emit(T.LEFT_BRACKET, at + 1);
      case 0x5d: // ]
        if (!this.#bracketOpen) this.#fail(`unexpected right bracket ']'`);
        this.#bracketOpen = false;
        return this.#emit(T.RIGHT_BRACKET, at + 1);
      case 0x2c: // ,
        return this.#emit(T.COMMA, at + 1);
      case 0x2a: // *
        return this.#emit(T.MUL, at + 1);
      case 0x2f: // /
        return this.#emit(T.DIV, at + 1);
      case 0x25: // %
        return this.#emit(T.MOD, at + 1);
      case 0x2b: // +
        return this.#emit(T.ADD, at + 1);
      case 0x2d: // -
        return this.#emit(T.SUB, at + 1);
      case 0x5e: // ^
        return this.#emit(T.POW, at + 1);
      case 0x40: // @
        return this.#emit(T.AT, at + 1);
      case 0x22: // "
      case 0x27: // '
        return this.#lexString(at, code);
      case 0x60: // `
        return this.#lexRawString(at);
      case 0x3d: // =
        if (next === 0x3d) return this.#emit(T.EQLC, at + 2);
        if (next === 0x7e) this.#fail(`unexpected character after '=': '~'`);
        return this.#emit(T.EQL, at + 1);
      case 0x21: // !
        if (next !== 0x3d) this.#fail(`unexpected character after '!': ${this.#quoteAt(at + 1)}`);
        return this.#emit(T.NEQ, at + 2);
      case 0x3c: // <
        if (next === 0x3d) return this.#emit(T.LTE, at + 2);
        if (next === 0x2f) return this.#emit(T.TRIM_UPPER, at + 2);
        return this.#emit(T.LSS, at + 1);
      case 0x3e: // >
        if (next === 0x3d) return this.#emit(T.GTE, at + 2);
        if (next === 0x2f) return this.#emit(T.TRIM_LOWER, at + 2);
        return this.#emit(T.GTR, at + 1);
    }
    if (at >= input.length) {
      if (this.#parenDepth !== 0) this.#fail('unclosed left parenthesis');
      if (this.#bracketOpen) this.#fail('unclosed left bracket');
      return this.#emit(T.EOF, at);
    }
    if (code === 0x24 && this.#lexParameter(at)) return;
    this.#fail(`unexpected character: ${this.#quoteAt(at)}`);
  }

  /** A letter or colon between brackets, after the first number. */
  #lexInBracket(at: number, code: number): void {
    if (code === 0x3a) {
      if (this.#gotColon) this.#fail(`unexpected colon ':'`);
      this.#gotColon = true;
      return this.#emit(T.COLON, at + 1);
    }
    if (!this.#lexDurationKeyword(at)) this.#fail(`unexpected character: ${this.#quoteAt(at)}, expected ':'`);
  }

  #lexInsideBraces(at: number, code: number): void {
    const { input } = this;
    if (is(code, ALPHA)) {
      let end = at + 1;
      while (is(input.charCodeAt(end), ALPHA | DIGIT)) end++;
      return this.#emit(T.IDENTIFIER, end);
    }
    const next = input.charCodeAt(at + 1);
    switch (code) {
      case 0x2c: // ,
        return this.#emit(T.COMMA, at + 1);
      case 0x22: // "
      case 0x27: // '
        return this.#lexString(at, code);
      case 0x60: // `
        return this.#lexRawString(at);
      case 0x3d: // =
        if (next === 0x7e) return this.#emit(T.EQL_REGEX, at + 2);
        return this.#emit(T.EQL, at + 1);
      case 0x21: // !
        if (next === 0x7e) return this.#emit(T.NEQ_REGEX, at + 2);
        if (next === 0x3d) return this.#emit(T.NEQ, at + 2);
        this.#fail(`unexpected character after '!' inside braces: ${this.#quoteAt(at + 1)}`);
        break;
      case 0x7b: // {
        this.#fail(`unexpected left brace '{'`);
        break;
      case 0x7d: // }
        this.#braceOpen = false;
        return this.#emit(T.RIGHT_BRACE, at + 1);
    }
    if (at >= input.length) this.#fail('unexpected end of input inside braces');
    if (code === 0x24 && this.#lexParameter(at)) return;
    this.#fail(`unexpected character inside braces: ${this.#quoteAt(at)}`);
  }

  /** Between brackets, before the first number. */
  #lexDuration(at: number, code: number): void {
    const { input } = this;
    switch (code) {
      case 0x5d: // ]
        this.#bracketOpen = false;
        this.#durationOnly = false;
        this.#gotColon = false;
        return this.#emit(T.RIGHT_BRACKET, at + 1);
      case 0x3a: // :
        if (!this.#gotDuration)
          this.#fail('unexpected colon before duration in duration expression', this.byteStart + 1);
        if (this.#gotColon) this.#fail('unexpected repeated colon in duration expression', this.byteStart + 1);
        this.#gotColon = true;
        return this.#emit(T.COLON, at + 1);
      case 0x28: // (
        this.#parenDepth++;
        return this.#emit(T.LEFT_PAREN, at + 1);
      case 0x29: // )
        this.#parenDepth--;
        if (this.#parenDepth < 0) this.#fail(`unexpected right parenthesis ')'`, this.byteStart + 1);
        return this.#emit(T.RIGHT_PAREN, at + 1);
      case 0x2b: // +
        return this.#emit(T.ADD, at + 1);
      case 0x2d: // -
        return this.#emit(T.SUB, at + 1);
      case 0x2a: // *
        return this.#emit(T.MUL, at + 1);
      case 0x2f: // /
        return this.#emit(T.DIV, at + 1);
      case 0x25: // %
        return this.#emit(T.MOD, at + 1);
      case 0x5e: // ^
        return this.#emit(T.POW, at + 1);
      case 0x2c: // ,
        return this.#emit(T.COMMA, at + 1);
    }
    if (at >= input.length) this.#fail('unexpected end of input in duration expression');
    if (is(code, DIGIT) || (code === 0x2e && is(input.charCodeAt(at + 1), DIGIT))) {
      this.#gotDuration = true;
      this.#durationOnly = false;
      this.#lexNumberOrDuration(at);
      return;
    }
    if (code === 0x24 && this.#lexParameter(at)) {
      this.#gotDuration = true;
      this.#durationOnly = false;
      return;
    }
    if (this.#lexDurationKeyword(at)) return;
    this.#fail(`unexpected character in duration expression: ${this.#quoteAt(at)}`);
  }

  /** `step`, `range`, `max_of` or `min_of`; no digits, which could not follow there. */
  #lexDurationKeyword(at: number): boolean {
    let end = at;
    while (is(this.input.charCodeAt(end), ALPHA)) end++;
    const kind = T.keywords.get(this.input.slice(at, end).toLowerCase());
    if (kind === undefined || kind < T.STEP) return false;
    this.#emit(kind, end);
    return true;
  }

  #lexParameter(at: number): boolean {
    if (!this.#parameters || !is(this.input.charCodeAt(at + 1), ALPHA)) return false;
    let end = at + 2;
    while (is(this.input.charCodeAt(end), ALPHA | DIGIT)) end++;
    this.#emit(T.PARAMETER, end);
    return true;
  }

  #lexWord(at: number): void {
    const { input } = this;
    let end = at;
    let colon = false;
    let upper = false;
    for (;;) {
      const code = input.charCodeAt(end);
      if (is(code, ALPHA | DIGIT)) {
        if (code >= 0x41 && code <= 0x5a) upper = true;
        end++;
      } else if (code === 0x3a) {
        colon = true;
        end++;
      } else break;
    }
    if (colon) return this.#emit(T.METRIC_IDENTIFIER, end);
    let kind: number | undefined;
    if (end - at <= T.LONGEST_KEYWORD) {
      const word = input.slice(at, end);
      kind = T.keywords.get(upper ? word.toLowerCase() : word);
    }
    // The fill modifiers came late: without parentheses they stay names, so that older queries keep their meaning.
    if (kind === undefined || (kind >= T.FILL && kind <= T.FILL_RIGHT && !this.#parenFollows(end))) kind = T.IDENTIFIER;
    this.#emit(kind, end);
  }

  #parenFollows(at: number): boolean {
    while (is(this.input.charCodeAt(at), SPACE)) at++;
    return this.input.charCodeAt(at) === 0x28;
  }

  #lexNumberOrDuration(at: number): void {
    const { input } = this;
    // Whole numbers and durations of one unit, which nearly all are.
    let end = at;
    while (is(input.charCodeAt(end), DIGIT)) end++;
    const code = input.charCodeAt(end);
    if (end > at && !is(code, ALPHA) && code !== 0x2e) return this.#emit(T.NUMBER, end);
    if (end > at && isDurationUnit(code) && !is(input.charCodeAt(end + 1), ALPHA | DIGIT))
      return this.#emit(T.DURATION, end + 1);

    end = this.#scanNumber(at);
    if (this.#numberIsGood) return this.#emit(T.NUMBER, end);
    end = this.#scanDurationRest(end);
    if (this.#numberIsGood) return this.#emit(T.DURATION, end);
    this.#fail(`bad number or duration syntax: ${quoteGo(input.slice(at, end))}`);
  }

  #numberIsGood = false;

  /**
   * Scans what may be a number and says in `#numberIsGood` whether it is one. Returns where it stopped, on failure behind the character it
   * stumbled over: error messages show the text so far.
   */
  #scanNumber(at: number): number {
    const { input } = this;
    this.#numberIsGood = false;
    let digits = DIGIT;
    let end = at;
    if (input.charCodeAt(end) === 0x30) {
      end++;
      if ((input.charCodeAt(end) | 0x20) === 0x78) {
        digits = HEX;
        end++;
        if (input.charCodeAt(end) === 0x5f) end++;
      }
    }
    if (input.charCodeAt(end) === 0x2e) end++;
    if (is(input.charCodeAt(end), digits)) end++;
    let dot = false;
    let exponent = false;
    for (;;) {
      const code = input.charCodeAt(end);
      const isExponent = code === 0x65 || code === 0x45;
      if (code === 0x2e) {
        end++;
        if (dot) return end;
        dot = true;
        const next = input.charCodeAt(end);
        if (next === 0x5f || next === 0x2e) return end + 1;
        if (digits === HEX) return end;
      } else if (isExponent && exponent) {
        return end + 1;
      } else if (isExponent) {
        // In a hexadecimal number e is a digit, but Prometheus looks for exponents first.
        end++;
        exponent = true;
        const sign = input.charCodeAt(end);
        if (sign === 0x2b || sign === 0x2d) end++;
        if (isAntiDigit(input.charCodeAt(end))) return end + 1;
        if (end >= input.length) return end;
      } else if (code === 0x5f) {
        end++;
        if (isAntiDigit(input.charCodeAt(end))) return end + 1;
        if (end >= input.length) return end;
      } else if (is(code, digits)) {
        do end++;
        while (is(input.charCodeAt(end), digits));
      } else break;
    }
    this.#numberIsGood = end > at && !is(input.charCodeAt(end), ALPHA | DIGIT);
    return end;
  }

  /** After the first number of a duration: its unit, and further numbers with units. Same result as `#scanNumber`. */
  #scanDurationRest(at: number): number {
    const { input } = this;
    let end = at;
    if (!isDurationUnit(input.charCodeAt(end))) return end;
    end++;
    if (input.charCodeAt(end) === 0x73) end++;
    while (is(input.charCodeAt(end), DIGIT)) {
      do end++;
      while (is(input.charCodeAt(end), DIGIT));
      const unit = input.charCodeAt(end);
      // Years come first or not at all.
      if (!isDurationUnit(unit) || unit === 0x79) return end;
      end++;
      if (input.charCodeAt(end) === 0x73) end++;
    }
    this.#numberIsGood = !is(input.charCodeAt(end), ALPHA | DIGIT);
    return this.#numberIsGood ? end : end + 1;
  }

  #lexString(at: number, quote: number): void {
    const { input } = this;
    let end = at + 1;
    let extra = 0;
    this.escaped = false;
    for (;;) {
      const code = input.charCodeAt(end);
      if (code === quote) break;
      if (code === 0x5c) {
        this.escaped = true;
        end = this.#skipEscape(end + 1, quote);
      } else if (code < 0x80 && code !== 0x0a) {
        end++;
      } else if (code >= 0x80) {
        extra += this.#extraBytes(end);
        end++;
      } else this.#fail('unterminated quoted string'); // line break or end of input
    }
    this.#extra += extra;
    this.#emit(T.STRING, end + 1);
  }

  #lexRawString(at: number): void {
    const { input } = this;
    let end = at + 1;
    let extra = 0;
    this.escaped = false;
    for (;;) {
      const code = input.charCodeAt(end);
      if (code === 0x60) break;
      if (code >= 0x80) extra += this.#extraBytes(end);
      else if (end >= input.length) this.#fail('unterminated raw string');
      end++;
    }
    this.#extra += extra;
    this.#emit(T.STRING, end + 1);
  }

  /** How many more bytes than one the UTF-16 unit stands for; half of a surrogate pair's four. */
  #extraBytes(at: number): number {
    const code = this.input.charCodeAt(at);
    if (code < 0x800) return 1;
    if (code >= 0xd800 && code < 0xe000) {
      const other = this.input.charCodeAt(code < 0xdc00 ? at + 1 : at - 1);
      const paired = code < 0xdc00 ? other >= 0xdc00 && other < 0xe000 : other >= 0xd800 && other < 0xdc00;
      if (paired) return 1;
    } else if (code !== 0xfffd) return 2;
    // Go cannot tell U+FFFD from bytes that are no UTF-8, which a lone surrogate would be.
    return this.#fail('invalid UTF-8 rune');
  }

  /** Checks an escape sequence whose backslash lies before `at`; returns where it ends. */
  #skipEscape(at: number, quote: number): number {
    const { input } = this;
    const code = input.charCodeAt(at);
    let digits = 0;
    let base = 16;
    let max = 0x10ffff;
    let end = at + 1;
    if (code === quote || simpleEscapes.includes(code)) return end;
    if (code >= 0x30 && code <= 0x37) {
      digits = 3;
      base = 8;
      max = 255;
      end = at;
    } else if (code === 0x78) {
      digits = 2;
      max = 255;
    } else if (code === 0x75) digits = 4;
    else if (code === 0x55) digits = 8;
    else if (at >= input.length) this.#fail('escape sequence not terminated');
    else this.#fail(`unknown escape sequence ${describeRune(input, at)}`);

    let value = 0;
    for (; digits > 0; digits--, end++) {
      const digit = is(input.charCodeAt(end), HEX) ? Number.parseInt(input[end]!, 16) : 16;
      if (digit >= base) {
        if (end >= input.length) this.#fail('escape sequence not terminated');
        this.#fail(`illegal character ${describeRune(input, end)} in escape sequence`);
      }
      // Eight hexadecimal digits fit 32 bits, beyond the range of JS's shifts.
      value = value * base + digit;
    }
    if (value > max || (value >= 0xd800 && value < 0xe000))
      this.#fail('escape sequence is an invalid Unicode code point');
    return end;
  }

  #skipComment(at: number): number {
    const { input } = this;
    let end = at + 1;
    let extra = 0;
    for (; end < input.length; end++) {
      const code = input.charCodeAt(end);
      if (code === 0x0a || code === 0x0d) break;
      if (code >= 0x800 && (code < 0xd800 || code >= 0xe000)) extra += 2;
      else if (code >= 0x80) extra += isLoneSurrogate(input, end) ? 2 : 1;
    }
    this.#extra += extra;
    return end;
  }

  /** The character at `at` as Go's `%q` prints it. */
  #quoteAt(at: number): string {
    const point = runeAt(this.input, at);
    if (point === 0x27) return `'\\''`;
    if (point === 0x22) return `'"'`;
    return `'${quoteGo(String.fromCodePoint(point)).slice(1, -1)}'`;
  }
}

/** a b f n r t v \ */
const simpleEscapes = [0x61, 0x62, 0x66, 0x6e, 0x72, 0x74, 0x76, 0x5c];

function isDurationUnit(code: number): boolean {
  switch (code) {
    case 0x73: // s
    case 0x6d: // m
    case 0x68: // h
    case 0x64: // d
    case 0x77: // w
    case 0x79: // y
      return true;
    default:
      return false;
  }
}

/** What cannot follow an exponent's sign or an underscore: `.`, `_`, `e`, `E`. */
function isAntiDigit(code: number): boolean {
  return code === 0x2e || code === 0x5f || code === 0x65 || code === 0x45;
}

function isLoneSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code >= 0xd800 && code < 0xdc00) {
    const next = text.charCodeAt(at + 1);
    return !(next >= 0xdc00 && next < 0xe000);
  }
  if (code >= 0xdc00 && code < 0xe000) {
    const before = text.charCodeAt(at - 1);
    return !(before >= 0xd800 && before < 0xdc00);
  }
  return false;
}

/** The code point at `at` as Go's decoder sees it: U+FFFD for the end of input and for what is no text. */
function runeAt(text: string, at: number): number {
  const point = text.codePointAt(at) ?? 0xfffd;
  return point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
}

/** As Go's `%#U` prints a character: `U+0063 'c'`. */
function describeRune(text: string, at: number): string {
  const point = runeAt(text, at);
  const hex = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const char = String.fromCodePoint(point);
  const printable = point === 0x22 || point === 0x5c || quoteGo(char) === `"${char}"`;
  return printable ? `${hex} '${char}'` : hex;
}

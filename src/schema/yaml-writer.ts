import { resolvePlain } from './scalar.ts';

/** A value ready to be printed. */
export type Yaml = YamlText | YamlPlain | YamlList | YamlMap;

/** A string; the writer chooses its quoting so that it reads back as the same string. */
export interface YamlText {
  readonly kind: 'text';
  readonly text: string;
}

/** A number, a boolean or null, written as it is. */
export interface YamlPlain {
  readonly kind: 'plain';
  readonly text: string;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly Yaml[];
  /** On one line: `[a, b]`. */
  readonly isFlow?: boolean;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [string, Yaml])[];
}

export function text(value: string): YamlText {
  return { kind: 'text', text: value };
}

export function plain(value: string): YamlPlain {
  return { kind: 'plain', text: value };
}

/**
 * Prints a value byte for byte as Go's yaml v2 does, which is what Prometheus serves as its configuration: lists stand under
 * their key without further indentation, long plain strings break at spaces after column 80.
 *
 * @see go.yaml.in/yaml/v2 `emitterc.go`, `encode.go`
 */
export function writeYaml(value: Yaml): string {
  const writer = new Writer();
  writer.document(value);
  return writer.result();
}

const bestWidth = 80;

/** Where a node stands decides how it may be written. */
interface Place {
  readonly inFlow: boolean;
  readonly isKey: boolean;
}

const blockPlace: Place = { inFlow: false, isKey: false };
const flowPlace: Place = { inFlow: true, isKey: false };
const keyPlace: Place = { inFlow: false, isKey: true };

class Writer {
  #out = '';
  #column = 0;
  #indent = -1;
  /** The last thing written was white space, or nothing has been written. */
  #isSpaced = true;
  /** Nothing but indentation and `-` stands on this line. */
  #isIndented = true;

  result(): string {
    return this.#out;
  }

  document(value: Yaml): void {
    this.#node(value, blockPlace, false);
    this.#newLine();
  }

  #node(value: Yaml, place: Place, inMap: boolean): void {
    switch (value.kind) {
      case 'plain':
        this.#scalar(value.text, 'plain', place);
        return;
      case 'text':
        this.#scalar(value.text, styleOf(value.text), place);
        return;
      case 'list':
        if (place.inFlow || value.isFlow === true || value.items.length === 0) this.#flowList(value.items);
        else this.#blockList(value.items, inMap);
        return;
      case 'map':
        if (value.entries.length === 0) this.#word('{}');
        else this.#blockMap(value.entries);
        return;
    }
  }

  #blockList(items: readonly Yaml[], inMap: boolean): void {
    const outer = this.#indent;
    if (outer < 0) this.#indent = 0;
    else if (!(inMap && !this.#isIndented)) this.#indent += 2;
    for (const item of items) {
      this.#newLine();
      this.#indicator('-', false, true);
      this.#node(item, blockPlace, false);
    }
    this.#indent = outer;
  }

  #blockMap(entries: YamlMap['entries']): void {
    const outer = this.#indent;
    this.#indent = outer < 0 ? 0 : outer + 2;
    for (const [key, value] of entries) {
      this.#newLine();
      if (isSimpleKey(key)) {
        this.#scalar(key, styleOf(key), keyPlace);
        this.#out += ':';
        this.#column++;
        this.#isSpaced = false;
        this.#isIndented = false;
      } else {
        this.#indicator('?', false, true);
        this.#scalar(key, styleOf(key), blockPlace);
        this.#newLine();
        this.#indicator(':', false, true);
      }
      this.#node(value, blockPlace, true);
    }
    this.#indent = outer;
  }

  #flowList(items: readonly Yaml[]): void {
    const outer = this.#indent;
    this.#word('[');
    this.#isSpaced = true;
    this.#indent = outer < 0 ? 2 : outer + 2;
    items.forEach((item, i) => {
      if (i > 0) {
        this.#out += ',';
        this.#column++;
        this.#isSpaced = false;
      }
      if (this.#column > bestWidth) this.#newLine();
      this.#node(item, flowPlace, false);
    });
    this.#indent = outer;
    this.#put(']');
    this.#isSpaced = false;
    this.#isIndented = false;
  }

  #scalar(value: string, wanted: Style, place: Place): void {
    if (wanted === 'plain' && isWord(value)) {
      this.#put(this.#isSpaced ? value : ` ${value}`);
      this.#isSpaced = false;
      this.#isIndented = false;
      return;
    }
    const style = allowedStyle(value, wanted, place);
    const outer = this.#indent;
    this.#indent = outer < 0 ? 2 : outer + 2;
    switch (style) {
      case 'plain':
        if (!this.#isSpaced) this.#put(' ');
        this.#folded(value, !place.isKey, 'plain');
        break;
      case 'single':
        this.#word("'");
        this.#folded(value, !place.isKey, 'single');
        this.#put("'");
        break;
      case 'double':
        this.#word('"');
        this.#folded(value, !place.isKey, 'double');
        this.#put('"');
        break;
      case 'literal':
        this.#literal(value);
        break;
    }
    // After a block that ends in line breaks the writer already stands at the start of a line.
    if (style !== 'literal') {
      this.#isSpaced = false;
      this.#isIndented = false;
    }
    this.#indent = outer;
  }

  /** Text on one line, broken at single spaces once the line is full. */
  #folded(value: string, mayBreak: boolean, style: Style): void {
    const chars = Array.from(value);
    let afterSpace = false;
    chars.forEach((char, i) => {
      if (char !== ' ') {
        this.#put(style === 'double' ? escapeDouble(char) : style === 'single' && char === "'" ? "''" : char);
        afterSpace = false;
        return;
      }
      const nextIsSpace = chars[i + 1] === ' ';
      const isInside = style === 'plain' || (i > 0 && i < chars.length - 1);
      if (mayBreak && !afterSpace && this.#column > bestWidth && isInside && (style === 'double' || !nextIsSpace)) {
        this.#isIndented = false;
        this.#newLine();
        if (nextIsSpace) this.#put('\\');
      } else {
        this.#put(' ');
      }
      afterSpace = true;
    });
  }

  #literal(value: string): void {
    const hint = /^[ \n]/.test(value) ? '2' : '';
    const chomp = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : '';
    this.#word(`|${hint}${chomp}`);
    this.#put('\n');
    this.#isSpaced = true;
    this.#isIndented = true;
    let isLineStart = true;
    for (const char of value) {
      if (char === '\n') {
        this.#put('\n');
        this.#isIndented = true;
        isLineStart = true;
        continue;
      }
      if (isLineStart) this.#newLine();
      this.#put(char);
      this.#isIndented = false;
      isLineStart = false;
    }
  }

  /** An indicator with a space before it. */
  #word(value: string): void {
    this.#indicator(value, false, false);
  }

  #indicator(value: string, isSpace: boolean, keepsIndented: boolean): void {
    if (!this.#isSpaced) this.#put(' ');
    this.#put(value);
    this.#isSpaced = isSpace;
    this.#isIndented = this.#isIndented && keepsIndented;
  }

  #newLine(): void {
    const indent = Math.max(0, this.#indent);
    if (!this.#isIndented || this.#column > indent || (this.#column === indent && !this.#isSpaced)) this.#put('\n');
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#isSpaced = true;
    this.#isIndented = true;
  }

  #put(value: string): void {
    this.#out += value;
    if (value === '\n') this.#column = 0;
    else this.#column += value.length;
  }
}

type Style = 'plain' | 'single' | 'double' | 'literal';

function styleOf(value: string): Style {
  if (value.includes('\n')) return 'literal';
  return readsBackAsText(value) ? 'plain' : 'double';
}

/** Texts without anything to consider: most keys and values. */
function isWord(value: string): boolean {
  return /^[A-Za-z0-9_/][A-Za-z0-9_./-]*$/.test(value);
}

function readsBackAsText(value: string): boolean {
  if (value === '<<' || /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(value)) return false;
  return resolvePlain(value).kind === 'string';
}

function isSimpleKey(key: string): boolean {
  return !key.includes('\n') && Buffer.byteLength(key) <= 128;
}

function allowedStyle(value: string, wanted: Style, place: Place): Style {
  const traits = inspect(value);
  let style = wanted;
  if (place.isKey && traits.hasBreaks) style = 'double';
  if (style === 'plain') {
    if (place.inFlow ? !traits.flowPlain : !traits.blockPlain) style = 'single';
    if (value === '' && (place.inFlow || place.isKey)) style = 'single';
  }
  if (style === 'single' && !traits.single) style = 'double';
  if (style === 'literal' && (!traits.literal || place.inFlow || place.isKey)) style = 'double';
  return style;
}

/** In which styles a text can be written. */
interface Traits {
  readonly hasBreaks: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly single: boolean;
  readonly literal: boolean;
}

function inspect(value: string): Traits {
  if (value === '') return { hasBreaks: false, flowPlain: false, blockPlain: true, single: true, literal: false };
  const hasBreaks = /[\n\r\x85\u2028\u2029]/.test(value);
  const isEdged = /^[ \n\r\x85\u2028\u2029]|[ \n\r\x85\u2028\u2029]$/.test(value);
  const breakSpace = /[\n\r\x85\u2028\u2029] /.test(value);
  const spaceBreak = / [\n\r\x85\u2028\u2029]/.test(value);
  const isSpecial = Array.from(value).some((char) => !isPrintable(char));
  // Indicators that end or change a plain scalar: anywhere, and inside [ ] and { } some more.
  const blockIndicator = /^(---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[?:-](\s|$)|:(\s|$)|\s#/.test(value);
  const flowIndicator = blockIndicator || /^[?:]|[,?[\]{}:]/.test(value);
  const plain = !isEdged && !breakSpace && !spaceBreak && !isSpecial && !hasBreaks;
  return {
    hasBreaks,
    flowPlain: plain && !flowIndicator,
    blockPlain: plain && !blockIndicator,
    single: !breakSpace && !spaceBreak && !isSpecial,
    literal: !value.endsWith(' ') && !spaceBreak && !isSpecial,
  };
}

/** The characters Go's writer leaves as they are; those beyond the first plane are escaped. */
function isPrintable(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true;
  return code >= 0xa0 && code <= 0xffff && code !== 0xfeff && code < 0xfffe;
}

const shortEscapes = new Map([
  ['\0', '\\0'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x85', '\\N'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
]);

function escapeDouble(char: string): string {
  const short = shortEscapes.get(char);
  if (short !== undefined) return short;
  if (isPrintable(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** The order in which Go prints the keys of a map: letters after the rest, runs of digits by their value. */
export function compareKeys(a: string, b: string): number {
  const ar = Array.from(a);
  const br = Array.from(b);
  for (let i = 0; i < ar.length && i < br.length; i++) {
    if (ar[i] === br[i]) continue;
    const aIsLetter = /\p{L}/u.test(ar[i]);
    const bIsLetter = /\p{L}/u.test(br[i]);
    if (aIsLetter !== bIsLetter) return bIsLetter ? -1 : 1;
    if (!aIsLetter) {
      // A zero inside a number does not start a new one.
      const head = ar[i] === '0' || br[i] === '0' ? leadingDigit(ar, i) : '';
      const an = head + digitsAt(ar, i);
      const bn = head + digitsAt(br, i);
      const difference = Number(an || 0) - Number(bn || 0);
      if (difference !== 0) return difference;
      if (an.length !== bn.length) return an.length - bn.length;
    }
    return (ar[i].codePointAt(0) ?? 0) - (br[i].codePointAt(0) ?? 0);
  }
  return ar.length - br.length;
}

function leadingDigit(chars: readonly string[], at: number): string {
  for (let j = at - 1; j >= 0 && isDigit(chars[j]); j--) if (chars[j] !== '0') return '1';
  return '';
}

function digitsAt(chars: readonly string[], at: number): string {
  let end = at;
  while (end < chars.length && isDigit(chars[end])) end++;
  return chars.slice(at, end).join('');
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}

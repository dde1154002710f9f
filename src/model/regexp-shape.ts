/**
 * What a pattern stands for when it is made of literals and gaps only: `sets[0] gap sets[1] gap … sets[n]`, where each set is a finite
 * choice of strings and each gap is `.*` (at least 0) or `.+` (at least 1). `gaps.length === sets.length - 1`.
 *
 *     prod-(eu|us)-.*\.local   →   sets: [[prod-eu-, prod-us-], [.local]], gaps: [0]
 */
export interface Shape {
  readonly sets: readonly (readonly string[])[];
  readonly gaps: readonly number[];
}

/** A pattern as alternatives, all taken with or all without regard to case; with `ignoreCase` the strings are lower-case ASCII. */
export interface ShapedPattern {
  readonly alternatives: readonly Shape[];
  readonly ignoreCase: boolean;
}

/** Strings a concatenation of choices may multiply out to. */
const MAX_PRODUCT = 1024;
/** Characters those strings may have together. */
const MAX_PRODUCT_CHARS = 65_536;
/** Alternatives that keep a gap. */
const MAX_GAPPED = 16;
/** Nested groups read here; deeper ones are the engine's. */
const MAX_DEPTH = 50;

/**
 * Reads the part of RE2's syntax that needs no automaton. `undefined` where the pattern uses anything else or is not valid: the
 * engine decides then. Everything accepted here is valid RE2 and matches the same strings, fully anchored with `.` matching all.
 */
export function shapeOf(source: string): ShapedPattern | undefined {
  const ignoreCase = source.startsWith('(?i)');
  const reader = new ShapeReader(source, ignoreCase);
  if (ignoreCase) reader.at = 4;
  const alternatives = reader.alternation(0);
  return alternatives === undefined || reader.at < source.length ? undefined : { alternatives, ignoreCase };
}

const EMPTY: Shape = { sets: [['']], gaps: [] };

/** Recursive descent; a method that meets something it does not know returns `undefined`, and so does everything above it. */
class ShapeReader {
  readonly #source: string;
  readonly #ignoreCase: boolean;
  at = 0;

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source;
    this.#ignoreCase = ignoreCase;
  }

  /** Up to the end of the pattern or an unmatched `)`. */
  alternation(depth: number): Shape[] | undefined {
    const finite: string[] = [];
    const gapped: Shape[] = [];
    for (;;) {
      const branch = this.#concatenation(depth);
      if (branch === undefined) return undefined;
      for (const shape of branch) {
        if (shape.gaps.length > 0) gapped.push(shape);
        else for (const text of shape.sets[0]!) finite.push(text);
      }
      if (this.#source[this.at] !== '|') break;
      this.at++;
    }
    if (gapped.length > MAX_GAPPED) return undefined;
    return finite.length > 0 ? [{ sets: [finite], gaps: [] }, ...gapped] : gapped;
  }

  #concatenation(depth: number): Shape[] | undefined {
    let shapes: Shape[] = [EMPTY];
    // Consecutive literal characters are gathered, so that a long literal is not multiplied out character by character.
    let literal = '';
    // An anchor at the outer end of a pattern that is anchored anyway says nothing.
    if (depth === 0 && this.#source[this.at] === '^') this.at++;
    for (;;) {
      const char = this.#source[this.at];
      if (char === undefined || char === '|' || char === ')') break;
      if (char === '$' && depth === 0 && this.#endsBranch(this.at + 1)) {
        this.at++;
        break;
      }
      const atom = this.#atom(depth);
      if (atom === undefined) return undefined;
      const quantified = this.#quantify(atom);
      if (quantified === undefined) return undefined;
      if (typeof quantified === 'string') {
        literal += quantified;
        continue;
      }
      const joined = concat(literal === '' ? shapes : concat(shapes, [literalShape(literal)]), quantified);
      if (joined === undefined) return undefined;
      shapes = joined;
      literal = '';
    }
    return literal === '' ? shapes : concat(shapes, [literalShape(literal)]);
  }

  #endsBranch(at: number): boolean {
    return at >= this.#source.length || this.#source[at] === '|';
  }

  /** A literal character as a string, anything else as shapes. */
  #atom(depth: number): string | Shape[] | undefined {
    const char = this.#source[this.at]!;
    switch (char) {
      case '(':
        return this.#group(depth + 1);
      case '[':
        return this.#charClass();
      case '.':
        return this.#gap();
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
      case '{':
      case '^':
      case '$':
        return undefined;
      default: {
        const text = String.fromCodePoint(this.#source.codePointAt(this.at)!);
        this.at += text.length;
        return this.#folded(text);
      }
    }
  }

  #folded(text: string): string | undefined {
    if (!this.#ignoreCase) return text;
    // Beyond ASCII, folding has classes of three and more: the engine knows them.
    return text.charCodeAt(0) < 0x80 ? text.toLowerCase() : undefined;
  }

  #group(depth: number): Shape[] | undefined {
    if (depth > MAX_DEPTH) return undefined;
    this.at++;
    if (this.#source[this.at] === '?') {
      if (!this.#source.startsWith('?:', this.at)) return undefined;
      this.at += 2;
    }
    const shapes = this.alternation(depth);
    if (shapes === undefined || this.#source[this.at] !== ')') return undefined;
    this.at++;
    return shapes;
  }

  #gap(): Shape[] | undefined {
    const quantifier = this.#source[this.at + 1];
    if (quantifier !== '*' && quantifier !== '+') return undefined;
    this.at += 2;
    // A lazy gap matches the same whole strings.
    if (this.#source[this.at] === '?') this.at++;
    if (isQuantifier(this.#source[this.at])) return undefined;
    return [{ sets: [[''], ['']], gaps: [quantifier === '+' ? 1 : 0] }];
  }

  #escape(): string | Shape[] | undefined {
    const char = this.#source[this.at + 1];
    if (char === undefined) return undefined;
    if (char === 'd') {
      this.at += 2;
      return [{ sets: [[...'0123456789']], gaps: [] }];
    }
    if (!isPunctuation(char)) return undefined;
    this.at += 2;
    return char;
  }

  /** `[abc]`, `[a-z0-9]`: ASCII members, not negated. */
  #charClass(): Shape[] | undefined {
    const source = this.#source;
    let at = this.at + 1;
    if (source[at] === '^' || source[at] === ']') return undefined;
    const members = new Set<string>();
    while (source[at] !== ']') {
      const low = classMember(source, at);
      if (low === undefined) return undefined;
      at += low.length;
      let high = low.code;
      if (source[at] === '-') {
        // A hyphen that is not between two members has rules of its own.
        const end = classMember(source, at + 1);
        if (end === undefined || end.code < low.code) return undefined;
        high = end.code;
        at += 1 + end.length;
      }
      for (let code = low.code; code <= high; code++) {
        const member = String.fromCharCode(code);
        members.add(this.#ignoreCase ? member.toLowerCase() : member);
      }
    }
    this.at = at + 1;
    return [{ sets: [[...members]], gaps: [] }];
  }

  #quantify(atom: string | Shape[]): string | Shape[] | undefined {
    if (!isQuantifier(this.#source[this.at])) return atom;
    if (this.#source[this.at] !== '?') return undefined;
    this.at++;
    if (this.#source[this.at] === '?') this.at++;
    if (isQuantifier(this.#source[this.at])) return undefined;
    const shapes = typeof atom === 'string' ? [literalShape(atom)] : atom;
    const [first] = shapes;
    if (first?.gaps.length === 0) return [{ sets: [['', ...first.sets[0]!]], gaps: [] }, ...shapes.slice(1)];
    return [EMPTY, ...shapes];
  }
}

function literalShape(text: string): Shape {
  return { sets: [[text]], gaps: [] };
}

/** Every shape of `a` followed by every shape of `b`; `undefined` when that grows too large. */
function concat(a: Shape[] | undefined, b: Shape[]): Shape[] | undefined {
  if (a === undefined) return undefined;
  if (a.length * b.length > MAX_GAPPED + 1) return undefined;
  const shapes: Shape[] = [];
  for (const left of a) {
    for (const right of b) {
      const seam = product(left.sets.at(-1)!, right.sets[0]!);
      if (seam === undefined) return undefined;
      shapes.push({
        sets: [...left.sets.slice(0, -1), seam, ...right.sets.slice(1)],
        gaps: [...left.gaps, ...right.gaps],
      });
    }
  }
  return shapes;
}

function product(a: readonly string[], b: readonly string[]): readonly string[] | undefined {
  if (a.length === 1 && a[0] === '') return b;
  if (b.length === 1 && b[0] === '') return a;
  if (a.length * b.length > MAX_PRODUCT) return undefined;
  const strings: string[] = [];
  let chars = 0;
  for (const left of a) {
    for (const right of b) {
      chars += left.length + right.length;
      strings.push(left + right);
    }
  }
  return chars > MAX_PRODUCT_CHARS ? undefined : strings;
}

function classMember(source: string, at: number): { code: number; length: number } | undefined {
  const char = source[at];
  if (char === undefined || char === '[' || char === ']' || char === '-') return undefined;
  if (char === '\\') {
    const escaped = source[at + 1];
    if (escaped === undefined || !isPunctuation(escaped)) return undefined;
    return { code: escaped.charCodeAt(0), length: 2 };
  }
  const code = char.charCodeAt(0);
  return code < 0x80 ? { code, length: 1 } : undefined;
}

function isQuantifier(char: string | undefined): boolean {
  return char === '*' || char === '+' || char === '?' || char === '{';
}

/** RE2 takes a backslash before any ASCII character that is neither letter nor digit for the character itself. */
function isPunctuation(char: string): boolean {
  const code = char.charCodeAt(0);
  if (code >= 0x80) return false;
  const isWord = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return !isWord && code !== 0x5f;
}

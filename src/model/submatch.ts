import { type RE2JS } from 're2js';
import { compileEngine } from './regexp.ts';

/**
 * A pattern whose groups are wanted: RE2 syntax, linear time. For relabelling, `label_replace` and templates; matchers use
 * {@link LabelRegexp}.
 */
export class Regexp {
  readonly source: string;
  readonly #compiled: RE2JS;
  readonly #groupNames: readonly (string | undefined)[];
  readonly #isWhole: boolean;

  private constructor(source: string, compiled: RE2JS, isWhole: boolean) {
    this.source = source;
    this.#compiled = compiled;
    this.#isWhole = isWhole;
    const names: (string | undefined)[] = [];
    for (const [name, group] of Object.entries(compiled.namedGroups())) names[group] = name;
    this.#groupNames = names;
  }

  /** The pattern as written: matches anywhere, `.` stops at newlines. @throws {RegexpError} */
  static compile(source: string): Regexp {
    return new Regexp(source, compileEngine(source, 0, source), false);
  }

  /**
   * The pattern as Prometheus relabels with it: `^(?s:source)$`.
   *
   * @throws {RegexpError} which quotes the pattern with its anchors, as Prometheus does
   */
  static anchored(source: string): Regexp {
    const wrapped = `^(?s:${source})$`;
    // `(.*)` and `.*` are what most steps say, and they match everything.
    return new Regexp(source, compileEngine(wrapped, 0, wrapped), source === '(.*)' || source === '.*');
  }

  matches(value: string): boolean {
    return this.#isWhole || this.#compiled.test(value);
  }

  /** The first match, or `undefined`. */
  find(value: string): Submatches | undefined {
    if (this.#isWhole) return wholeMatch(value, this.#compiled.groupCount());
    const matcher = this.#compiled.matcher(value);
    return matcher.find() ? this.#submatches(matcher) : undefined;
  }

  /** Every match replaced by the expanded template, as Go's `ReplaceAllString`: an empty match right after a match is not one. */
  replaceAll(value: string, template: Expansion): string {
    const matcher = this.#compiled.matcher(value);
    let replaced = '';
    let from = 0;
    let lastEnd = -1;
    let search = 0;
    while (search <= value.length && matcher.find(search)) {
      const match = this.#submatches(matcher);
      const { start, end } = match;
      if (end > start || start !== lastEnd) {
        replaced += value.slice(from, start) + template.expand(match);
        from = end;
      }
      lastEnd = end;
      search = end > start ? end : end + ((value.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
    }
    return from === 0 && replaced === '' ? value : replaced + value.slice(from);
  }

  #submatches(matcher: ReturnType<RE2JS['matcher']>): Submatches {
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
    return { start: matcher.start(0), end: matcher.end(0), groups, names: this.#groupNames };
  }
}

/** One match: its place in the value (UTF-16 units) and its groups, group 0 being all of it. */
export interface Submatches {
  readonly start: number;
  readonly end: number;
  /** `undefined` where a group took no part. */
  readonly groups: readonly (string | undefined)[];
  /** `names[i]` is the name of group i, where it has one. */
  readonly names: readonly (string | undefined)[];
}

function wholeMatch(value: string, groupCount: number): Submatches {
  return { start: 0, end: value.length, groups: groupCount === 0 ? [value] : [value, value], names: [] };
}

type Piece = string | { readonly group: number } | { readonly name: string };

/**
 * A replacement text with references to groups, read once: `$1`, `${1}`, `$name`, `${name}`, `$$`. A name reaches as far as letters,
 * digits and underscores do, so that `$1x` is the group called `1x`; a `$` that begins no reference stands for itself.
 *
 * @see Go `regexp` package, Regexp.Expand
 */
export class Expansion {
  readonly source: string;
  readonly #pieces: readonly Piece[];

  constructor(source: string) {
    this.source = source;
    this.#pieces = piecesOf(source);
  }

  /** Whether the text is the same for every match. */
  get isLiteral(): boolean {
    return this.#pieces.every((piece) => typeof piece === 'string');
  }

  expand(match: Submatches): string {
    let text = '';
    for (const piece of this.#pieces) {
      if (typeof piece === 'string') text += piece;
      else if ('group' in piece) text += match.groups[piece.group] ?? '';
      else text += namedGroup(match, piece.name);
    }
    return text;
  }
}

function namedGroup({ groups, names }: Submatches, name: string): string {
  for (let i = 0; i < names.length; i++) if (names[i] === name && groups[i] !== undefined) return groups[i]!;
  return '';
}

function piecesOf(source: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  let at = 0;
  while (at < source.length) {
    if (source[at] !== '$') {
      literal += source[at++];
      continue;
    }
    if (source[at + 1] === '$') {
      literal += '$';
      at += 2;
      continue;
    }
    const reference = referenceAt(source, at + 1);
    if (reference === undefined) {
      literal += '$';
      at++;
      continue;
    }
    if (literal !== '') pieces.push(literal);
    literal = '';
    pieces.push(pieceOf(reference.name));
    at = reference.end;
  }
  if (literal !== '') pieces.push(literal);
  return pieces;
}

const nameCharacter = /[\p{L}\p{Nd}_]/u;

/** The name after a `$`, with or without braces, and where the text goes on. */
function referenceAt(source: string, from: number): { name: string; end: number } | undefined {
  const hasBrace = source[from] === '{';
  const start = hasBrace ? from + 1 : from;
  let end = start;
  while (end < source.length) {
    const char = String.fromCodePoint(source.codePointAt(end)!);
    if (!nameCharacter.test(char)) break;
    end += char.length;
  }
  if (end === start || (hasBrace && source[end] !== '}')) return undefined;
  return { name: source.slice(start, end), end: hasBrace ? end + 1 : end };
}

/** Go reads a name of digits as a number, unless it begins with a superfluous 0 or is out of all proportion. */
function pieceOf(name: string): Piece {
  return /^(0|[1-9]\d{0,7})$/.test(name) ? { group: Number(name) } : { name };
}

import { RE2JS, RE2JSException } from 're2js';
import { shapeOf, type Shape, type ShapedPattern } from './regexp-shape.ts';

/** A pattern that RE2 does not accept; the message is worded as Go's `regexp/syntax` words it. */
export class RegexpError extends Error {
  override readonly name = 'RegexpError';
}

/** Characters of a pattern the automaton is built for; literals and gaps need none and may be longer. */
export const MAX_PATTERN_LENGTH = 32_768;
/** Characters of any pattern. */
export const MAX_LITERAL_PATTERN_LENGTH = 4_194_304;

/** Strings tried one after another where a pattern has gaps: beyond that the automaton is faster. */
const MAX_TRIED = 64;

/**
 * A label pattern: RE2 syntax, linear time, fully anchored, `.` matches newline — as Prometheus 3 matches labels.
 *
 * Most patterns people write are literals, choices of literals, prefixes, suffixes and `.*`: those are compared as strings, and no
 * automaton is built for them. A verdict costs from 5 ns (a choice) to some 100 ns (the automaton): whoever asks about the same
 * values again should keep the answers.
 *
 * @see Prometheus `model/labels/regexp.go`, FastRegexMatcher
 */
export class LabelRegexp {
  readonly source: string;
  /** The finite set of strings the pattern stands for (`a|b|c`), or `undefined`: lets an index look values up. */
  readonly setMatches: readonly string[] | undefined;
  /** A literal every match starts with; `''` where there is none. */
  readonly prefix: string;
  readonly #test: (value: string) => boolean;

  private constructor(source: string, shaped: ShapedPattern | undefined) {
    this.source = source;
    const isFinite = shaped !== undefined && shaped.alternatives.every((shape) => shape.gaps.length === 0);
    const isExact = shaped !== undefined && !shaped.ignoreCase;
    this.setMatches =
      isFinite && isExact ? [...new Set(shaped.alternatives.flatMap((shape) => shape.sets[0]!))] : undefined;
    this.prefix = isExact
      ? commonPrefix(shaped.alternatives.flatMap((shape) => shape.sets[0]!))
      : leadingLiteral(source);
    const test = (shaped && shapeTest(shaped)) ?? engineTest(source);
    this.#test = shaped?.ignoreCase === true ? caseBlind(test, source) : test;
  }

  /** @throws {RegexpError} when the pattern is not valid RE2, or longer than this program takes */
  static compile(source: string): LabelRegexp {
    if (source.length > MAX_LITERAL_PATTERN_LENGTH) throw tooLarge();
    const shaped = shapeOf(source);
    return new LabelRegexp(source, shaped !== undefined && isQuick(shaped) ? shaped : undefined);
  }

  matches(value: string): boolean {
    return this.#test(value);
  }
}

/**
 * Builds the automaton of `source` as written.
 *
 * @param shown what an error quotes when it is about the pattern as a whole
 * @throws {RegexpError}
 */
export function compileEngine(source: string, flags: number, shown: string): RE2JS {
  if (source.length > MAX_PATTERN_LENGTH) throw tooLarge();
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    throw new RegexpError(messageOf(error, shown), { cause: error });
  }
}

function engineTest(source: string): (value: string) => boolean {
  const compiled = compileEngine(source, RE2JS.DOTALL, source);
  return (value) => compiled.testExact(value);
}

// The engine is given its flags as a prefix of the pattern, which a message about the whole pattern then quotes.
function messageOf(error: unknown, shown: string): string {
  if (!(error instanceof RE2JSException)) return 'error parsing regexp: expression nests too deeply';
  return error.message.replace(`\`(?s)${shown}\``, () => `\`${shown}\``);
}

function tooLarge(): RegexpError {
  return new RegexpError(`error parsing regexp: expression too large (at most ${MAX_PATTERN_LENGTH} characters)`);
}

function isQuick({ alternatives }: ShapedPattern): boolean {
  const gapped = alternatives.filter((shape) => shape.gaps.length > 0);
  return gapped.flatMap((shape) => shape.sets.flat()).length <= MAX_TRIED;
}

function shapeTest({ alternatives }: ShapedPattern): (value: string) => boolean {
  const tests = alternatives.map((shape) => (shape.gaps.length === 0 ? choiceTest(shape.sets[0]!) : gapTest(shape)));
  const [first, second] = tests;
  if (first === undefined) return () => false;
  if (second === undefined) return first;
  return (value) => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!(value)) return true;
    return false;
  };
}

function choiceTest(strings: readonly string[]): (value: string) => boolean {
  const [only] = strings;
  if (strings.length === 1) return (value) => value === only;
  const set = new Set(strings);
  return (value) => set.has(value);
}

function gapTest({ sets, gaps }: Shape): (value: string) => boolean {
  if (sets.every((set) => set.length === 1) && gaps.length === 1) {
    const [[prefix], [suffix]] = sets as [[string], [string]];
    const least = prefix.length + gaps[0]! + suffix.length;
    if (least === 0) return () => true;
    if (prefix === '' && suffix === '') return (value) => value.length >= least;
    if (suffix === '') return (value) => value.length >= least && value.startsWith(prefix);
    if (prefix === '') return (value) => value.length >= least && value.endsWith(suffix);
    return (value) => value.length >= least && value.startsWith(prefix) && value.endsWith(suffix);
  }
  const last = sets.length - 1;
  return (value) => {
    // The earliest end of each choice leaves most to the rest, and a gap takes whatever lies between: no backtracking.
    let end = earliestPrefix(sets[0]!, value);
    for (let i = 1; i < last && end >= 0; i++) end = earliestEnd(sets[i]!, value, end + gaps[i - 1]!);
    return end >= 0 && endsWithAny(sets[last]!, value, end + gaps[last - 1]!);
  };
}

function earliestPrefix(strings: readonly string[], value: string): number {
  let earliest = -1;
  for (let i = 0; i < strings.length; i++) {
    const text = strings[i]!;
    if ((earliest < 0 || text.length < earliest) && value.startsWith(text)) earliest = text.length;
  }
  return earliest;
}

function earliestEnd(strings: readonly string[], value: string, from: number): number {
  let earliest = -1;
  if (from > value.length) return earliest;
  for (let i = 0; i < strings.length; i++) {
    const text = strings[i]!;
    const at = value.indexOf(text, from);
    if (at >= 0 && (earliest < 0 || at + text.length < earliest)) earliest = at + text.length;
  }
  return earliest;
}

function endsWithAny(strings: readonly string[], value: string, from: number): boolean {
  for (let i = 0; i < strings.length; i++) {
    const text = strings[i]!;
    if (value.length - text.length >= from && value.endsWith(text)) return true;
  }
  return false;
}

/** ASCII values are lowered and compared; others may fold in ways only the engine knows, which is built when the first one comes. */
function caseBlind(test: (value: string) => boolean, source: string): (value: string) => boolean {
  let engine: ((value: string) => boolean) | undefined;
  return (value) => {
    for (let i = 0; i < value.length; i++) {
      if (value.charCodeAt(i) >= 0x80) return (engine ??= engineTest(source))(value);
    }
    return test(value.toLowerCase());
  };
}

/** The literal a pattern begins with that the engine has to match otherwise: plain characters not followed by a quantifier. */
function leadingLiteral(source: string): string {
  // Anywhere outside a group, `|` makes the beginning optional; inside one it cannot reach back: too little gained to tell them apart.
  if (source.includes('|')) return '';
  const from = source.startsWith('^') ? 1 : 0;
  let end = from;
  while (end < source.length && !'\\.+*?()|[]{}^$'.includes(source[end]!)) end++;
  const next = source[end];
  // A quantifier belongs to the last character alone, which may be two units.
  if (next === '*' || next === '?' || next === '{' || next === '+') {
    end -= end > from + 1 && isLowSurrogate(source.charCodeAt(end - 1)) ? 2 : 1;
  }
  return source.slice(from, Math.max(from, end));
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

function commonPrefix(strings: readonly string[]): string {
  let [prefix = ''] = strings;
  for (const text of strings) while (!text.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

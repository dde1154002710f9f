import { RE2JS } from 're2js';
import { Matcher } from '../model/index.ts';

/** A group name in a binding: the name itself, or a pattern with named captures that stand in the scope as `$name`. */
export class NamePattern {
  readonly source: string;
  readonly captures: readonly string[];
  readonly #pattern: RE2JS | undefined;

  /**
   * A text without `(?P<…>…)` is a plain name: a dot in somebody's name then matches a dot only.
   *
   * @throws {Error} when the pattern is not valid RE2
   */
  constructor(source: string) {
    this.source = source;
    this.#pattern = source.includes('(?P<') ? RE2JS.compile(source, RE2JS.DOTALL) : undefined;
    this.captures = this.#pattern === undefined ? [] : Object.keys(this.#pattern.namedGroups());
  }

  /** The captures of a name that matches whole, or `undefined`. */
  match(name: string): ReadonlyMap<string, string> | undefined {
    if (this.#pattern === undefined) return name === this.source ? new Map() : undefined;
    const matcher = this.#pattern.matcher(name);
    if (!matcher.matches()) return undefined;
    return new Map(this.captures.map((capture) => [capture, matcher.group(capture) ?? '']));
  }
}

const placeholder = /\$(?:\$|([a-zA-Z_][a-zA-Z0-9_]*)|\{([a-zA-Z_][a-zA-Z0-9_]*)\})/g;

/** The names a matcher's value asks for: `$team`, `${team}`. `$$` is a dollar sign. */
export function placeholdersOf(matcher: Matcher): string[] {
  return [...matcher.value.matchAll(placeholder)].flatMap((found) => found[1] ?? found[2] ?? []);
}

/**
 * The matcher with captures in place of its placeholders. They are inserted after the selector was parsed, and quoted inside a
 * pattern: a group called `a"} or {x="` can only ever stand for that very text.
 */
export function bindCaptures(matcher: Matcher, captures: ReadonlyMap<string, string>): Matcher {
  if (!matcher.value.includes('$')) return matcher;
  const isPattern = matcher.type === '=~' || matcher.type === '!~';
  const value = matcher.value.replace(placeholder, (whole, bare?: string, braced?: string) => {
    if (whole === '$$') return isPattern ? '\\$' : '$';
    const captured = captures.get((bare ?? braced)!) ?? '';
    return isPattern ? RE2JS.quote(captured) : captured;
  });
  return new Matcher(matcher.type, matcher.name, value);
}

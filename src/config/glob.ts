import path from 'node:path';
import { type ConfigFiles } from './files.ts';

/**
 * Paths that match a pattern, sorted: `*`, `?` and `[a-z]` within one level, as Go's `filepath.Glob` matches. Folders that cannot be
 * read hold nothing.
 *
 * @throws {Error} for a pattern with an unclosed bracket
 */
export async function glob(pattern: string, files: ConfigFiles): Promise<string[]> {
  if (!hasMeta(pattern)) return (await files.exists(pattern)) ? [pattern] : [];
  const directory = path.dirname(pattern);
  const name = path.basename(pattern);
  const matches = compileName(name);
  const directories = hasMeta(directory) ? await glob(directory, files) : [directory];
  const found: string[] = [];
  for (const one of directories) {
    for (const entry of (await files.list(one)).sort()) {
      if (matches(entry)) found.push(pattern.includes('/') ? path.join(one, entry) : entry);
    }
  }
  return found;
}

function hasMeta(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/** One element of a compiled name: `*`, or something that matches a single character. */
type Element = '*' | ((char: string) => boolean);

/** Matches one path element; time is linear in the name for each star, so no pattern is slow. */
function compileName(pattern: string): (name: string) => boolean {
  const elements = parseElements(pattern);
  return (name) => matchElements(elements, Array.from(name));
}

function parseElements(pattern: string): Element[] {
  const chars = Array.from(pattern);
  const elements: Element[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i];
    if (char === '*') elements.push('*');
    else if (char === '?') elements.push(() => true);
    else if (char === '[') {
      const end = closingBracket(chars, i);
      elements.push(parseClass(chars.slice(i + 1, end), pattern));
      i = end;
    } else {
      const literal = char === '\\' ? chars[++i] : char;
      elements.push((c) => c === literal);
    }
  }
  return elements;
}

function closingBracket(chars: readonly string[], open: number): number {
  for (let i = open + 1; i < chars.length; i++) {
    if (chars[i] === '\\') i++;
    else if (chars[i] === ']' && i > open + 1) return i;
  }
  throw new Error(`syntax error in pattern ${JSON.stringify(chars.join(''))}: unclosed bracket`);
}

function parseClass(body: readonly string[], pattern: string): (char: string) => boolean {
  const isNegated = body[0] === '^';
  const ranges: [string, string][] = [];
  for (let i = isNegated ? 1 : 0; i < body.length; i++) {
    const low = body[i] === '\\' ? body[++i] : body[i];
    let high = low;
    if (body[i + 1] === '-') {
      i += 2;
      high = body[i] === '\\' ? body[++i] : body[i];
    }
    if ((high as string | undefined) === undefined) {
      throw new Error(`syntax error in pattern ${JSON.stringify(pattern)}: incomplete range`);
    }
    ranges.push([low, high]);
  }
  return (char) => ranges.some(([low, high]) => low <= char && char <= high) !== isNegated;
}

function matchElements(elements: readonly Element[], name: readonly string[]): boolean {
  let element = 0;
  let at = 0;
  // Where to resume when the text after the latest star does not fit.
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const current = elements[element] as Element | undefined;
    if (current === '*') {
      star = element++;
      starAt = at;
    } else if (current?.(name[at])) {
      element++;
      at++;
    } else if (star >= 0) {
      element = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (elements[element] === '*') element++;
  return element === elements.length;
}

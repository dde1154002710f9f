import { isUtf8 } from 'node:buffer';
import { ExpositionError } from '../error.ts';

/** Characters of a page that a message quotes at most. */
const MAX_QUOTED = 100;

/** A rule of the format that a line breaks: where, and what was expected. */
export function formatError(line: number, column: number, message: string): ExpositionError {
  return new ExpositionError(`line ${line}, column ${column}: ${message}`);
}

/** A piece of a page, fit for a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}

/**
 * The text of a page.
 *
 * @throws {ExpositionError} where it is not UTF-8
 */
export function pageText(page: Uint8Array): string {
  if (isUtf8(page)) return Buffer.from(page.buffer, page.byteOffset, page.byteLength).toString('utf8');
  let line = 1;
  let start = 0;
  for (;;) {
    const newline = page.indexOf(0x0a, start);
    const end = newline < 0 ? page.length : newline;
    if (!isUtf8(page.subarray(start, end)) || newline < 0) throw formatError(line, 1, 'the line is not valid UTF-8');
    start = newline + 1;
    line++;
  }
}

/** Reads one line from left to right. */
export class LineCursor {
  readonly text: string;
  readonly line: number;
  at: number;

  constructor(text: string, line: number, at = 0) {
    this.text = text;
    this.line = line;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The character ahead, `''` at the end. */
  peek(): string {
    return this.text.charAt(this.at);
  }

  /** Whether `text` stands ahead; it is passed then. */
  takes(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** What matches ahead, which must be a sticky pattern; `''` for nothing. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  expect(text: string, what = JSON.stringify(text)): void {
    if (!this.takes(text)) throw this.unexpected(what);
  }

  /** Blanks and tabs. */
  skipBlanks(): void {
    while (this.peek() === ' ' || this.peek() === '\t') this.at++;
  }

  /** A double-quoted text with its escapes resolved. @param isStrict an escape that means nothing is an error, not itself */
  quoted(isStrict: boolean): string {
    this.expect('"', 'a double quote');
    const opened = this.at;
    let text = '';
    for (;;) {
      if (this.isAtEnd) throw formatError(this.line, opened, 'a quote is opened and never closed');
      const c = this.text.charAt(this.at++);
      if (c === '"') return text;
      if (c !== '\\') {
        text += c;
        continue;
      }
      const escaped = this.text.charAt(this.at++);
      if (escaped === 'n') text += '\n';
      else if (escaped === '"' || escaped === '\\') text += escaped;
      else if (isStrict) throw formatError(this.line, this.at - 1, `invalid escape sequence ${shown(`\\${escaped}`)}`);
      else text += `\\${escaped}`;
    }
  }

  unexpected(expected: string): ExpositionError {
    const rest = this.isAtEnd ? 'the end of the line' : shown(this.text.slice(this.at));
    return this.fail(`expected ${expected}, got ${rest}`);
  }

  fail(message: string): ExpositionError {
    return formatError(this.line, this.at + 1, message);
  }
}

/** What may stand for a metric or label name without quotes. */
export const metricNamePattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
export const labelNamePattern = /[a-zA-Z_][a-zA-Z0-9_]*/y;

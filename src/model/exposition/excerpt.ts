import { isUtf8 } from 'node:buffer';
import { quoteGo } from '../quote.ts';

/** Bytes of a page that an error message quotes at most: a quote that is never closed reaches to the end of the page. */
const MAX_EXCERPT_BYTES = 1024;

/** Bytes `from` (included) to `to` (not included) as Go's `%q` prints a byte slice; shortened with an ellipsis where they are many. */
export function quoteBytes(bytes: Buffer, from: number, to: number): string {
  const end = Math.min(to, from + MAX_EXCERPT_BYTES);
  const part = bytes.subarray(from, end);
  const quoted = isUtf8(part) ? quoteGo(part.toString()) : quoteInvalid(part);
  return end < to ? `${quoted}…` : quoted;
}

/** Bytes that are not UTF-8 are printed one by one as `\xff`. */
function quoteInvalid(bytes: Buffer): string {
  let quoted = '"';
  let at = 0;
  while (at < bytes.length) {
    const size = characterSize(bytes, at);
    if (size === 0) {
      quoted += `\\x${bytes[at]!.toString(16).padStart(2, '0')}`;
      at++;
    } else {
      quoted += quoteGo(bytes.toString('utf8', at, at + size)).slice(1, -1);
      at += size;
    }
  }
  return `${quoted}"`;
}

/** Length of the valid UTF-8 sequence at `at`, 0 where there is none. */
function characterSize(bytes: Buffer, at: number): number {
  for (let size = 1; size <= 4 && at + size <= bytes.length; size++)
    if (isUtf8(bytes.subarray(at, at + size))) return size;
  return 0;
}

/** A place in an expression as messages give it: line and column from 1, column counted in characters of the line. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const inParentheses = /\((\d{1,6}):(\d{1,6})\)\s*$/;
const beforeColon = /(?:^|[\s"])(\d{1,6}):(\d{1,6}): /;

/**
 * The place a message of the server points to: errors carry it as `1:5: parse error: …`, warnings and infos at their
 * end as `… (1:5)`. `undefined` where there is none.
 */
export function placeOf(message: string): Place | undefined {
  const match = inParentheses.exec(message) ?? beforeColon.exec(message);
  if (match === null) return undefined;
  const line = Number(match[1]);
  const column = Number(match[2]);
  return line >= 1 && column >= 1 ? { line, column } : undefined;
}

/**
 * Index in the expression (UTF-16) that a place means. Columns count bytes of UTF-8, as the parser does; a place beyond
 * the text is its end.
 */
export function indexOf(expression: string, place: Place): number {
  let start = 0;
  for (let line = 1; line < place.line; line++) {
    const end = expression.indexOf('\n', start);
    if (end === -1) return expression.length;
    start = end + 1;
  }
  let bytes = place.column - 1;
  let index = start;
  while (bytes > 0 && index < expression.length) {
    const code = expression.codePointAt(index)!;
    bytes -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    index += code < 0x10000 ? 1 : 2;
  }
  return index;
}

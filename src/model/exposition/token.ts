/** What the lexers of the text formats tell apart. Plain numbers: there is one for every few bytes. */
export type Token = number;

export const INVALID = 0;
export const END = 1;
export const LINE_BREAK = 2;
export const WHITESPACE = 3;
export const HELP = 4;
export const TYPE = 5;
export const UNIT = 6;
export const END_WORD = 7;
export const TEXT = 8;
export const COMMENT = 9;
export const METRIC_NAME = 10;
export const QUOTED = 11;
export const BRACE_OPEN = 12;
export const BRACE_CLOSE = 13;
export const LABEL_NAME = 14;
export const LABEL_VALUE = 15;
export const COMMA = 16;
export const EQUAL = 17;
export const TIMESTAMP = 18;
export const VALUE = 19;

/** The tokens' names as Prometheus's error messages show them. */
export const tokenNames: readonly string[] = [
  'INVALID',
  'EOF',
  'LINEBREAK',
  'WHITESPACE',
  'HELP',
  'TYPE',
  'UNIT',
  'EOFWORD',
  'TEXT',
  'COMMENT',
  'MNAME',
  'QSTRING',
  'BOPEN',
  'BCLOSE',
  'LNAME',
  'LVALUE',
  'COMMA',
  'EQUAL',
  'TIMESTAMP',
  'VALUE',
];

export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

/** `[a-zA-Z_]` */
export function isLabelNameStart(c: number): boolean {
  return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f;
}

/** `[a-zA-Z_:]` */
export function isNameStart(c: number): boolean {
  return isLabelNameStart(c) || c === 0x3a;
}

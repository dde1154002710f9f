/** `text` in lower case as Go's `strings.ToLower`: each character for itself, one for one, whatever stands beside it. */
export function toLowerGo(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapChars(text, lowerChar);
}

/** `text` in upper case as Go's `strings.ToUpper`: each character for itself, one for one. */
export function toUpperGo(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapChars(text, upperChar);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function mapChars(text: string, map: (char: string) => string): string {
  let mapped = '';
  for (const char of text) mapped += map(char);
  return mapped;
}

function lowerChar(char: string): string {
  const lower = char.toLowerCase();
  if (isOneChar(lower)) return lower;
  // İ is the one character whose lower case is longer here and a plain i in Unicode's simple mapping.
  return char === '\u0130' ? 'i' : char;
}

function upperChar(char: string): string {
  const upper = char.toUpperCase();
  if (isOneChar(upper)) return upper;
  // Greek letters with iota subscript have a single titlecase letter as their simple mapping; ß, ligatures and the like have none.
  const code = char.charCodeAt(0);
  const isLower = code >= 0x1f80 && code < 0x1fb0 && (code & 8) === 0;
  if (isLower) return String.fromCharCode(code + 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9);
  return char;
}

function isOneChar(text: string): boolean {
  return text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);
}

/** `text` as Go's `strconv.Quote` prints it: double quotes, Go's escapes, what is not printable as \x, \u or \U. */
export function quoteGo(text: string): string {
  if (!needsEscape(text)) return `"${text}"`;
  let quoted = '"';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    switch (code) {
      case 0x07:
        quoted += '\\a';
        break;
      case 0x08:
        quoted += '\\b';
        break;
      case 0x0c:
        quoted += '\\f';
        break;
      case 0x0a:
        quoted += '\\n';
        break;
      case 0x0d:
        quoted += '\\r';
        break;
      case 0x09:
        quoted += '\\t';
        break;
      case 0x0b:
        quoted += '\\v';
        break;
      case 0x22:
        quoted += '\\"';
        break;
      case 0x5c:
        quoted += '\\\\';
        break;
      default:
        if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`;
        else if (isPrintable(char)) quoted += char;
        else if (code < 0x10000) quoted += `\\u${code.toString(16).padStart(4, '0')}`;
        else quoted += `\\U${code.toString(16).padStart(8, '0')}`;
    }
  }
  return `${quoted}"`;
}

function needsEscape(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e || c === 0x22 || c === 0x5c) return true;
  }
  return false;
}

// Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function isPrintable(char: string): boolean {
  return printable.test(char);
}

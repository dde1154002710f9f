/**
 * The label name a path segment stands for: `U__` marks a name whose characters beyond the classic ones are written as their code
 * points between underscores (`_2e_` for a dot), and whose underscores are doubled. What does not decode is the name itself.
 *
 * @see Prometheus common `model/metric.go`, UnescapeName with ValueEncodingEscaping
 */
export function unescapeLabelName(name: string): string {
  if (!name.startsWith('U__')) return name;
  let decoded = '';
  let at = 3;
  while (at < name.length) {
    const char = name[at]!;
    if (char !== '_') {
      decoded += char;
      at++;
      continue;
    }
    if (name[at + 1] === '_') {
      decoded += '_';
      at += 2;
      continue;
    }
    const [whole, hex] = /^_([0-9a-fA-F]{1,6})_/.exec(name.slice(at, at + 8)) ?? [];
    const code = Number.parseInt(hex ?? '', 16);
    const isSurrogate = code >= 0xd800 && code < 0xe000;
    if (whole === undefined || code > 0x10ffff || isSurrogate) return name;
    decoded += String.fromCodePoint(code);
    at += whole.length;
  }
  return decoded;
}

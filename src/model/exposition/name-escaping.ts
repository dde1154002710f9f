import { isLegacyMetricName } from '../labels.ts';

/** How names beyond the legacy characters are written for readers that do not know quoted names. */
export type NameEscaping = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

export const nameEscapings: readonly NameEscaping[] = ['allow-utf-8', 'underscores', 'dots', 'values'];

/** What `values` puts before a name it had to escape. */
const VALUES_PREFIX = 'U__';

/**
 * A metric or label name in an escaping.
 *
 * @see Prometheus common `model/metric.go`, EscapeName
 */
export function escapeName(name: string, escaping: NameEscaping): string {
  switch (escaping) {
    case 'allow-utf-8':
      return name;
    case 'underscores':
      return isLegacyMetricName(name) ? name : mapName(name, () => '_');
    case 'dots':
      // Underscores are doubled in legacy names too, or the way back would be ambiguous.
      return mapName(name, (char) => (char === '.' ? '_dot_' : '__'), true);
    case 'values':
      if (name === '' || isLegacyMetricName(name)) return name;
      return VALUES_PREFIX + mapName(name, (char) => (char === '_' ? '__' : codeOf(char)), true);
  }
}

function codeOf(char: string): string {
  const code = char.codePointAt(0)!;
  return code >= 0xd800 && code < 0xe000 ? '_FFFD_' : `_${code.toString(16)}_`;
}

/** @param escapesUnderscore whether `replace` decides about underscores too */
function mapName(name: string, replace: (char: string) => string, escapesUnderscore = false): string {
  let mapped = '';
  let bytes = 0;
  for (const char of name) {
    const isKept = char === '_' ? !escapesUnderscore : isLegacyCharacter(char, bytes);
    mapped += isKept ? char : replace(char);
    bytes += Buffer.byteLength(char);
  }
  return mapped;
}

function isLegacyCharacter(char: string, at: number): boolean {
  return /^[a-zA-Z:]$/.test(char) || (at > 0 && /^[0-9]$/.test(char));
}

/** The name that {@link escapeName} escaped as `values`; what is no such text comes back as it is. */
export function unescapeValues(escaped: string): string {
  if (!escaped.startsWith(VALUES_PREFIX)) return escaped;
  let name = '';
  for (let at = VALUES_PREFIX.length; at < escaped.length; at++) {
    if (escaped[at] !== '_') {
      name += escaped[at]!;
    } else if (escaped[at + 1] === '_') {
      name += '_';
      at++;
    } else {
      const code = /^[0-9a-fA-F]{0,6}(?=_)/.exec(escaped.slice(at + 1, at + 8))?.[0];
      const value = code === undefined ? NaN : Number.parseInt(code, 16);
      if (!(value <= 0x10ffff) || (value >= 0xd800 && value < 0xe000)) return escaped;
      name += String.fromCodePoint(value);
      at += code!.length + 1;
    }
  }
  return name;
}

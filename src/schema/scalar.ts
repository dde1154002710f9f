import { type ScalarNode } from './document.ts';

/** What a scalar means before a target type is asked: the core of YAML 1.1 as Go reads it. */
export type Resolved =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'invalid'; readonly message: string };

const nullTexts = new Set(['', '~', 'null', 'Null', 'NULL']);
const booleans = new Map<string, boolean>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((t) => [t, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((t) => [t, false] as const),
]);
const specialFloats = new Map<string, number>([
  ...['.nan', '.NaN', '.NAN'].map((t) => [t, NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((t) => [t, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((t) => [t, -Infinity] as const),
]);

const minInt64 = -(1n << 63n);
const maxUint64 = (1n << 64n) - 1n;

/** Whether a plain scalar stands for "nothing here". */
export function isNullScalar(node: ScalarNode): boolean {
  return (node.tag === 'null' || (node.tag === undefined && node.isPlain)) && nullTexts.has(node.text);
}

/**
 * The meaning of a scalar by its tag and text.
 *
 * @see go.yaml.in/yaml/v2 `resolve.go`: YAML 1.1 words for booleans, `0o`/`0x`/`0b`/leading-zero integers with `_`, no base 60
 */
export function resolveScalar(node: ScalarNode): Resolved {
  const { text, tag } = node;
  if (tag === undefined) return node.isPlain ? resolvePlain(text) : { kind: 'string', value: text };
  if (tag === 'str') return { kind: 'string', value: text };
  if (tag === 'binary') return resolveBinary(text);
  const resolved = resolvePlain(text);
  switch (tag) {
    case 'float':
      if (resolved.kind === 'int') return { kind: 'float', value: Number(resolved.value) };
      return resolved.kind === 'float' ? resolved : mistagged(tag, text);
    case 'int':
    case 'bool':
    case 'null':
    case 'timestamp':
      return resolved.kind === tag ? resolved : mistagged(tag, text);
    default:
      // Go hands unknown tags through as text.
      return { kind: 'string', value: text };
  }
}

function mistagged(tag: string, text: string): Resolved {
  return { kind: 'invalid', message: `cannot decode ${JSON.stringify(text)} as !!${tag}` };
}

/** The meaning of an unquoted scalar; also tells a writer whether a string has to be quoted to stay one. */
export function resolvePlain(text: string): Resolved {
  if (nullTexts.has(text)) return { kind: 'null' };
  const boolean = booleans.get(text);
  if (boolean !== undefined) return { kind: 'bool', value: boolean };
  const special = specialFloats.get(text);
  if (special !== undefined) return { kind: 'float', value: special };
  const first = text.charCodeAt(0);
  const isDigit = first >= 0x30 && first <= 0x39;
  if (text.startsWith('.')) {
    return /^\.[0-9]+([eE][-+]?[0-9]+)?$/.test(text)
      ? { kind: 'float', value: Number(text) }
      : { kind: 'string', value: text };
  }
  if (!isDigit && !text.startsWith('-') && !text.startsWith('+')) return { kind: 'string', value: text };
  if (isDigit && isTimestamp(text)) return { kind: 'timestamp' };

  const plain = text.replaceAll('_', '');
  const int = parseGoInt(plain);
  if (int !== undefined) return { kind: 'int', value: int };
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) {
    const value = Number(plain);
    if (Number.isFinite(value)) return { kind: 'float', value };
  }
  return { kind: 'string', value: text };
}

/** Go's ParseInt and ParseUint with base 0: a prefix names the base, a leading zero means octal. */
function parseGoInt(text: string): bigint | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  // The bound keeps a megabyte of digits from becoming a big integer.
  if (!match || text.length > 80) return undefined;
  let digits = match[2];
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`;
  const magnitude = BigInt(digits.toLowerCase());
  const value = match[1] === '-' ? -magnitude : magnitude;
  return value < minInt64 || value > maxUint64 ? undefined : value;
}

function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/.exec(
      text,
    );
  if (!match) return false;
  const month = Number(match[2]);
  const day = Number(match[3]);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

function resolveBinary(text: string): Resolved {
  const compact = text.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    return { kind: 'invalid', message: '!!binary value contains invalid base64 data' };
  }
  try {
    return { kind: 'string', value: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(compact, 'base64')) };
  } catch {
    return { kind: 'invalid', message: '!!binary value is not valid UTF-8 text' };
  }
}

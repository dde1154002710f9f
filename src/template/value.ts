/**
 * What a template works on. Go's types are told apart by JavaScript's: int is bigint, float64 is number, slice is array, map is `Map`,
 * struct is a plain object (its functions are methods), `undefined` is a value that is not there.
 */
export type Value = unknown;

/** A `map[string]string`: a missing key reads as `''`, not as no value. */
export class StringMap extends Map<string, string> {}

/** Text that is HTML already. */
export class SafeHtml {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }

  toString(): string {
    return this.html;
  }
}

/** Go's truth: not false, zero, empty, nil. */
export function isTruthy(value: Value): boolean {
  if (value === undefined || value === null) return false;
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'string':
      return value !== '';
    default:
  }
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return true;
}

/** The name Go's `%T` gives. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return '<nil>';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'bigint':
      return 'int';
    case 'string':
      return 'string';
    case 'function':
      return 'func()';
    default:
  }
  if (Array.isArray(value))
    return value.every((v) => typeof v === 'string') && value.length > 0 ? '[]string' : '[]interface {}';
  if (value instanceof StringMap) return 'map[string]string';
  if (value instanceof Map) return 'map[string]interface {}';
  if (value instanceof SafeHtml) return 'template.HTML';
  return value.constructor === Object ? 'struct {}' : value.constructor.name;
}

/** Keys in the order Go prints and ranges over a map. */
export function sortedKeys(map: ReadonlyMap<unknown, unknown>): unknown[] {
  return [...map.keys()].sort((a, b) => {
    if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
    return Number(a) - Number(b);
  });
}

/** The fields of a struct, without its methods. */
export function fieldsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, field]) => typeof field !== 'function');
}

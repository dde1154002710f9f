import { sprint, sprintf, sprintln, printValue } from './printf.ts';
import { isTruthy, StringMap, typeName, type Value } from './value.ts';

/** A function of a template. It may be asynchronous, and it may throw: the message becomes the template's error. */
export type TemplateFunction = (...args: Value[]) => Value;

/** Go's predeclared functions but `and` and `or`, which do not evaluate all of their arguments and belong to the executor. */
export const builtins: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['not', (value) => !isTruthy(value)],
  ['len', length],
  ['index', index],
  ['slice', slice],
  ['print', (...args) => sprint(args)],
  ['printf', (format, ...args) => sprintf(String(format), args)],
  ['println', (...args) => sprintln(args)],
  ['html', (...args) => escapeHtml(evaluate(args))],
  ['js', (...args) => escapeJs(evaluate(args))],
  ['urlquery', (...args) => escapeQuery(evaluate(args))],
  ['eq', (first, ...others) => equalsAny(first, others)],
  ['ne', (a, b) => !equalsAny(a, [b])],
  ['lt', (a, b) => compare(a, b) < 0],
  ['le', (a, b) => compare(a, b) <= 0],
  ['gt', (a, b) => compare(a, b) > 0],
  ['ge', (a, b) => compare(a, b) >= 0],
  ['call', (fn, ...args) => call(fn, args)],
]);

function evaluate(args: readonly Value[]): string {
  return args.length === 1 && typeof args[0] === 'string' ? args[0] : args.map(printValue).join('');
}

function length(value: Value): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (Array.isArray(value)) return BigInt(value.length);
  if (value instanceof Map) return BigInt(value.size);
  if (value === undefined || value === null) throw new Error('len of nil pointer');
  throw new Error(`len of type ${typeName(value)}`);
}

function index(value: Value, ...keys: Value[]): Value {
  if (value === undefined || value === null) throw new Error('index of untyped nil');
  return keys.reduce(element, value);
}

function element(value: Value, key: Value): Value {
  if (value instanceof Map) {
    if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`);
    return value.get(key) ?? (value instanceof StringMap ? '' : undefined);
  }
  if (Array.isArray(value)) return value[position(key, value.length)] as Value;
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return BigInt(bytes[position(key, bytes.length)]!);
  }
  if (value === undefined || value === null) throw new Error('index of nil pointer');
  throw new Error(`can't index item of type ${typeName(value)}`);
}

function position(key: Value, length: number): number {
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  if (key < 0n || key >= BigInt(length)) throw new Error(`index out of range: ${key}`);
  return Number(key);
}

function slice(value: Value, ...bounds: Value[]): Value {
  const items = typeof value === 'string' ? Buffer.from(value) : value;
  if (!Array.isArray(items) && !Buffer.isBuffer(items)) throw new Error(`can't slice item of type ${typeName(value)}`);
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`);
  const at = bounds.map((bound) => {
    if (typeof bound !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(bound)}`);
    if (bound < 0n || bound > BigInt(items.length)) throw new Error(`index out of range: ${bound}`);
    return Number(bound);
  });
  const [from = 0, to = items.length] = at;
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  return Buffer.isBuffer(items) ? items.subarray(from, to).toString('utf8') : items.slice(from, to);
}

type Basic = 'bool' | 'int' | 'float' | 'string';

function basicKind(value: Value): Basic | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'string':
      return 'string';
    default:
      return undefined;
  }
}

function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  const isNil = (value: Value) => value === undefined || value === null;
  return others.some((other) => {
    if (isNil(first) || isNil(other)) return isNil(first) && isNil(other);
    const [a, b] = [basicKind(first), basicKind(other)];
    if (a === undefined || b === undefined)
      throw new Error(`non-comparable type ${printValue(first)}: ${typeName(first)}`);
    if (a !== b) throw new Error('incompatible types for comparison');
    return first === other;
  });
}

function compare(a: Value, b: Value): number {
  const kind = basicKind(a);
  if (kind === undefined || kind === 'bool' || basicKind(b) === undefined)
    throw new Error('invalid type for comparison');
  if (kind !== basicKind(b)) throw new Error('incompatible types for comparison');
  if (kind === 'string') return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

function call(fn: Value, args: readonly Value[]): Value {
  if (typeof fn !== 'function')
    throw new Error(fn === undefined || fn === null ? 'call of nil' : `non-function of type ${typeName(fn)}`);
  return (fn as TemplateFunction)(...args);
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

/** Go's `template.HTMLEscapeString`. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (c) => htmlEscapes[c]!);
}

const jsEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** Go's `template.JSEscapeString`. */
export function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=]|[\x00-\x1f]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (c) => {
    const known = jsEscapes[c];
    if (known !== undefined) return known;
    return `\\u${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** Go's `url.QueryEscape`. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

import { type Decoder, nameNode } from './decoder.ts';
import { type ListNode, type MapNode, type ScalarNode } from './document.ts';
import { type Resolved, resolveScalar } from './scalar.ts';
import { type Schema } from './schema.ts';
import { plain, text, type Yaml } from './yaml-writer.ts';

type AnyNode = ScalarNode | ListNode | MapNode;

/** Any scalar, kept as the text it is in the file: `3`, `yes` and `"yes"` are all strings here. */
export function string(): Schema<string> {
  return stringSchema;
}

const stringSchema: Schema<string> = {
  decode: (node, decoder) => scalarText(node, decoder, 'a string') ?? '',
  zero: () => '',
  isZero: (value) => value === '',
  encode: (value) => text(value),
  describe: () => ({ type: 'string' }),
};

/** The text of a scalar node, or `undefined` after reporting that it is none. */
export function scalarText(node: AnyNode, decoder: Decoder, expected: string): string | undefined {
  const resolved = scalarOf(node, decoder, expected);
  if (resolved === undefined) return undefined;
  return resolved.kind === 'string' ? resolved.value : (node as ScalarNode).text;
}

function scalarOf(
  node: AnyNode,
  decoder: Decoder,
  expected: string,
): Exclude<Resolved, { kind: 'invalid' }> | undefined {
  if (node.kind !== 'scalar') {
    decoder.fail(node, `cannot use ${nameNode(node)} here`, expected);
    return undefined;
  }
  const resolved = resolveScalar(node);
  if (resolved.kind === 'invalid') {
    decoder.fail(node, resolved.message, expected);
    return undefined;
  }
  return resolved;
}

/** `true` and `false`, and YAML 1.1's `yes`, `no`, `on`, `off`, `y`, `n` in their three spellings; never quoted. */
export function boolean(): Schema<boolean> {
  return booleanSchema;
}

const booleanSchema: Schema<boolean> = {
  decode(node, decoder) {
    const resolved = scalarOf(node, decoder, 'true or false');
    if (resolved === undefined) return false;
    if (resolved.kind === 'bool') return resolved.value;
    decoder.fail(node, `cannot use ${nameNode(node)} as a boolean`, 'true or false');
    return false;
  },
  zero: () => false,
  isZero: (value) => !value,
  encode: (value) => plain(value ? 'true' : 'false'),
  describe: () => ({ type: 'boolean' }),
};

export interface IntOptions {
  /** Smallest accepted value; `0` makes it Go's `uint`. */
  readonly min?: number;
  readonly max?: number;
}

/** A whole number within JavaScript's exact range. As in Go, `1e3` and `1.5` are taken and lose their fraction. */
export function int(options: IntOptions = {}): Schema<number> {
  const min = options.min ?? Number.MIN_SAFE_INTEGER;
  const max = options.max ?? Number.MAX_SAFE_INTEGER;
  const expected = expectedInt(options);
  return {
    decode(node, decoder) {
      const resolved = scalarOf(node, decoder, expected);
      if (resolved === undefined) return 0;
      const value =
        resolved.kind === 'int' ? Number(resolved.value) : resolved.kind === 'float' ? Math.trunc(resolved.value) : NaN;
      if (Number.isNaN(value)) decoder.fail(node, `cannot use ${nameNode(node)} as an integer`, expected);
      else if (value < min || value > max) decoder.fail(node, `${nameNode(node)} is out of range`, expected);
      else return value === 0 ? 0 : value;
      return 0;
    },
    zero: () => 0,
    isZero: (value) => value === 0,
    encode: (value) => plain(String(value)),
    describe: () => ({
      type: 'integer',
      ...(options.min === undefined && options.max === undefined ? {} : { accepts: expected }),
    }),
  };
}

function expectedInt({ min, max }: IntOptions): string {
  if (min !== undefined && max !== undefined) return `an integer from ${min} to ${max}`;
  if (min !== undefined) return min === 0 ? 'an integer that is not negative' : `an integer of at least ${min}`;
  if (max !== undefined) return `an integer of at most ${max}`;
  return 'an integer';
}

/** A number; `.inf` and `.nan` are numbers too. */
export function float(): Schema<number> {
  return floatSchema;
}

const floatSchema: Schema<number> = {
  decode(node, decoder) {
    const resolved = scalarOf(node, decoder, 'a number');
    if (resolved === undefined) return 0;
    if (resolved.kind === 'float') return resolved.value;
    if (resolved.kind === 'int') return Number(resolved.value);
    decoder.fail(node, `cannot use ${nameNode(node)} as a number`, 'a number');
    return 0;
  },
  zero: () => 0,
  isZero: (value) => value === 0,
  encode: (value) => plain(formatFloat(value)),
  describe: () => ({ type: 'number' }),
};

/** Go's shortest `%g` form, with YAML's words for the infinities and NaN. */
function formatFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (Object.is(value, -0)) return '-0';
  const [digits, exponentText] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  // Go's shortest %g turns to exponents below 1e-4 and from 1e21 on.
  if (exponent < -4 || exponent >= 21) {
    const magnitude = Math.abs(exponent);
    return `${digits}e${exponent < 0 ? '-' : '+'}${magnitude < 10 ? `0${magnitude}` : magnitude}`;
  }
  return value.toFixed(Math.max(0, decimals(digits) - exponent));
}

function decimals(digits: string): number {
  const point = digits.indexOf('.');
  return point < 0 ? 0 : digits.length - point - 1;
}

/** One of a few words. `message` words the refusal; by default it lists what is accepted. */
export function oneOf<const T extends string>(
  values: readonly T[],
  message: (given: string) => string = (given) => `unknown value ${JSON.stringify(given)}`,
  options: { readonly ignoreCase?: boolean; readonly zero?: T } = {},
): Schema<T> {
  const expected = `one of ${values.filter((value) => value !== '').join(', ')}`;
  return {
    decode(node, decoder) {
      const given = scalarText(node, decoder, expected);
      if (given === undefined) return this.zero();
      const wanted = options.ignoreCase ? given.toLowerCase() : given;
      const found = values.find((value) => value === wanted);
      if (found !== undefined) return found;
      decoder.fail(node, message(given), expected);
      return this.zero();
    },
    // Null leaves Go's string empty; what that means is for the schema's user to say, who lists '' or gives a zero.
    zero: () => options.zero ?? ('' as T),
    isZero: (value) => (value as string) === '',
    encode: (value) => text(value),
    describe: () => ({ type: 'string', accepts: expected }),
  };
}

/** A string with a check of its own; the check returns what is wrong, or nothing. */
export function checkedString(check: (value: string) => string | undefined, expected?: string): Schema<string> {
  return {
    ...stringSchema,
    decode(node, decoder) {
      const value = scalarText(node, decoder, expected ?? 'a string');
      if (value === undefined) return '';
      const wrong = check(value);
      if (wrong !== undefined) decoder.fail(node, wrong, expected);
      return value;
    },
    describe: () => ({ type: 'string', ...(expected === undefined ? {} : { accepts: expected }) }),
  };
}

/** A scalar read through a parser that throws an Error for a bad text. */
export function parsed<T>(options: {
  readonly type: string;
  readonly expected?: string;
  readonly parse: (text: string) => T;
  readonly zero: () => T;
  readonly isZero: (value: T) => boolean;
  readonly encode: (value: T) => Yaml;
}): Schema<T> {
  return {
    decode(node, decoder) {
      const given = scalarText(node, decoder, options.expected ?? `a ${options.type}`);
      if (given === undefined) return options.zero();
      try {
        return options.parse(given);
      } catch (error) {
        decoder.fail(node, error instanceof Error ? error.message : String(error), options.expected);
        return options.zero();
      }
    },
    zero: options.zero,
    isZero: options.isZero,
    encode: options.encode,
    describe: () => ({ type: options.type, ...(options.expected === undefined ? {} : { accepts: options.expected }) }),
  };
}

/** The same values, of which some are refused: `check` returns what is wrong, or nothing. */
export function refined<T>(schema: Schema<T>, check: (value: T) => string | undefined, expected?: string): Schema<T> {
  return {
    decode(node, decoder) {
      const before = decoder.errorCount;
      const value = schema.decode(node, decoder);
      if (decoder.errorCount === before) {
        const wrong = check(value);
        if (wrong !== undefined) decoder.fail(node, wrong, expected);
      }
      return value;
    },
    zero: () => schema.zero(),
    isZero: (value) => schema.isZero(value),
    encode: (value) => schema.encode(value),
    describe: () => ({ ...schema.describe(), ...(expected === undefined ? {} : { accepts: expected }) }),
  };
}

/** Present or not: null and absence give `undefined`, and any value, even an empty one, is printed (a pointer in Go). */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return {
    decode: (node, decoder) => schema.decode(node, decoder),
    zero: () => undefined,
    isZero: (value) => value === undefined,
    encode: (value) => (value === undefined ? plain('null') : schema.encode(value)),
    describe: () => schema.describe(),
  };
}

/** A schema that needs itself: `lazy(() => tree)`. */
export function lazy<T>(get: () => Schema<T>, type: string): Schema<T> {
  return {
    decode: (node, decoder) => get().decode(node, decoder),
    zero: () => get().zero(),
    isZero: (value) => get().isZero(value),
    encode: (value) => get().encode(value),
    describe: () => ({ type }),
  };
}

/** Any YAML at all as plain data (maps as `Map`s with string keys), for blocks that are passed on. */
export function anything(): Schema<unknown> {
  return anySchema;
}

const anySchema: Schema<unknown> = {
  decode(node, decoder) {
    switch (node.kind) {
      case 'list':
        return node.items.map((item, i) => decoder.child(anySchema, item, i));
      case 'map': {
        const result = new Map<string, unknown>();
        for (const { key, value } of node.entries) {
          const name = decoder.value(stringSchema, key);
          if (result.has(name)) decoder.fail(key, `key ${JSON.stringify(name)} already set in map`);
          result.set(name, decoder.child(anySchema, value, name));
        }
        return result;
      }
      case 'scalar': {
        const resolved = scalarOf(node, decoder, 'a value');
        switch (resolved?.kind) {
          case 'bool':
          case 'float':
          case 'string':
            return resolved.value;
          case 'int':
            return Number(resolved.value);
          case 'timestamp':
            return node.text;
          default:
            return undefined;
        }
      }
    }
  },
  zero: () => undefined,
  isZero: (value) => value === undefined,
  encode(value): Yaml {
    if (value === undefined || value === null) return plain('null');
    if (typeof value === 'boolean') return booleanSchema.encode(value);
    if (typeof value === 'number') return floatSchema.encode(value);
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return { kind: 'list', items: value.map((v) => anySchema.encode(v)) };
    if (value instanceof Map) {
      return { kind: 'map', entries: Array.from(value, ([k, v]) => [String(k), anySchema.encode(v)] as const) };
    }
    return text(String(value));
  },
  describe: () => ({ type: 'any' }),
};

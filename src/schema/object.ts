import { type Decoder, joinPath, nameNode } from './decoder.ts';
import { type ListNode, type MapNode, type ScalarNode } from './document.ts';
import { eachEntry } from './collections.ts';
import { type Description, type FieldDescription, type Schema } from './schema.ts';
import { type Yaml, writeYaml } from './yaml-writer.ts';

/** One key of an object, or all keys of another object that stands inline. */
export interface Field<T> {
  /** The key in the file; `undefined` for an inline object. */
  readonly key: string | undefined;
  readonly schema: Schema<T>;
  /** The value when the key is absent. */
  readonly initial: () => T;
  /** The error when the value is absent or empty. */
  readonly required: string | undefined;
  /** Printed even when empty (a Go field without `omitempty`). */
  readonly isAlwaysPrinted: boolean;
  readonly doc: string | undefined;
}

export interface FieldOptions<T> {
  /** When the key is absent. Null stands for the type's zero value all the same, as in Go. A function for mutable values. */
  readonly default?: T | (() => T);
  /** The error when the value is absent or empty. */
  readonly required?: string;
  readonly isAlwaysPrinted?: boolean;
  readonly doc?: string;
}

export function field<T>(key: string, schema: Schema<T>, options: FieldOptions<T> = {}): Field<T> {
  const given = options.default;
  let initial: () => T = () => schema.zero();
  if (typeof given === 'function') initial = given as () => T;
  else if (given !== undefined) initial = () => given as T;
  return {
    key,
    schema,
    initial,
    required: options.required,
    isAlwaysPrinted: options.isAlwaysPrinted ?? false,
    doc: options.doc,
  };
}

/** The keys of another object, read and printed as if they were this object's own (Go's `yaml:",inline"`). */
export function inline<T extends object>(schema: ObjectSchema<T>): Field<T> {
  return {
    key: undefined,
    schema,
    initial: () => schema.defaults(),
    required: undefined,
    isAlwaysPrinted: true,
    doc: undefined,
  };
}

/** Takes the `readonly` off, for checks that also complete a freshly decoded value. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What a check may do with the object it is given. */
export interface Check<T> {
  /** Reports an error at the value of `property`, or at the object. */
  fail(message: string, property?: (keyof T & string) | undefined, expected?: string): void;
  /** Whether the property's key is in the file. */
  has(property: keyof T & string): boolean;
  readonly decoder: Decoder;
}

export interface ObjectOptions<T extends object> {
  /** What the object is called in errors: `unknown field "x" in <name>`. */
  readonly name: string;
  /** In the order of printing. */
  readonly fields: { readonly [K in keyof T]-?: Field<T[K]> };
  /** Checks across fields, run when every field of the object is right; may complete the value. */
  readonly refine?: (value: Writable<T>, check: Check<T>) => void;
}

/** The schema of a map with known keys; an unknown key is an error that names the nearest known one. */
export interface ObjectSchema<T extends object> extends Schema<T> {
  readonly name: string;
  /** The value of an object without any key. A new one each time. */
  defaults(): T;
  /** All keys, those of inline objects included. */
  readonly keys: readonly string[];
  /** Internal: fields with the properties that lead to them. */
  readonly slots: readonly Slot[];
  /** Internal: the checks of this object and its inline ones. */
  readonly checks: readonly ObjectCheck[];
}

interface Slot {
  readonly key: string;
  readonly field: Field<unknown>;
  readonly property: string;
  /** Properties that lead from the object to the inline object that holds the field. */
  readonly holder: readonly string[];
}

interface ObjectCheck {
  readonly holder: readonly string[];
  readonly run: (value: object, check: Check<Record<string, unknown>>) => void;
}

type Fields = Record<string, Field<unknown>>;
type Bag = Record<string, unknown>;

export function object<T extends object>(options: ObjectOptions<T>): ObjectSchema<T> {
  const fields = options.fields as unknown as Fields;
  const slots = flatten(fields);
  const byKey = new Map(slots.map((slot) => [slot.key, slot]));
  const checks = inlineChecks(fields);
  const { refine } = options;
  if (refine) checks.push({ holder: [], run: refine as unknown as ObjectCheck['run'] });

  const schema: ObjectSchema<T> = {
    name: options.name,
    keys: slots.map((slot) => slot.key),
    slots,
    checks,
    defaults: () =>
      build(
        fields,
        (f) => f.initial(),
        (s) => s.defaults(),
      ) as T,
    zero: () =>
      build(
        fields,
        (f) => f.schema.zero(),
        (s) => s.zero(),
      ) as T,
    isZero: (value) => Object.entries(fields).every(([property, f]) => f.schema.isZero((value as Bag)[property])),
    decode: (node, decoder) => decodeObject(schema, byKey, node, decoder),
    encode: (value) => ({
      kind: 'map',
      entries: slots.flatMap(({ key, field: f, property, holder }) => {
        const held = holderOf(value, holder)[property];
        if (!f.isAlwaysPrinted && f.schema.isZero(held)) return [];
        return [[key, f.schema.encode(held)] as const];
      }),
    }),
    describe: () => ({ type: 'object', name: options.name, fields: slots.map(describeField) }),
  };
  return schema;
}

function flatten(fields: Fields): Slot[] {
  return Object.entries(fields).flatMap(([property, f]): Slot[] => {
    if (f.key !== undefined) return [{ key: f.key, field: f, property, holder: [] }];
    const inner = f.schema as ObjectSchema<object>;
    return inner.slots.map((slot) => ({ ...slot, holder: [property, ...slot.holder] }));
  });
}

function inlineChecks(fields: Fields): ObjectCheck[] {
  return Object.entries(fields).flatMap(([property, f]): ObjectCheck[] => {
    if (f.key !== undefined) return [];
    const inner = f.schema as ObjectSchema<object>;
    return inner.checks.map((check) => ({ ...check, holder: [property, ...check.holder] }));
  });
}

function build(fields: Fields, own: (f: Field<unknown>) => unknown, nested: (s: ObjectSchema<object>) => object): Bag {
  const value: Bag = {};
  for (const [property, f] of Object.entries(fields)) {
    value[property] = f.key === undefined ? nested(f.schema as ObjectSchema<object>) : own(f);
  }
  return value;
}

function holderOf(value: object, holder: readonly string[]): Bag {
  let bag = value as Bag;
  for (const property of holder) bag = bag[property] as Bag;
  return bag;
}

function decodeObject<T extends object>(
  schema: ObjectSchema<T>,
  byKey: ReadonlyMap<string, Slot>,
  node: ScalarNode | ListNode | MapNode,
  decoder: Decoder,
): T {
  const value = schema.defaults();
  if (node.kind !== 'map') {
    decoder.fail(node, `cannot use ${nameNode(node)} as ${schema.name}`, `a map with the keys of ${schema.name}`);
    return value;
  }
  const before = decoder.errorCount;
  const given = new Map<Slot, { offset: number; key: string }>();
  eachEntry(node, decoder, (key, entry, isRepeated) => {
    const slot = byKey.get(key);
    if (slot === undefined) {
      if (!decoder.ignoreUnknown) failUnknown(schema, key, entry.key.offset, decoder);
      return;
    }
    if (isRepeated) {
      decoder.failAt(entry.key.offset, joinPath(decoder.path, key), `field ${key} already set in ${schema.name}`);
      return;
    }
    given.set(slot, { offset: entry.value.offset, key });
    holderOf(value, slot.holder)[slot.property] = decoder.child(slot.field.schema, entry.value, key);
  });
  const isSound = decoder.errorCount === before;
  rememberHolders(value, schema, given, { offset: node.offset, isSound }, decoder);

  for (const { field: f, property, holder } of schema.slots) {
    if (f.required === undefined) continue;
    const owner = holderOf(value, holder);
    if (f.schema.isZero(owner[property]) && decoder.errorCount === before)
      decoder.failObject(owner, property, f.required);
  }
  for (const check of schema.checks) {
    // A check relies on what the ones before it have made sure of.
    if (decoder.errorCount > before) break;
    const owner = holderOf(value, check.holder);
    check.run(owner, checkOf(owner, decoder));
  }
  return value;
}

function failUnknown(schema: ObjectSchema<object>, key: string, offset: number, decoder: Decoder): void {
  const shown = key.length > 60 ? `${key.slice(0, 57)}...` : key;
  const near = nearest(key, schema.keys);
  const hint = near === undefined ? '' : `, did you mean ${near}?`;
  decoder.failAt(offset, joinPath(decoder.path, key), `field ${shown} not found in ${schema.name}${hint}`);
}

function rememberHolders(
  value: object,
  schema: ObjectSchema<object>,
  given: ReadonlyMap<Slot, { offset: number; key: string }>,
  place: { readonly offset: number; readonly isSound: boolean },
  decoder: Decoder,
): void {
  const { path } = decoder;
  const origins = new Map<object, Map<string, { offset: number; key: string }>>([[value, new Map()]]);
  for (const slot of schema.slots) {
    const owner = holderOf(value, slot.holder);
    let fields = origins.get(owner);
    if (fields === undefined) origins.set(owner, (fields = new Map<string, { offset: number; key: string }>()));
    const place = given.get(slot);
    if (place !== undefined) fields.set(slot.property, place);
  }
  for (const [owner, fields] of origins) decoder.remember(owner, { path, fields, ...place });
}

function checkOf(owner: object, decoder: Decoder): Check<Record<string, unknown>> {
  return {
    decoder,
    fail(message, property, expected) {
      decoder.failObject(owner, property, message, expected);
    },
    has: (property) => decoder.origin(owner)?.fields.has(property) ?? false,
  };
}

function describeField({ key, field: f }: Slot): FieldDescription {
  const initial = f.initial();
  return {
    key,
    description: f.schema.describe(),
    isRequired: f.required !== undefined,
    ...(f.schema.isZero(initial) ? {} : { default: printInline(f.schema.encode(initial)) }),
    ...(f.doc === undefined ? {} : { doc: f.doc }),
  };
}

function printInline(value: Yaml): string {
  return writeYaml(value).trimEnd();
}

/** The known key that is closest to a mistyped one, if any is close enough to be meant. */
function nearest(key: string, keys: readonly string[]): string | undefined {
  if (key.length > 60) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(key.length / 3)) + 1;
  for (const candidate of keys) {
    const distance = editDistance(key, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`; `limit` when it is at least that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(last[j] + 1, current[j - 1] + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, beforeLast[j - 2] + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(last[b.length], limit);
}

/** A description's fields by key, for documentation. */
export function fieldsOf(description: Description): ReadonlyMap<string, FieldDescription> {
  return new Map((description.fields ?? []).map((f) => [f.key, f]));
}

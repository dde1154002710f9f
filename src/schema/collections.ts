import { type Decoder, nameNode } from './decoder.ts';
import { type ListNode, type MapEntry, type MapNode, type Node, type ScalarNode } from './document.ts';
import { isNullScalar } from './scalar.ts';
import { type Schema } from './schema.ts';
import { string } from './primitives.ts';
import { compareKeys } from './yaml-writer.ts';

export interface ListOptions {
  /** The error for an item that is null; without it null stands for the item type's zero value. */
  readonly nullItem?: string;
  /** Items that are null are passed over (Go's yaml v3 does so where the items are structs). */
  readonly skipsNull?: boolean;
  /** Printed on one line. */
  readonly isFlow?: boolean;
}

/** A list of one type. */
export function list<T>(item: Schema<T>, options: ListOptions = {}): Schema<T[]> {
  return {
    decode(node, decoder) {
      if (node.kind !== 'list') {
        decoder.fail(node, `cannot use ${nameNode(node)} as a list`, 'a list');
        return [];
      }
      const values: T[] = [];
      node.items.forEach((child, i) => {
        if (options.skipsNull === true && isNullNode(child)) return;
        if (options.nullItem !== undefined && isNullNode(child)) {
          decoder.within(i, () => {
            decoder.fail(child, options.nullItem ?? '');
          });
        } else values.push(decoder.child(item, child, i));
      });
      return values;
    },
    zero: () => [],
    isZero: (value) => value.length === 0,
    encode: (value) => ({
      kind: 'list',
      items: value.map((v) => item.encode(v)),
      ...(options.isFlow === true ? { isFlow: true } : {}),
    }),
    describe: () => ({ type: 'list', item: item.describe() }),
  };
}

function isNullNode(node: Node): boolean {
  const target = node.kind === 'alias' ? node.target : node;
  return target.kind === 'scalar' && isNullScalar(target);
}

export interface MapOptions {
  /** Says what is wrong with a key, or nothing. */
  readonly checkKey?: (key: string) => string | undefined;
}

/** A map from strings to values of one type, in the order of the file; printed in Go's order of keys. */
export function mapOf<T>(item: Schema<T>, options: MapOptions = {}): Schema<Map<string, T>> {
  return {
    decode(node, decoder) {
      const values = new Map<string, T>();
      if (node.kind !== 'map') {
        decoder.fail(node, `cannot use ${nameNode(node)} as a map`, 'a map');
        return values;
      }
      eachEntry(node, decoder, (key, entry, isRepeated) => {
        if (isRepeated || (decoder.dialect === 'go-yaml-2' && values.has(key))) {
          decoder.fail(entry.key, `key ${JSON.stringify(key)} already set in map`);
          return;
        }
        const wrong = options.checkKey?.(key);
        if (wrong !== undefined) decoder.fail(entry.key, wrong);
        values.set(key, decoder.child(item, entry.value, key));
      });
      return values;
    },
    zero: () => new Map<string, T>(),
    isZero: (value) => value.size === 0,
    encode: (value) => ({
      kind: 'map',
      entries: Array.from(value)
        .sort(([a], [b]) => compareKeys(a, b))
        .map(([key, v]) => [key, item.encode(v)] as const),
    }),
    describe: () => ({ type: 'map', item: item.describe() }),
  };
}

/**
 * Walks a map's entries with merged ones (`<<: *base`) in their place.
 *
 * `isRepeated` says that the same map literal has given the key before. In the v3 dialect merged entries come first, so that
 * the keys written out win over them.
 */
export function eachEntry(
  node: MapNode,
  decoder: Decoder,
  visit: (key: string, entry: MapEntry, isRepeated: boolean) => void,
): void {
  const seen = new Set<string>();
  const literal: MapEntry[] = [];
  for (const entry of node.entries) {
    if (isMergeKey(entry.key)) mergeEntries(entry.value, decoder, visit);
    else if (decoder.dialect === 'go-yaml-3') literal.push(entry);
    else visitLiteral(entry, decoder, seen, visit);
  }
  for (const entry of literal) visitLiteral(entry, decoder, seen, visit);
}

function visitLiteral(
  entry: MapEntry,
  decoder: Decoder,
  seen: Set<string>,
  visit: (key: string, entry: MapEntry, isRepeated: boolean) => void,
): void {
  const before = decoder.errorCount;
  const key = decoder.value(keySchema, entry.key);
  if (decoder.errorCount > before) return;
  const isRepeated = seen.has(key);
  seen.add(key);
  visit(key, entry, isRepeated);
}

const keySchema: Schema<string> = {
  ...string(),
  decode(node: ScalarNode | ListNode | MapNode, decoder: Decoder): string {
    if (node.kind === 'scalar') return string().decode(node, decoder);
    decoder.fail(node, `cannot use ${nameNode(node)} as a key`, 'a string');
    return '';
  },
};

function isMergeKey(key: Node): boolean {
  return key.kind === 'scalar' && key.text === '<<' && (key.tag === 'merge' || (key.tag === undefined && key.isPlain));
}

function mergeEntries(
  value: Node,
  decoder: Decoder,
  visit: (key: string, entry: MapEntry, isRepeated: boolean) => void,
): void {
  const target = value.kind === 'alias' ? value.target : value;
  if (target.kind === 'map') {
    // Through the decoder, so that merges count against the limit on aliases.
    decoder.value(visitor(decoder, visit), value);
    return;
  }
  const isListOfMaps =
    value.kind === 'list' && value.items.every((item) => (item.kind === 'alias' ? item.target : item).kind === 'map');
  if (!isListOfMaps) {
    decoder.fail(value, 'map merge requires map or sequence of maps as the value');
    return;
  }
  // The first of several wins, so it comes last.
  for (const item of value.items.toReversed()) decoder.value(visitor(decoder, visit), item);
}

function visitor(
  decoder: Decoder,
  visit: (key: string, entry: MapEntry, isRepeated: boolean) => void,
): Schema<undefined> {
  return {
    decode(node) {
      if (node.kind === 'map') eachEntry(node, decoder, visit);
      return undefined;
    },
    zero: () => undefined,
    isZero: () => true,
    encode: () => ({ kind: 'map', entries: [] }),
    describe: () => ({ type: 'map' }),
  };
}

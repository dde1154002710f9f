import { Composer, type CST, isAlias, isMap, isScalar, isSeq, Parser } from 'yaml';
import { ConfigError } from './error.ts';
import { parseJson } from './json.ts';
import { SourceText } from './source.ts';

/**
 * A scalar as it stands in the text. What it means is decided by the type it is decoded to, as Go's YAML does: `yes` is a
 * boolean where one is wanted and a word where a string is.
 */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly offset: number;
  /** The text after unfolding and unescaping. */
  readonly text: string;
  /** Neither quoted nor a block: only such scalars can be null, booleans or numbers. */
  readonly isPlain: boolean;
  /** An explicit tag without YAML's prefix, such as `binary` or `str`. */
  readonly tag: string | undefined;
}

export interface ListNode {
  readonly kind: 'list';
  readonly offset: number;
  readonly items: readonly Node[];
}

export interface MapNode {
  readonly kind: 'map';
  readonly offset: number;
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: Node;
  readonly value: Node;
}

/** `*name`: stands for the node with the anchor `&name` that was last defined before it. */
export interface AliasNode {
  readonly kind: 'alias';
  readonly offset: number;
  readonly name: string;
  readonly target: ScalarNode | ListNode | MapNode;
}

export type Node = ScalarNode | ListNode | MapNode | AliasNode;

/** The first document of a YAML (or JSON) text as a tree of nodes that know their offsets. */
export interface YamlDocument {
  readonly source: SourceText;
  /** `undefined` for an empty text. */
  readonly root: Node | undefined;
  /** Syntax errors; when there are any, `root` is `undefined`. */
  readonly errors: readonly ConfigError[];
  /** More documents follow the first one; like Go's Unmarshal, only the first is read. */
  readonly hasMore: boolean;
}

export interface DocumentLimits {
  /** Longest text, in UTF-16 units. */
  readonly maxLength?: number;
  /** Deepest nesting of lists and maps. */
  readonly maxDepth?: number;
}

const defaultMaxLength = 64 * 1024 * 1024;
const defaultMaxDepth = 200;
const yamlTagPrefix = 'tag:yaml.org,2002:';

/**
 * Parses a YAML text without giving its scalars a type. Never throws for a bad text: what is wrong is in `errors`.
 *
 * Nesting deeper than `maxDepth` and texts longer than `maxLength` are refused before anything recursive touches them.
 *
 * @param text a string, or bytes that must be UTF-8
 */
export function parseYaml(text: string | Uint8Array, file: string, limits: DocumentLimits = {}): YamlDocument {
  const maxLength = limits.maxLength ?? defaultMaxLength;
  if (text.length > maxLength) {
    const source = new SourceText(file, '');
    return broken(source, [syntaxError(source, 0, `document is longer than ${maxLength} characters`)]);
  }
  const decoded = typeof text === 'string' ? text : decodeUtf8(text);
  if (decoded === undefined) {
    const source = new SourceText(file, '');
    return broken(source, [syntaxError(source, 0, 'document is not valid UTF-8')]);
  }
  const source = new SourceText(file, decoded);
  const control = /[^\t\n\r\x20-\x7e\x85\xa0-\uffff]|[\ufffe\uffff]/.exec(decoded);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0');
    return broken(source, [syntaxError(source, control.index, `control character U+${code} is not allowed`)]);
  }

  const maxDepth = limits.maxDepth ?? defaultMaxDepth;
  if (/^\s*[[{]/.test(decoded)) {
    const root = parseJson(decoded, maxDepth);
    if (root !== undefined) return { source, root, errors: [], hasMore: false };
  }

  const tokens = Array.from(new Parser().parse(decoded));
  const tooDeep = deeperThan(tokens, maxDepth);
  if (tooDeep !== undefined) {
    return broken(source, [syntaxError(source, tooDeep, `nesting is deeper than ${maxDepth} levels`)]);
  }

  // Failsafe: every scalar stays the text it is. Repeated keys are judged by the decoder, which knows better words.
  const composer = new Composer({
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const documents = Array.from(composer.compose(tokens, true, decoded.length));
  const first = documents[0];
  if (first === undefined) return { source, root: undefined, errors: [], hasMore: false };
  const hasMore = documents.length > 1;
  const found = first.errors
    // Go takes `[a]# comment`, and what it means is plain.
    .filter((e) => !e.message.startsWith('Comments must be separated'))
    .map((e) => syntaxError(source, e.pos[0], plainMessage(e.message)));
  if (found.length > 0) return broken(source, found, hasMore);

  const errors: ConfigError[] = [];
  const convert = new Converter(source, errors);
  const root = isEmptyDocument(first.contents) ? undefined : convert.node(first.contents, 0);
  return errors.length > 0 ? broken(source, errors, hasMore) : { source, root, errors, hasMore };
}

function broken(source: SourceText, errors: ConfigError[], hasMore = false): YamlDocument {
  return { source, root: undefined, errors, hasMore };
}

function syntaxError(source: SourceText, offset: number, message: string): ConfigError {
  return new ConfigError({ file: source.file, ...source.locate(offset), path: '', message });
}

/** The parser's messages without their trailing place and full stop, which our own form adds. */
function plainMessage(message: string): string {
  const first = message.split('\n', 1)[0];
  return first.replace(/ at line \d+, column \d+:?$/, '').replace(/\.$/, '');
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** An empty text and a text of comments only: Go's Unmarshal leaves the target as it was. */
function isEmptyDocument(contents: unknown): boolean {
  return (
    contents === null || (isScalar(contents) && contents.value === '' && contents.type === 'PLAIN' && !contents.tag)
  );
}

/** The offset of the first collection nested deeper than `limit`, found without recursion. */
function deeperThan(tokens: readonly CST.Token[], limit: number): number | undefined {
  let level: CST.Token[] = [];
  for (const token of tokens) if (token.type === 'document' && token.value) level.push(token.value);
  for (let depth = 0; level.length > 0; depth++) {
    const next: CST.Token[] = [];
    for (const token of level) {
      if (!('items' in token)) continue;
      if (depth >= limit) return token.offset;
      for (const item of token.items) {
        if (item.key) next.push(item.key);
        if (item.value) next.push(item.value);
      }
    }
    level = next;
  }
  return undefined;
}

/** Turns the library's nodes into ours. Recursion is bounded: the caller has bounded the depth of the tokens. */
class Converter {
  readonly #source: SourceText;
  readonly #errors: ConfigError[];
  /** The latest node of each anchor; `undefined` while that node is still being built. */
  readonly #anchors = new Map<string, ScalarNode | ListNode | MapNode | undefined>();

  constructor(source: SourceText, errors: ConfigError[]) {
    this.#source = source;
    this.#errors = errors;
  }

  node(node: unknown, fallbackOffset: number): Node {
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? fallbackOffset);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const converted = this.#plainNode(node, fallbackOffset);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #plainNode(node: unknown, fallbackOffset: number): ScalarNode | ListNode | MapNode {
    if (isSeq(node)) {
      const offset = node.range?.[0] ?? fallbackOffset;
      return { kind: 'list', offset, items: node.items.map((item) => this.node(item, offset)) };
    }
    if (isMap(node)) {
      const offset = node.range?.[0] ?? fallbackOffset;
      const entries = node.items.map((pair) => {
        const key = this.node(pair.key, offset);
        return { key, value: this.node(pair.value, key.offset) };
      });
      return { kind: 'map', offset, entries };
    }
    if (isScalar(node)) {
      if (typeof node.value === 'string' && /\p{Surrogate}/u.test(node.value)) {
        this.#errors.push(
          syntaxError(this.#source, node.range?.[0] ?? fallbackOffset, 'invalid Unicode character escape code'),
        );
      }
      return {
        kind: 'scalar',
        offset: node.range?.[0] ?? fallbackOffset,
        text: typeof node.value === 'string' ? node.value : '',
        isPlain: (node.type ?? 'PLAIN') === 'PLAIN' && node.tag !== '!',
        tag: shortTag(node.tag),
      };
    }
    // `{a, b}` and `? a` have keys without a value.
    return { kind: 'scalar', offset: fallbackOffset, text: '', isPlain: true, tag: undefined };
  }

  #alias(name: string, offset: number): Node {
    const target = this.#anchors.get(name);
    if (target !== undefined) return { kind: 'alias', offset, name, target };
    const message = this.#anchors.has(name)
      ? `anchor '${name}' value contains itself`
      : `unknown anchor '${name}' referenced`;
    this.#errors.push(syntaxError(this.#source, offset, message));
    return { kind: 'scalar', offset, text: '', isPlain: true, tag: undefined };
  }
}

function shortTag(tag: string | undefined): string | undefined {
  if (tag === undefined || tag === '!') return undefined;
  return tag.startsWith(yamlTagPrefix) ? tag.slice(yamlTagPrefix.length) : tag;
}

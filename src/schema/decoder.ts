import { type MapNode, type ListNode, type Node, type ScalarNode, type YamlDocument } from './document.ts';
import { ConfigError } from './error.ts';
import { isNullScalar } from './scalar.ts';
import { type Schema } from './schema.ts';
import { type SourceText } from './source.ts';

/**
 * How repeated and merged (`<<`) keys are read. Prometheus reads its main file with Go's yaml v2 (merged keys count where they
 * stand; the last one wins) and rule files with v3 (keys written out win over merged ones).
 */
export type Dialect = 'go-yaml-2' | 'go-yaml-3';

export interface DecodeOptions {
  readonly dialect?: Dialect;
  /** Unknown keys are passed over instead of refused. */
  readonly ignoreUnknown?: boolean;
  /** The folder relative paths in the text are taken from; without it they stay as they are. */
  readonly directory?: string;
  /** After this many errors the rest is only counted. */
  readonly maxErrors?: number;
}

/** Where a decoded object came from, so that later checks can point at its parts. */
export interface Origin {
  readonly path: string;
  readonly offset: number;
  /** Nothing was wrong with any of its fields. Later checks pass over the others, which have been reported already. */
  readonly isSound: boolean;
  /** Offset of the value of each property that was given, and its key in the file. */
  readonly fields: ReadonlyMap<string, { readonly offset: number; readonly key: string }>;
}

/** Decodes the nodes of one document, collecting every error instead of stopping at the first. */
export class Decoder {
  readonly source: SourceText;
  readonly dialect: Dialect;
  readonly ignoreUnknown: boolean;
  readonly directory: string | undefined;
  readonly errors: ConfigError[] = [];
  readonly #maxErrors: number;
  readonly #path: (string | number)[] = [];
  readonly #origins = new WeakMap<object, Origin>();
  #errorCount = 0;
  #decodeCount = 0;
  #aliasCount = 0;
  #aliasDepth = 0;
  #isBomb = false;

  constructor(document: YamlDocument, options: DecodeOptions = {}) {
    this.source = document.source;
    this.dialect = options.dialect ?? 'go-yaml-2';
    this.ignoreUnknown = options.ignoreUnknown ?? false;
    this.directory = options.directory;
    this.#maxErrors = options.maxErrors ?? 100;
    for (const error of document.errors) this.#push(error);
  }

  /** How many errors were found so far, including those beyond `maxErrors`. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** Decodes `node` by `schema`: follows an alias, lets null stand for the type's zero value as Go does. */
  value<T>(schema: Schema<T>, node: Node): T {
    if (this.#isBomb) return schema.zero();
    this.#decodeCount++;
    if (this.#aliasDepth > 0) this.#aliasCount++;
    if (this.#isExcessive()) {
      this.#isBomb = true;
      this.fail(node, 'document contains excessive aliasing');
      return schema.zero();
    }
    if (node.kind === 'alias') {
      this.#aliasDepth++;
      const value = this.value(schema, node.target);
      this.#aliasDepth--;
      return value;
    }
    if (node.kind === 'scalar' && isNullScalar(node)) return schema.zero();
    return schema.decode(node, this);
  }

  /** Like {@link value}, below the key or index `step` of the path. */
  child<T>(schema: Schema<T>, node: Node, step: string | number): T {
    this.#path.push(step);
    const value = this.value(schema, node);
    this.#path.pop();
    return value;
  }

  /** Runs `body` with `step` added to the path of the errors it reports. */
  within<T>(step: string | number, body: () => T): T {
    this.#path.push(step);
    try {
      return body();
    } finally {
      this.#path.pop();
    }
  }

  /** The path of the value being decoded, such as `scrape_configs[2].regex`. */
  get path(): string {
    let path = '';
    for (const step of this.#path) {
      if (typeof step === 'number') path += `[${step}]`;
      else path += path === '' ? pathKey(step) : `.${pathKey(step)}`;
    }
    return path;
  }

  /** Reports an error at a node (or offset) under the current path. */
  fail(at: Node | number, message: string, expected?: string): void {
    this.failAt(typeof at === 'number' ? at : at.offset, this.path, message, expected);
  }

  /** Reports an error at an offset under a path of the caller's choice. */
  failAt(offset: number, path: string, message: string, expected?: string): void {
    const { file } = this.source;
    this.#push(new ConfigError({ file, ...this.source.locate(offset), path, message, expected }));
  }

  /** Reports an error about a decoded object, at the value of `property` when that was given. */
  failObject(object: object, property: string | undefined, message: string, expected?: string): void {
    const origin = this.#origins.get(object);
    if (origin === undefined) {
      this.failAt(0, '', message, expected);
      return;
    }
    const field = property === undefined ? undefined : origin.fields.get(property);
    if (field === undefined) this.failAt(origin.offset, origin.path, message, expected);
    else this.failAt(field.offset, joinPath(origin.path, field.key), message, expected);
  }

  /** Remembers where `object` was decoded from. */
  remember(object: object, origin: Origin): void {
    this.#origins.set(object, origin);
  }

  origin(object: object): Origin | undefined {
    return this.#origins.get(object);
  }

  #push(error: ConfigError): void {
    this.#errorCount++;
    if (this.errors.length < this.#maxErrors) this.errors.push(error);
  }

  /** The share of values that may come from aliases shrinks as their number grows, as in go.yaml.in/yaml/v2 `decode.go`. */
  #isExcessive(): boolean {
    if (this.#aliasCount <= 100 || this.#decodeCount <= 1000) return false;
    const low = 400_000;
    const high = 4_000_000;
    const share = Math.min(1, Math.max(0, (this.#decodeCount - low) / (high - low)));
    return this.#aliasCount / this.#decodeCount > 0.99 - 0.89 * share;
  }
}

/** A path with one more key. */
export function joinPath(path: string, key: string): string {
  return path === '' ? pathKey(key) : `${path}.${pathKey(key)}`;
}

/** Keys that would read as part of the path are quoted; very long ones are cut. */
function pathKey(key: string): string {
  const short = key.length > 60 ? `${key.slice(0, 57)}...` : key;
  return /^[\w-]+$/.test(short) ? short : JSON.stringify(short);
}

/** How a node is named in messages: `"text"`, `a list`, `a map`. */
export function nameNode(node: ScalarNode | ListNode | MapNode): string {
  switch (node.kind) {
    case 'scalar': {
      const text = node.text.length > 60 ? `${node.text.slice(0, 57)}...` : node.text;
      return JSON.stringify(text);
    }
    case 'list':
      return 'a list';
    case 'map':
      return 'a map';
  }
}

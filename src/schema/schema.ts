import { Decoder, type DecodeOptions } from './decoder.ts';
import { type ListNode, type MapNode, parseYaml, type ScalarNode, type YamlDocument } from './document.ts';
import { type ConfigError, InvalidConfigError } from './error.ts';
import { type Yaml } from './yaml-writer.ts';

/** A schema's account of itself, for documentation and for completion. */
export interface Description {
  /** `string`, `duration`, `list`, `object`, … */
  readonly type: string;
  readonly name?: string;
  /** What values are accepted, when the type does not say it. */
  readonly accepts?: string;
  readonly item?: Description;
  readonly fields?: readonly FieldDescription[];
}

export interface FieldDescription {
  readonly key: string;
  readonly description: Description;
  /** As printed in YAML; absent when the default is nothing. */
  readonly default?: string;
  readonly isRequired: boolean;
  readonly doc?: string;
}

/**
 * How one type of value is read from YAML, printed to YAML and described.
 *
 * Null never reaches `decode`: as in Go, it stands for the type's zero value, which may differ from the default of a field
 * that is absent.
 */
export interface Schema<T> {
  /** Reads a value; what is wrong is reported to the decoder, and the best value at hand (often the zero value) comes back. */
  decode(node: ScalarNode | ListNode | MapNode, decoder: Decoder): T;
  /** The value null stands for. A new one each time when it is mutable. */
  zero(): T;
  /** Whether a field of this value is left out when printed, as Go's `omitempty` does. */
  isZero(value: T): boolean;
  /** The value as printed; secrets come out as `<secret>`. */
  encode(value: T): Yaml;
  describe(): Description;
}

/** The type a schema decodes to. */
export type Decoded<S> = S extends Schema<infer T> ? T : never;

/** A decoded text: the value is there even when something is wrong, for tools that show both. */
export interface DecodeResult<T> {
  readonly value: T;
  readonly errors: readonly ConfigError[];
  /** For checks after decoding that want to point into the text. */
  readonly decoder: Decoder;
}

/**
 * Parses and decodes a text. An empty text decodes to `empty()` (the zero value unless given).
 *
 * Never throws for a bad text; `errors` is empty exactly when the text satisfies the schema.
 */
export function decodeYaml<T>(
  schema: Schema<T>,
  text: string | Uint8Array,
  file: string,
  options: DecodeOptions & { readonly empty?: () => T } = {},
): DecodeResult<T> {
  return decodeDocument(schema, parseYaml(text, file), options);
}

/** Like {@link decodeYaml}, of a text that is already parsed. */
export function decodeDocument<T>(
  schema: Schema<T>,
  document: YamlDocument,
  options: DecodeOptions & { readonly empty?: () => T } = {},
): DecodeResult<T> {
  const decoder = new Decoder(document, options);
  const value =
    document.root === undefined ? (options.empty ?? (() => schema.zero()))() : decoder.value(schema, document.root);
  return { value, errors: decoder.errors, decoder };
}

/** Like {@link decodeYaml}, but throws. @throws {InvalidConfigError} with everything that is wrong */
export function mustDecodeYaml<T>(
  schema: Schema<T>,
  text: string | Uint8Array,
  file: string,
  options: DecodeOptions & { readonly empty?: () => T } = {},
): T {
  const { value, errors } = decodeYaml(schema, text, file, options);
  if (errors.length > 0) throw new InvalidConfigError(errors);
  return value;
}

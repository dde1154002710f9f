/**
 * A declarative decoder of YAML configuration in the spirit of Go's strict Unmarshal: types decide what scalars mean, unknown
 * keys are errors, every error has its place, and what was decoded can be printed again as Prometheus prints it.
 */
export { ConfigError, InvalidConfigError } from './error.ts';
export { type Position, SourceText } from './source.ts';
export {
  type AliasNode,
  type DocumentLimits,
  type ListNode,
  type MapEntry,
  type MapNode,
  type Node,
  parseYaml,
  type ScalarNode,
  type YamlDocument,
} from './document.ts';
export { type DecodeOptions, Decoder, type Dialect, joinPath, nameNode, type Origin } from './decoder.ts';
export {
  decodeDocument,
  type Decoded,
  type DecodeResult,
  decodeYaml,
  type Description,
  type FieldDescription,
  mustDecodeYaml,
  type Schema,
} from './schema.ts';
export {
  anything,
  boolean,
  checkedString,
  float,
  int,
  type IntOptions,
  lazy,
  oneOf,
  optional,
  parsed,
  refined,
  scalarText,
  string,
} from './primitives.ts';
export { duration, formatDuration, parseDuration } from './duration.ts';
export { formatSize, parseSize, size } from './size.ts';
export { eachEntry, list, type ListOptions, mapOf, type MapOptions } from './collections.ts';
export {
  type Check,
  field,
  type Field,
  type FieldOptions,
  fieldsOf,
  inline,
  object,
  type ObjectOptions,
  type ObjectSchema,
  type Writable,
} from './object.ts';
export { type Revealable, secretOf, secretPlaceholder } from './secret.ts';
export { filePath, resolvePath } from './file-path.ts';
export { isNullScalar, type Resolved, resolvePlain, resolveScalar } from './scalar.ts';
export { compareKeys, plain, text, writeYaml, type Yaml, type YamlList, type YamlMap } from './yaml-writer.ts';
export { encodeYaml } from './encode.ts';

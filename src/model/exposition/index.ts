/** Exposition: the pages targets serve, read entry by entry as Prometheus reads them, and written. */
export { ExpositionError } from './error.ts';
export {
  COMMENT_ENTRY,
  END_OF_PAGE,
  type Entry,
  type ExposedExemplar,
  type ExpositionParser,
  HELP_ENTRY,
  HISTOGRAM_ENTRY,
  SERIES_ENTRY,
  TYPE_ENTRY,
  UNIT_ENTRY,
} from './parser.ts';
export { createParser, type PageParser, type ParserOptions } from './create-parser.ts';
export type { LineParser } from './line-parser.ts';
export { TextParser } from './text.ts';
export { OpenMetricsParser, type OpenMetricsOptions } from './openmetrics.ts';
export { type HistogramOptions, ProtobufParser } from './protobuf.ts';
export { ClassicConverter } from './nhcb.ts';
export { formatOfPage, type MediaType, type PageFormat } from './media-type.ts';
export { type Negotiated, negotiateFormat, type TextFormat } from './negotiate.ts';
export { escapeName, type NameEscaping, nameEscapings, unescapeValues } from './name-escaping.ts';
export { type FederatedSample, writeFamilies, writeFederated, type WriteOptions } from './write.ts';
export { formatOpenMetricsFloat } from './openmetrics-float.ts';
export { type FloatEnd, readFloat } from './float-bytes.ts';

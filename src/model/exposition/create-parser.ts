import type { LineParser } from './line-parser.ts';
import { formatOfPage, type MediaType } from './media-type.ts';
import { ClassicConverter } from './nhcb.ts';
import { OpenMetricsParser } from './openmetrics.ts';
import type { ExpositionParser } from './parser.ts';
import { type HistogramOptions, ProtobufParser } from './protobuf.ts';
import { TextParser } from './text.ts';

export interface ParserOptions extends HistogramOptions {
  /** For pages whose Content-Type says nothing useful; `undefined`: such a page is refused. */
  readonly fallback?: MediaType;
  /** OpenMetrics `_created` lines say when counting began and are no series of their own. */
  readonly readsCreated?: boolean;
}

/** A parser for a page. */
export interface PageParser {
  readonly parser: ExpositionParser;
  /** The same parser, where a page can also be read by lines known from before. */
  readonly lines: LineParser | undefined;
  /** What was wrong with the Content-Type where the fallback had to serve. */
  readonly warning: string | undefined;
}

/**
 * The parser for a page by its Content-Type.
 *
 * @param page borrowed: must not change while the parser is in use
 * @throws {ExpositionError} when the type is unknown and there is no fallback
 */
export function createParser(page: Buffer, contentType: string, options: ParserOptions = {}): PageParser {
  const { mediaType, warning } = formatOfPage(contentType, options.fallback);
  if (mediaType === 'application/vnd.google.protobuf') {
    return { parser: new ProtobufParser(page, options), lines: undefined, warning };
  }
  const readsCreated = options.readsCreated === true;
  const text = mediaType === 'text/plain' ? new TextParser(page) : new OpenMetricsParser(page, { readsCreated });
  if (options.convertsClassic === true) {
    const parser = new ClassicConverter(text, options.keepsClassic === true, readsCreated);
    return { parser, lines: undefined, warning };
  }
  // Where lines are read for what they say of others, none may be passed over.
  return { parser: text, lines: readsCreated ? undefined : text, warning };
}

import {
  ClassicConverter,
  formatOfPage,
  OpenMetricsParser,
  ProtobufParser,
  TextParser,
  type ExpositionParser,
  type MediaType,
} from '../model/exposition/index.ts';
import { scrapeProtocolMediaTypes, type ScrapeConfig } from './config.ts';

/**
 * The parser for a page by its Content-Type.
 *
 * @throws {ExpositionError} when the Content-Type says nothing useful and the job names no fallback
 */
export function pageParser(
  page: Buffer,
  contentType: string,
  config: ScrapeConfig,
): { parser: ExpositionParser; warning: string | undefined } {
  const { mediaType, warning } = formatOfPage(contentType, fallbackOf(config));
  return { parser: parserOf(mediaType, page, config), warning };
}

function parserOf(mediaType: MediaType, page: Buffer, config: ScrapeConfig): ExpositionParser {
  const { alwaysScrapeClassicHistograms, convertClassicHistogramsToNhcb, scrapeNativeHistograms } = config;
  if (mediaType === 'application/vnd.google.protobuf') {
    return new ProtobufParser(page, {
      ignoresNative: !scrapeNativeHistograms,
      keepsClassic: alwaysScrapeClassicHistograms,
      convertsClassic: convertClassicHistogramsToNhcb,
    });
  }
  const parser = mediaType === 'text/plain' ? new TextParser(page) : new OpenMetricsParser(page);
  return convertClassicHistogramsToNhcb ? new ClassicConverter(parser, alwaysScrapeClassicHistograms, false) : parser;
}

function fallbackOf(config: ScrapeConfig): MediaType | undefined {
  if (config.fallbackScrapeProtocol === '') return undefined;
  return scrapeProtocolMediaTypes[config.fallbackScrapeProtocol].split(';')[0] as MediaType;
}

/** The Accept header of a job: what it wants most comes first, anything at all comes last. */
export function acceptHeader(config: ScrapeConfig): string {
  const wanted = config.scrapeProtocols.map((protocol, i) => {
    const mediaType = scrapeProtocolMediaTypes[protocol];
    const escaping = protocol.endsWith('1.0.0') ? `;escaping=${config.metricNameEscapingScheme}` : '';
    return `${mediaType}${escaping};q=0.${config.scrapeProtocols.length + 1 - i}`;
  });
  return [...wanted, `*/*;q=0.${1}`].join(',');
}

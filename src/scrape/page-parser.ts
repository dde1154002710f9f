import { createParser, type MediaType, type PageParser } from '../model/exposition/index.ts';
import { scrapeProtocolMediaTypes, type ScrapeConfig } from './config.ts';
import type { HistogramChoice } from './target.ts';

/**
 * The parser for a page by its Content-Type.
 *
 * @throws {ExpositionError} when the Content-Type says nothing useful and the job names no fallback
 */
export function pageParser(
  page: Buffer,
  contentType: string,
  config: ScrapeConfig,
  histograms: HistogramChoice,
): PageParser {
  return createParser(page, contentType, {
    fallback: fallbackOf(config),
    ignoresNative: !histograms.takesNative,
    keepsClassic: histograms.keepsClassic,
    convertsClassic: histograms.convertsClassic,
  });
}

function fallbackOf(config: ScrapeConfig): MediaType | undefined {
  if (config.fallbackScrapeProtocol === '') return undefined;
  return scrapeProtocolMediaTypes[config.fallbackScrapeProtocol].split(';')[0] as MediaType;
}

/**
 * The Accept header of a job: what it wants most comes first, anything at all comes last. The weights begin where they would if every
 * protocol were asked for.
 *
 * @see Prometheus `scrape/scrape.go`, acceptHeader
 */
export function acceptHeader(config: ScrapeConfig): string {
  const highest = Object.keys(scrapeProtocolMediaTypes).length + 1;
  const wanted = config.scrapeProtocols.map((protocol, i) => {
    const escaping = protocol.endsWith('1.0.0') ? `;escaping=${config.metricNameEscapingScheme}` : '';
    return `${scrapeProtocolMediaTypes[protocol]}${escaping};q=0.${highest - i}`;
  });
  return [...wanted, `*/*;q=0.${highest - wanted.length}`].join(',');
}

import { type Labels, type Relabeling, Labels as LabelSet } from '../model/index.ts';
import {
  COMMENT_ENTRY,
  END_OF_PAGE,
  HELP_ENTRY,
  HISTOGRAM_ENTRY,
  SERIES_ENTRY,
  TYPE_ENTRY,
  UNIT_ENTRY,
  type ExpositionParser,
} from '../model/exposition/index.ts';
import {
  ACCEPTED,
  DUPLICATE_TIMESTAMP,
  OUT_OF_BOUNDS,
  OUT_OF_ORDER,
  TOO_OLD,
  UNKNOWN_SERIES,
  type Appender,
  type AppendVerdict,
  type SeriesRef,
} from '../storage/index.ts';
import type { ScrapeConfig } from './config.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { ScrapeMetrics } from './metrics.ts';
import { sampleLabels, ScrapeError } from './sample-labels.ts';
import { DROPPED, UNKNOWN, type SeriesCache } from './series-cache.ts';

/** Samples further in the future than this are a target's broken clock. */
const MAX_FUTURE_MS = 10 * 60_000;

/** What one scrape works with. */
export interface Ingestion {
  readonly config: ScrapeConfig;
  readonly target: Labels;
  readonly relabeling: Relabeling;
  readonly cache: SeriesCache;
  readonly metadata: MetadataCache;
  readonly metrics: ScrapeMetrics;
}

/** What a page held, whether or not it could be stored. */
export interface IngestCounts {
  /** Samples on the page. */
  total: number;
  /** Samples left after relabelling. */
  added: number;
  /** Series not seen in recent scrapes. */
  newSeries: number;
}

/** Why samples of an otherwise good page were not stored. */
interface Refused {
  outOfOrder: number;
  duplicate: number;
  outOfBounds: number;
}

/**
 * Stages every sample of a page, and staleness markers for the series that the last page had and this one lacks.
 *
 * Counting goes on in `counts` up to the failure. The cache's scrape is begun here and left unfinished: the caller commits and finishes it, or rolls
 * back and stages the target as empty.
 *
 * @throws {ExpositionError} when the page breaks its format
 * @throws {ScrapeError} when a sample or their number breaks a limit: nothing of the page counts
 * @see Prometheus `scrape/scrape.go`, scrapeLoop.append
 */
export function ingestPage(
  scrape: Ingestion,
  parser: ExpositionParser,
  appender: Appender,
  tMs: number,
  counts: IngestCounts,
): void {
  const { config, cache, metadata, metrics } = scrape;
  const { honorTimestamps, trackTimestampsStaleness, sampleLimit } = config;
  const refused: Refused = { outOfOrder: 0, duplicate: 0, outOfBounds: 0 };
  let isOverLimit = false;
  cache.begin();
  metadata.begin();
  for (;;) {
    const entry = parser.next();
    if (entry === END_OF_PAGE) break;
    switch (entry) {
      case TYPE_ENTRY:
        metadata.setType(parser.familyName, parser.type);
        continue;
      case HELP_ENTRY:
        metadata.setHelp(parser.familyName, parser.text);
        continue;
      case UNIT_ENTRY:
        metadata.setUnit(parser.familyName, parser.text);
        continue;
      case COMMENT_ENTRY:
        continue;
      default:
    }
    counts.total++;
    const { seriesBytes, seriesStart, seriesEnd } = parser;
    let ref = cache.find(seriesBytes, seriesStart, seriesEnd);
    if (ref === DROPPED) continue;
    const hasOwnTime = honorTimestamps && parser.hasTimestamp;
    const t = hasOwnTime ? parser.timestamp : tMs;
    if (hasOwnTime && t > tMs + MAX_FUTURE_MS) {
      counts.added++;
      refused.outOfBounds++;
      continue;
    }
    if (ref === UNKNOWN) {
      ref = lookUp(scrape, parser, appender);
      if (ref === DROPPED) continue;
      counts.newSeries++;
    } else if (entry === SERIES_ENTRY && cache.isSeen(ref) && !hasOwnTime) {
      // The same series twice on one page: the first one counts.
      counts.added++;
      refused.duplicate++;
      continue;
    }
    counts.added++;
    if (sampleLimit > 0 && counts.added > sampleLimit) {
      isOverLimit = true;
      continue;
    }
    let verdict: AppendVerdict =
      entry === HISTOGRAM_ENTRY
        ? appender.appendHistogram(ref, t, parser.histogram!)
        : appender.append(ref, t, parser.value);
    if (verdict === UNKNOWN_SERIES) {
      // The store has let the series go since the last scrape.
      cache.forget(seriesBytes, seriesStart, seriesEnd);
      ref = lookUp(scrape, parser, appender);
      verdict =
        entry === HISTOGRAM_ENTRY
          ? appender.appendHistogram(ref, t, parser.histogram!)
          : appender.append(ref, t, parser.value);
    }
    if (verdict !== ACCEPTED) note(verdict, refused);
    if (!hasOwnTime || trackTimestampsStaleness) cache.see(ref);
    if (verdict === ACCEPTED) stageExemplars(parser, appender, ref, t);
  }
  if (isOverLimit) {
    metrics.sampleLimitExceeded.inc();
    throw new ScrapeError('sample limit exceeded');
  }
  metrics.outOfOrder.inc(refused.outOfOrder);
  metrics.duplicate.inc(refused.duplicate);
  metrics.outOfBounds.inc(refused.outOfBounds);
  for (const ref of cache.missing()) appender.appendStale(ref, tMs);
}

/** Stages the target as one that exposes nothing: every series of the last scrape ends here. */
export function ingestNothing(cache: SeriesCache, appender: Appender, tMs: number): void {
  cache.clearSeen();
  for (const ref of cache.missing()) appender.appendStale(ref, tMs);
}

/** The reference of a series that is seen for the first time, or `DROPPED`. */
function lookUp(
  { config, target, relabeling, cache }: Ingestion,
  parser: ExpositionParser,
  appender: Appender,
): SeriesRef {
  const { seriesBytes, seriesStart, seriesEnd } = parser;
  const exposed = parser.labelPairs();
  if (parser.hasInvalidText) {
    throw new ScrapeError(
      `invalid UTF-8 in ${JSON.stringify(seriesBytes.toString('utf8', seriesStart, Math.min(seriesEnd, seriesStart + 100)))}`,
    );
  }
  const labels = sampleLabels(exposed, target, config, relabeling);
  const ref = labels === undefined ? DROPPED : appender.series(labels);
  cache.add(seriesBytes, seriesStart, seriesEnd, ref);
  return ref;
}

function stageExemplars(parser: ExpositionParser, appender: Appender, ref: SeriesRef, t: number): void {
  for (let exemplar = parser.nextExemplar(); exemplar !== undefined; exemplar = parser.nextExemplar()) {
    const entries: [string, string][] = [];
    for (let i = 0; i < exemplar.labels.length; i += 2) entries.push([exemplar.labels[i], exemplar.labels[i + 1]]);
    appender.appendExemplar(ref, { labels: LabelSet.fromPairs(entries), t: exemplar.t ?? t, v: exemplar.value });
  }
}

function note(verdict: AppendVerdict, refused: Refused): void {
  switch (verdict) {
    case OUT_OF_ORDER:
      refused.outOfOrder++;
      break;
    case DUPLICATE_TIMESTAMP:
      refused.duplicate++;
      break;
    case OUT_OF_BOUNDS:
    case TOO_OLD:
      refused.outOfBounds++;
      break;
    default:
  }
}

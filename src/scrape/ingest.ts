import type { Labels, Relabeling } from '../model/index.ts';
import {
  COMMENT_ENTRY,
  END_OF_PAGE,
  type ExpositionParser,
  HELP_ENTRY,
  type PageParser,
  TYPE_ENTRY,
  UNIT_ENTRY,
} from '../model/exposition/index.ts';
import type { Appender } from '../storage/index.ts';
import type { ScrapeConfig } from './config.ts';
import { takeKnownLines } from './known-lines.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { ScrapeMetrics } from './metrics.ts';
import { PageRun } from './page-run.ts';
import type { SeriesCache } from './series-cache.ts';
import { NONE } from './series-table.ts';

/** What one scrape works with. */
export interface Ingestion {
  readonly config: ScrapeConfig;
  readonly target: Labels;
  readonly relabeling: Relabeling;
  readonly cache: SeriesCache;
  readonly metadata: MetadataCache;
  readonly metrics: ScrapeMetrics;
  readonly nowMs: () => number;
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

/** A remark about samples that were refused while the rest of the page was taken. */
export interface Refusal {
  readonly message: string;
  readonly dropped: number;
}

/**
 * Stages every sample of a page, and staleness markers for the series that the last page had and this one lacks.
 *
 * `counts` are right up to the failure. The caller has begun the cache's scrape, and it commits; after an error it rolls back, then calls
 * {@link ingestNothing} on a new appender.
 *
 * @throws {ExpositionError} when the page breaks its format
 * @throws {ScrapeError} when a sample or their number breaks a limit: nothing of the page counts
 * @throws {StorageError}
 * @see Prometheus `scrape/scrape.go`, scrapeLoopAppender.append (3.14)
 */
export function ingestPage(
  scrape: Ingestion,
  { parser, lines }: PageParser,
  appender: Appender,
  tMs: number,
  counts: IngestCounts,
): Refusal[] {
  const { cache, metadata, metrics } = scrape;
  metadata.begin();
  const page = new PageRun(scrape, lines?.seriesBytes ?? NO_BYTES, appender, tMs, counts);
  /** The line of the last page that should come next. */
  let position = 0;
  /** Where what stands before the next line with a sample begins. */
  let between = 0;
  let declared: string[] = [];
  let isAtLine = lines !== undefined;
  for (;;) {
    if (isAtLine) {
      const from = position;
      position = takeKnownLines(page, lines!, from);
      page.recordRun(from, position);
      between = lines!.at;
      isAtLine = false;
    }
    const entry = parser.next();
    if (entry === END_OF_PAGE) break;
    if (entry === COMMENT_ENTRY) continue;
    if (entry === TYPE_ENTRY || entry === HELP_ENTRY || entry === UNIT_ENTRY) {
      declare(metadata, entry, parser);
      if (lines !== undefined) declared.push(parser.familyName);
      continue;
    }
    const series = page.stageShown(entry, parser);
    if (lines === undefined) continue;
    page.recordLine(series, position, between, lines.seriesStart, lines.type, declared);
    declared = [];
    const known = series === NONE ? NONE : cache.table.positions[series]!;
    // Behind a line that moved, the lines that followed it are likely to have moved along; a new one shifts the others down.
    if (known !== NONE) position = known + 1;
    isAtLine = true;
  }
  const refusals = page.stage.finish(metrics);
  if (page.refusedExemplars > 0) {
    metrics.exemplarOutOfOrder.inc(page.refusedExemplars);
    refusals.push({ message: 'Error on ingesting out-of-order exemplars', dropped: page.refusedExemplars });
  }
  for (const ref of cache.missing()) appender.appendStale(ref, tMs);
  if (lines === undefined) {
    cache.succeed(undefined);
    metadata.finish(true);
    return refusals;
  }
  // The last page had lines behind the last one of this page.
  const isShorter = page.recorder === undefined && position < cache.layout.length;
  if (isShorter) page.recordTail(position);
  cache.succeed(page.recorder);
  metadata.finish(page.recorder !== undefined);
  return refusals;
}

/** Stages the target as one that exposes nothing more than it did so far in this scrape: every other series of the last scrape ends. */
export function ingestNothing(cache: SeriesCache, appender: Appender, tMs: number): void {
  for (const ref of cache.missing()) appender.appendStale(ref, tMs);
  cache.fail();
}

const NO_BYTES = Buffer.alloc(0);

function declare(metadata: MetadataCache, entry: number, parser: ExpositionParser): void {
  if (entry === TYPE_ENTRY) metadata.setType(parser.familyName, parser.type);
  else if (entry === HELP_ENTRY) metadata.setHelp(parser.familyName, parser.text);
  else metadata.setUnit(parser.familyName, parser.text);
}

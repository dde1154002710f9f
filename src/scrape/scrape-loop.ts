import { BodyTooLargeError, type HttpClient } from '../httpclient/index.ts';
import { formatDuration, type Labels } from '../model/index.ts';
import { ExpositionError } from '../model/exposition/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import { StorageError, UNKNOWN_SERIES, type Appendable, type Appender, type SeriesRef } from '../storage/index.ts';
import { ingestNothing, ingestPage, type IngestCounts, type Ingestion, type Refusal } from './ingest.ts';
import { MetadataCache } from './metadata-cache.ts';
import { acceptHeader, pageParser } from './page-parser.ts';
import { LabelLimitError, reportLabels, ScrapeError } from './sample-labels.ts';
import { statusText } from './status-text.ts';
import { SeriesCache } from './series-cache.ts';
import type { Target } from './target.ts';

/** What loops need of the rest of the server. */
export interface LoopContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly appendable: Appendable;
  readonly client: HttpClient;
  /** Differs between servers that scrape the same targets. */
  readonly seed: string;
  /** Called with each failure, for the scrape failure log of the job. */
  readonly onFailure?: (target: Target, error: string) => void;
}

/** A scrape this close behind its tick is given the tick's time: equal spacing compresses better. */
const TOLERANCE_MS = 2;

/** A page without a limit of its own still must not fill the memory. */
const MAX_BODY_BYTES = 1 << 30;

/** What one scrape fetched. */
type Fetched =
  | { readonly kind: 'page'; readonly body: Buffer; readonly contentType: string }
  | { readonly kind: 'failed'; readonly error: string; readonly isTooLarge: boolean };

/**
 * Scrapes one target at each tick of its interval and stores what it exposes, together with a report about the scrape. A failed scrape is stored as
 * one of an empty page: the series end, and `up` is 0.
 *
 * @see Prometheus `scrape/scrape.go`, scrapeLoop
 */
export class ScrapeLoop {
  readonly target: Target;
  metadata = new MetadataCache();
  /** While set, the target is not asked: each scrape fails with this. */
  forcedError: string | undefined;
  readonly #context: LoopContext;
  #ingestion: Ingestion;
  #cache: SeriesCache;
  #reports = new Map<string, { labels: Labels; ref: SeriesRef }>();
  #isStopped = false;
  /** Whether what a running scrape finds is thrown away. */
  #isDiscarding = false;
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #lastStartMs = 0;
  #hasReported = false;

  constructor(
    target: Target,
    context: LoopContext,
    shared: Omit<Ingestion, 'cache' | 'metadata' | 'target' | 'nowMs'>,
  ) {
    this.target = target;
    this.#context = context;
    this.#cache = new SeriesCache(() => {
      shared.metrics.cacheFlushForced.inc();
    });
    this.#ingestion = {
      ...shared,
      target: target.labels,
      cache: this.#cache,
      metadata: this.metadata,
      nowMs: () => context.clock.now(),
    };
  }

  start(): void {
    const { clock, seed } = this.#context;
    const { intervalMs } = this.target;
    const now = clock.now();
    const phase = this.target.offsetMs(seed);
    this.#schedule(now + intervalMs - ((((now - phase) % intervalMs) + intervalMs) % intervalMs));
  }

  /**
   * Ends the scrapes and waits for one under way. Safe to call twice.
   *
   * @param discards what that one finds is not stored, and nothing waits for its timeout once the client is closed: for a shutdown
   */
  async stop(discards = false): Promise<void> {
    this.#isStopped = true;
    this.#isDiscarding ||= discards;
    this.#cancelTimer?.();
    await this.#running;
  }

  /**
   * Continues where the loop of a target's earlier configuration ended. Series that do not come back get their staleness markers.
   *
   * @param keepsCache the configurations name and relabel series alike, so that what was learnt of them still holds
   */
  inherit(previous: ScrapeLoop, keepsCache: boolean): void {
    if (keepsCache) {
      this.#cache = previous.#cache;
      this.metadata = previous.metadata;
      this.#reports = previous.#reports;
      this.#ingestion = { ...this.#ingestion, cache: this.#cache, metadata: this.metadata };
    } else {
      this.#cache.inherit(previous.#cache);
    }
    this.#hasReported = previous.#hasReported;
    this.target.health = previous.target.health;
    this.target.lastError = previous.target.lastError;
    this.target.lastScrapeMs = previous.target.lastScrapeMs;
    this.target.lastDurationSeconds = previous.target.lastDurationSeconds;
  }

  /**
   * For a target that is gone for good: ends its series and its report as of now, but writes the markers only after two further intervals, so that
   * they come to nothing if the target has returned meanwhile.
   */
  endSeries(): void {
    const { clock } = this.#context;
    const { intervalMs } = this.target;
    if (!this.#hasReported) return;
    const goneAt = clock.now() + intervalMs;
    clock.after(2.1 * intervalMs, () => {
      const appender = this.#context.appendable.appender();
      this.#cache.begin();
      ingestNothing(this.#cache, appender, goneAt);
      for (const { ref } of this.#reports.values()) appender.appendStale(ref, goneAt);
      this.#commit(appender);
    });
  }

  /** One scrape at the tick `tickMs`. */
  async scrape(tickMs: number): Promise<void> {
    const { clock } = this.#context;
    const { target } = this;
    const startedMs = clock.now();
    const started = clock.monotonic();
    if (this.#lastStartMs > 0) {
      this.#ingestion.metrics.intervalLength(formatDuration(target.intervalMs), (startedMs - this.#lastStartMs) / 1000);
    }
    this.#lastStartMs = startedMs;
    const tolerance = Math.min(TOLERANCE_MS, target.intervalMs / 100);
    const tMs = Math.round(startedMs - tickMs <= tolerance && startedMs >= tickMs ? tickMs : startedMs);
    const fetched = await this.#fetch();
    if (this.#isDiscarding) return;
    const seconds = (clock.monotonic() - started) / 1000;
    this.#store(fetched, tMs, seconds);
    target.lastScrapeMs = startedMs;
    target.lastDurationSeconds = seconds;
  }

  async #fetch(): Promise<Fetched> {
    const { config, metrics } = this.#ingestion;
    const { target } = this;
    const failed = (error: string, isTooLarge = false): Fetched => ({ kind: 'failed', error, isTooLarge });
    if (this.forcedError !== undefined) return failed(this.forcedError);
    try {
      const response = await this.#context.client.get(target.url, {
        headers: {
          accept: acceptHeader(config),
          'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
          ...(config.enableCompression ? {} : { 'accept-encoding': 'identity' }),
        },
        timeoutMs: target.timeoutMs,
        // A body of exactly the limit is too large, as Prometheus counts.
        maxBytes: config.bodySizeLimitBytes > 0 ? config.bodySizeLimitBytes - 1 : MAX_BODY_BYTES,
      });
      if (response.status !== 200) return failed(`server returned HTTP status ${statusText(response.status)}`);
      return { kind: 'page', body: response.body, contentType: response.headers['content-type'] ?? '' };
    } catch (error) {
      if (error instanceof BodyTooLargeError) {
        metrics.bodySizeLimitExceeded.inc();
        return failed('body size limit exceeded', true);
      }
      return failed(error instanceof Error ? error.message : String(error));
    }
  }

  #store(fetched: Fetched, tMs: number, seconds: number): void {
    const { target } = this;
    const { logger } = this.#context;
    const counts: IngestCounts = { total: 0, added: 0, newSeries: 0 };
    let problem = fetched.kind === 'failed' ? fetched.error : undefined;
    let appender = this.#context.appendable.appender();
    this.#cache.begin();
    // An empty body is a target without metrics, whatever its Content-Type.
    if (fetched.kind === 'page' && fetched.body.length > 0) {
      try {
        for (const refusal of this.#ingest(fetched, appender, tMs, counts)) {
          logger.warn(refusal.message, { target: target.url, num_dropped: refusal.dropped });
        }
      } catch (error) {
        if (
          !(error instanceof ExpositionError) &&
          !(error instanceof ScrapeError) &&
          !(error instanceof StorageError)
        ) {
          logger.error('Ingesting a scrape failed', { target: target.url, error });
        }
        if (error instanceof LabelLimitError) this.#ingestion.metrics.labelLimitsExceeded.inc();
        problem = error instanceof Error ? error.message : String(error);
        appender.rollback();
        appender = this.#context.appendable.appender();
        ingestNothing(this.#cache, appender, tMs);
      }
    } else {
      ingestNothing(this.#cache, appender, tMs);
    }
    const bytes = fetched.kind === 'page' ? fetched.body.length : fetched.isTooLarge ? -1 : 0;
    this.#report(appender, tMs, { seconds, counts, isUp: problem === undefined, bytes });
    const isStored = this.#commit(appender);
    target.health = problem === undefined ? 'up' : 'down';
    target.lastError = problem ?? (isStored ? '' : 'the samples could not be stored');
    if (problem !== undefined) {
      logger.debug('Scrape failed', { target: target.url, error: problem });
      this.#context.onFailure?.(target, problem);
    }
  }

  #ingest(
    { body, contentType }: Extract<Fetched, { kind: 'page' }>,
    appender: Appender,
    tMs: number,
    counts: IngestCounts,
  ): Refusal[] {
    const page = pageParser(body, contentType, this.#ingestion.config, this.target.histograms);
    if (page.warning !== undefined) this.#context.logger.debug(page.warning, { target: this.target.url });
    return ingestPage(this.#ingestion, page, appender, tMs, counts);
  }

  #report(
    appender: Appender,
    tMs: number,
    { seconds, counts, isUp, bytes }: { seconds: number; counts: IngestCounts; isUp: boolean; bytes: number },
  ): void {
    const { config } = this.#ingestion;
    const report = (name: string, value: number) => {
      let known = this.#reports.get(name);
      if (known === undefined) {
        const labels = reportLabels(name, this.target.labels);
        known = { labels, ref: appender.series(labels) };
        this.#reports.set(name, known);
      }
      if (appender.append(known.ref, tMs, value) === UNKNOWN_SERIES) {
        known.ref = appender.series(known.labels);
        appender.append(known.ref, tMs, value);
      }
    };
    report('up', isUp ? 1 : 0);
    report('scrape_duration_seconds', seconds);
    report('scrape_samples_scraped', counts.total);
    report('scrape_samples_post_metric_relabeling', counts.added);
    report('scrape_series_added', counts.newSeries);
    if (config.extraScrapeMetrics) {
      report('scrape_timeout_seconds', this.target.timeoutMs / 1000);
      report('scrape_sample_limit', config.sampleLimit);
      report('scrape_body_size_bytes', bytes);
    }
    this.#hasReported = true;
  }

  /** @returns whether the disk took it; the error is logged */
  #commit(appender: Appender): boolean {
    try {
      appender.commit();
      return true;
    } catch (error) {
      this.#context.logger.error('Storing a scrape failed', { target: this.target.url, error });
      return false;
    }
  }

  #schedule(tickMs: number): void {
    if (this.#isStopped) return;
    const { clock } = this.#context;
    this.#cancelTimer = clock.after(Math.max(0, tickMs - clock.now()), () => {
      // Timers may fire a fraction early.
      if (clock.now() < tickMs) {
        this.#schedule(tickMs);
        return;
      }
      this.#running = this.#tick(tickMs);
    });
  }

  async #tick(tickMs: number): Promise<void> {
    await this.scrape(tickMs);
    // Ticks that passed during a slow scrape are missed, not made up for.
    const { intervalMs } = this.target;
    const passed = Math.max(0, Math.floor((this.#context.clock.now() - tickMs) / intervalMs));
    this.#schedule(tickMs + (passed + 1) * intervalMs);
  }
}

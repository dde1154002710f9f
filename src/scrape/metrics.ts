import type { Counter, Gauge, Registry, Vec } from '../runtime/index.ts';

/** What scraping counts, under Prometheus's names. */
export class ScrapeMetrics {
  readonly sampleLimitExceeded: Counter;
  readonly bucketLimitExceeded: Counter;
  readonly labelLimitsExceeded: Counter;
  readonly cacheFlushForced: Counter;
  readonly exemplarOutOfOrder: Counter;
  readonly pools: Counter;
  readonly syncFailed: Vec<Counter>;
  readonly bodySizeLimitExceeded: Counter;
  readonly targetLimitExceeded: Counter;
  readonly outOfOrder: Counter;
  readonly duplicate: Counter;
  readonly outOfBounds: Counter;
  readonly poolSyncs: Vec<Counter>;
  readonly poolTargets: Vec<Gauge>;
  readonly poolTargetLimit: Vec<Gauge>;
  readonly reloads: Counter;
  readonly #interval;

  constructor(registry: Registry) {
    const counter = (name: string, help: string) => registry.counter(`prometheus_target_${name}`, help);
    this.sampleLimitExceeded = counter(
      'scrapes_exceeded_sample_limit_total',
      'Total number of scrapes that hit the sample limit and were rejected.',
    );
    this.bucketLimitExceeded = counter(
      'scrapes_exceeded_native_histogram_bucket_limit_total',
      'Total number of scrapes that hit the native histogram bucket limit and were rejected.',
    );
    this.labelLimitsExceeded = counter(
      'scrape_pool_exceeded_label_limits_total',
      'Total number of times scrape pools hit the label limits, during sync or config reload.',
    );
    this.cacheFlushForced = counter(
      'scrapes_cache_flush_forced_total',
      'How many times a scrape cache was flushed due to getting big while scrapes are failing.',
    );
    this.exemplarOutOfOrder = counter(
      'scrapes_exemplar_out_of_order_total',
      'Total number of exemplar rejected due to not being out of the expected order.',
    );
    this.pools = counter('scrape_pools_total', 'Total number of scrape pool creation attempts.');
    this.bodySizeLimitExceeded = counter(
      'scrapes_exceeded_body_size_limit_total',
      'Total number of scrapes that hit the body size limit',
    );
    this.targetLimitExceeded = counter(
      'scrape_pool_exceeded_target_limit_total',
      'Total number of times scrape pools hit the target limit, during sync or config reload.',
    );
    this.outOfOrder = counter(
      'scrapes_sample_out_of_order_total',
      'Total number of samples rejected due to not being out of the expected order.',
    );
    this.duplicate = counter(
      'scrapes_sample_duplicate_timestamp_total',
      'Total number of samples rejected due to duplicate timestamps but different values.',
    );
    this.outOfBounds = counter(
      'scrapes_sample_out_of_bounds_total',
      'Total number of samples rejected due to timestamp falling outside of the time bounds.',
    );
    this.reloads = counter('scrape_pool_reloads_total', 'Total number of scrape pool reloads.');
    const pool = ['scrape_job'];
    this.poolSyncs = registry.counterVec(
      'prometheus_target_scrape_pool_sync_total',
      'Total number of syncs that were executed on a scrape pool.',
      pool,
    );
    this.syncFailed = registry.counterVec(
      'prometheus_target_sync_failed_total',
      'Total number of target sync failures.',
      pool,
    );
    this.poolTargets = registry.gaugeVec(
      'prometheus_target_scrape_pool_targets',
      'Current number of targets in this scrape pool.',
      pool,
    );
    this.poolTargetLimit = registry.gaugeVec(
      'prometheus_target_scrape_pool_target_limit',
      'Maximum number of targets allowed in this scrape pool.',
      pool,
    );
    this.#interval = registry.summaryVec(
      'prometheus_target_interval_length_seconds',
      'Actual intervals between scrapes.',
      ['interval'],
      [0.01, 0.05, 0.5, 0.9, 0.99],
    );
  }

  /** Notes how long after the last scrape one began. @param interval as configured, for example `15s` */
  intervalLength(interval: string, seconds: number): void {
    this.#interval.with(interval).observe(seconds);
  }

  poolRemoved(job: string): void {
    this.poolSyncs.delete(job);
    this.syncFailed.delete(job);
    this.poolTargets.delete(job);
    this.poolTargetLimit.delete(job);
  }
}

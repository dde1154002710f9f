import type { BenchCase } from '../../bench/case.ts';
import { Labels } from '../model/index.ts';
import { createEngine } from './engine.ts';
import { MemoryStorage } from './testing/memory-storage.ts';

const SCRAPE_MS = 15_000;
const START_MS = 1_700_000_000_000;

/** Counters of `instances` targets with `handlers` handlers each, scraped every 15 s for `samples` scrapes. */
function counters(instances: number, handlers: number, samples: number): MemoryStorage {
  const storage = new MemoryStorage();
  const values = new Float64Array(samples);
  for (let i = 0; i < instances; i++) {
    for (let h = 0; h < handlers; h++) {
      for (let s = 0; s < samples; s++) values[s] = s * (1 + ((i * 7 + h * 3) % 11)) + ((s * 31 + i) % 5);
      const labels = Labels.from({
        __name__: 'http_requests_total',
        handler: `/api/v1/h${h}`,
        instance: `10.0.0.${i}:9100`,
        job: 'api',
      });
      // Targets are scraped at offsets of their own.
      storage.appendFloats(labels, START_MS + ((i * 37) % 15) * 1000, SCRAPE_MS, values);
    }
  }
  return storage;
}

const engine = createEngine();
const wide = counters(100, 10, 1200);
const few = counters(10, 1, 1200);
const endMs = START_MS + 1199 * SCRAPE_MS;

/** A range query over `steps` steps as long as the scrape interval. */
function range(storage: MemoryStorage, query: string, series: number, steps: number): BenchCase {
  return {
    name: query,
    run: () => engine.range(storage, query, endMs - (steps - 1) * SCRAPE_MS, endMs, SCRAPE_MS),
    ops: series * steps,
    unit: 'sample',
  };
}

function instant(query: string): BenchCase {
  return { name: `instant ${query}`, run: () => engine.instant(wide, query, endMs), ops: 1000, unit: 'series' };
}

/** Over 1,000 series and 1,000 steps, but for the first. */
const cases: readonly BenchCase[] = [
  range(few, 'rate(http_requests_total[5m])', 10, 1000),
  ...[
    'http_requests_total',
    'rate(http_requests_total[5m])',
    'sum by (handler) (http_requests_total)',
    'sum by (handler) (rate(http_requests_total[5m]))',
    'http_requests_total / (http_requests_total + 1)',
    'http_requests_total / on (instance) group_left sum by (instance) (http_requests_total)',
    'http_requests_total > 5000 and on (instance) (sum by (instance) (http_requests_total) > 100000)',
    'topk(5, http_requests_total)',
    'quantile(0.9, http_requests_total)',
    'max_over_time(sum by (handler) (http_requests_total)[30m:1m])',
  ].map((query) => range(wide, query, 1000, 1000)),
  instant('http_requests_total'),
  instant('sum by (handler) (rate(http_requests_total[5m]))'),
  instant('count(http_requests_total)'),
  instant('topk(10, http_requests_total)'),
];

export default cases;

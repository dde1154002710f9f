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

function range(storage: MemoryStorage, query: string, steps: number): () => Promise<unknown> {
  const stepMs = SCRAPE_MS;
  return () => engine.range(storage, query, endMs - (steps - 1) * stepMs, endMs, stepMs);
}

export default [
  { name: 'selector, 1,000 series × 1,000 steps', run: range(wide, 'http_requests_total', 1000) },
  { name: 'rate, 10 series × 1,000 steps', run: range(few, 'rate(http_requests_total[5m])', 1000) },
  { name: 'rate, 1,000 series × 1,000 steps', run: range(wide, 'rate(http_requests_total[5m])', 1000) },
  { name: 'sum by, 1,000 series × 1,000 steps', run: range(wide, 'sum by (handler) (http_requests_total)', 1000) },
  {
    name: 'sum by rate, 1,000 series × 1,000 steps',
    run: range(wide, 'sum by (handler) (rate(http_requests_total[5m]))', 1000),
  },
  {
    name: 'one-to-one join, 1,000 series × 1,000 steps',
    run: range(wide, 'http_requests_total / (http_requests_total + 1)', 1000),
  },
  {
    name: 'many-to-one join, 1,000 series × 1,000 steps',
    run: range(wide, 'http_requests_total / on (instance) group_left sum by (instance) (http_requests_total)', 1000),
  },
  { name: 'topk, 1,000 series × 1,000 steps', run: range(wide, 'topk(5, http_requests_total)', 1000) },
  { name: 'quantile, 1,000 series × 1,000 steps', run: range(wide, 'quantile(0.9, http_requests_total)', 1000) },
  {
    name: 'instant sum by rate, 1,000 series',
    run: () => engine.instant(wide, 'sum by (handler) (rate(http_requests_total[5m]))', endMs),
  },
  { name: 'instant selector, 1,000 series', run: () => engine.instant(wide, 'http_requests_total', endMs) },
];

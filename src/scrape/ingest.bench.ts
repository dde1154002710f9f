import type { BenchCase } from '../../bench/case.ts';
import { createParser, END_OF_PAGE, OpenMetricsParser, readFloat, TextParser } from '../model/exposition/index.ts';
import { Labels, Relabeling } from '../model/index.ts';
import { Registry } from '../runtime/index.ts';
import { ACCEPTED, type Appender } from '../storage/index.ts';
import type { ScrapeConfig } from './config.ts';
import { ingestPage, type Ingestion } from './ingest.ts';
import { MetadataCache } from './metadata-cache.ts';
import { ScrapeMetrics } from './metrics.ts';
import { SeriesCache } from './series-cache.ts';

const SERIES = 1000;

/** A page like that of a container's exporter: long labels, integers for the most part, some full floats. */
function page(round: number, order: (i: number) => number = (i) => i): Buffer {
  const lines: string[] = [];
  for (let at = 0; at < SERIES; at++) {
    const i = order(at);
    const family = Math.floor(i / 50);
    if (at % 50 === 0)
      lines.push(
        `# HELP container_metric_${family}_total What it counts.`,
        `# TYPE container_metric_${family}_total counter`,
      );
    const labels = `namespace="storefront",pod="checkout-${i.toString(36)}-x7f3q",container="app",node="ip-10-20-0-${i % 200}.node.internal",code="${200 + (i % 5)}"`;
    const value =
      i % 10 === 9 ? (i + round) * 1.2345678901234567 : i % 10 === 8 ? (i + round * 7) / 100 : i * 7919 + round * 31;
    lines.push(`container_metric_${family}_total{${labels}} ${value}`);
  }
  return Buffer.from(`${lines.join('\n')}\n# EOF\n`);
}

const pages = [0, 1, 2, 3].map((round) => page(round));
const text = pages.map((p) => Buffer.from(p.toString().replace('# EOF\n', '')));
const shuffled = [0, 1, 2, 3].map((round) => page(round, (i) => (i * (17 + 2 * round)) % SERIES));

const config = { honorTimestamps: true, sampleLimit: 0 } as ScrapeConfig;

let stored = 0;
const nowhere: Appender = {
  series: () => ++stored,
  append: (ref, t, v) => {
    stored += ref + t + v;
    return ACCEPTED;
  },
  appendStale: () => ACCEPTED,
  appendHistogram: () => ACCEPTED,
  appendExemplar: () => true,
  updateMetadata: () => {},
  commit: () => {},
  rollback: () => {},
};

function scraping(rounds: readonly Buffer[], type: string): () => number {
  const scrape: Ingestion = {
    config,
    target: Labels.from({ instance: '127.0.0.1:9100', job: 'fleet' }),
    relabeling: new Relabeling([], 'utf8'),
    cache: new SeriesCache(),
    metadata: new MetadataCache(),
    metrics: new ScrapeMetrics(new Registry()),
    nowMs: () => 1e12,
  };
  let round = 0;
  return () => {
    const counts = { total: 0, added: 0, newSeries: 0 };
    scrape.cache.begin();
    ingestPage(scrape, createParser(rounds[round % rounds.length]!, type), nowhere, ++round * 1000, counts);
    return counts.added;
  };
}

function parsing(make: () => TextParser | OpenMetricsParser): () => number {
  return () => {
    const parser = make();
    let sum = 0;
    while (parser.next() !== END_OF_PAGE) sum += parser.value;
    return sum;
  };
}

const numbers = Buffer.from(
  `${Array.from({ length: SERIES }, (_, i) => String(i % 3 === 0 ? i * 7919 : (i * 31) / 100)).join('\n')}\n`,
);

export default [
  {
    name: 'known page, OpenMetrics',
    run: scraping(pages, 'application/openmetrics-text'),
    ops: SERIES,
    unit: 'sample',
  },
  { name: 'known page, text', run: scraping(text, 'text/plain'), ops: SERIES, unit: 'sample' },
  {
    name: 'known series in another order',
    run: scraping(shuffled, 'application/openmetrics-text'),
    ops: SERIES,
    unit: 'sample',
  },
  { name: 'parse text', run: parsing(() => new TextParser(text[0]!)), ops: SERIES, unit: 'sample' },
  { name: 'parse OpenMetrics', run: parsing(() => new OpenMetricsParser(pages[0]!)), ops: SERIES, unit: 'sample' },
  {
    name: 'read numbers',
    run: () => {
      const cursor = { end: 0 };
      let sum = 0;
      for (let at = 0; at < numbers.length; at = cursor.end + 1) sum += readFloat(numbers, at, cursor);
      return sum;
    },
    ops: SERIES,
    unit: 'number',
  },
] satisfies BenchCase[];

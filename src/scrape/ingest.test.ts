import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createParser } from '../model/exposition/index.ts';
import { Labels, Relabeling, type RelabelConfig } from '../model/index.ts';
import { Registry } from '../runtime/index.ts';
import type { ScrapeConfig } from './config.ts';
import { ingestNothing, ingestPage, type IngestCounts, type Ingestion } from './ingest.ts';
import { MemoryStore } from './memory-store.ts';
import { MetadataCache } from './metadata-cache.ts';
import { ScrapeMetrics } from './metrics.ts';
import { SeriesCache } from './series-cache.ts';

const step = (fields: Partial<RelabelConfig>): RelabelConfig => ({
  sourceLabels: [],
  separator: ';',
  regex: '(.*)',
  modulus: 0,
  targetLabel: '',
  replacement: '$1',
  action: 'replace',
  ...fields,
});

const defaults = {
  honorLabels: false,
  honorTimestamps: true,
  trackTimestampsStaleness: false,
  sampleLimit: 0,
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
  nativeHistogramBucketLimit: 0,
  nativeHistogramMinBucketFactor: 0,
  metricNameValidationScheme: 'utf8',
} as unknown as ScrapeConfig;

/** A target that is given pages instead of being asked for them. */
class Bench {
  readonly store = new MemoryStore();
  readonly metadata = new MetadataCache();
  readonly cache: SeriesCache;
  readonly scrape: Ingestion;
  flushes = 0;

  constructor(config: Partial<ScrapeConfig> = {}, target: Record<string, string> = {}, steps: RelabelConfig[] = []) {
    this.cache = new SeriesCache(() => this.flushes++);
    this.scrape = {
      config: { ...defaults, ...config },
      target: Labels.from(target),
      relabeling: new Relabeling(steps, 'utf8'),
      cache: this.cache,
      metadata: this.metadata,
      metrics: new ScrapeMetrics(new Registry()),
      nowMs: () => 10_000_000,
    };
  }

  /** What a scrape of `page` at `t` stores; `counts` are total/added/new, `error` what made it fail. */
  give(page: string, t: number, type = 'text/plain') {
    const counts: IngestCounts = { total: 0, added: 0, newSeries: 0 };
    let error = '';
    let refusals: string[] = [];
    let appender = this.store.appender();
    this.cache.begin();
    if (page === '') ingestNothing(this.cache, appender, t);
    else {
      try {
        const parser = createParser(Buffer.from(page), type, { ignoresNative: true });
        refusals = ingestPage(this.scrape, parser, appender, t, counts).map((r) => `${r.message}: ${r.dropped}`);
      } catch (failure) {
        error = (failure as Error).message;
        appender.rollback();
        appender = this.store.appender();
        ingestNothing(this.cache, appender, t);
      }
    }
    appender.commit();
    return { lines: this.store.drain(), counts: Object.values(counts).join('/'), error, refusals };
  }
}

describe('ingestPage', () => {
  it('stores samples with the labels of the target', () => {
    const bench = new Bench({}, { instance: 'i', job: 'j' });
    expect(bench.give('a{x="1"} 1\nb 2\n', 1000)).toEqual({
      lines: ['{__name__="a", instance="i", job="j", x="1"} 1 @1000', '{__name__="b", instance="i", job="j"} 2 @1000'],
      counts: '2/2/2',
      error: '',
      refusals: [],
    });
    expect(bench.give('a{x="1"} 3\nb 4\n', 2000)).toMatchObject({ counts: '2/2/0' });
  });

  it('ends series that are gone, and only them', () => {
    const bench = new Bench();
    bench.give('a 1\nb 2\nc 3\n', 1000);
    expect(bench.give('a 1\nc 3\n', 2000).lines).toEqual([
      '{__name__="a"} 1 @2000',
      '{__name__="c"} 3 @2000',
      '{__name__="b"} stale @2000',
    ]);
    expect(bench.give('a 1\nc 3\n', 3000).lines).toHaveLength(2);
    expect(bench.give('', 4000).lines).toEqual(['{__name__="a"} stale @4000', '{__name__="c"} stale @4000']);
    expect(bench.give('', 5000).lines).toEqual([]);
    expect(bench.give('b 1\n', 6000)).toMatchObject({ lines: ['{__name__="b"} 1 @6000'], counts: '1/1/1' });
  });

  it('ends the last series of a page that became shorter', () => {
    const bench = new Bench();
    bench.give('a 1\nb 2\n', 1000);
    expect(bench.give('a 1\n', 2000).lines).toEqual(['{__name__="a"} 1 @2000', '{__name__="b"} stale @2000']);
    expect(bench.give('a 1\nb 2\n', 3000).counts).toBe('2/2/1');
  });

  it('does not end a series whose text changed while its labels stayed', () => {
    const bench = new Bench();
    bench.give('a{x="1",y="2"} 1\n', 1000);
    expect(bench.give('a{y="2",x="1"} 2\n', 2000).lines).toEqual(['{__name__="a", x="1", y="2"} 2 @2000']);
  });

  it('takes the first of two samples of one series', () => {
    const bench = new Bench();
    for (const t of [1000, 2000, 3000]) {
      expect(bench.give('a 1\nb 1\na 2\n', t)).toMatchObject({
        lines: [`{__name__="a"} 1 @${t}`, `{__name__="b"} 1 @${t}`],
        counts: `3/3/${t === 1000 ? 2 : 0}`,
        refusals: ['Error on ingesting samples with different value but same timestamp: 1'],
      });
    }
  });

  it('takes several samples of one series that have times of their own', () => {
    const bench = new Bench();
    expect(bench.give('a 1 500\na 2 600\n', 1000).lines).toEqual(['{__name__="a"} 1 @500', '{__name__="a"} 2 @600']);
    expect(bench.give('a 3 700\na 4 800\n', 2000).lines).toEqual(['{__name__="a"} 3 @700', '{__name__="a"} 4 @800']);
  });

  it('does not watch over series with times of their own unless told to', () => {
    const plain = new Bench();
    plain.give('a 1 500\n', 1000);
    expect(plain.give('', 2000).lines).toEqual([]);
    const tracking = new Bench({ trackTimestampsStaleness: true });
    tracking.give('a 1 500\n', 1000);
    expect(tracking.give('', 2000).lines).toEqual(['{__name__="a"} stale @2000']);
    const dishonoring = new Bench({ honorTimestamps: false });
    expect(dishonoring.give('a 1 500\n', 1000).lines).toEqual(['{__name__="a"} 1 @1000']);
    expect(dishonoring.give('', 2000).lines).toEqual(['{__name__="a"} stale @2000']);
  });

  it('refuses samples too far in the future, one by one, and makes no series of them', () => {
    const bench = new Bench();
    expect(bench.give('a 1 20000000\nb 1\n', 1000)).toMatchObject({
      lines: ['{__name__="b"} 1 @1000'],
      counts: '2/2/1',
    });
    expect(bench.store.seriesCount).toBe(1);
  });

  it('ends a series whose sample came out of order', () => {
    const bench = new Bench();
    bench.give('a 1\nb 1\n', 1000);
    const result = bench.give('a 1 500\nb 1\n', 2000);
    expect(result.lines).toEqual(['{__name__="b"} 1 @2000', '{__name__="a"} stale @2000']);
    expect(result.refusals).toEqual(['Error on ingesting out-of-order samples: 1']);
  });

  it('looks a series up anew when the store has let it go', () => {
    const bench = new Bench();
    bench.give('a 1\nb 1\nc 1\n', 1000);
    bench.store.forget(Labels.from({ __name__: 'b' }));
    expect(bench.give('a 2\nb 2\nc 2\n', 2000)).toMatchObject({
      lines: ['{__name__="a"} 2 @2000', '{__name__="b"} 2 @2000', '{__name__="c"} 2 @2000'],
      counts: '3/3/0',
    });
    expect(bench.give('a 3\nb 3\nc 3\n', 3000).lines).toHaveLength(3);
  });

  it('writes floats and histograms whose bounds are spelled differently as one series', () => {
    const bench = new Bench();
    expect(bench.give('# TYPE h histogram\nh_bucket{le="1"} 1\n# TYPE g gauge\ng{le="1"} 1\n', 1000).lines).toEqual([
      '{__name__="h_bucket", le="1.0"} 1 @1000',
      '{__name__="g", le="1"} 1 @1000',
    ]);
    // The declaration stands on lines that are skipped; a new line of the family still belongs to it.
    expect(
      bench.give('# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="2"} 1\n# TYPE g gauge\ng{le="1"} 1\n', 2000)
        .lines,
    ).toContain('{__name__="h_bucket", le="2.0"} 1 @2000');
  });

  it('knows what is left of a name from a longer one', () => {
    const bench = new Bench();
    bench.give('a 1\n', 1000);
    expect(bench.give('a {x="1"} 2\n', 2000).lines).toEqual([
      '{__name__="a", x="1"} 2 @2000',
      '{__name__="a"} stale @2000',
    ]);
    expect(bench.give('a  {x="1"} 2\na  3\n', 3000).lines).toHaveLength(2);
  });

  it('keeps exemplars', () => {
    const bench = new Bench();
    for (const t of [1000, 2000]) bench.give(`a_total 1 # {id="${t}"} 0.5\n# EOF\n`, t, 'application/openmetrics-text');
    expect(bench.store.exemplars).toEqual([
      '{__name__="a_total"} {id="1000"} 0.5 @1000',
      '{__name__="a_total"} {id="2000"} 0.5 @2000',
    ]);
  });

  it('fails for a page that breaks off, and ends what it had not come to', () => {
    const bench = new Bench();
    bench.give('a 1\nb 1\nc 1\n', 1000);
    const broken = bench.give('a 2\nb 2\n!\n', 2000);
    expect(broken.error).toBe('expected a valid start token, got "!" ("INVALID") while parsing: "!"');
    expect(broken.lines).toEqual(['{__name__="c"} stale @2000']);
    expect(bench.give('a 3\nb 3\nc 3\n', 3000).lines).toHaveLength(3);
    expect(bench.give('', 4000).lines).toHaveLength(3);
  });

  it('reports a broken value on a known line as on any other', () => {
    const bench = new Bench();
    bench.give('a{x="1"} 1\n', 1000);
    expect(bench.give('a{x="1"} 1_2\n', 2000).error).toBe(
      'unsupported character in float while parsing: "a{x=\\"1\\"} 1_2"',
    );
    expect(bench.give('a{x="1"} \n', 3000).error).toContain('expected value after metric');
    expect(bench.give('a{x="1"} 1 x\n', 4000).error).toContain('expected timestamp or new record, got "x"');
  });
});

describe('limits', () => {
  it('fail the scrape beyond so many samples, and make no series beyond', () => {
    const bench = new Bench({ sampleLimit: 4 });
    expect(bench.give('a 1\nb 1\nc 1\n', 1000)).toMatchObject({ counts: '3/3/3' });
    expect(bench.give('a 1\nb 1\nc 1\nd 1\ne 1\nf 1\n', 2000)).toEqual({
      lines: [],
      counts: '6/6/1',
      error: 'sample limit exceeded',
      refusals: [],
    });
    expect(bench.store.seriesCount).toBe(4);
    // `d` was made before the limit was reached: it ends too. (In its store it never had a sample, so nothing shows of it here but the marker.)
    expect(bench.give('a 1\nb 1\n', 3000).lines).toEqual([
      '{__name__="a"} 1 @3000',
      '{__name__="b"} 1 @3000',
      '{__name__="c"} stale @3000',
      '{__name__="d"} stale @3000',
    ]);
  });

  it('count what is left after relabelling', () => {
    const bench = new Bench({ sampleLimit: 1 }, {}, [
      step({ sourceLabels: ['__name__'], regex: 'b.*', action: 'drop' }),
    ]);
    for (const t of [1000, 2000]) {
      expect(bench.give('b1 1\na 1\nb2 1\n', t)).toMatchObject({
        lines: [`{__name__="a"} 1 @${t}`],
        counts: `3/1/${t === 1000 ? 1 : 0}`,
      });
    }
  });

  it('fail the scrape for labels too many or too long', () => {
    expect(new Bench({ labelLimit: 1 }).give('a{x="1"} 1\n', 1).error).toBe(
      'label_limit exceeded (metric: a, number of labels: 2, limit: 1)',
    );
    expect(new Bench({ labelNameLengthLimit: 8 }).give('a{xxxxxxxxx="1"} 1\n', 1).error).toBe(
      'label_name_length_limit exceeded (metric: a, label name: xxxxxxxxx, length: 9, limit: 8)',
    );
    expect(new Bench({ labelValueLengthLimit: 2 }).give('a{x="111"} 1\n', 1).error).toBe(
      'label_value_length_limit exceeded (metric: a, label name: x, value: "111", length: 3, limit: 2)',
    );
  });

  it('fail the scrape for names that may not be', () => {
    expect(new Bench({ metricNameValidationScheme: 'legacy' }).give('{"a.b"} 1\n', 1).error).toBe(
      'invalid metric name or label names: {__name__="a.b"}',
    );
    expect(new Bench().give('a{x="1",x="2"} 1\n', 1).error).toBe('label name "x" is not unique: invalid sample');
    const nameless = new Bench({}, {}, [step({ regex: '__name__', action: 'labeldrop' })]);
    expect(nameless.give('a{x="1"} 1\n', 1).error).toBe('missing metric name (__name__ label)');
  });
});

describe('honor_labels', () => {
  const page = 'a{job="own",exported_job="e",instance=""} 1\n';
  const target = { job: 'j', instance: 'i' };

  it('off renames what the target shadows', () => {
    expect(new Bench({}, target).give(page, 1).lines).toEqual([
      '{__name__="a", exported_exported_job="own", exported_job="e", instance="i", job="j"} 1 @1',
    ]);
  });

  it('on keeps what is exposed, empty labels too', () => {
    expect(new Bench({ honorLabels: true }, target).give(page, 1).lines).toEqual([
      '{__name__="a", exported_job="e", job="own"} 1 @1',
    ]);
  });
});

describe('metadata', () => {
  it('follows the page and outlives its family by ten scrapes', () => {
    const bench = new Bench();
    bench.give('# HELP a first\n# TYPE a counter\na 1\n# TYPE b gauge\nb 1\n', 1);
    expect(bench.metadata.get('a')).toMatchObject({ type: 'counter', help: 'first' });
    bench.give('# HELP a second\n# TYPE a counter\na 1\n', 2);
    expect(bench.metadata.get('a')).toMatchObject({ help: 'second' });
    for (let t = 3; t < 12; t++) bench.give('# HELP a second\n# TYPE a counter\na 1\n', t);
    expect(bench.metadata.get('b')).toBeDefined();
    for (let t = 12; t < 40; t++) bench.give('# HELP a second\n# TYPE a counter\na 1\n', t);
    expect(bench.metadata.get('b')).toBeUndefined();
    expect(bench.metadata.get('a')).toMatchObject({ type: 'counter', help: 'second' });
  });
});

describe('the cache', () => {
  it('does not grow with series that come and go', () => {
    const bench = new Bench();
    for (let t = 1; t < 50; t++) {
      bench.give(Array.from({ length: 100 }, (_, i) => `a{i="${i}",t="${t}"} 1\n`).join(''), t);
    }
    expect(bench.cache.table.size).toBe(100);
    expect(bench.cache.table.bytes).toBeLessThan(40_000);
  });

  it('does not grow with pages that fail', () => {
    const bench = new Bench();
    for (let t = 1; t < 50; t++) {
      bench.give(`${Array.from({ length: 500 }, (_, i) => `a{i="${i}",t="${t}"} 1\n`).join('')}!`, t);
    }
    expect(bench.cache.table.size).toBeLessThan(2000);
    expect(bench.flushes).toBeGreaterThan(10);
  });

  it('writes for any succession of pages what a target without memory would', () => {
    const line = fc.tuple(fc.nat(11), fc.nat(3)).map(([name, value]) => `m${name}{x="${'y'.repeat(name)}"} ${value}`);
    const noise = fc.constantFrom('# HELP m1 h', '# TYPE m3 counter', '# c', '', '# TYPE m3 gauge');
    const page = fc
      .array(fc.oneof({ weight: 4, arbitrary: line }, noise), { maxLength: 14 })
      .map((lines) => `${lines.join('\n')}\n`);
    fc.assert(
      fc.property(fc.array(page, { minLength: 2, maxLength: 8 }), fc.boolean(), (pages, dropsSome) => {
        const steps = dropsSome ? [step({ sourceLabels: ['__name__'], regex: 'm[24]', action: 'drop' })] : [];
        const bench = new Bench({}, { job: 'j' }, steps);
        let previous = new Set<string>();
        pages.forEach((text, i) => {
          const t = 1000 * (i + 1);
          const expected: string[] = [];
          const present = new Set<string>();
          for (const [, name, labels, value] of text.matchAll(/^(m\d+)\{(x="y*")\} (\d)$/gm)) {
            if (dropsSome && /^m[24]$/.test(name!)) continue;
            const series =
              labels === 'x=""' ? `{__name__="${name}", job="j"}` : `{__name__="${name}", job="j", ${labels}}`;
            if (present.has(series)) continue;
            present.add(series);
            expected.push(`${series} ${value} @${t}`);
          }
          for (const series of previous) if (!present.has(series)) expected.push(`${series} stale @${t}`);
          const { lines, error } = bench.give(text, t);
          expect({ error, lines: lines.sort() }).toEqual({ error: '', lines: expected.sort() });
          previous = present;
        });
      }),
      { numRuns: 400 },
    );
  });
});

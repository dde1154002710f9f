import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpackRecorded } from '../../../test/recorded-blocks.ts';
import { selector } from '../../../test/selector.ts';
import { sharedDir } from '../../../test/shared.ts';
import {
  contents,
  inTempDir,
  makeBlock,
  newUlid,
  openMade,
  sourceOf,
  type MadeSeries,
  type MadeValue,
} from '../../../test/tsdb/made-blocks.ts';
import { floatHistogram, Labels, SampleColumn } from '../../model/index.ts';
import { Block } from './block.ts';
import { compactBlocks } from './compact-blocks.ts';
import { IndexWriter } from './index-writer.ts';
import { runInSlices, runNow } from './work.ts';
import { writeBlock } from './write-block.ts';

const expected = (series: readonly MadeSeries[]) =>
  Object.fromEntries(
    series
      .filter(({ samples }) => samples.length > 0)
      .map(({ labels, samples }) => [Labels.from(labels).toString(), samples]),
  );

/** Series told apart by a label, with ascending samples of floats and markers. */
const floatSeries = fc
  .array(
    fc.record({
      labels: fc.dictionary(
        fc.constantFrom('job', 'instance', 'zone', 'größe'),
        fc.oneof(fc.constantFrom('a', 'b', '😀', 'ÿ'), fc.string({ unit: 'grapheme', maxLength: 5 })),
        { maxKeys: 3 },
      ),
      steps: fc.array(
        fc.tuple(
          fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 2 ** 33 })),
          fc.oneof(fc.double(), fc.integer(), fc.constant('stale' as const)),
        ),
        { maxLength: 300 },
      ),
      start: fc.integer({ min: -(2 ** 40), max: 2 ** 41 }),
    }),
    { maxLength: 12 },
  )
  .map((drawn) =>
    drawn.map(({ labels, steps, start }, i): MadeSeries => {
      let t = start;
      return {
        labels: { ...labels, __name__: 'made', n: String(i) },
        samples: steps.map(([step, value]): [number, MadeValue] => [(t += step), value]),
      };
    }),
  );

describe('writing a block', () => {
  it('loses and changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(floatSeries, (series) =>
        inTempDir((dir) => {
          const meta = makeBlock(dir, series, { segmentBytes: 4096 });
          const samples = series.reduce((total, one) => total + one.samples.length, 0);
          if (samples === 0) {
            expect(meta).toBeUndefined();
            expect(readdirSync(dir)).toEqual([]);
            return;
          }
          const block = openMade(dir, meta!);
          expect(block.meta).toEqual(meta);
          expect(meta!.stats.numSamples).toBe(samples);
          expect(contents(block)).toEqual(expected(series));
          block.close();
        }),
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('keeps histograms, whole and broken counts, custom buckets and markers', () =>
    inTempDir((dir) => {
      const exponential = (n: number, gauge = false) =>
        floatHistogram({
          schema: 3,
          zeroThreshold: 2 ** -128,
          zeroCount: n,
          count: 10 * n,
          sum: n * 1.5,
          positiveSpans: [
            { offset: 0, length: 2 },
            { offset: 3, length: n % 2 === 0 ? 1 : 2 },
          ],
          positiveBuckets: Float64Array.from(n % 2 === 0 ? [n, 2 * n, n] : [n, 2 * n, n, n]),
          negativeSpans: [{ offset: -2, length: 1 }],
          negativeBuckets: Float64Array.of(5 * n),
          counterResetHint: gauge ? 'gauge' : 'unknown',
        });
      const custom = (n: number) =>
        floatHistogram({
          schema: -53,
          count: 3.5 * n,
          sum: n,
          positiveSpans: [{ offset: 0, length: 2 }],
          positiveBuckets: Float64Array.of(n, 2.5 * n),
          customValues: Float64Array.of(0.005, 1, 2.5),
        });
      const times = Array.from({ length: 300 }, (_, i) => i * 1000);
      const series: MadeSeries[] = [
        {
          labels: { kind: 'exponential' },
          samples: times.map((t, i) => [t, i === 250 ? 'stale' : exponential(i + 1)]),
        },
        { labels: { kind: 'gauge' }, samples: times.map((t, i) => [t, exponential((i * 7) % 13, true)]) },
        { labels: { kind: 'custom' }, samples: times.map((t, i) => [t, custom(i + 1)]) },
        { labels: { kind: 'mixed' }, samples: times.map((t, i) => [t, i % 100 < 50 ? i : custom(i)]) },
      ];
      const meta = makeBlock(dir, series)!;
      expect(meta.stats.numFloatSamples).toBe(150);
      expect(meta.stats.numHistogramSamples).toBe(1050);
      const block = openMade(dir, meta);
      const found = contents(block);
      for (const { labels, samples } of series) {
        const got = found[Labels.from(labels).toString()]!;
        expect(got.map(([t]) => t)).toEqual(samples.map(([t]) => t));
        for (let i = 0; i < samples.length; i++) expect(described(got[i]![1])).toEqual(described(samples[i]![1]));
      }
      block.close();
    }));

  it('leaves nothing behind when it is broken off', async () => {
    await inTempDir(async (dir) => {
      const series = Array.from({ length: 2000 }, (_, i) => ({ labels: { n: String(i) }, samples: [[i, i]] as const }));
      const controller = new AbortController();
      const work = writeBlock(dir, sourceOf(series), { ulid: newUlid(), minTime: 0, maxTime: 2000 });
      const running = runInSlices(work, { sliceMs: 0, signal: controller.signal });
      setImmediate(() => controller.abort(new Error('enough')));
      await expect(running).rejects.toThrow('enough');
      expect(readdirSync(dir)).toEqual([]);
    });
  });

  it('gives the same block in slices as at once', async () => {
    await inTempDir(async (dir) => {
      const series = Array.from({ length: 3000 }, (_, i) => ({
        labels: { n: String(i), even: String(i % 2 === 0) },
        samples: [[i, i]] as const,
      }));
      const block = { minTime: 0, maxTime: 3000 };
      const a = runNow(writeBlock(dir, sourceOf(series), { ...block, ulid: newUlid() }))!;
      const b = (await runInSlices(writeBlock(dir, sourceOf(series), { ...block, ulid: newUlid() }), { sliceMs: 1 }))!;
      for (const file of ['index', 'chunks/000001', 'tombstones']) {
        expect(readFileSync(path.join(dir, a.ulid, file)).equals(readFileSync(path.join(dir, b.ulid, file)))).toBe(
          true,
        );
      }
    });
  });

  it('spreads chunks over segments of the size asked for', () =>
    inTempDir((dir) => {
      const series = Array.from({ length: 200 }, (_, n) => ({
        labels: { n: String(n) },
        samples: Array.from({ length: 50 }, (_, i) => [i * 1000, Math.sin(n * i)] as const),
      }));
      const meta = makeBlock(dir, series, { segmentBytes: 20_000 })!;
      expect(readdirSync(path.join(dir, meta.ulid, 'chunks')).length).toBeGreaterThan(2);
      const block = openMade(dir, meta);
      expect(Object.keys(contents(block))).toHaveLength(200);
      expect(contents(block)['{n="123"}']).toEqual(series[123]!.samples);
      block.close();
    }));
});

describe('the index', () => {
  it('has the same lists however few of them fit into memory at a time', () =>
    inTempDir((dir) => {
      const text = (s: string) => new TextEncoder().encode(s);
      const names = ['a', 'b', 'c', 'x', 'y'];
      const write = (name: string, batch: number) => {
        const sub = path.join(dir, name);
        mkdirSync(sub);
        const writer = new IndexWriter(sub, batch);
        for (const symbol of names) writer.addSymbol(text(symbol), 0, 1);
        writer.endSymbols();
        const none = { mint: new Float64Array(1), maxt: new Float64Array(1), chunkRefs: Float64Array.of(8) };
        writer.addSeries(Uint32Array.of(0, 3, 1, 3), 0, 4, none, 0, 1);
        writer.addSeries(Uint32Array.of(0, 3, 1, 4), 0, 4, none, 0, 1);
        writer.addSeries(Uint32Array.of(1, 3, 2, 3), 0, 4, none, 0, 1);
        runNow(writer.finish());
        return readFileSync(path.join(sub, 'index'));
      };
      expect(write('small', 1).equals(write('large', 1000))).toBe(true);
    }));

  it('has the symbols, series and lists that Prometheus wrote, byte for byte', async (context) => {
    const recorded = sharedDir('tsdb-blocks', 'prometheus-3.5.3', 'block');
    if (recorded === undefined) {
      context.skip();
      return;
    }
    await inTempDir((dir) => {
      const ulid = readdirSync(recorded).find((name) => name.length === 26)!;
      unpackRecorded(path.join(recorded, ulid), path.join(dir, ulid));
      const theirs = Block.open(path.join(dir, ulid));
      const meta = runNow(compactBlocks(dir, [theirs], { ulid: newUlid() }))!;
      theirs.close();
      const read = (name: string, file: string) => readFileSync(path.join(dir, name, file));
      expect(read(meta.ulid, 'chunks/000001').equals(read(ulid, 'chunks/000001'))).toBe(true);
      const [a, b] = [read(meta.ulid, 'index'), read(ulid, 'index')];
      const toc = (index: Buffer) =>
        Array.from({ length: 6 }, (_, i) => Number(index.readBigUInt64BE(index.length - 52 + 8 * i)));
      const [aToc, bToc] = [toc(a), toc(b)];
      // Symbols and series begin both files; the lists lie between the fifth offset and the offset table before it.
      expect(a.subarray(0, aToc[2]).equals(b.subarray(0, bToc[2]))).toBe(true);
      const lists = a.subarray(aToc[4], aToc[5]);
      expect(lists.length).toBeGreaterThan(1000);
      expect(lists.equals(b.subarray(bToc[4], bToc[3]))).toBe(true);
    });
  });
});

describe('selecting from a block', () => {
  const series: MadeSeries[] = [];
  for (let i = 0; i < 600; i++) {
    series.push({
      labels: {
        __name__: i % 3 === 0 ? 'up' : 'requests',
        instance: `host-${String(i).padStart(3, '0')}`,
        ...(i % 5 === 0 ? {} : { zone: `z${i % 5}` }),
      },
      samples: [
        [i, i],
        [i + 1000, 1],
      ],
    });
  }
  const matcher = fc
    .tuple(
      fc.constantFrom('__name__', 'instance', 'zone', 'nowhere'),
      fc.constantFrom('=', '!=', '=~', '!~'),
      fc.constantFrom(
        '',
        'up',
        'z1',
        'z1|z3',
        '|z2',
        'host-1.+',
        'host-(1|2)..',
        '.*',
        '.+',
        'host-042',
        'z[^1]',
        '.*9',
      ),
    )
    .map(([name, type, value]) => `${name}${type}"${value}"`);

  it('finds what going through all series finds', async () => {
    await inTempDir(async (dir) => {
      const block = openMade(dir, makeBlock(dir, series)!);
      fc.assert(
        fc.property(
          fc.array(matcher, { maxLength: 4 }),
          fc.tuple(fc.integer({ min: -10, max: 1700 }), fc.integer({ min: 0, max: 500 })),
          (texts, [mint, width]) => {
            const matchers = selector(`{${texts.join(',')}}`);
            const wanted = series
              .filter(({ labels }) => matchers.every((one) => one.matches(labels[one.name] ?? '')))
              .map(({ labels }) => Labels.from(labels));
            const querier = block.querier(-Infinity, Infinity);
            const found = querier.select(matchers, { sorted: true });
            expect(found.series.map((one) => one.labels.toString()).sort()).toEqual(wanted.map(String).sort());
            const limited = querier.select(matchers, {
              sorted: true,
              hints: { mint: 0, maxt: 5000, limit: 3 },
            });
            expect(limited.series.map(({ labels }) => labels)).toEqual(
              found.series.slice(0, 3).map(({ labels }) => labels),
            );
            const values = querier.labelValues('zone', matchers);
            expect(values.values).toEqual(
              [...new Set(wanted.map((labels) => labels.get('zone')))].filter((v) => v !== '').sort(),
            );
            const names = querier.labelNames(matchers);
            expect(names.values).toEqual(
              [...new Set(wanted.flatMap((labels) => [...labels].map(([name]) => name)))].sort(),
            );
            querier.close();

            const narrow = block.querier(mint, mint + width);
            const column = new SampleColumn();
            for (const one of narrow.select(matchers, { sorted: true }).series) {
              column.reset();
              one.read(column, mint, mint + width);
              const made = series.find(({ labels }) => labels['instance'] === one.labels.get('instance'))!;
              expect(Array.from(column.t.subarray(0, column.length))).toEqual(
                made.samples.map(([t]) => t).filter((t) => t >= mint && t <= mint + width),
              );
            }
            narrow.close();
          },
        ),
        { numRuns: 150, endOnFailure: true },
      );
      block.close();
    });
  });

  it('forgets what has been deleted, for queriers opened afterwards', () =>
    inTempDir((dir) => {
      const meta = makeBlock(dir, series)!;
      const block = openMade(dir, meta);
      const before = block.querier(0, 5000);
      expect(block.delete(-(2 ** 60), 2 ** 60, selector('{zone="z1"}'))).toBe(120);
      expect(block.delete(0, 500, selector('{instance="host-002"}'))).toBe(1);
      expect(block.delete(0, 500, selector('{instance="nobody"}'))).toBe(0);
      expect(before.select(selector('{zone="z1"}'), { sorted: true }).series).toHaveLength(120);
      before.close();
      const check = (opened: Block) => {
        const found = contents(opened);
        expect(Object.keys(found)).toHaveLength(480);
        expect(Object.keys(found).filter((text) => text.includes('z1'))).toEqual([]);
        expect(found['{__name__="requests", instance="host-002", zone="z2"}']).toEqual([[1002, 1]]);
        expect(opened.meta.stats.numTombstones).toBe(121);
      };
      check(block);
      block.close();
      const again = openMade(dir, meta);
      check(again);
      again.close();
    }));

  it('goes on in queriers that are open while the block is closed and deleted', () =>
    inTempDir((dir) => {
      const meta = makeBlock(dir, series)!;
      const block = openMade(dir, meta);
      const querier = block.querier(0, 5000);
      block.close();
      expect(() => block.querier(0, 1)).toThrow('closed');
      const set = querier.select(selector('{instance="host-007"}'), { sorted: true });
      const column = new SampleColumn();
      set.series[0]!.read(column, 0, 5000);
      expect(column.length).toBe(2);
      querier.close();
      querier.close();
      expect(() => {
        set.series[0]!.read(column, 0, 5000);
      }).toThrow('closed');
    }));

  it('refuses a directory that is no block', () =>
    inTempDir((dir) => {
      expect(() => Block.open(path.join(dir, 'nothing'))).toThrow('meta.json');
      const meta = makeBlock(dir, series.slice(0, 3))!;
      const blockDir = path.join(dir, meta.ulid);
      writeFileSync(path.join(blockDir, 'meta.json'), '{"version":1,"ulid":"../../etc"}');
      expect(() => Block.open(blockDir)).toThrow('"ulid" is "../../etc", expected a ULID');
      writeFileSync(path.join(blockDir, 'meta.json'), '[]');
      expect(() => Block.open(blockDir)).toThrow('Expected an object');
      expect(existsSync(blockDir)).toBe(true);
    }));
});

function described(value: MadeValue): unknown {
  if (typeof value !== 'object') return value;
  const buckets: Record<string, number> = {};
  const put = (sign: string, spans: readonly { offset: number; length: number }[], counts: Float64Array) => {
    let index = 0;
    let i = 0;
    for (const { offset, length } of spans) {
      index += offset;
      for (let j = 0; j < length; j++, index++, i++) if (counts[i] !== 0) buckets[`${sign}${index}`] = counts[i]!;
    }
  };
  put('+', value.positiveSpans, value.positiveBuckets);
  put('-', value.negativeSpans, value.negativeBuckets);
  const { schema, zeroThreshold, zeroCount, count, sum } = value;
  return { schema, zeroThreshold, zeroCount, count, sum, bounds: [...value.customValues], buckets };
}

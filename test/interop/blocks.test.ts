import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floatHistogram, Labels, SampleColumn } from '../../src/model/index.ts';
import { cleanTombstones, compactBlocks, runNow, type Block, type BlockMeta } from '../../src/tsdb/block/index.ts';
import { dumpLines, sortedDump } from '../dump.ts';
import { eventually, freePort, peer, run, type Running } from '../peers.ts';
import { selector } from '../selector.ts';
import { makeBlock, newUlid, openMade, type MadeSeries, type MadeValue } from '../tsdb/made-blocks.ts';

const prometheus = peer('prometheus');
const promtool = peer('promtool');
const exec = promisify(execFile);

const START = 1_700_000_000_000;
const STEP = 15_000;

/** Floats with gaps, markers and odd values; histograms of all kinds; labels beyond ASCII. */
function madeSeries(count: number, from: number, samples: number): MadeSeries[] {
  const series: MadeSeries[] = [];
  for (let n = 0; n < count; n++) {
    const values: [number, MadeValue][] = [];
    for (let i = 0; i < samples; i++) {
      const t = from + i * STEP + (i % 7 === 0 ? n : 0);
      if (i % 50 === 49) continue;
      let value: MadeValue;
      if (n % 10 === 7) value = exponential(n + i);
      else if (n % 10 === 8) value = custom(n + i);
      else if (i % 40 === 39) value = 'stale';
      else if (n % 10 === 0) value = i;
      else if (n % 10 === 1) value = Math.sin(i * n);
      else value = [i * 1e300, -0, 1 / (i + 1), 42, i * n][(i + n) % 5]!;
      values.push([t, value]);
    }
    series.push({
      labels: {
        __name__: `made_${n % 3}`,
        instance: `host-${n}`,
        job: n % 2 === 0 ? 'even' : 'odd',
        zone: ['eu', 'us', 'größe', '東京 😀'][n % 4]!,
      },
      samples: values,
    });
  }
  return series;
}

function exponential(i: number): MadeValue {
  return floatHistogram({
    schema: 2,
    zeroThreshold: 0.001,
    zeroCount: i,
    count: 7 * i + 1,
    sum: i / 3,
    positiveSpans: [
      { offset: -1, length: 2 },
      { offset: 2 + (i % 3), length: 1 },
    ],
    positiveBuckets: Float64Array.of(i, 2 * i, 3 * i),
    negativeSpans: [{ offset: 0, length: 1 }],
    negativeBuckets: Float64Array.of(1),
  });
}

function custom(i: number): MadeValue {
  return floatHistogram({
    schema: -53,
    count: 1.5 * i + 0.25,
    sum: i,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveBuckets: Float64Array.of(i, 0.5 * i + 0.25),
    customValues: Float64Array.of(0.1, 5),
  });
}

describe.skipIf(prometheus === undefined || promtool === undefined)('blocks that the real Prometheus is given', () => {
  let dir: string;
  let db: string;
  let blocks: Block[];
  let merged: BlockMeta;

  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'yagura-blocks-'));
    db = path.join(dir, 'db');
    mkdirSync(path.join(db, 'wal'), { recursive: true });
    // Two blocks that overlap, the second with another half of the series, are merged; a third stands beside the result.
    const parts = path.join(dir, 'parts');
    mkdirSync(parts);
    const first = makeBlock(parts, madeSeries(60, START, 300), { minTime: START })!;
    const second = makeBlock(parts, madeSeries(90, START + 200 * STEP, 300), { minTime: START + 200 * STEP })!;
    const opened = [first, second].map((meta) => openMade(parts, meta));
    opened[0]!.delete(START, START + 30 * STEP, selector('{instance=~"host-1."}'));
    merged = runNow(compactBlocks(db, opened, { ulid: newUlid(), segmentBytes: 200_000 }))!;
    for (const block of opened) block.close();
    const third = makeBlock(db, madeSeries(40, merged.maxTime, 250), { minTime: merged.maxTime })!;
    blocks = [merged, third].map((meta) => openMade(db, meta));
    blocks[1]!.delete(0, 2 ** 50, selector('{job="odd"}'));
  });

  afterAll(() => {
    for (const block of blocks) block.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('are listed and analysed by promtool', async () => {
    const { stdout } = await exec(promtool!, ['tsdb', 'list', db]);
    for (const block of blocks) {
      const { ulid, stats, minTime, maxTime } = block.meta;
      const row = stdout.split('\n').find((line) => line.startsWith(ulid))!;
      expect(row.split(/\s+/).slice(1, 3).map(Number)).toEqual([minTime, maxTime]);
      expect(row.split(/\s+/).slice(4, 7).map(Number)).toEqual([stats.numSamples, stats.numChunks, stats.numSeries]);
      const analysis = await exec(promtool!, ['tsdb', 'analyze', '--extended', db, ulid]);
      expect(analysis.stdout).toContain(`Total Series: ${stats.numSeries}`);
    }
  });

  it('have the samples that promtool dumps', async () => {
    const { stdout } = await exec(promtool!, ['tsdb', 'dump', db], { maxBuffer: 2 ** 28 });
    const ours = blocks.flatMap((block) => dumpLines(block)).sort();
    const theirs = new Set(sortedDump(stdout));
    // promtool leaves two samples of each series of integer histograms out, and one of float histograms: see `dumpLines`.
    expect(ours.filter((line) => !line.includes('count:'))).toEqual(
      [...theirs].filter((line) => !line.includes('count:')).sort(),
    );
    const histograms = ours.filter((line) => line.includes('count:'));
    const count = (text: string) => new Set(seriesOf(blocks, text)).size;
    const leftOut = 2 * count('{instance=~"host-.*7"}') + count('{instance=~"host-.*8"}');
    expect(histograms.filter((line) => theirs.has(line)).length).toBe(histograms.length - leftOut);
    expect([...theirs].filter((line) => line.includes('count:') && !histograms.includes(line))).toEqual([]);
  });

  it('answer the real Prometheus as they answer us', async () => {
    const [port, config] = [await freePort(), path.join(dir, 'prometheus.yml')];
    writeFileSync(config, 'global: {}\n');
    const server: Running = run(prometheus!, [
      `--config.file=${config}`,
      `--storage.tsdb.path=${db}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=native-histograms',
    ]);
    try {
      const url = `http://127.0.0.1:${port}`;
      await eventually(
        async () => (await fetch(`${url}/-/ready`)).status,
        (status) => status === 200,
      );
      const get = async (at: string): Promise<unknown> => {
        const body = (await (await fetch(`${url}${at}`)).json()) as { status: string; data: unknown };
        expect(body.status).toBe('success');
        return body.data;
      };
      const end = blocks[1]!.meta.maxTime;
      const selectors = [
        '{__name__="made_0"}',
        '{__name__=~"made_.+",zone="東京 😀"}',
        '{job!="even",instance=~"host-1.*"}',
        '{zone!~"e.*|us",__name__!=""}',
        '{instance="host-7"}',
        '{instance="host-8"}',
      ];
      for (const text of selectors) {
        const match = encodeURIComponent(text);
        const bounds = `start=${START / 1000}&end=${end / 1000}`;
        const theirs = (await get(`/api/v1/series?match[]=${match}&${bounds}`)) as Record<string, string>[];
        expect(new Set(theirs.map((labels) => Labels.from(labels).toString()))).toEqual(
          new Set(seriesOf(blocks, text)),
        );

        // Raw samples, in windows that Prometheus answers without a limit.
        const seconds = Math.ceil((end - START) / 1000) + 1;
        const query = encodeURIComponent(`${text}[${seconds}s]`);
        const { result } = (await get(`/api/v1/query?query=${query}&time=${end / 1000}`)) as { result: RangeResult[] };
        expect(rawSamples(result)).toEqual(ourSamples(blocks, text));
      }
      const names = (await get(`/api/v1/labels`)) as string[];
      expect(names).toEqual(['__name__', 'instance', 'job', 'zone']);
      const values = (await get(`/api/v1/label/zone/values`)) as string[];
      expect([...values].sort()).toEqual(['eu', 'us', 'größe', '東京 😀'].sort());
    } finally {
      await server.stop();
    }
    expect(server.output()).not.toMatch(/corrupt|checksum|level=ERROR/i);
  }, 120_000);

  it('have the same samples when they are written anew without tombstones', () => {
    // A clean copy without tombstones has the same samples as the block it was made from.
    const other = path.join(dir, 'clean');
    mkdirSync(other);
    const meta = runNow(cleanTombstones(other, blocks[1]!, { ulid: newUlid() }))!;
    const clean = openMade(other, meta);
    expect(dumpLines(clean)).toEqual(dumpLines(blocks[1]!));
    expect(clean.meta.stats.numSeries).toBeLessThan(blocks[1]!.meta.stats.numSeries);
    clean.close();
    expect(JSON.parse(readFileSync(path.join(other, meta.ulid, 'meta.json'), 'utf8'))).toMatchObject({ version: 1 });
  });
});

interface RangeResult {
  readonly metric: Record<string, string>;
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly (readonly [number, { count: string; sum: string }])[];
}

function seriesOf(blocks: readonly Block[], text: string): string[] {
  return blocks.flatMap((block) => {
    const querier = block.querier(-(2 ** 52), 2 ** 52);
    const found = querier.select(selector(text), { sorted: true }).series.map(({ labels }) => labels.toString());
    querier.close();
    return found;
  });
}

/** Series → time → value; of histograms count and sum. Staleness markers are not shown by Prometheus. */
type Samples = Record<string, Record<number, string>>;

function rawSamples(result: readonly RangeResult[]): Samples {
  const samples: Samples = {};
  for (const { metric, values = [], histograms = [] } of result) {
    const own: Record<number, string> = {};
    for (const [seconds, value] of values) own[Math.round(seconds * 1000)] = String(Number(value));
    for (const [seconds, { count, sum }] of histograms) {
      own[Math.round(seconds * 1000)] = `${Number(count)} ${Number(sum)}`;
    }
    samples[Labels.from(metric).toString()] = own;
  }
  return samples;
}

function ourSamples(blocks: readonly Block[], text: string): Samples {
  const samples: Samples = {};
  const column = new SampleColumn();
  for (const block of blocks) {
    const querier = block.querier(-(2 ** 52), 2 ** 52);
    for (const series of querier.select(selector(text), { sorted: true }).series) {
      column.reset();
      series.read(column, -(2 ** 52), 2 ** 52);
      const own = (samples[series.labels.toString()] ??= {});
      for (let i = 0; i < column.length; i++) {
        if (column.stale[i] === 1) continue;
        const histogram = column.histograms?.[i];
        own[column.t[i]!] = histogram === undefined ? String(column.v[i]) : `${histogram.count} ${histogram.sum}`;
      }
    }
    querier.close();
  }
  return samples;
}

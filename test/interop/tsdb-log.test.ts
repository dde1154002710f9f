import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Labels, type IntHistogram } from '../../src/model/index.ts';
import { systemClock } from '../../src/runtime/index.ts';
import { openDb, type Db, type DbOptions } from '../../src/tsdb/index.ts';
import { eventually, freePort, peer, run } from '../peers.ts';
import { dumpFloats, readDump, recordingLogger, temporaryDir } from '../tsdb/fixtures.ts';

const prometheus = peer('prometheus');
const promtool = peer('promtool');

let cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

/** A data directory, and a folder beside it for files of the test. */
function directories(): { dir: string; beside: string } {
  const { dir: beside, remove } = temporaryDir();
  cleanups.push(remove);
  return { dir: path.join(beside, 'data'), beside };
}

/** Starts Prometheus on a data directory; stopped after the test at the latest. */
async function startPrometheus(dir: string, beside: string, scrapes: (port: number) => string) {
  const port = await freePort();
  const config = path.join(beside, 'prometheus.yml');
  writeFileSync(config, scrapes(port));
  const server = run(prometheus!, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${dir}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  cleanups.push(() => server.stop());
  return { server, url: `http://127.0.0.1:${port}` };
}

/** Everything a log can hold, at times that end now: a server would remove what is too old. */
function fill(db: Db, now: number): void {
  for (let k = 0; k < 40; k++) {
    const t = now - 40 * 15_000 + k * 15_000;
    const appender = db.appender();
    for (let s = 0; s < 60; s++) {
      const ref = appender.series(Labels.from({ __name__: `m${s % 6}`, s: String(s), 'utf8.näme': 'x' }));
      appender.append(ref, t, s === 7 ? NaN : Math.sqrt(s * k) * (s % 3 === 0 ? 1 : 1e-9));
      if (k === 0) appender.updateMetadata(ref, { type: 'gauge', unit: 'm', help: 'text' });
      if (s === 1) appender.appendExemplar(ref, { labels: Labels.from({ trace: String(k) }), t, v: k });
    }
    for (const [name, customValues] of [
      ['h', []],
      ['c', [0.5, 2, 10]],
    ] as const) {
      appender.appendHistogram(appender.series(Labels.from({ __name__: name })), t, histogram(k, [...customValues]));
    }
    appender.commit();
  }
}

function histogram(k: number, customValues: number[]): IntHistogram {
  const custom = customValues.length > 0;
  return {
    kind: 'int',
    schema: custom ? -53 : 3,
    zeroThreshold: custom ? 0 : 2 ** -128,
    zeroCount: custom ? 0 : k,
    count: 4 + k * (custom ? 3 : 4),
    sum: k / 7,
    positiveSpans: [{ offset: 0, length: 3 }],
    negativeSpans: [],
    positiveDeltas: Float64Array.of(1 + k, 1, -1),
    negativeDeltas: new Float64Array(0),
    customValues: Float64Array.from(customValues),
    counterResetHint: 'unknown',
  };
}

function open(dir: string, options: Partial<DbOptions> = {}): Promise<Db> {
  return openDb({ dir, clock: systemClock, logger: recordingLogger(), ...options });
}

/** Floats only: what promtool prints of histograms is not all there is. */
const floats = (lines: readonly string[]) => lines.filter((line) => !line.includes('{count:'));

describe.skipIf(promtool === undefined)('promtool', () => {
  it.each(['snappy', 'none', 'zstd'] as const)('dumps a log of ours, %s', async (walCompression) => {
    const { dir, beside } = directories();
    const db = await open(dir, { walCompression, walSegmentBytes: 32 * 1024 });
    fill(db, Date.now());
    const ours = await dumpFloats(db);
    await db.close();
    const dump = path.join(beside, 'dump');
    writeFileSync(dump, execFileSync(promtool!, ['tsdb', 'dump', dir], { maxBuffer: 1e9 }));
    const theirs = readDump(dump);
    expect(floats(theirs)).toEqual(floats(ours));
    const known = new Set(ours);
    expect(theirs.filter((line) => !known.has(line))).toEqual([]);
  });

  it('dumps a log with a checkpoint of ours', async () => {
    const { dir, beside } = directories();
    const db = await open(dir, { walSegmentBytes: 32 * 1024 });
    const now = Date.now();
    fill(db, now);
    const mint = now - 20 * 15_000;
    await db.truncate(mint);
    const ours = await dumpFloats(db, mint);
    await db.close();
    const dump = path.join(beside, 'dump');
    writeFileSync(dump, execFileSync(promtool!, ['tsdb', 'dump', `--min-time=${mint}`, dir], { maxBuffer: 1e9 }));
    expect(floats(readDump(dump))).toEqual(floats(ours));
  });
});

describe.skipIf(prometheus === undefined)('Prometheus', () => {
  it('starts on a directory of ours, adds to it, and we read what it left', async () => {
    const { dir, beside } = directories();
    const db = await open(dir);
    fill(db, Date.now());
    const ours = await dumpFloats(db);
    await db.close();

    const { server, url } = await startPrometheus(
      dir,
      beside,
      (port) =>
        `scrape_configs: [{job_name: self, scrape_interval: 1s, static_configs: [{targets: ['127.0.0.1:${port}']}]}]`,
    );
    const ask = async (query: string) => {
      const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
      return (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    };
    await eventually(
      async () => Number((await ask('count_over_time(up[1h])')).data.result[0]?.value[1]),
      (count) => count > 2,
    );
    const { data } = await ask('sum(count_over_time({__name__=~"m."}[1h]))');
    expect(data.result[0].value[1]).toBe(String(60 * 40));
    await server.kill('SIGKILL');

    const again = await open(dir);
    const both = new Set(await dumpFloats(again));
    expect(ours.filter((line) => !both.has(line))).toEqual([]);
    expect([...both].filter((line) => line.startsWith('{__name__="up"')).length).toBeGreaterThan(2);
    await again.close();
  });

  it('keeps us from opening its directory while it runs', async () => {
    const { dir, beside } = directories();
    const { server, url } = await startPrometheus(dir, beside, () => '{}');
    await eventually(
      async () => (await fetch(`${url}/-/ready`)).status,
      (status) => status === 200,
    );
    await expect(open(dir)).rejects.toThrow(`process ${server.pid} uses it`);
    await server.stop();
    await (await open(dir)).close();
  });
});

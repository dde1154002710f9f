import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { dumpFloats, readDump, recordingLogger, stoppedClock, temporaryDir, unpack } from '../../test/tsdb/fixtures.ts';
import { Labels, Matcher, SampleColumn, type FloatHistogram, type IntHistogram } from '../model/index.ts';
import { ACCEPTED, DUPLICATE_TIMESTAMP, OUT_OF_BOUNDS, OUT_OF_ORDER, UNKNOWN_SERIES } from '../storage/index.ts';
import { openDb, type Db, type DbOptions } from './index.ts';

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;

let cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

function freshDir(): string {
  const { dir, remove } = temporaryDir();
  cleanups.push(remove);
  return dir;
}

async function open(dir: string, options: Partial<DbOptions> = {}) {
  const logger = recordingLogger();
  const db = await openDb({ dir, clock: stoppedClock(NOW), logger, ...options });
  cleanups.push(() => db.close());
  return Object.assign(db, { lines: logger.lines });
}

function append(db: Db, labels: Record<string, string>, ...samples: (readonly [t: number, v: number])[]) {
  const appender = db.appender();
  const ref = appender.series(Labels.from(labels));
  const verdicts = samples.map(([t, v]) => appender.append(ref, t, v));
  appender.commit();
  return verdicts;
}

function read(db: Db, ...matchers: Matcher[]): Record<string, [number, number | 'stale'][]> {
  const querier = db.querier(-Infinity, Infinity);
  const column = new SampleColumn();
  const found: Record<string, [number, number | 'stale'][]> = {};
  const set = querier.select(matchers, { sorted: true });
  if (set instanceof Promise) throw new Error('select of a store is synchronous');
  for (const series of set.series) {
    column.reset();
    series.read(column, -Infinity, Infinity);
    found[series.labels.toString()] = Array.from({ length: column.length }, (_, i) => [
      column.t[i],
      column.stale[i] === 1 ? 'stale' : column.v[i],
    ]);
  }
  querier.close();
  return found;
}

describe('Db', () => {
  it('gives back what was committed, and nothing before', async () => {
    const db = await open(freshDir());
    const appender = db.appender();
    const ref = appender.series(Labels.from({ __name__: 'up', job: 'a' }));
    appender.append(ref, NOW, 1);
    expect(read(db)).toEqual({});
    appender.commit();
    expect(read(db)).toEqual({ '{__name__="up", job="a"}': [[NOW, 1]] });
  });

  it('forgets what was rolled back', async () => {
    const db = await open(freshDir());
    const appender = db.appender();
    appender.append(appender.series(Labels.from({ a: 'b' })), NOW, 1);
    appender.rollback();
    expect(read(db)).toEqual({});
  });

  it('tells why a sample is not taken', async () => {
    const db = await open(freshDir());
    append(db, { a: '1' }, [NOW, 1]);
    expect(append(db, { a: '1' }, [NOW, 1])).toEqual([ACCEPTED]);
    expect(append(db, { a: '1' }, [NOW, 2])).toEqual([DUPLICATE_TIMESTAMP]);
    expect(append(db, { a: '1' }, [NOW - 1, 1])).toEqual([OUT_OF_ORDER]);
    expect(append(db, { a: '2' }, [NOW - 61 * MINUTE, 1])).toEqual([OUT_OF_BOUNDS]);
    expect(append(db, { a: '2' }, [NOW - 60 * MINUTE, 1])).toEqual([ACCEPTED]);
    const appender = db.appender();
    expect(appender.append(4711, NOW, 1)).toBe(UNKNOWN_SERIES);
    appender.rollback();
    expect(read(db)['{a="1"}']).toEqual([[NOW, 1]]);
  });

  it('drops the second of two samples of one time in one commit', async () => {
    const db = await open(freshDir());
    expect(append(db, { a: '1' }, [NOW, 1], [NOW, 2])).toEqual([ACCEPTED, ACCEPTED]);
    expect(read(db)).toEqual({ '{a="1"}': [[NOW, 1]] });
  });

  it('keeps staleness markers apart from NaN', async () => {
    const dir = freshDir();
    const db = await open(dir);
    const appender = db.appender();
    const ref = appender.series(Labels.from({ a: '1' }));
    appender.append(ref, NOW, NaN);
    appender.appendStale(ref, NOW + 1);
    appender.append(ref, NOW + 2, 3);
    appender.commit();
    const expected = {
      '{a="1"}': [
        [NOW, NaN],
        [NOW + 1, 'stale'],
        [NOW + 2, 3],
      ],
    };
    expect(read(db)).toEqual(expected);
    await db.close();
    expect(read(await open(dir))).toEqual(expected);
  });

  it('has everything again after a restart', async () => {
    const dir = freshDir();
    const db = await open(dir);
    const appender = db.appender();
    for (let s = 0; s < 300; s++) {
      const ref = appender.series(Labels.from({ __name__: `m${s % 7}`, i: String(s), job: 'x' }));
      for (let i = 0; i < 250; i++) appender.append(ref, NOW + i * 15_000, i % 10 === 3 ? s : s + i * 0.1);
    }
    appender.commit();
    const before = read(db);
    expect(Object.keys(before)).toHaveLength(300);
    await db.close();
    const again = await open(dir);
    expect(read(again)).toEqual(before);
    expect(append(again, { __name__: 'm0', i: '0', job: 'x' }, [NOW + 250 * 15_000, 1])).toEqual([ACCEPTED]);
  });

  it('cuts chunks as Prometheus does: about 120 samples, none across two hours', async () => {
    const db = await open(freshDir());
    const start = Math.floor(NOW / (120 * MINUTE)) * 120 * MINUTE;
    append(db, { a: '1' }, ...Array.from({ length: 960 }, (_, i) => [start + i * 15_000, i] as const));
    // Two hours at 15 s are 480 samples: four chunks each.
    expect(db.head.chunkCount).toBe(8);
  });

  it.each(['none', 'snappy', 'zstd'] as const)('reads a log compressed with %s', async (walCompression) => {
    const dir = freshDir();
    const db = await open(dir, { walCompression });
    append(db, { a: '1' }, ...Array.from({ length: 500 }, (_, i) => [NOW + i * 1000, i] as const));
    const before = read(db);
    await db.close();
    const again = await open(dir);
    expect(read(again)).toEqual(before);
  });

  it('spreads the log over segments', async () => {
    const dir = freshDir();
    const db = await open(dir, { walSegmentBytes: 64 * 1024 });
    for (let k = 0; k < 100; k++) {
      append(
        db,
        { a: '1' },
        ...Array.from({ length: 100 }, (_, i) => [NOW + (k * 100 + i) * 100, Math.sqrt(i + k)] as const),
      );
    }
    const before = read(db);
    await db.close();
    expect(readdirSync(path.join(dir, 'wal')).length).toBeGreaterThan(1);
    expect(read(await open(dir))).toEqual(before);
  });

  it('keeps what stands before damage, and says where it was', async () => {
    const dir = freshDir();
    const db = await open(dir);
    append(db, { a: '1' }, [NOW, 1]);
    append(db, { a: '1' }, [NOW + 1, 2]);
    await db.close();
    const segment = path.join(dir, 'wal', '00000000');
    truncateSync(segment, readFileSync(segment).length - 3);
    const again = await open(dir);
    expect(read(again)).toEqual({ '{a="1"}': [[NOW, 1]] });
    expect(again.walCorruptions).toBe(1);
    expect(again.lines.join('')).toMatch(
      /level=WARN msg="Log is damaged; what stands before is kept" file=\S*00000000 offset=\d+/,
    );
    append(again, { a: '1' }, [NOW + 2, 3]);
    await again.close();
    const third = await open(dir);
    expect(third.walCorruptions).toBe(0);
    expect(read(third)).toEqual({
      '{a="1"}': [
        [NOW, 1],
        [NOW + 2, 3],
      ],
    });
  });

  it('stays usable when the log cannot be written, and loses nothing committed later', async () => {
    const dir = freshDir();
    const db = await open(dir, { walSegmentBytes: 32 * 1024 });
    const many = (from: number) => Array.from({ length: 4000 }, (_, i) => [NOW + from + i, Math.sin(i)] as const);
    append(db, { a: '1' }, ...many(0));
    const before = read(db);
    // The next batch needs a new segment, whose name is taken by a directory.
    const next = path.join(dir, 'wal', '00000001');
    mkdirSync(next);
    expect(() => append(db, { a: '2' }, ...many(10_000))).toThrow(/Cannot begin segment 1 in .*wal: EEXIST/);
    expect(read(db)).toEqual(before);
    const { rmdirSync } = await import('node:fs');
    rmdirSync(next);
    append(db, { a: '2' }, ...many(10_000));
    const after = read(db);
    expect(after['{a="2"}']).toHaveLength(4000);
    await db.close();
    expect(read(await open(dir))).toEqual(after);
  });

  it('refuses a directory that another store has open, naming the process', async () => {
    const dir = freshDir();
    const db = await open(dir);
    await expect(open(dir)).rejects.toThrow(`process ${process.pid} uses it`);
    await db.close();
    expect(existsSync(path.join(dir, 'lock'))).toBe(false);
    // A lock whose process is gone is taken over.
    writeFileSync(path.join(dir, 'lock'), '999999999\n1\n');
    await (await open(dir)).close();
  });

  it('says so when the directory cannot be used', async () => {
    const dir = freshDir();
    writeFileSync(path.join(dir, 'file'), '');
    await expect(open(path.join(dir, 'file', 'data'))).rejects.toThrow(/Cannot make the data directory/);
    chmodSync(dir, 0o755);
  });

  it('selects by every kind of matcher', async () => {
    const db = await open(freshDir());
    for (const a of ['1', '2', '10']) for (const b of ['x', 'y']) append(db, { __name__: 'm', a, b }, [NOW, 1]);
    append(db, { __name__: 'm', b: 'x' }, [NOW, 1]);
    append(db, { __name__: 'other', a: '1' }, [NOW, 1]);
    const select = (...matchers: Matcher[]) =>
      Object.keys(read(db, ...matchers)).map((text) => text.replace(/__name__="m", /, ''));
    const m = (text: string) => {
      const [, name, type, value] = /^(\w+)(=~|!~|!=|=)(.*)$/.exec(text)!;
      return new Matcher(type as Matcher['type'], name, value);
    };
    const q = (...texts: string[]) => select(m('__name__=m'), ...texts.map(m));
    expect(q('a=1')).toEqual(['{a="1", b="x"}', '{a="1", b="y"}']);
    expect(q('a=')).toEqual(['{b="x"}']);
    expect(q('a!=')).toHaveLength(6);
    expect(q('a!=1')).toHaveLength(5);
    expect(q('a=~1|2', 'b=x')).toEqual(['{a="1", b="x"}', '{a="2", b="x"}']);
    expect(q('a=~1.*')).toHaveLength(4);
    expect(q('a=~.+')).toHaveLength(6);
    expect(q('a=~.*')).toHaveLength(7);
    expect(q('a!~1.*')).toEqual(['{a="2", b="x"}', '{a="2", b="y"}', '{b="x"}']);
    expect(q('a!~.+')).toEqual(['{b="x"}']);
    expect(q('a=~|2')).toEqual(['{a="2", b="x"}', '{a="2", b="y"}', '{b="x"}']);
    expect(q('nope=')).toHaveLength(7);
    expect(q('nope=x')).toEqual([]);
    expect(q('nope!=x')).toHaveLength(7);
    expect(q('nope=~.+')).toEqual([]);
    expect(select(m('b!=x'))).toHaveLength(4);
    expect(select()).toHaveLength(8);
    const querier = db.querier(0, Infinity);
    expect(querier.labelNames([])).toMatchObject({ values: ['__name__', 'a', 'b'] });
    expect(querier.labelNames([m('__name__=other')])).toMatchObject({ values: ['__name__', 'a'] });
    expect(querier.labelValues('a', [])).toMatchObject({ values: ['1', '10', '2'] });
    expect(querier.labelValues('a', [m('b=y')], { limit: 2 })).toMatchObject({ values: ['1', '10'] });
    expect(querier.labelValues('a', [m('a=~1.*')])).toMatchObject({ values: ['1', '10'] });
    expect(querier.labelValues('b', [m('__name__=other')])).toMatchObject({ values: [] });
    querier.close();
  });

  it('shows an open reader the samples of its select, not later ones', async () => {
    const db = await open(freshDir());
    append(db, { a: '1' }, [NOW, 1]);
    const querier = db.querier(0, Infinity);
    const set = querier.select([], { sorted: false });
    if (set instanceof Promise) throw new Error('synchronous');
    append(db, { a: '1' }, ...Array.from({ length: 500 }, (_, i) => [NOW + 1 + i * 1000, i * 1.1] as const));
    const column = new SampleColumn();
    set.series[0].read(column, 0, Infinity);
    expect(column.length).toBe(1);
    querier.close();
  });

  it('keeps exemplars of a series in order and finds them by any matcher list', async () => {
    const dir = freshDir();
    const db = await open(dir, { maxExemplars: 3 });
    const appender = db.appender();
    const ref = appender.series(Labels.from({ __name__: 'h', le: '1' }));
    appender.append(ref, NOW, 1);
    const trace = (id: number) => ({ labels: Labels.from({ trace: String(id) }), t: NOW + id, v: id });
    expect([1, 2, 3, 4].map((id) => appender.appendExemplar(ref, trace(id)))).toEqual([true, true, true, true]);
    expect(appender.appendExemplar(ref, { ...trace(9), labels: Labels.from({ long: 'x'.repeat(130) }) })).toBe(false);
    appender.commit();
    const ask = (store: Db) =>
      store.exemplars(NOW + 3, NOW + 9, [[new Matcher('=', 'x', 'y')], [new Matcher('=', '__name__', 'h')]]);
    const expected = [{ labels: Labels.from({ __name__: 'h', le: '1' }), exemplars: [trace(3), trace(4)] }];
    expect(ask(db)).toEqual(expected);
    await db.close();
    expect(ask(await open(dir, { maxExemplars: 3 }))).toEqual(expected);
  });

  it('remembers metadata over a restart', async () => {
    const dir = freshDir();
    const db = await open(dir);
    const appender = db.appender();
    const ref = appender.series(Labels.from({ __name__: 'm' }));
    appender.updateMetadata(ref, { type: 'counter', unit: 'bytes', help: 'naïve' });
    appender.append(ref, NOW, 1);
    appender.commit();
    await db.close();
    const { head } = await open(dir);
    expect(head.metadata.get(head.table.slot(ref))).toEqual({ type: 'counter', unit: 'bytes', help: 'naïve' });
  });

  it('removes series without samples, and takes them again', async () => {
    const db = await open(freshDir());
    append(db, { a: 'old', job: 'x' }, [NOW, 1]);
    append(db, { a: 'new', job: 'x' }, [NOW + 10 * MINUTE, 1]);
    const querier = db.querier(0, Infinity);
    const set = querier.select([], { sorted: false });
    expect(db.head.truncate(NOW + MINUTE)).toHaveLength(1);
    if (set instanceof Promise) throw new Error('synchronous');
    expect(set.series.map(({ labels }) => labels.get('a'))).toEqual(['old', 'new']);
    querier.close();
    expect(Object.keys(read(db))).toEqual(['{a="new", job="x"}']);
    expect(db.querier(0, Infinity).labelValues('a', [])).toMatchObject({ values: ['new'] });
    append(db, { a: 'old', job: 'x' }, [NOW + 11 * MINUTE, 2]);
    expect(Object.keys(read(db, new Matcher('=', 'job', 'x')))).toEqual(['{a="new", job="x"}', '{a="old", job="x"}']);
  });
});

describe('Db.truncate', () => {
  const HOURS = 60 * MINUTE;

  async function filled(dir: string) {
    const db = await open(dir, { walSegmentBytes: 32 * 1024 });
    for (let k = 0; k < 60; k++) {
      const appender = db.appender();
      for (let s = 0; s < 40; s++) {
        // Half of the series end in the first hour.
        if (s % 2 === 1 && k > 15) continue;
        const ref = appender.series(Labels.from({ __name__: `m${s}`, job: 'x' }));
        for (let i = 0; i < 10; i++)
          appender.append(ref, NOW + k * 4 * MINUTE + i * 20_000, Math.sqrt(s * 1000 + k * 10 + i));
        if (s === 0) appender.updateMetadata(ref, { type: 'gauge', unit: '', help: `version ${k}` });
        if (s === 2)
          appender.appendExemplar(ref, { labels: Labels.from({ id: String(k) }), t: NOW + k * 4 * MINUTE, v: k });
        if (s === 4)
          appender.appendHistogram(
            appender.series(Labels.from({ __name__: 'h' })),
            NOW + k * 4 * MINUTE,
            intHistogram(k + 2, [k, 1]),
          );
      }
      appender.commit();
    }
    return db;
  }

  it('drops old samples, series and segments, and keeps all that is younger over a restart', async () => {
    const dir = freshDir();
    const db = await filled(dir);
    const wal = path.join(dir, 'wal');
    const segmentsBefore = readdirSync(wal).length;
    const mint = NOW + 2 * HOURS;
    await db.truncate(mint);
    expect(db.head.seriesCount).toBe(21);
    expect(db.head.mint).toBeGreaterThanOrEqual(mint);
    const files = readdirSync(wal);
    expect(files.filter((name) => name.startsWith('checkpoint.'))).toHaveLength(1);
    expect(files.length).toBeLessThan(segmentsBefore);
    // Chunks that reach over the boundary keep their older samples in memory; the checkpoint does not have them.
    const since = async (store: Db) => (await dumpFloats(store, mint)).sort();
    const kept = await since(db);
    expect(kept.length).toBeGreaterThan(20 * 10 * 29);
    const exemplars = db.exemplars(mint, Infinity, [[]]);
    await db.close();
    const again = await open(dir);
    expect(await since(again)).toEqual(kept);
    expect(again.exemplars(mint, Infinity, [[]])).toEqual(exemplars);
    expect(again.head.metadata.get(again.head.table.slot(1))?.help).toBe('version 59');
    expect(again.lines.join('')).not.toMatch(/level=(WARN|ERROR)/);
  });

  it('can be done again and again, each checkpoint replacing the one before', async () => {
    const dir = freshDir();
    const db = await filled(dir);
    for (const hours of [1, 2, 3]) {
      await db.truncate(NOW + hours * HOURS);
      for (let k = 0; k < 20; k++) {
        append(
          db,
          { __name__: 'later' },
          ...Array.from(
            { length: 500 },
            (_, i) => [NOW + (3 + hours) * HOURS + (k * 500 + i) * 100, Math.random()] as const,
          ),
        );
      }
    }
    const kept = await dumpFloats(db, NOW + 3 * HOURS);
    await db.close();
    expect(readdirSync(path.join(dir, 'wal')).filter((name) => name.startsWith('checkpoint.'))).toHaveLength(1);
    expect(await dumpFloats(await open(dir), NOW + 3 * HOURS)).toEqual(kept);
  });

  it('leaves the log as it is when it is damaged', async () => {
    const dir = freshDir();
    const db = await filled(dir);
    const segment = path.join(dir, 'wal', '00000000');
    const bytes = readFileSync(segment);
    bytes[1000] ^= 1;
    writeFileSync(segment, bytes);
    await db.truncate(NOW + 2 * HOURS);
    expect(db.lines.join('')).toMatch(/level=ERROR msg="Log was not truncated" error=".*damaged log.*00000000 at byte/);
    expect(existsSync(segment)).toBe(true);
    expect(readdirSync(path.join(dir, 'wal')).filter((name) => name.startsWith('checkpoint'))).toEqual([]);
  });
});

const spans = [{ offset: 0, length: 2 }];
const shape = {
  schema: 1,
  zeroThreshold: 0.001,
  zeroCount: 1,
  positiveSpans: spans,
  negativeSpans: [],
  customValues: new Float64Array(0),
  counterResetHint: 'unknown',
} as const;

function intHistogram(count: number, deltas: number[], extra: Partial<IntHistogram> = {}): IntHistogram {
  return {
    kind: 'int',
    ...shape,
    count,
    sum: count * 2,
    positiveDeltas: Float64Array.from(deltas),
    negativeDeltas: new Float64Array(0),
    ...extra,
  };
}

function floatHistogram(count: number, buckets: number[]): FloatHistogram {
  return {
    kind: 'float',
    ...shape,
    count,
    sum: count * 2,
    positiveBuckets: Float64Array.from(buckets),
    negativeBuckets: new Float64Array(0),
  };
}

describe('Db with histograms', () => {
  it('keeps integer, float and custom-bucket histograms, their markers and floats between them', async () => {
    const dir = freshDir();
    const db = await open(dir);
    const appender = db.appender();
    const ref = appender.series(Labels.from({ __name__: 'h' }));
    appender.appendHistogram(ref, NOW, intHistogram(4, [1, 1]));
    appender.appendHistogram(ref, NOW + 1, intHistogram(6, [2, 1]));
    appender.appendStale(ref, NOW + 2);
    appender.append(ref, NOW + 3, 7);
    appender.appendHistogram(ref, NOW + 4, floatHistogram(3.5, [1, 1.5]));
    appender.appendHistogram(
      ref,
      NOW + 5,
      intHistogram(3, [1, 1], { schema: -53, customValues: Float64Array.of(0.5, 7) }),
    );
    appender.commit();
    const lines = await dumpFloats(db);
    expect(lines.map((line) => line.replace('{__name__="h"} ', ''))).toEqual([
      `7 ${NOW + 3}`,
      `NaN ${NOW + 2}`,
      `{count:3, sum:6, 0.00100000000:1, 0.500000000:1, 7.00000000:2} ${NOW + 5}`,
      `{count:3.5, sum:7, 0.00100000000:1, 1.00000000:1, 1.41421356:1.5} ${NOW + 4}`,
      `{count:4, sum:8, 0.00100000000:1, 1.00000000:1, 1.41421356:2} ${NOW}`,
      `{count:6, sum:12, 0.00100000000:1, 1.00000000:2, 1.41421356:3} ${NOW + 1}`,
    ]);
    await db.close();
    expect(await dumpFloats(await open(dir))).toEqual(lines);
  });

  it('takes an identical histogram again and refuses another of the same time', async () => {
    const db = await open(freshDir());
    const commit = (t: number, h: IntHistogram) => {
      const appender = db.appender();
      const verdict = appender.appendHistogram(appender.series(Labels.from({ a: 'h' })), t, h);
      appender.commit();
      return verdict;
    };
    expect(commit(NOW, intHistogram(4, [1, 1]))).toBe(ACCEPTED);
    expect(commit(NOW, intHistogram(4, [1, 1]))).toBe(ACCEPTED);
    expect(commit(NOW, intHistogram(5, [1, 2]))).toBe(DUPLICATE_TIMESTAMP);
    expect(commit(NOW - 1, intHistogram(5, [1, 2]))).toBe(OUT_OF_ORDER);
    expect(append(db, { a: 'h' }, [NOW, 1])).toEqual([DUPLICATE_TIMESTAMP]);
  });
});

const recorded = sharedDir('tsdb-blocks', 'prometheus-3.5.3');

describe.skipIf(recorded === undefined)('Db on the log of a real Prometheus', () => {
  it('reads every sample that was in order', async () => {
    const dir = unpack(path.join(recorded!, 'head'), freshDir());
    const db = await open(dir);
    // The out-of-order ones lie in the other log.
    const expected = readDump(path.join(recorded!, 'head', 'dump.txt')).filter((line) => !line.includes('"ooo_demo"'));
    const found = (await dumpFloats(db)).filter((line) => !line.includes('"ooo_demo"'));
    const dumped = new Set(expected);
    const missing = new Set(found);
    expect(expected.filter((line) => !missing.has(line))).toEqual([]);
    // The log has the first samples of six histogram series, which the dump, made from chunk files, lacks.
    const more = found.filter((line) => !dumped.has(line));
    expect(more).toHaveLength(12);
    expect(more.every((line) => line.includes('{count:'))).toBe(true);
    expect(db.walCorruptions).toBe(0);
  });

  it('reads a log that was copied while it was written', async () => {
    const db = await open(unpack(path.join(recorded!, 'head-live'), freshDir()));
    expect(db.head.seriesCount).toBeGreaterThan(20);
    expect((await dumpFloats(db)).length).toBeGreaterThan(100);
  });
});

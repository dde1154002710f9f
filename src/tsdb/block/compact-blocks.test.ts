import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selector } from '../../../test/selector.ts';
import {
  contents,
  inTempDir,
  makeBlock,
  newUlid,
  openMade,
  type MadeSeries,
  type MadeValue,
} from '../../../test/tsdb/made-blocks.ts';
import { floatHistogram, Labels, SampleColumn } from '../../model/index.ts';
import type { Block } from './block.ts';
import { blockDirs, deleteBlockDir, removeLeftovers } from './block-dirs.ts';
import { cleanTombstones, compactBlocks } from './compact-blocks.ts';
import { encodeChunks } from './encode-chunks.ts';
import { mergeSamples } from './merge-samples.ts';
import { FROM_OUT_OF_ORDER, FROM_STALE_SERIES } from './meta.ts';
import { runNow } from './work.ts';

/** Samples of a few series; several blocks of them overlap in series and in time. */
const block = fc
  .array(
    fc.record({
      n: fc.integer({ min: 0, max: 6 }),
      start: fc.integer({ min: 0, max: 4000 }),
      steps: fc.array(
        fc.tuple(fc.integer({ min: 1, max: 40 }), fc.oneof(fc.integer(), fc.constant('stale' as const))),
        {
          minLength: 1,
          maxLength: 200,
        },
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((drawn) => {
    const bySeries = new Map<number, MadeSeries>();
    for (const { n, start, steps } of drawn) {
      let t = start;
      bySeries.set(n, {
        labels: { __name__: 'made', n: String(n) },
        samples: steps.map(([step, value]): [number, MadeValue] => [(t += step), value]),
      });
    }
    return [...bySeries.values()];
  });

const deletion = fc.record({
  block: fc.nat({ max: 3 }),
  n: fc.integer({ min: 0, max: 6 }),
  mint: fc.integer({ min: 0, max: 6000 }),
  width: fc.nat({ max: 3000 }),
});

describe('merging blocks', () => {
  it('gives the samples of all, in order, each time once, without those deleted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(block, { minLength: 1, maxLength: 4 }),
        fc.array(deletion, { maxLength: 4 }),
        (drawn, deletions) =>
          inTempDir((dir) => {
            const blocks = drawn.map((series) => openMade(dir, makeBlock(dir, series)!));
            const wanted = new Map<string, Map<number, MadeValue>>();
            drawn.forEach((series, i) => {
              for (const { labels, samples } of series) {
                const key = Labels.from(labels).toString();
                const known = wanted.get(key) ?? new Map<number, MadeValue>();
                wanted.set(key, known);
                for (const [t, value] of samples) {
                  const gone = deletions.some(
                    ({ block: b, n, mint, width }) =>
                      b === i && String(n) === labels['n'] && t >= mint && t <= mint + width,
                  );
                  if (!gone && !known.has(t)) known.set(t, value);
                }
              }
            });
            for (const { block: b, n, mint, width } of deletions) {
              blocks[b]?.delete(mint, mint + width, selector(`{n="${n}"}`));
            }
            const meta = runNow(compactBlocks(dir, blocks, { ulid: newUlid() }));
            const expected: [string, [number, MadeValue][]][] = [];
            for (const [key, samples] of wanted) {
              if (samples.size > 0) expected.push([key, [...samples].sort(([a], [b]) => a - b)]);
            }
            for (const one of blocks) one.close();
            if (meta === undefined) {
              expect(expected).toEqual([]);
              return;
            }
            const merged = openMade(dir, meta);
            const found = contents(merged);
            expect(Object.keys(found).sort()).toEqual(expected.map(([key]) => key).sort());
            for (const [key, samples] of expected) {
              expect(found[key]!.map(([t]) => t)).toEqual(samples.map(([t]) => t));
              expect(found[key]).toEqual(samples);
            }
            expect(merged.meta.stats.numSamples).toBe(
              expected.reduce((total, [, samples]) => total + samples.length, 0),
            );
            merged.close();
          }),
      ),
      { numRuns: 20, endOnFailure: true },
    );
  });

  it('takes over chunks that overlap nothing byte for byte', () =>
    inTempDir((dir) => {
      const at = (from: number) => [
        { labels: { a: '1' }, samples: Array.from({ length: 200 }, (_, i) => [from + i, Math.sin(i)] as const) },
        { labels: { [`b${from}`]: '2' }, samples: [[from, 1]] as const },
      ];
      const [early, late] = [at(0), at(1000)].map((series) => openMade(dir, makeBlock(dir, series)!)) as [Block, Block];
      const meta = runNow(compactBlocks(dir, [early, late], { ulid: newUlid() }))!;
      expect(meta.stats).toMatchObject({ numSamples: 402, numChunks: 6, numSeries: 3 });
      expect(meta.compaction).toMatchObject({
        level: 2,
        parents: [{ ulid: early.meta.ulid }, { ulid: late.meta.ulid }],
      });
      expect(meta.compaction.sources).toEqual([early.meta.ulid, late.meta.ulid].sort());
      expect([meta.minTime, meta.maxTime]).toEqual([early.meta.minTime, late.meta.maxTime]);
      early.close();
      late.close();
    }));

  it('keeps a chunk that two blocks have alike only once', () =>
    inTempDir((dir) => {
      const series = [{ labels: { a: '1' }, samples: Array.from({ length: 90 }, (_, i) => [i, Math.sin(i)] as const) }];
      const blocks = [1, 2, 3].map(() => openMade(dir, makeBlock(dir, series)!));
      const meta = runNow(compactBlocks(dir, blocks, { ulid: newUlid() }))!;
      expect(meta.stats).toMatchObject({ numSamples: 90, numChunks: 1 });
      for (const one of blocks) one.close();
    }));

  it('cuts what it has merged into chunks of 120 samples', () =>
    inTempDir((dir) => {
      const every = (first: number) => [
        { labels: { a: '1' }, samples: Array.from({ length: 500 }, (_, i) => [first + 2 * i, i] as const) },
      ];
      const blocks = [openMade(dir, makeBlock(dir, every(0))!), openMade(dir, makeBlock(dir, every(1))!)];
      const meta = runNow(compactBlocks(dir, blocks, { ulid: newUlid() }))!;
      // The last chunk begins after the others have ended and so is cut apart from them.
      expect(meta.stats.numSamples).toBe(1000);
      expect(meta.stats.numChunks).toBeGreaterThanOrEqual(9);
      expect(meta.stats.numChunks).toBeLessThanOrEqual(10);
      for (const one of blocks) one.close();
    }));

  it('keeps the hint of out-of-order blocks only where all are, of others where any is', () =>
    inTempDir((dir) => {
      const make = (t: number, hints: string[]) =>
        openMade(dir, makeBlock(dir, [{ labels: { a: '1' }, samples: [[t, 1]] }], { hints })!);
      const blocks = [
        make(0, [FROM_OUT_OF_ORDER]),
        make(1, [FROM_OUT_OF_ORDER]),
        make(2, []),
        make(3, [FROM_STALE_SERIES]),
      ];
      const merged = (...picked: number[]) =>
        runNow(
          compactBlocks(
            dir,
            picked.map((i) => blocks[i]!),
            { ulid: newUlid() },
          ),
        )!.compaction.hints;
      expect(merged(0, 1)).toEqual([FROM_OUT_OF_ORDER]);
      expect(merged(0, 2)).toEqual([]);
      expect(merged(2, 3)).toEqual([FROM_STALE_SERIES]);
      for (const one of blocks) one.close();
    }));

  it('leaves nothing, not even a directory, of blocks that were deleted from altogether', () =>
    inTempDir((dir) => {
      const one = openMade(
        dir,
        makeBlock(dir, [
          {
            labels: { a: '1' },
            samples: [
              [1, 1],
              [2, 2],
            ],
          },
        ])!,
      );
      one.delete(-Infinity, Infinity, []);
      expect(runNow(cleanTombstones(dir, one, { ulid: newUlid() }))).toBeUndefined();
      expect(readdirSync(dir)).toEqual([one.meta.ulid]);
      one.close();
    }));

  it('writes a block anew without its tombstones', () =>
    inTempDir((dir) => {
      const samples = Array.from({ length: 300 }, (_, i) => [i, i] as const);
      const old = openMade(
        dir,
        makeBlock(dir, [
          { labels: { a: '1' }, samples },
          { labels: { a: '2' }, samples },
        ])!,
      );
      old.delete(100, 130, selector('{a="1"}'));
      const meta = runNow(cleanTombstones(dir, old, { ulid: newUlid() }))!;
      expect(meta.compaction).toMatchObject({ level: 1, parents: [{ ulid: old.meta.ulid }] });
      const fresh = openMade(dir, meta);
      expect(fresh.tombstones.isEmpty).toBe(true);
      expect(contents(fresh)).toEqual(contents(old));
      expect(contents(fresh)['{a="1"}']).toHaveLength(269);
      old.close();
      fresh.close();
    }));
});

describe('merged histograms', () => {
  const histogram = (count: number, counterResetHint: 'unknown' | 'no_reset' | 'gauge') =>
    floatHistogram({
      count,
      sum: count,
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveBuckets: Float64Array.of(count),
      counterResetHint,
    });
  const column = (samples: readonly (readonly [number, number, ('unknown' | 'no_reset' | 'gauge')?])[]) => {
    const made = new SampleColumn();
    for (const [t, count, hint] of samples) made.pushHistogram(t, histogram(count, hint ?? 'no_reset'));
    return made;
  };

  it('say nothing of resets where samples of another block have come between', () => {
    const merged = mergeSamples([
      column([
        [1, 1, 'unknown'],
        [2, 2],
        [5, 5],
        [6, 6],
      ]),
      column([
        [2, 9, 'unknown'],
        [3, 3],
        [4, 4],
      ]),
      column([[7, 1, 'gauge']]),
    ]);
    expect(Array.from(merged.t.subarray(0, merged.length))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(merged.histograms!.map((h) => `${h!.count} ${h!.counterResetHint}`)).toEqual([
      '1 unknown',
      '2 no_reset',
      '3 unknown',
      '4 no_reset',
      '5 unknown',
      '6 no_reset',
      '1 gauge',
    ]);
  });

  it('begin a new chunk at a counter reset', () => {
    const chunks = encodeChunks(
      column([
        [1, 5, 'unknown'],
        [2, 6, 'unknown'],
        [3, 2, 'unknown'],
        [4, 3, 'unknown'],
      ]),
    );
    expect(chunks.map(({ mint, maxt, samples }) => [mint, maxt, samples])).toEqual([
      [1, 2, 2],
      [3, 4, 2],
    ]);
    // The upper two bits of the flags: nothing known before the first, a reset before the second.
    expect(chunks.map(({ bytes }) => bytes[2]! & 0xc0)).toEqual([0x00, 0x80]);
  });
});

describe('the directories of a database', () => {
  it('are the blocks, and what was left of some is removed', () =>
    inTempDir((dir) => {
      const [a, b, c, d] = [newUlid(), newUlid(), newUlid(), newUlid()];
      for (const name of [a, `${b}.tmp-for-creation`, `${c}.tmp-for-deletion`, `${d}.tmp`, 'wal', 'notes.tmp']) {
        mkdirSync(path.join(dir, name, 'chunks'), { recursive: true });
      }
      expect(blockDirs(dir)).toEqual([path.join(dir, a)]);
      expect(removeLeftovers(dir)).toHaveLength(3);
      expect(readdirSync(dir).sort()).toEqual([a, 'notes.tmp', 'wal'].sort());
      deleteBlockDir(path.join(dir, a));
      deleteBlockDir(path.join(dir, a));
      expect(existsSync(path.join(dir, a))).toBe(false);
      expect(removeLeftovers(dir)).toEqual([]);
    }));
});

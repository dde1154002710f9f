import { describe, expect, it } from 'vitest';
import { makeUlid } from '../../bytes/index.ts';
import { FROM_SELECTED_SERIES, FROM_STALE_SERIES, NO_STATS, type BlockMeta } from './meta.ts';
import { blockRanges, planCompaction } from './plan-compaction.ts';
import { beyondSize, beyondTime, replaced } from './retention.ts';

const HOUR = 3_600_000;
const RANGES = [20, 60, 180, 540, 1620];

let made = 0;

function meta(
  minTime: number,
  maxTime: number,
  more: { numSeries?: number; numTombstones?: number; failed?: boolean; hints?: string[]; parents?: BlockMeta[] } = {},
): BlockMeta {
  const { numSeries = 10, numTombstones = 0, failed = false, hints = [], parents = [] } = more;
  const ulid = makeUlid(++made, new Uint8Array(10));
  return {
    ulid,
    minTime,
    maxTime,
    stats: { ...NO_STATS, numSeries, numTombstones },
    compaction: { level: 1, sources: [ulid], deletable: false, parents, failed, hints },
  };
}

const plan = (...metas: BlockMeta[]) =>
  planCompaction(metas, RANGES).map(({ minTime, maxTime }) => `${minTime}-${maxTime}`);

describe('planning what to merge', () => {
  it('does nothing with one block, or with none', () => {
    expect(plan()).toEqual([]);
    expect(plan(meta(0, 20))).toEqual([]);
  });

  it('waits until a wider range is full and a younger block is there', () => {
    expect(plan(meta(0, 20), meta(20, 40))).toEqual([]);
    expect(plan(meta(0, 20), meta(20, 40), meta(40, 60))).toEqual([]);
    expect(plan(meta(0, 20), meta(20, 40), meta(40, 60), meta(60, 80))).toEqual(['0-20', '20-40', '40-60']);
  });

  it('takes the blocks in any order', () => {
    expect(plan(meta(60, 80), meta(40, 60), meta(0, 20), meta(20, 40))).toEqual(['0-20', '20-40', '40-60']);
  });

  it('merges a range with gaps once younger blocks have left it behind', () => {
    expect(plan(meta(0, 20), meta(40, 60), meta(60, 80))).toEqual(['0-20', '40-60']);
    expect(plan(meta(0, 20), meta(20, 40), meta(60, 80), meta(80, 100))).toEqual(['0-20', '20-40']);
    expect(plan(meta(0, 20), meta(20, 40), meta(60, 80))).toEqual([]);
  });

  it('goes on with wider ranges', () => {
    expect(plan(meta(0, 60), meta(60, 120), meta(120, 180), meta(180, 200))).toEqual(['0-60', '60-120', '120-180']);
    expect(
      plan(meta(0, 60), meta(60, 120), meta(120, 180), meta(180, 200), meta(200, 220), meta(220, 240), meta(240, 260)),
    ).toEqual(['180-200', '200-220', '220-240']);
  });

  it('leaves a block that spans two ranges alone', () => {
    expect(plan(meta(10, 30), meta(30, 50), meta(50, 70), meta(70, 90))).toEqual(['10-30', '30-50']);
    expect(plan(meta(0, 20), meta(50, 70), meta(100, 110), meta(200, 220))).toEqual([]);
    expect(plan(meta(0, 20), meta(50, 70), meta(100, 110), meta(190, 200), meta(200, 220))).toEqual([
      '0-20',
      '50-70',
      '100-110',
    ]);
  });

  it('works before 1970 too', () => {
    expect(plan(meta(-60, -40), meta(-40, -20), meta(-20, 0), meta(0, 20))).toEqual(['-60--40', '-40--20', '-20-0']);
  });

  it('does not try again what has failed', () => {
    expect(plan(meta(0, 20), meta(20, 40, { failed: true }), meta(40, 60), meta(60, 80))).toEqual([]);
  });

  it('merges overlapping blocks first, the youngest among them', () => {
    expect(plan(meta(0, 20), meta(19, 40))).toEqual(['0-20', '19-40']);
    expect(plan(meta(0, 20), meta(20, 40), meta(30, 50), meta(45, 60), meta(60, 80), meta(70, 90))).toEqual([
      '20-40',
      '30-50',
      '45-60',
    ]);
    expect(plan(meta(0, 100), meta(10, 20), meta(30, 40), meta(100, 120))).toEqual(['0-100', '10-20', '30-40']);
  });

  it('writes a wide block anew when more than a twentieth of its series have deletions', () => {
    expect(plan(meta(0, 540, { numTombstones: 1 }), meta(540, 560))).toEqual(['0-540']);
    expect(plan(meta(0, 540, { numTombstones: 1, numSeries: 100 }), meta(540, 560))).toEqual([]);
    expect(plan(meta(0, 60, { numTombstones: 3 }), meta(540, 560))).toEqual([]);
    expect(plan(meta(0, 60, { numTombstones: 10 }), meta(540, 560))).toEqual(['0-60']);
  });

  it('keeps blocks of chosen series apart from the others', () => {
    const stale = { hints: [FROM_STALE_SERIES] };
    expect(plan(meta(0, 20), meta(0, 20, stale))).toEqual([]);
    expect(plan(meta(0, 20), meta(0, 20, stale), meta(10, 20, stale))).toEqual(['0-20', '10-20']);
    expect(plan(meta(0, 20, { hints: [FROM_SELECTED_SERIES] }), meta(0, 20, stale))).toEqual([]);
  });

  it('ends when everything is merged', () => {
    let blocks = Array.from({ length: 81 }, (_, i) => meta(i * 20, i * 20 + 20));
    let rounds = 0;
    for (let next = planCompaction(blocks, RANGES); next.length > 0; next = planCompaction(blocks, RANGES)) {
      expect(++rounds).toBeLessThan(100);
      const chosen = new Set(next);
      blocks = blocks.filter((block) => !chosen.has(block));
      blocks.push(meta(next[0]!.minTime, next[next.length - 1]!.maxTime));
    }
    expect(blocks.map((block) => block.maxTime - block.minTime).sort((a, b) => b - a)).toEqual([
      540, 540, 180, 180, 60, 60, 20, 20, 20,
    ]);
  });
});

describe('the widths of blocks', () => {
  it('triple up to a tenth of the retention, 31 days at most', () => {
    expect(blockRanges(2 * HOUR, 15 * 24 * HOUR).map((ms) => ms / HOUR)).toEqual([2, 6, 18]);
    expect(blockRanges(2 * HOUR, 0).map((ms) => ms / HOUR)).toEqual([2, 6, 18, 54, 162, 486]);
    expect(blockRanges(2 * HOUR, 10 * HOUR).map((ms) => ms / HOUR)).toEqual([2]);
  });
});

describe('retention', () => {
  const blocks = [meta(0, 20), meta(20, 40), meta(40, 60), meta(60, 80)].map((one) => ({ meta: one, size: 100 }));
  const names = (list: readonly { meta: BlockMeta }[]) => list.map(({ meta: one }) => one.maxTime);

  it('drops blocks that end so long before the youngest', () => {
    expect(names(beyondTime(blocks, 0))).toEqual([]);
    expect(names(beyondTime(blocks, 41))).toEqual([20]);
    expect(names(beyondTime(blocks, 40))).toEqual([40, 20]);
    expect(names(beyondTime(blocks, 1))).toEqual([60, 40, 20]);
    expect(beyondTime([], 5)).toEqual([]);
  });

  it('drops the oldest blocks until the rest fits', () => {
    expect(names(beyondSize(blocks, 0, 0))).toEqual([]);
    expect(names(beyondSize(blocks, 400, 0))).toEqual([]);
    expect(names(beyondSize(blocks, 399, 0))).toEqual([20]);
    expect(names(beyondSize(blocks, 400, 150))).toEqual([40, 20]);
    expect(names(beyondSize(blocks, 10, 0))).toEqual([80, 60, 40, 20]);
  });

  it('drops blocks that others were made from', () => {
    const child = { meta: meta(0, 40, { parents: [blocks[0]!.meta, blocks[1]!.meta] }), size: 1 };
    expect(names(replaced([...blocks, child]))).toEqual([20, 40]);
    const emptied = { meta: { ...meta(80, 90), compaction: { ...meta(0, 1).compaction, deletable: true } }, size: 1 };
    expect(names(replaced([...blocks, emptied]))).toEqual([90]);
  });
});

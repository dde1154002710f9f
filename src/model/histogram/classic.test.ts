import { describe, expect, it } from 'vitest';
import { ClassicHistogram, formatHistogram, toClassicBuckets } from './index.ts';

function collect(buckets: readonly (readonly [bound: number, count: number])[], count?: number): ClassicHistogram {
  const classic = new ClassicHistogram();
  for (const [bound, total] of buckets) classic.setBucket(bound, total);
  if (count !== undefined) classic.setCount(count);
  classic.setSum(7);
  return classic;
}

describe('a classic histogram', () => {
  it('becomes one with custom buckets, whatever the order of its buckets', () => {
    for (const buckets of [
      [
        [1, 2],
        [2, 5],
        [Infinity, 6],
      ],
      [
        [Infinity, 6],
        [1, 2],
        [2, 5],
        [1, 99],
      ],
    ] as const) {
      const histogram = collect(buckets).toHistogram();
      expect(histogram.kind).toBe('int');
      expect(formatHistogram(histogram)).toBe('{count:6, sum:7, [-Inf,1]:2, (1,2]:3, (2,+Inf]:1}');
    }
  });

  it('has float counts where one is no whole number', () => {
    const histogram = collect([
      [1, 0.5],
      [Infinity, 2],
    ]).toHistogram();
    expect(histogram.kind).toBe('float');
    expect(formatHistogram(histogram)).toBe('{count:2, sum:7, [-Inf,1]:0.5, (1,+Inf]:1.5}');
  });

  it('takes its count from the highest bucket, or its +Inf bucket from the count', () => {
    expect(
      formatHistogram(
        collect([
          [1, 2],
          [2, 5],
        ]).toHistogram(),
      ),
    ).toBe('{count:5, sum:7, [-Inf,1]:2, (1,2]:3}');
    expect(formatHistogram(collect([[1, 2]], 9).toHistogram())).toBe('{count:9, sum:7, [-Inf,1]:2, (1,+Inf]:7}');
    expect(formatHistogram(collect([], 3).toHistogram())).toBe('{count:3, sum:7, [-Inf,+Inf]:3}');
  });

  it('refuses what cannot be one', () => {
    const refusal = (use: (classic: ClassicHistogram) => void) => () => {
      use(
        collect([
          [1, 2],
          [4, 5],
        ]),
      );
    };
    expect(refusal((c) => c.setBucket(2, 1))).toThrow('count is not cumulative: 1 < 2');
    expect(refusal((c) => c.setBucket(2, 6))).toThrow('count is not cumulative: 6 > 5');
    expect(refusal((c) => c.setBucket(5, 1))).toThrow('count is not cumulative: 1 < 5');
    expect(refusal((c) => c.setBucket(NaN, 1))).toThrow('bucket boundary must not be NaN');
    expect(refusal((c) => c.setBucket(5, -1))).toThrow('bucket count must be non-negative: le=5, count=-1');
    expect(refusal((c) => c.setCount(-1))).toThrow('count must be non-negative');
    expect(() =>
      collect(
        [
          [1, 2],
          [Infinity, 5],
        ],
        9,
      ).toHistogram(),
    ).toThrow('count mismatch');
  });

  it('is ready for the next after clear', () => {
    const classic = collect([[1, 2]], 9);
    classic.clear();
    classic.setBucket(3, 1);
    expect(formatHistogram(classic.toHistogram())).toBe('{count:1, sum:0, [-Inf,3]:1}');
  });

  it('comes back from custom buckets with cumulative counts', () => {
    const histogram = collect([
      [1, 2],
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 8],
      [Infinity, 9],
    ]).toHistogram();
    expect(toClassicBuckets(histogram)).toEqual([
      { le: 1, count: 2 },
      { le: 2, count: 2 },
      { le: 3, count: 2 },
      { le: 4, count: 2 },
      { le: 5, count: 8 },
      { le: Infinity, count: 9 },
    ]);
  });
});

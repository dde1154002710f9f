import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueHeaps } from './value-heap.ts';

describe('heaps of values', () => {
  it('keep the best values, NaN only where there is room', () => {
    const values = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(NaN)), { maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 8 }), fc.boolean(), (offered, k, smallest) => {
        const heaps = new ValueHeaps(3, k, smallest);
        offered.forEach((value, series) => {
          if (heaps.sizes[1]! < k) heaps.push(1, value, series);
          else if (heaps.beatsRoot(1, value)) heaps.replaceRoot(1, value, series);
        });
        heaps.sort(1);
        const kept = [...heaps.values.subarray(k, k + heaps.sizes[1]!)];
        const sorted = [...offered].sort((a, b) => {
          if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
          return smallest ? a - b : b - a;
        });
        expect(kept).toEqual(sorted.slice(0, k));
        const series = [...heaps.series.subarray(k, k + kept.length)];
        expect(series.map((i) => offered[i])).toEqual(kept);
        expect(new Set(series).size).toBe(series.length);
      }),
    );
  });
});

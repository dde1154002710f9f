import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatHistogram } from '../model/index.ts';
import { ABSENT, Column, FLOAT, gridEnd } from './column.ts';

describe('a column', () => {
  it('counts its samples, whatever its length', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), fc.integer({ min: 0, max: 2200 }), (pattern, padding) => {
        const column = new Column(pattern.length + padding);
        column.kinds.fill(FLOAT, pattern.length);
        pattern.forEach((present, i) => (column.kinds[i] = present ? FLOAT : ABSENT));
        const count = pattern.filter(Boolean).length + padding;
        expect(column.sampleCount).toBe(count);
        expect(column.isEmpty).toBe(count === 0);
        expect(column.isAllFloats).toBe(count === column.steps);
      }),
    );
  });

  it('counts a histogram as the floats its bytes would hold', () => {
    const column = new Column(3);
    column.kinds[0] = FLOAT;
    column.setHistogram(
      2,
      floatHistogram({ positiveSpans: [{ offset: 0, length: 4 }], positiveBuckets: new Float64Array(4) }),
    );
    expect(column.sampleCount).toBe(1 + 13);
    expect(column.isAllFloats).toBe(false);
  });

  it('ends where its grid ends', () => {
    expect(gridEnd({ startMs: 5, stepMs: 10, steps: 3 })).toBe(25);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../model/index.ts';
import { ABSENT } from '../column.ts';
import { createEngine } from '../engine.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';

describe('an instant selector', () => {
  it('finds the newest sample within the lookback, whatever the intervals', async () => {
    const gaps = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constant(15) }, fc.integer({ min: 1, max: 400 })), {
      minLength: 1,
      maxLength: 60,
    });
    const stale = fc.integer({ min: 0, max: 200 });
    await fc.assert(
      fc.asyncProperty(gaps, stale, fc.integer({ min: 1, max: 90 }), async (spacing, staleAt, stepMs) => {
        const storage = new MemoryStorage();
        const labels = Labels.from({ __name__: 'x' });
        const samples: { t: number; v: number | undefined }[] = [];
        let t = 50;
        spacing.forEach((gap, i) => {
          t += gap;
          samples.push({ t, v: i === staleAt ? undefined : i });
          storage.append(labels, t, i === staleAt ? 'stale' : i);
        });
        const steps = 80;
        const result = await createEngine({ lookbackMs: 100 }).range(storage, 'x', 0, (steps - 1) * stepMs, stepMs);
        const expected = Array.from({ length: steps }, (_, i) => {
          const newest = samples.filter((sample) => sample.t <= i * stepMs).at(-1);
          return newest !== undefined && newest.t > i * stepMs - 100 ? newest.v : undefined;
        });
        const column = result.series[0]?.column;
        const found = expected.map((_, i) =>
          column === undefined || column.kinds[i] === ABSENT ? undefined : column.values[i],
        );
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

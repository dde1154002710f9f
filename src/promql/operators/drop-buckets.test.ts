import { describe, expect, it } from 'vitest';
import { SampleColumn, floatHistogram } from '../../model/index.ts';
import { dropBuckets } from './drop-buckets.ts';

const counts = (count: number, counterResetHint: 'unknown' | 'gauge' = 'unknown') =>
  floatHistogram({
    schema: 1,
    count,
    sum: 3,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveBuckets: Float64Array.of(count),
    counterResetHint,
  });

describe('dropBuckets', () => {
  it('leaves count, sum and schema, and what the buckets told of resets', () => {
    const samples = new SampleColumn();
    samples.pushHistogram(1, counts(5));
    samples.pushHistogram(2, counts(7));
    samples.pushStale(3);
    samples.pushFloat(4, 9);
    samples.pushHistogram(5, counts(6));
    samples.pushHistogram(6, counts(1, 'gauge'));
    dropBuckets(samples);
    const expected = { schema: 1, sum: 3 };
    expect(samples.histograms).toEqual([
      floatHistogram({ ...expected, count: 5 }),
      floatHistogram({ ...expected, count: 7, counterResetHint: 'no_reset' }),
      undefined,
      undefined,
      floatHistogram({ ...expected, count: 6, counterResetHint: 'reset' }),
      floatHistogram({ ...expected, count: 1, counterResetHint: 'gauge' }),
    ]);
    expect([...samples.stale.subarray(0, 6)]).toEqual([0, 0, 1, 0, 0, 0]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatHistogram, Labels, SampleColumn } from '../../model/index.ts';
import { Column } from '../column.ts';
import { Windows } from './windows.ts';

/** Ascending times, mostly at even intervals. */
const times = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constant(10) }, fc.integer({ min: 1, max: 40 })), { maxLength: 60 })
  .map((gaps) => {
    let t = 0;
    return gaps.map((gap) => (t += gap));
  });

const shapes = fc.record({
  firstLastMs: fc.integer({ min: -50, max: 300 }),
  strideMs: fc.oneof(fc.constant(0), fc.constant(10), fc.constant(20), fc.integer({ min: 1, max: 60 })),
  spanMs: fc.integer({ min: 0, max: 150 }),
});

function samplesAt(t: readonly number[]): SampleColumn {
  const samples = new SampleColumn();
  for (const at of t) samples.pushFloat(at, at);
  return samples;
}

describe('windows', () => {
  it('hold the samples after their beginning and not after their end', () => {
    fc.assert(
      fc.property(times, shapes, fc.integer({ min: 1, max: 40 }), (t, shape, steps) => {
        const windows = new Windows(steps, shape, () => Labels.EMPTY);
        windows.loadSamples(0, samplesAt(t));
        for (let i = 0; i < steps; i++) {
          const last = shape.firstLastMs + i * shape.strideMs;
          const inside = t.filter((at) => at > last - shape.spanMs && at <= last);
          expect(Array.from(windows.t.subarray(windows.from[i], windows.to[i]))).toEqual(inside);
          expect(windows.samplesAt(i)).toBe(inside.length);
          const before = i === 0 ? -Infinity : last - shape.strideMs;
          expect(windows.newSamplesAt(i)).toBe(i === 0 ? inside.length : inside.filter((at) => at > before).length);
        }
      }),
    );
  });

  it('leave staleness markers out, and keep floats and histograms apart', () => {
    const samples = new SampleColumn();
    const histogram = floatHistogram({ count: 1 });
    samples.pushFloat(1, 10);
    samples.pushHistogram(2, histogram);
    samples.pushStale(3);
    samples.pushFloat(4, 40);
    const windows = new Windows(2, { firstLastMs: 3, strideMs: 1, spanMs: 3 }, () => Labels.EMPTY);
    windows.loadSamples(0, samples);
    expect([...windows.t.subarray(0, windows.length)]).toEqual([1, 4]);
    expect([...windows.from]).toEqual([0, 1]);
    expect([...windows.to]).toEqual([1, 2]);
    expect(windows.histograms).toMatchObject({ length: 1, h: [histogram] });
    expect([...windows.histograms!.to]).toEqual([1, 1]);
    // The same arrays serve the next series, which has no histograms.
    windows.loadSamples(1, samplesAt([2, 4]));
    expect(windows.histograms).toBeUndefined();
    expect([...windows.to]).toEqual([1, 2]);
  });

  it('over a subquery forget what histograms say of the sample before', () => {
    const column = new Column(3);
    column.setHistogram(0, floatHistogram({ counterResetHint: 'gauge' }));
    column.setHistogram(2, floatHistogram({ counterResetHint: 'no_reset' }));
    const windows = new Windows(1, { firstLastMs: 20, strideMs: 1, spanMs: 100 }, () => Labels.EMPTY);
    windows.loadColumn(0, column, { startMs: 0, stepMs: 10, steps: 3 });
    expect(windows.histograms!.h.map(({ counterResetHint }) => counterResetHint)).toEqual(['gauge', 'unknown']);
    expect([...windows.histograms!.t.subarray(0, 2)]).toEqual([0, 20]);
    expect(column.histograms![2]!.counterResetHint).toBe('no_reset');
  });

  it('pass start times on where they are wanted', () => {
    const samples = samplesAt([1, 2]);
    samples.setStart(-5);
    const shape = { firstLastMs: 2, strideMs: 1, spanMs: 5 };
    const wanted = new Windows(1, shape, () => Labels.EMPTY, true);
    wanted.loadSamples(0, samples);
    expect([...wanted.startT!.subarray(0, 2)]).toEqual([0, -5]);
    const unwanted = new Windows(1, shape, () => Labels.EMPTY);
    unwanted.loadSamples(0, samples);
    expect(unwanted.startT).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { Annotations } from './annotations.ts';

const query = 'a +\n bb';
const first = { start: 0, end: 1 };
const second = { start: 5, end: 7 };

describe('annotations', () => {
  it('keep a text once, at the place it was last added for', () => {
    const annotations = new Annotations();
    annotations.notGaugeHistogram('x', first);
    annotations.possibleNonCounter('x', first);
    annotations.notGaugeHistogram('x', second);
    expect(annotations.texts(query)).toEqual({
      warnings: ['PromQL warning: this native histogram metric is not a gauge: "x" (2:2)'],
      infos: ['PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x" (1:1)'],
    });
  });

  it('leave out what is too much, and say how much', () => {
    const annotations = new Annotations();
    for (let i = 0; i < 13; i++) annotations.invalidQuantile(2 + i, first);
    for (let i = 0; i < 11; i++) annotations.info(String(i), first);
    const { warnings, infos } = annotations.texts(query);
    expect(warnings).toHaveLength(11);
    expect(warnings[0]).toBe('PromQL warning: quantile value should be between 0 and 1, got 2 (1:1)');
    expect(warnings[10]).toBe('3 more warning annotations omitted');
    expect(infos[10]).toBe('1 more info annotations omitted');
    expect(annotations.texts(query, 0).warnings).toHaveLength(13);
  });

  it('tell the extent of what was merged', () => {
    const annotations = new Annotations();
    annotations.forcedMonotonicity('', first, 61_500, 1, 5, 0.0123);
    annotations.forcedMonotonicity('', first, 1_000, 0.5, 2, 120);
    annotations.startTimeOverlap('x', first);
    annotations.startTimeOverlap('x', first);
    const { warnings, infos } = annotations.texts(query);
    expect(infos).toEqual([
      'PromQL info: input to histogram_quantile needed to be fixed for monotonicity ' +
        '(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), from buckets 0.5 to 5, ' +
        'with a max diff of 1.2e+02, over 2 samples from 1970-01-01T00:00:01Z to 1970-01-01T00:01:01Z (1:1)',
    ]);
    expect(warnings).toEqual([
      'PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "x" (2 occurrences) (1:1)',
    ]);
  });

  it('pass on what the storage says as it is', () => {
    const annotations = new Annotations();
    annotations.storageWarning('a block is missing');
    expect(annotations.texts(query)).toEqual({ warnings: ['a block is missing'], infos: [] });
  });
});

import { describe, expect, it } from 'vitest';
import { isolatedSteps, type Line, stackLines, toGraphData } from './graph-data.ts';

const line = (name: string, ...values: (number | null)[]): Line => ({ name, labels: { __name__: name }, values });
const none = () => false;

describe('toGraphData', () => {
  it('leaves gaps where steps have no finite value', () => {
    const series = [
      {
        metric: { __name__: 'up', job: 'a' },
        values: [
          [10, '1'],
          [30, 'NaN'],
          [40, '+Inf'],
          [50, '2.5'],
        ] as const,
      },
    ];
    const data = toGraphData(series, 10_000, 59_999, 10_000);
    expect(data.times).toEqual([10, 20, 30, 40, 50]);
    expect(data.lines[0]).toMatchObject({ name: 'up{job="a"}', values: [1, null, null, null, 2.5] });
  });

  it('finds the step of times that do not divide evenly', () => {
    const startMs = 1_700_000_000_123;
    const values = Array.from({ length: 251 }, (_, i) => [(startMs + i * 333) / 1000, String(i)] as const);
    const data = toGraphData([{ metric: {}, values }], startMs, startMs + 250 * 333, 333);
    expect(data.lines[0]?.values).toEqual(Array.from({ length: 251 }, (_, i) => i));
  });

  it('ignores samples outside the range, and counts series of histograms', () => {
    const data = toGraphData(
      [
        {
          metric: { a: '1' },
          values: [
            [0, '1'],
            [1000, '2'],
          ],
        },
        { metric: { a: '2' }, histograms: [[10, { count: '1', sum: '1' }]] },
      ],
      10_000,
      20_000,
      10_000,
    );
    expect(data.lines.map((l) => l.values)).toEqual([[null, null]]);
    expect(data.histogramCount).toBe(1);
  });
});

describe('stackLines', () => {
  it('sums upwards; a gap adds nothing', () => {
    expect(stackLines([line('a', 1, null, null), line('b', 10, 20, null), line('c', 100, 200, 300)], none)).toEqual([
      [1, null, null],
      [11, 20, null],
      [111, 220, 300],
    ]);
  });

  it('leaves hidden lines out', () => {
    expect(stackLines([line('a', 1), line('b', 10), line('c', 100)], (name) => name === 'b')).toEqual([
      [1],
      [null],
      [101],
    ]);
  });
});

it('finds the values that stand alone between gaps', () => {
  expect(isolatedSteps([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(isolatedSteps([5])).toEqual([0]);
  expect(isolatedSteps([])).toEqual([]);
});

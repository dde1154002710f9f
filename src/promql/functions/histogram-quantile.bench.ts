import type { BenchCase } from '../../../bench/case.ts';
import { Labels, floatHistogram } from '../../model/index.ts';
import { Column, FLOAT } from '../column.ts';
import { histogramFraction, histogramQuantile } from './histogram-quantile.ts';
import { functionCall } from './sample-call.ts';

const STEPS = 240;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Infinity];
const grid = { startMs: 0, stepMs: 15_000, steps: STEPS };
const NATIVE_BUCKETS = 80;

const classicLabels = BOUNDS.map((bound) => Labels.from({ job: 'a', le: bound === Infinity ? '+Inf' : String(bound) }));
const classicColumns = BOUNDS.map((_, k) => {
  const column = new Column(STEPS);
  for (let i = 0; i < STEPS; i++) column.values[i] = (k + 1) * (i + 1);
  column.kinds.fill(FLOAT);
  return column;
});

const native = new Column(STEPS);
const spans = [{ offset: -40, length: NATIVE_BUCKETS }];
for (let i = 0; i < STEPS; i++) {
  native.setHistogram(
    i,
    floatHistogram({
      schema: 3,
      count: NATIVE_BUCKETS * (i + 1),
      sum: 3 * i,
      positiveSpans: spans,
      positiveBuckets: new Float64Array(NATIVE_BUCKETS).fill(i + 1),
    }),
  );
}

function overSteps(name: string, labels: Labels[], columns: Column[], buckets: number): BenchCase {
  const implementation = name.startsWith('histogram_quantile') ? histogramQuantile : histogramFraction;
  const args = implementation === histogramQuantile ? [0.9, undefined] : [0.1, 0.7, undefined];
  const call = functionCall({ grid, args });
  const [group] = implementation.plan(labels, call);
  const out = new Column(STEPS);
  return {
    name,
    run() {
      out.clear();
      implementation.evaluate(group!, columns, call, [out]);
      return out.values[STEPS - 1];
    },
    ops: STEPS * buckets,
    unit: 'bucket',
  };
}

export default [
  overSteps('histogram_quantile, classic', classicLabels, classicColumns, BOUNDS.length),
  overSteps('histogram_quantile, native', [Labels.from({ job: 'a' })], [native], NATIVE_BUCKETS),
  overSteps('histogram_fraction, classic', classicLabels, classicColumns, BOUNDS.length),
  overSteps('histogram_fraction, native', [Labels.from({ job: 'a' })], [native], NATIVE_BUCKETS),
] satisfies BenchCase[];

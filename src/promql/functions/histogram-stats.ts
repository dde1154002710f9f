import { usesCustomBuckets, type FloatHistogram } from '../../model/index.ts';
import { ABSENT, FLOAT, HISTOGRAM } from '../column.ts';
import type { ElementFunction } from '../functions-contract.ts';
import { BucketTable } from './bucket-table.ts';

/** A number about each native histogram; floats have no result. */
function histogramFunction(map: (histogram: FloatHistogram) => number): ElementFunction {
  return {
    kind: 'element',
    drops: 'name',
    apply(column) {
      const { values, kinds, histograms, steps } = column;
      for (let i = 0; i < steps; i++) {
        if (kinds[i] !== HISTOGRAM) {
          kinds[i] = ABSENT;
          continue;
        }
        values[i] = map(histograms![i]!);
        kinds[i] = FLOAT;
      }
      column.histograms = undefined;
    },
  };
}

/** `histogram_stdvar` and, with `root`, `histogram_stddev`. */
function deviationFunction(root: boolean): ElementFunction {
  const table = new BucketTable();
  return histogramFunction((histogram) => {
    const variance = varianceOf(histogram, table);
    return root ? Math.sqrt(variance) : variance;
  });
}

export const histogramStatistics: ReadonlyMap<string, ElementFunction> = new Map([
  ['histogram_count', histogramFunction(({ count }) => count)],
  ['histogram_sum', histogramFunction(({ sum }) => sum)],
  ['histogram_avg', histogramFunction(({ sum, count }) => sum / count)],
  ['histogram_stdvar', deviationFunction(false)],
  ['histogram_stddev', deviationFunction(true)],
]);

/**
 * An estimate of the variance: all observations of a bucket are taken to lie in its middle, the arithmetic one of custom buckets, the
 * geometric one of exponential buckets, zero for the zero bucket.
 *
 * @param table scratch space
 * @see Prometheus `promql/functions.go`, histogramVariance (3.14)
 */
function varianceOf(histogram: FloatHistogram, table: BucketTable): number {
  const { lower, upper, count, length } = table.load(histogram);
  const custom = usesCustomBuckets(histogram);
  const mean = histogram.sum / histogram.count;
  let sum = 0;
  let error = 0;
  for (let i = 0; i < length; i++) {
    if (count[i] === 0) continue;
    const from = lower[i]!;
    const to = upper[i]!;
    let middle = (to + from) / 2;
    if (!custom) {
      if (from <= 0 && to >= 0) middle = 0;
      else middle = to < 0 ? -Math.sqrt(to * from) : Math.sqrt(to * from);
    }
    const delta = middle - mean;
    const x = count[i]! * delta * delta;
    const t = sum + x;
    if (t === Infinity || t === -Infinity) error = 0;
    else if (Math.abs(sum) >= Math.abs(x)) error += sum - t + x;
    else error += x - t + sum;
    sum = t;
  }
  return (sum + error) / histogram.count;
}

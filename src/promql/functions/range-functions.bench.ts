import type { BenchCase } from '../../../bench/case.ts';
import { floatHistogram } from '../../model/index.ts';
import { Column } from '../column.ts';
import type { RangeInput } from '../functions-contract.ts';
import { functionTable } from './table.ts';
import { rangeCall, rangeInput, type Sample } from './sample-call.ts';

const SCRAPE_MS = 15_000;
const SPANS = [{ offset: 0, length: 80 }];

/** A day of scrapes of a counter that is reset a few times. */
const counter: Sample[] = [];
for (let i = 0, value = 0; i < 5760; i++) {
  value = i % 1500 === 0 ? 0 : value + ((i * 7919) % 13);
  counter.push([i * SCRAPE_MS + ((i * 31) % 97), value]);
}

/** As many native histograms with 80 buckets. */
const histograms: Sample[] = Array.from({ length: 480 }, (_, i) => [
  i * SCRAPE_MS,
  floatHistogram({
    schema: 3,
    count: 80 * i,
    sum: 90 * i,
    positiveSpans: SPANS,
    positiveBuckets: new Float64Array(80).fill(i),
  }),
]);

/** One series, windows of `minutes` at every fourth sample; told per sample of the series. */
function overSeries(
  func: string,
  samples: readonly Sample[],
  minutes: number,
  args?: (number | undefined)[],
): BenchCase {
  const steps = samples.length / 4;
  const call = rangeCall({
    grid: { startMs: 0, stepMs: 4 * SCRAPE_MS, steps },
    rangeMs: minutes * 60_000,
    args: args ?? [undefined],
  });
  const input: RangeInput = rangeInput(samples, call);
  const implementation = functionTable.get(func)!;
  if (implementation.kind !== 'range') throw new Error(`${func} is no range function`);
  const out = new Column(steps);
  const kind = samples === counter ? '' : ' of native histograms';
  return {
    name: `${func}[${minutes}m]${kind}`,
    run() {
      out.clear();
      implementation.kernel(input, call, out);
      return out.values[steps - 1];
    },
    ops: samples.length,
    unit: 'sample',
  };
}

export default [
  overSeries('rate', counter, 5),
  overSeries('rate', counter, 60),
  overSeries('irate', counter, 5),
  overSeries('sum_over_time', counter, 1),
  overSeries('sum_over_time', counter, 5),
  overSeries('sum_over_time', counter, 60),
  overSeries('avg_over_time', counter, 5),
  overSeries('max_over_time', counter, 5),
  overSeries('max_over_time', counter, 60),
  overSeries('stddev_over_time', counter, 5),
  overSeries('quantile_over_time', counter, 5, [0.9, undefined]),
  overSeries('quantile_over_time', counter, 60, [0.9, undefined]),
  overSeries('deriv', counter, 5),
  overSeries('changes', counter, 5),
  overSeries('rate', histograms, 5),
  overSeries('sum_over_time', histograms, 5),
] satisfies BenchCase[];

import type { BenchCase } from '../../../bench/case.ts';
import { Labels, Matcher } from '../../model/index.ts';
import { Head } from './head.ts';

const SERIES = 100_000;

/** 100 jobs × 10 instances × 100 metrics. */
function filledHead(): Head {
  const head = new Head({ chunkRangeMs: 7_200_000, maxExemplars: 0, outOfOrderWindowMs: 0 });
  for (let i = 0; i < SERIES; i++) {
    head.getOrCreate(
      Labels.from({
        __name__: `metric_${i % 100}_total`,
        job: `job-${Math.floor(i / 1000)}`,
        instance: `host-${Math.floor(i / 100) % 10}:9100`,
        code: String(200 + (i % 5)),
      }),
    );
  }
  return head;
}

let head: Head | undefined;

const select = (name: string, ...matchers: Matcher[]): BenchCase => ({
  name,
  setup: () => (head = filledHead()),
  run: () => head!.matching(matchers).length,
  unit: 'selection',
});

export default [
  select('one name of 100,000 series', new Matcher('=', '__name__', 'metric_7_total')),
  select('name and job', new Matcher('=', '__name__', 'metric_7_total'), new Matcher('=', 'job', 'job-42')),
  select(
    'name and alternatives',
    new Matcher('=', '__name__', 'metric_7_total'),
    new Matcher('=~', 'job', 'job-(1|2|3)'),
  ),
  select('name and prefix', new Matcher('=', '__name__', 'metric_7_total'), new Matcher('=~', 'instance', 'host-1.*')),
  select('name without a code', new Matcher('=', '__name__', 'metric_7_total'), new Matcher('!=', 'code', '200')),
  select('every series with a job', new Matcher('=~', 'job', '.+')),
] satisfies BenchCase[];

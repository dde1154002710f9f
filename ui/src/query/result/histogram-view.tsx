import { type Bucket, type Histogram } from '../../api/index.ts';
import { formatCompact, parseSampleValue } from '../../format/number.ts';
import { interval } from './bucket.ts';
import classes from './result.module.css';

/** A native histogram: its count and sum, and its buckets as bars. */
export function HistogramView({ histogram }: { histogram: Histogram }) {
  const buckets = histogram.buckets ?? [];
  const largest = buckets.reduce((max, b) => Math.max(max, parseSampleValue(b[3])), 0);
  return (
    <span className={classes.histogram}>
      <span>
        count {histogram.count}, sum {histogram.sum}
      </span>
      {buckets.map((bucket, i) => (
        <BucketBar key={i} bucket={bucket} largest={largest} />
      ))}
    </span>
  );
}

function BucketBar({ bucket, largest }: { bucket: Bucket; largest: number }) {
  const count = parseSampleValue(bucket[3]);
  const share = largest > 0 ? Math.max(0, Math.min(1, count / largest)) : 0;
  return (
    <span className={classes.bucket}>
      <span className={classes.bounds}>{interval(bucket)}</span>
      <span className={classes.bar}>
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span title={bucket[3]}>{formatCompact(count)}</span>
    </span>
  );
}

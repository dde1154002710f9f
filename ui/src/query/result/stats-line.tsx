import { type QueryStats } from '../../api/index.ts';
import { humanizeSeconds } from '../../format/duration.ts';
import { formatCompact, formatCount } from '../../format/number.ts';
import classes from './result.module.css';

interface StatsLineProps {
  readonly series: number;
  readonly seconds: number;
  readonly stepText?: string;
  readonly stats: QueryStats | undefined;
}

/** What the result is and what it took. */
export function StatsLine({ series, seconds, stepText, stats }: StatsLineProps) {
  const samples = stats?.samples?.totalQueryableSamples;
  const evaluation = stats?.timings?.evalTotalTime;
  const parts = [`${formatCount(series)} series`];
  if (stepText !== undefined) parts.push(`step ${stepText}`);
  if (samples !== undefined) parts.push(`${formatCompact(samples, 3)} samples read`);
  if (evaluation !== undefined) parts.push(`evaluated in ${humanizeSeconds(evaluation)}`);
  parts.push(`answered in ${humanizeSeconds(seconds)}`);
  return <span className={classes.stats}>{parts.join(' · ')}</span>;
}

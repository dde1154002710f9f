import type { Interval } from '../tombstones.ts';

/** Whether one of the intervals contains all of [mint, maxt]. */
export function covers(intervals: readonly Interval[] | undefined, mint: number, maxt: number): boolean {
  if (intervals === undefined) return false;
  for (const interval of intervals) if (interval.mint <= mint && maxt <= interval.maxt) return true;
  return false;
}

/** Whether one of the intervals shares an instant with [mint, maxt]. */
export function touches(intervals: readonly Interval[], mint: number, maxt: number): boolean {
  for (const interval of intervals) if (interval.mint <= maxt && mint <= interval.maxt) return true;
  return false;
}

import type { RangeInput } from '../functions-contract.ts';

/** Longest window that is cheaper taken anew at every step than carried along; see `range-functions.bench.ts`. */
const SHORT_WINDOW = 6;

/**
 * Whether something about the windows of a series should be carried from one to the next: they overlap enough to gain by it, and no order of
 * adding could meet an infinity or a NaN that Prometheus's order would not.
 *
 * What is carried has the same form everywhere. A window is two runs that meet at `middle`: of the left one the result is kept from every
 * position to `middle`; of the right one a running result. Both together are the window's. When the window leaves the left run behind, all
 * of it becomes the left run. Every sample is looked at twice at most, and nothing is ever taken back out, so no digit of a sample that has
 * left the window stays behind.
 *
 *     v:   [ . . . a b c | d e f . . . ]
 *                  ^from  ^middle ^to      tails[a] is of a b c, the running result of d e f
 *
 * @param largest such that any sum of as many values of this size is finite
 */
export function carries({ v, from, to, length }: RangeInput, steps: number, largest: number): boolean {
  let covered = 0;
  let longest = 0;
  for (let i = 0; i < steps; i++) {
    const size = to[i]! - from[i]!;
    covered += size;
    if (size > longest) longest = size;
  }
  if (covered <= SHORT_WINDOW * steps || covered <= 4 * length) return false;
  const limit = largest / longest;
  for (let j = 0; j < length; j++) if (!(Math.abs(v[j]!) <= limit)) return false;
  return true;
}

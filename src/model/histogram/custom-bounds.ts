import { NO_BUCKETS } from './histogram.ts';
import { compensatedAdd, type Side } from './side.ts';

/** Whether two lists of custom bounds are equal. */
export function sameBounds(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bounds that both ascending lists have. */
export function intersectBounds(a: Float64Array, b: Float64Array): Float64Array {
  const common = new Float64Array(Math.min(a.length, b.length));
  let n = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      common[n++] = a[i]!;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  return n === 0 ? NO_BUCKETS : common.slice(0, n);
}

/** The buckets between `bounds` put into the wider ones between `fewer`, a subset of them; buckets left empty are left out. */
export function sideWithBounds(side: Side, bounds: Float64Array, fewer: Float64Array): Side {
  const index = new Int32Array(side.index.length);
  const counts = new Float64Array(index.length);
  const errors = new Float64Array(side.errors.length);
  let n = 0;
  let target = 0;
  const isEmpty = (i: number) => counts[i] === 0 && (errors.length === 0 || errors[i] === 0);
  for (let i = 0; i < side.index.length; i++) {
    const bucket = side.index[i]!;
    if (bucket < bounds.length) {
      while (target < fewer.length && fewer[target]! < bounds[bucket]!) target++;
    } else target = fewer.length;
    if (n === 0 || index[n - 1] !== target) {
      // A bucket that stayed empty gives its place to the next.
      if (n === 0 || !isEmpty(n - 1)) n++;
      index[n - 1] = target;
    }
    if (errors.length === 0) counts[n - 1]! += side.counts[i]!;
    else {
      compensatedAdd(counts, errors, n - 1, side.counts[i]!);
      compensatedAdd(counts, errors, n - 1, side.errors[i]!);
    }
  }
  if (n > 0 && isEmpty(n - 1)) n--;
  return { index: index.subarray(0, n), counts: counts.slice(0, n), errors: errors.slice(0, n) };
}

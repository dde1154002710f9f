/**
 * Sets of series as ascending `Uint32Array`s of references, each once. Nothing here changes its arguments, and what is returned may be one
 * of them.
 */
export type Postings = Uint32Array;

export const NO_POSTINGS: Postings = new Uint32Array(0);

/** What is in both. Skips ahead in the longer list, so a short one costs little however long the other is. */
export function intersect(a: Postings, b: Postings): Postings {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const out = new Uint32Array(short.length);
  let n = 0;
  let at = 0;
  for (let i = 0; i < short.length; i++) {
    const ref = short[i];
    at = lowerBound(long, ref, at);
    if (at === long.length) break;
    if (long[at] === ref) out[n++] = ref;
  }
  return n === out.length ? out : out.slice(0, n);
}

/** Whether anything is in both. */
export function intersects(a: Postings, b: Postings): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  for (let i = 0; i < short.length; i++) {
    at = lowerBound(long, short[i], at);
    if (at === long.length) return false;
    if (long[at] === short[i]) return true;
  }
  return false;
}

/** What is in `a` and not in `b`. */
export function subtract(a: Postings, b: Postings): Postings {
  if (b.length === 0) return a;
  const out = new Uint32Array(a.length);
  let n = 0;
  let at = 0;
  for (let i = 0; i < a.length; i++) {
    const ref = a[i];
    at = lowerBound(b, ref, at);
    if (at === b.length || b[at] !== ref) out[n++] = ref;
  }
  return n === a.length ? a : out.slice(0, n);
}

/** What is in any of the lists. */
export function union(lists: readonly Postings[]): Postings {
  if (lists.length === 0) return NO_POSTINGS;
  if (lists.length === 1) return lists[0];
  let total = 0;
  for (const list of lists) total += list.length;
  const all = new Uint32Array(total);
  let n = 0;
  for (const list of lists) {
    all.set(list, n);
    n += list.length;
  }
  // A native sort of machine words; the lists of one label's values are disjoint, so little else could be saved.
  all.sort();
  n = 0;
  for (let i = 0; i < total; i++) if (i === 0 || all[i] !== all[n - 1]) all[n++] = all[i];
  return n === total ? all : all.slice(0, n);
}

/** The first position from `from` on whose reference is not below `ref`: steps that double, then a binary search between two of them. */
function lowerBound(list: Postings, ref: number, from: number): number {
  if (from >= list.length || list[from] >= ref) return from;
  let step = 1;
  let low = from;
  while (low + step < list.length && list[low + step] < ref) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, list.length);
  low++;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle] < ref) low = middle + 1;
    else high = middle;
  }
  return low;
}

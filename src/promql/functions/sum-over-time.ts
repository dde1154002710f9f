import {
  BOUNDS_RECONCILED,
  INCOMPATIBLE_SCHEMAS,
  compensatedAddHistogram,
  copyHistogram,
  divHistogram,
  errorsFor,
  foldErrors,
  hasOverflow,
  mulHistogram,
  type FloatHistogram,
} from '../../model/index.ts';
import { ABSENT, FLOAT, type Column } from '../column.ts';
import type { RangeCall, RangeFunction, RangeHistograms, RangeInput } from '../functions-contract.ts';
import {
  MIXED_FLOATS_HISTOGRAMS,
  MIXED_SCHEMAS,
  RECONCILED_IN_AGGREGATION,
  RESETS_COLLIDED,
  annotate,
} from './notes.ts';
import { floatScratch } from './scratch.ts';
import { carries } from './carried.ts';

/** `sum_over_time`: Neumaier's compensated sum of each window. */
export const sumOverTime: RangeFunction = {
  kind: 'range',
  kernel(input, call, out) {
    if (carries(input, out.steps, Number.MAX_VALUE / 4)) carriedSums(input, out, false);
    else {
      const { from, to } = input;
      for (let i = 0; i < out.steps; i++) {
        if (to[i]! <= from[i]!) continue;
        out.values[i] = sumOf(input.v, from[i]!, to[i]!);
        out.kinds[i] = FLOAT;
      }
    }
    if (input.histograms !== undefined) combineHistograms(input, input.histograms, call, out, sumOfHistograms);
  },
};

/** `avg_over_time`: the compensated sum divided by the count, or an incremental mean once the sum leaves the range of floats. */
export const avgOverTime: RangeFunction = {
  kind: 'range',
  kernel(input, call, out) {
    if (carries(input, out.steps, Number.MAX_VALUE / 4)) carriedSums(input, out, true);
    else {
      const { from, to } = input;
      for (let i = 0; i < out.steps; i++) {
        if (to[i]! <= from[i]!) continue;
        out.values[i] = meanOf(input.v, from[i]!, to[i]!);
        out.kinds[i] = FLOAT;
      }
    }
    if (input.histograms !== undefined) combineHistograms(input, input.histograms, call, out, meanOfHistograms);
  },
};

/**
 * Compensated sum of `v[from … to)`.
 *
 * @see Prometheus `promql/functions.go`, funcSumOverTime (3.14)
 */
export function sumOf(v: Float64Array, from: number, to: number): number {
  let sum = 0;
  let error = 0;
  for (let j = from; j < to; j++) {
    const x = v[j]!;
    const t = sum + x;
    if (t === Infinity || t === -Infinity) error = 0;
    else if (Math.abs(sum) >= Math.abs(x)) error += sum - t + x;
    else error += x - t + sum;
    sum = t;
  }
  return sum === Infinity || sum === -Infinity ? sum : sum + error;
}

/**
 * Mean of `v[from … to)`, not empty.
 *
 * @see Prometheus `promql/functions.go`, funcAvgOverTime (3.14)
 */
export function meanOf(v: Float64Array, from: number, to: number): number {
  let sum = v[from]!;
  let error = 0;
  for (let j = from + 1; j < to; j++) {
    const x = v[j]!;
    const t = sum + x;
    if (t === Infinity || t === -Infinity) return incrementalMeanOf(v, from, to, j, sum, error);
    error += Math.abs(sum) >= Math.abs(x) ? sum - t + x : x - t + sum;
    sum = t;
  }
  const count = to - from;
  return sum / count + error / count;
}

/** Goes on with the mean where `v[at]` would take the sum to infinity. */
function incrementalMeanOf(
  v: Float64Array,
  from: number,
  to: number,
  at: number,
  sum: number,
  sumError: number,
): number {
  let mean = sum / (at - from);
  let error = sumError / (at - from);
  for (let j = at; j < to; j++) {
    const count = j - from + 1;
    const share = (count - 1) / count;
    const base = share * mean;
    const x = v[j]! / count;
    const t = base + x;
    error *= share;
    if (t === Infinity || t === -Infinity) error = 0;
    else if (Math.abs(base) >= Math.abs(x)) error += base - t + x;
    else error += x - t + base;
    mean = t;
  }
  return mean + error;
}

/**
 * Sums or means of all windows, carried along in two runs (see `carries`). Every sum has its compensation: it differs from the sum in
 * order by less than one part in 10^15.
 */
function carriedSums({ v, from, to }: RangeInput, out: Column, mean: boolean): void {
  const { values, kinds, steps } = out;
  const tails = floatScratch(0, to[steps - 1]!);
  const tailErrors = floatScratch(1, to[steps - 1]!);
  let middle = 0;
  let end = 0;
  let running = 0;
  let runningError = 0;
  for (let i = 0; i < steps; i++) {
    const first = from[i]!;
    const next = to[i]!;
    if (next <= first) continue;
    if (first >= middle) {
      middle = next;
      end = next;
      running = 0;
      runningError = 0;
      let sum = 0;
      let error = 0;
      for (let j = next - 1; j >= first; j--) {
        const x = v[j]!;
        const t = sum + x;
        error += Math.abs(sum) >= Math.abs(x) ? sum - t + x : x - t + sum;
        sum = t;
        tails[j] = sum;
        tailErrors[j] = error;
      }
    }
    for (; end < next; end++) {
      const x = v[end]!;
      const t = running + x;
      runningError += Math.abs(running) >= Math.abs(x) ? running - t + x : x - t + running;
      running = t;
    }
    const tail = tails[first]!;
    const sum = tail + running;
    let error = Math.abs(tail) >= Math.abs(running) ? tail - sum + running : running - sum + tail;
    error += tailErrors[first]! + runningError;
    const count = next - first;
    values[i] = mean ? sum / count + error / count : sum + error;
    kinds[i] = FLOAT;
  }
}

/** Sum or mean of the histograms `from ≤ j < to`, of its own; what was noted goes to `seen`. */
type Combine = (
  h: readonly FloatHistogram[],
  from: number,
  to: number,
  seen: { notes: number },
) => FloatHistogram | undefined;

/** Settles the windows that hold histograms; one that also holds floats has no result. */
function combineHistograms(
  input: RangeInput,
  { h, from, to }: RangeHistograms,
  call: RangeCall,
  out: Column,
  combine: Combine,
): void {
  const seen = { notes: 0 };
  for (let i = 0; i < out.steps; i++) {
    if (to[i]! <= from[i]!) continue;
    out.kinds[i] = ABSENT;
    if (input.to[i]! > input.from[i]!) {
      seen.notes |= MIXED_FLOATS_HISTOGRAMS;
      continue;
    }
    const result = combine(h, from[i]!, to[i]!, seen);
    if (result === undefined) seen.notes |= MIXED_SCHEMAS;
    else {
      if (resetsCollide(h, from[i]!, to[i]!)) seen.notes |= RESETS_COLLIDED;
      out.setHistogram(i, result);
    }
  }
  annotate(seen.notes, input, call);
}

function sumOfHistograms(
  h: readonly FloatHistogram[],
  from: number,
  to: number,
  seen: { notes: number },
): FloatHistogram | undefined {
  const sum = copyHistogram(h[from]!);
  if (to - from === 1) return sum;
  const errors = errorsFor(sum);
  for (let j = from + 1; j < to; j++) {
    const outcome = compensatedAddHistogram(sum, errors, h[j]!);
    if (outcome & INCOMPATIBLE_SCHEMAS) return undefined;
    if (outcome & BOUNDS_RECONCILED) seen.notes |= RECONCILED_IN_AGGREGATION;
  }
  foldErrors(sum, errors);
  return sum;
}

function meanOfHistograms(
  h: readonly FloatHistogram[],
  from: number,
  to: number,
  seen: { notes: number },
): FloatHistogram | undefined {
  let sum = copyHistogram(h[from]!);
  let errors = errorsFor(sum);
  for (let j = from + 1; j < to; j++) {
    const nextSum = copyHistogram(sum);
    const nextErrors = copyHistogram(errors);
    const outcome = compensatedAddHistogram(nextSum, nextErrors, h[j]!);
    if (outcome & INCOMPATIBLE_SCHEMAS) return undefined;
    if (outcome & BOUNDS_RECONCILED) seen.notes |= RECONCILED_IN_AGGREGATION;
    if (hasOverflow(nextSum)) return incrementalMeanOfHistograms(h, from, to, j, sum, errors, seen);
    sum = nextSum;
    errors = nextErrors;
  }
  divHistogram(sum, to - from);
  divHistogram(errors, to - from);
  foldErrors(sum, errors);
  return sum;
}

/** Goes on with the mean where `h[at]` would take the sum to infinity; `mean` and `errors` come as sums and are changed. */
function incrementalMeanOfHistograms(
  h: readonly FloatHistogram[],
  from: number,
  to: number,
  at: number,
  mean: FloatHistogram,
  errors: FloatHistogram,
  seen: { notes: number },
): FloatHistogram | undefined {
  divHistogram(mean, at - from);
  divHistogram(errors, at - from);
  for (let j = at; j < to; j++) {
    const count = j - from + 1;
    mulHistogram(mean, (count - 1) / count);
    mulHistogram(errors, (count - 1) / count);
    const share = copyHistogram(h[j]!);
    divHistogram(share, count);
    const outcome = compensatedAddHistogram(mean, errors, share);
    if (outcome & INCOMPATIBLE_SCHEMAS) return undefined;
    if (outcome & BOUNDS_RECONCILED) seen.notes |= RECONCILED_IN_AGGREGATION;
  }
  foldErrors(mean, errors);
  return mean;
}

function resetsCollide(h: readonly FloatHistogram[], from: number, to: number): boolean {
  let reset = false;
  let noReset = false;
  for (let j = from; j < to; j++) {
    if (h[j]!.counterResetHint === 'reset') reset = true;
    else if (h[j]!.counterResetHint === 'no_reset') noReset = true;
  }
  return reset && noReset;
}

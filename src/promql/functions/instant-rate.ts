import {
  BOUNDS_RECONCILED,
  INCOMPATIBLE_SCHEMAS,
  compactHistogram,
  copyHistogram,
  detectReset,
  divHistogram,
  subHistogram,
} from '../../model/index.ts';
import { ABSENT, FLOAT, type Column } from '../column.ts';
import type { RangeCall, RangeFunction, RangeHistograms, RangeInput } from '../functions-contract.ts';
import {
  MIXED_FLOATS_HISTOGRAMS,
  MIXED_SCHEMAS,
  NOT_COUNTER,
  NOT_GAUGE,
  RECONCILED_IN_SUBTRACTION,
  annotate,
} from './notes.ts';
import { startTimeResets } from './start-time.ts';

/**
 * `irate` (counter, per second) and `idelta` (gauge): the change between the last two samples of each window, floats and histograms counted
 * together. After a reset the increase is the last value itself.
 *
 * @see Prometheus `promql/functions.go`, instantValue (3.14)
 */
export function instantRateFunction(isRate: boolean): RangeFunction {
  return {
    kind: 'range',
    kernel(input, call, out) {
      floatChanges(input, out, isRate);
      if (input.histograms !== undefined) histogramChanges(input, input.histograms, call, out, isRate);
    },
  };
}

function floatChanges(input: RangeInput, out: Column, isRate: boolean): void {
  const { t, v, startT, from, to } = input;
  const { values, kinds, steps } = out;
  for (let i = 0; i < steps; i++) {
    const last = to[i]! - 1;
    if (last <= from[i]!) continue;
    const elapsed = t[last]! - t[last - 1]!;
    if (elapsed === 0) continue;
    let change = v[last]!;
    const before = v[last - 1]!;
    const resets =
      isRate &&
      (change < before ||
        (startT !== undefined && startTimeResets(startT[last - 1]!, t[last - 1]!, startT[last]!, t[last]!)));
    if (!resets) change -= before;
    values[i] = isRate ? change / (elapsed / 1000) : change;
    kinds[i] = FLOAT;
  }
}

/** Settles the windows that hold histograms: a change between two of them, or none between a float and a histogram. */
function histogramChanges(
  input: RangeInput,
  { t, h, startT, from, to }: RangeHistograms,
  call: RangeCall,
  out: Column,
  isRate: boolean,
): void {
  let notes = 0;
  for (let i = 0; i < out.steps; i++) {
    const last = to[i]! - 1;
    if (last < from[i]!) continue;
    const lastFloat = input.to[i]! - 1;
    const floatT = lastFloat >= input.from[i]! ? input.t[lastFloat]! : -Infinity;
    const previousFloatT = lastFloat > input.from[i]! ? input.t[lastFloat - 1]! : -Infinity;
    const previousT = last > from[i]! ? t[last - 1]! : -Infinity;
    // The last two samples are floats: that change is already there.
    if (previousFloatT > t[last]!) continue;
    out.kinds[i] = ABSENT;
    if (floatT > previousT) {
      if (floatT !== t[last]!) notes |= MIXED_FLOATS_HISTOGRAMS;
      continue;
    }
    const elapsed = t[last]! - previousT;
    if (last === from[i]! || elapsed === 0) continue;
    const current = h[last]!;
    const previous = h[last - 1]!;
    const gauges = Number(current.counterResetHint === 'gauge') + Number(previous.counterResetHint === 'gauge');
    if (isRate && gauges > 0) notes |= NOT_COUNTER;
    if (!isRate && gauges < 2) notes |= NOT_GAUGE;
    const change = copyHistogram(current);
    const resets =
      isRate &&
      ((startT !== undefined && startTimeResets(startT[last - 1]!, previousT, startT[last]!, t[last]!)) ||
        detectReset(current, previous));
    if (!resets) {
      // Resets are dealt with here, so that the hints collide means nothing.
      const outcome = subHistogram(change, previous);
      if (outcome & BOUNDS_RECONCILED) notes |= RECONCILED_IN_SUBTRACTION;
      if (outcome & INCOMPATIBLE_SCHEMAS) {
        notes |= MIXED_SCHEMAS;
        continue;
      }
    }
    change.counterResetHint = 'gauge';
    compactHistogram(change);
    if (isRate) divHistogram(change, elapsed / 1000);
    out.setHistogram(i, change);
  }
  annotate(notes, input, call);
}

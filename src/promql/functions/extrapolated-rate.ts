import {
  BOUNDS_RECONCILED,
  INCOMPATIBLE_SCHEMAS,
  METRIC_NAME,
  addHistogram,
  compactHistogram,
  copyAtSchema,
  copyHistogram,
  floatHistogram,
  mulHistogram,
  subHistogram,
  usesCustomBuckets,
  type FloatHistogram,
} from '../../model/index.ts';
import { ABSENT, FLOAT, type Column } from '../column.ts';
import type { RangeCall, RangeFunction, RangeHistograms, RangeInput } from '../functions-contract.ts';
import { HistogramResets, NO_RESETS, floatResets, startTimesOverlap } from './counter-resets.ts';
import { extendedRate } from './extended-rate.ts';
import {
  MIXED_FLOATS_HISTOGRAMS,
  MIXED_SCHEMAS,
  NOT_COUNTER,
  NOT_GAUGE,
  RECONCILED_IN_ADDITION,
  RECONCILED_IN_SUBTRACTION,
  annotate,
} from './notes.ts';

/** `rate` (counter, per second), `increase` (counter) and `delta` (gauge). */
export function rateFunction(isCounter: boolean, isRate: boolean): RangeFunction {
  return {
    kind: 'range',
    kernel(input, call, out) {
      if (call.extension !== undefined) {
        extendedRate(input, call, out, isCounter, isRate);
        return;
      }
      floatRates(input, call, out, isCounter, isRate);
      if (input.histograms !== undefined) histogramRates(input, input.histograms, call, out, isCounter, isRate);
    },
  };
}

/**
 * The increase over each window of floats, counter resets made good, extrapolated to the window's edges where samples come near them;
 * per second if `isRate`. Windows with one sample have none, unless its start time lies in the window.
 *
 * @see Prometheus `promql/functions.go`, extrapolatedRate (3.14)
 */
function floatRates(input: RangeInput, call: RangeCall, out: Column, isCounter: boolean, isRate: boolean): void {
  const { t, v, startT, from, to } = input;
  const { values, kinds, steps } = out;
  const { rangeMs, firstEndMs, endStepMs } = call;
  const rangeSeconds = rangeMs / 1000;
  const starts = isCounter ? startT : undefined;
  const fewest = starts === undefined ? 2 : 1;
  const { positions: resets, count: resetCount } = isCounter ? floatResets(input) : NO_RESETS;
  let firstReset = 0;
  for (let i = 0; i < steps; i++) {
    const first = from[i]!;
    const last = to[i]! - 1;
    if (last - first + 1 < fewest) continue;
    const rangeEnd = firstEndMs + i * endStepMs;
    const rangeStart = rangeEnd - rangeMs;
    const firstT = t[first]!;
    const lastT = t[last]!;
    const firstV = v[first]!;
    let increase = v[last]! - firstV;
    // The values before the resets, added in order as Prometheus does: a prefix sum over the series would round differently.
    while (firstReset < resetCount && resets[firstReset]! <= first) firstReset++;
    for (let k = firstReset; k < resetCount && resets[k]! <= last; k++) increase += v[resets[k]! - 1]!;

    let sampledInterval = (lastT - firstT) / 1000;
    const spacing = last > first ? sampledInterval / (last - first) : 0;
    const threshold = spacing * 1.1;
    let toStart = (firstT - rangeStart) / 1000;
    let toEnd = (rangeEnd - lastT) / 1000;
    if (starts !== undefined && starts[first]! !== 0 && starts[first]! > rangeStart && starts[first]! < firstT) {
      // The counter began in the window: there is a zero to start from, and nothing to extrapolate to.
      toStart = 0;
      sampledInterval = (lastT - starts[first]!) / 1000;
      increase += firstV;
    } else if (last === first) continue;
    else {
      if (toStart >= threshold) toStart = spacing / 2;
      if (isCounter && increase > 0 && firstV >= 0) {
        // A counter is never below zero: no further back than where its line meets zero.
        const toZero = sampledInterval * (firstV / increase);
        if (toZero < toStart) toStart = toZero;
      }
    }
    if (toEnd >= threshold) toEnd = spacing / 2;
    let factor = sampledInterval === 0 ? 1 : (sampledInterval + toStart + toEnd) / sampledInterval;
    if (isRate) factor /= rangeSeconds;
    values[i] = increase * factor;
    kinds[i] = FLOAT;
  }
  if (starts !== undefined) warnOfOverlaps(input, starts, t, from, to, call);
}

/** One warning a window in which a sample started before the one before it was taken. */
function warnOfOverlaps(
  input: RangeInput,
  startT: Float64Array,
  t: Float64Array,
  from: Int32Array,
  to: Int32Array,
  call: RangeCall,
): void {
  for (let i = 0; i < call.grid.steps; i++) {
    if (!startTimesOverlap(startT, t, from[i]!, to[i]!)) continue;
    call.annotations.startTimeOverlap(input.labels.get(METRIC_NAME), call.argPos[0] ?? call.pos);
  }
}

/** The same over windows of native histograms. A window that also holds floats has no result. */
function histogramRates(
  input: RangeInput,
  histograms: RangeHistograms,
  call: RangeCall,
  out: Column,
  isCounter: boolean,
  isRate: boolean,
): void {
  const { t, h, from, to } = histograms;
  const starts = isCounter ? histograms.startT : undefined;
  const resets = new HistogramResets(histograms);
  const rangeSeconds = call.rangeMs / 1000;
  let notes = 0;
  for (let i = 0; i < out.steps; i++) {
    const first = from[i]!;
    const last = to[i]! - 1;
    if (last < first) continue;
    if (input.to[i]! > input.from[i]!) {
      notes |= MIXED_FLOATS_HISTOGRAMS;
      out.kinds[i] = ABSENT;
      continue;
    }
    const rangeEnd = call.firstEndMs + i * call.endStepMs;
    const rangeStart = rangeEnd - call.rangeMs;
    const firstT = t[first]!;
    const lastT = t[last]!;
    let increase: FloatHistogram | undefined;
    if (last > first) {
      const found = histogramIncrease(h, resets, first, last, isCounter);
      notes |= found.notes;
      ({ increase } = found);
      if (increase === undefined) continue;
    }
    let sampledInterval = (lastT - firstT) / 1000;
    const spacing = last > first ? sampledInterval / (last - first) : 0;
    const threshold = spacing * 1.1;
    let toStart = (firstT - rangeStart) / 1000;
    let toEnd = (rangeEnd - lastT) / 1000;
    if (starts !== undefined && starts[first]! !== 0 && starts[first]! > rangeStart && starts[first]! < firstT) {
      toStart = 0;
      sampledInterval = (lastT - starts[first]!) / 1000;
      if (increase === undefined) increase = copyHistogram(h[first]!);
      else {
        const outcome = addHistogram(increase, h[first]!);
        if (outcome & BOUNDS_RECONCILED) notes |= RECONCILED_IN_ADDITION;
        if (outcome & INCOMPATIBLE_SCHEMAS) {
          notes |= MIXED_SCHEMAS;
          continue;
        }
      }
    } else if (increase === undefined) continue;
    else {
      if (toStart >= threshold) toStart = spacing / 2;
      if (isCounter && increase.count > 0 && h[first]!.count >= 0) {
        const toZero = sampledInterval * (h[first]!.count / increase.count);
        if (toZero < toStart) toStart = toZero;
      }
    }
    if (toEnd >= threshold) toEnd = spacing / 2;
    let factor = sampledInterval === 0 ? 1 : (sampledInterval + toStart + toEnd) / sampledInterval;
    if (isRate) factor /= rangeSeconds;
    mulHistogram(increase, factor);
    out.setHistogram(i, increase);
  }
  annotate(notes, input, call);
  if (starts !== undefined) warnOfOverlaps(input, starts, t, from, to, call);
}

/**
 * What was observed between the histograms `first` and `last` of a series, as a gauge histogram of its own; `undefined` where exponential
 * and custom buckets mix.
 *
 * @see Prometheus `promql/functions.go`, histogramRate (3.14)
 */
function histogramIncrease(
  h: readonly FloatHistogram[],
  resets: HistogramResets,
  first: number,
  last: number,
  isCounter: boolean,
): { increase: FloatHistogram | undefined; notes: number } {
  let notes = 0;
  const end = h[last]!;
  let start = h[first]!;
  if (isCounter && (start.counterResetHint === 'gauge' || end.counterResetHint === 'gauge')) notes |= NOT_COUNTER;
  // 1. A reset after the first sample makes it meaningless, its layout included.
  if (isCounter && resets.before(first + 1)) {
    const { schema, customValues } = h[first + 1]!;
    start = floatHistogram({ schema, customValues });
  }
  const custom = usesCustomBuckets(start);
  if (usesCustomBuckets(end) !== custom) return { increase: undefined, notes: notes | MIXED_SCHEMAS };
  // 2. All are brought to the coarsest schema among them.
  let schema = Math.min(start.schema, end.schema);
  for (let j = first + 1; isCounter && j < last; j++) {
    const histogram = h[j]!;
    if (histogram.counterResetHint === 'gauge') notes |= NOT_COUNTER;
    if (histogram.schema < schema) schema = histogram.schema;
    if (usesCustomBuckets(histogram) !== custom) return { increase: undefined, notes: MIXED_SCHEMAS };
  }
  const increase = copyAtSchema(end, schema);
  // Resets are dealt with here, so that the hints collide means nothing.
  if (subHistogram(increase, start) & BOUNDS_RECONCILED) notes |= RECONCILED_IN_SUBTRACTION;
  // 3. What a reset took away is added again.
  if (isCounter) {
    for (let j = first + 2; j <= last; j++) {
      if (!resets.before(j)) continue;
      if (addHistogram(increase, h[j - 1]!) & BOUNDS_RECONCILED) notes |= RECONCILED_IN_ADDITION;
    }
  } else if (h[first]!.counterResetHint !== 'gauge' || end.counterResetHint !== 'gauge') notes |= NOT_GAUGE;
  increase.counterResetHint = 'gauge';
  compactHistogram(increase);
  return { increase, notes };
}

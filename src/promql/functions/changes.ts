import { equalHistograms } from '../../model/index.ts';
import { FLOAT, type Column } from '../column.ts';
import type { RangeCall, RangeFunction, RangeHistograms, RangeInput } from '../functions-contract.ts';
import { HistogramResets } from './counter-resets.ts';
import { intScratch } from './scratch.ts';
import { startTimeResets } from './start-time.ts';

/**
 * `resets` counts the counter resets in each window, `changes` the changes of value; a change between float and histogram counts for
 * both. With `anchored` the window begins at the last sample at or before its start.
 *
 * Both are differences of a running count over the whole series.
 *
 * @see Prometheus `promql/functions.go`, funcResets and funcChanges (3.14)
 */
export function changeFunction(counts: 'resets' | 'changes'): RangeFunction {
  return {
    kind: 'range',
    kernel(input, call, out) {
      const { histograms } = input;
      if (histograms !== undefined) {
        const merged = mergedTimes(input, histograms);
        const events = mergedEvents(input, histograms, merged, counts);
        const total = input.length + histograms.length;
        const from = addSteps(input.from, histograms.from, out.steps);
        const to = addSteps(input.to, histograms.to, out.steps);
        writeDifferences(merged.t, total, events, from, to, call, out);
      } else {
        const events = counts === 'resets' ? floatResetCounts(input) : floatChangeCounts(input);
        writeDifferences(input.t, input.length, events, input.from, input.to, call, out);
      }
    },
  };
}

/** `events[j]`: how many resets lie before sample j, from the first on. */
function floatResetCounts({ t, v, startT, length }: RangeInput): Int32Array {
  const events = intScratch(length);
  if (length > 0) events[0] = 0;
  for (let j = 1; j < length; j++) {
    const resets =
      v[j]! < v[j - 1]! || (startT !== undefined && startTimeResets(startT[j - 1]!, t[j - 1]!, startT[j]!, t[j]!));
    events[j] = events[j - 1]! + (resets ? 1 : 0);
  }
  return events;
}

function floatChangeCounts({ v, length }: RangeInput): Int32Array {
  const events = intScratch(length);
  if (length > 0) events[0] = 0;
  for (let j = 1; j < length; j++) events[j] = events[j - 1]! + (differ(v[j]!, v[j - 1]!) ? 1 : 0);
  return events;
}

function differ(a: number, b: number): boolean {
  return a !== b && !(Number.isNaN(a) && Number.isNaN(b));
}

/** Floats and histograms of a series in one order of time: sample k is float `at[k]`, or histogram `~at[k]`. */
interface MergedTimes {
  readonly t: Float64Array;
  readonly at: Int32Array;
}

function mergedTimes(input: RangeInput, histograms: RangeHistograms): MergedTimes {
  const total = input.length + histograms.length;
  const t = new Float64Array(total);
  const at = new Int32Array(total);
  let f = 0;
  let g = 0;
  for (let k = 0; k < total; k++) {
    const float = g >= histograms.length || (f < input.length && input.t[f]! <= histograms.t[g]!);
    t[k] = float ? input.t[f]! : histograms.t[g]!;
    at[k] = float ? f++ : ~g++;
  }
  return { t, at };
}

function mergedEvents(
  input: RangeInput,
  histograms: RangeHistograms,
  { at }: MergedTimes,
  counts: 'resets' | 'changes',
): Int32Array {
  const resets = new HistogramResets(histograms);
  const events = new Int32Array(at.length);
  for (let k = 1; k < at.length; k++) {
    events[k] = events[k - 1]! + (happened(input, histograms, resets, at[k - 1]!, at[k]!, counts) ? 1 : 0);
  }
  return events;
}

function happened(
  input: RangeInput,
  histograms: RangeHistograms,
  resets: HistogramResets,
  previous: number,
  current: number,
  counts: 'resets' | 'changes',
): boolean {
  if (previous < 0 !== current < 0) return true;
  if (current < 0) {
    // Neighbours in the merged order are neighbours among the histograms too.
    return counts === 'resets'
      ? resets.before(~current)
      : !equalHistograms(histograms.h[~current]!, histograms.h[~previous]!);
  }
  const { v, t, startT } = input;
  if (counts === 'changes') return differ(v[current]!, v[previous]!);
  return (
    v[current]! < v[previous]! ||
    (startT !== undefined && startTimeResets(startT[previous]!, t[previous]!, startT[current]!, t[current]!))
  );
}

function addSteps(a: Int32Array, b: Int32Array, steps: number): Int32Array {
  const sums = new Int32Array(steps);
  for (let i = 0; i < steps; i++) sums[i] = a[i]! + b[i]!;
  return sums;
}

function writeDifferences(
  t: Float64Array,
  length: number,
  events: Int32Array,
  from: Int32Array,
  to: Int32Array,
  call: RangeCall,
  out: Column,
): void {
  const { values, kinds, steps } = out;
  const anchored = call.extension === 'anchored';
  let anchor = 0;
  for (let i = 0; i < steps; i++) {
    let first = from[i]!;
    const last = to[i]! - 1;
    if (last < first) continue;
    if (anchored) {
      const rangeStart = call.firstEndMs + i * call.endStepMs - call.rangeMs;
      if (t[last]! <= rangeStart) continue;
      if (anchor < first) anchor = first;
      while (anchor + 1 < length && t[anchor + 1]! <= rangeStart) anchor++;
      first = anchor;
    }
    values[i] = events[last]! - events[first]!;
    kinds[i] = FLOAT;
  }
}

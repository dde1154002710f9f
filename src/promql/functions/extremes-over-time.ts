import { FLOAT, type Column } from '../column.ts';
import type { RangeFunction, RangeInput } from '../functions-contract.ts';
import { HISTOGRAMS_IGNORED, annotate, hasHistograms } from './notes.ts';
import { intScratch } from './scratch.ts';

/**
 * `min_over_time`, `max_over_time` (of equal extremes the first, so that -0 and 0 stay apart) and the times of the extremes (of equal ones the
 * last), in seconds. NaN counts only where there is nothing else. Histograms are ignored, with an info.
 *
 * @see Prometheus `promql/functions.go`, compareOverTime (3.14)
 */
export function extremeFunction(extreme: 'min' | 'max', result: 'value' | 'time'): RangeFunction {
  const sign = extreme === 'max' ? 1 : -1;
  return {
    kind: 'range',
    kernel(input, call, out) {
      if (result === 'time') writeExtremes(input, out, sign, true);
      else writeExtremes(input, out, sign, false);
      annotateIgnored(input, call, out);
    },
  };
}

/** Notes the windows whose histograms a function of floats has passed over. */
export function annotateIgnored(
  input: RangeInput,
  call: Parameters<RangeFunction['kernel']>[1],
  out: Column,
  fewestFloats = 1,
): void {
  if (input.histograms === undefined) return;
  for (let i = 0; i < out.steps; i++) {
    if (input.to[i]! - input.from[i]! < fewestFloats || !hasHistograms(input, i)) continue;
    annotate(HISTOGRAMS_IGNORED, input, call);
    return;
  }
}

/**
 * The extreme of each window, carried along in two runs (see `carries`), as its position.
 */
function writeExtremes({ t, v, from, to }: RangeInput, out: Column, sign: number, time: boolean): void {
  const { values, kinds, steps } = out;
  const tails = intScratch(steps === 0 ? 0 : to[steps - 1]!);
  let middle = 0;
  let end = 0;
  let running = -1;
  for (let i = 0; i < steps; i++) {
    const first = from[i]!;
    const next = to[i]!;
    if (next <= first) continue;
    if (first >= middle) {
      middle = next;
      end = next;
      running = -1;
      let best = next - 1;
      tails[best] = best;
      for (let j = next - 2; j >= first; j--) {
        if (!replaces(sign * v[best]!, sign * v[j]!, time)) best = j;
        tails[j] = best;
      }
    }
    for (; end < next; end++) {
      if (running < 0 || replaces(sign * v[end]!, sign * v[running]!, time)) running = end;
    }
    let best = tails[first]!;
    if (running >= 0 && replaces(sign * v[running]!, sign * v[best]!, time)) best = running;
    values[i] = time ? t[best]! / 1000 : v[best]!;
    kinds[i] = FLOAT;
  }
}

/** Whether a later value takes the place of the highest before it. */
function replaces(later: number, highest: number, ties: boolean): boolean {
  return later > highest || highest !== highest || (ties && later === highest);
}

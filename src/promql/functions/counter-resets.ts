import { detectReset } from '../../model/index.ts';
import type { RangeHistograms, RangeInput } from '../functions-contract.ts';
import { intScratch } from './scratch.ts';
import { startTimeOverlaps, startTimeResets } from './start-time.ts';

/**
 * The positions of a series' floats before which the counter was reset, ascending: `positions[k]` for `0 ≤ k < count`. Found once for the
 * column; each window then looks only at those inside it.
 */
export interface ResetPositions {
  /** Borrowed: overwritten for the next series. */
  readonly positions: Int32Array;
  readonly count: number;
}

export const NO_RESETS: ResetPositions = { positions: new Int32Array(0), count: 0 };

/** Resets by a falling value or, where start times are known, by these. A NaN never falls. */
export function floatResets(input: RangeInput): ResetPositions {
  const { v, t, startT, length } = input;
  let total = 0;
  for (let j = 1; j < length; j++) if (v[j]! < v[j - 1]!) total++;
  if (total === 0 && startT === undefined) return NO_RESETS;
  const positions = intScratch(length);
  let count = 0;
  for (let j = 1; j < length; j++) {
    const resets = startT !== undefined && startTimeResets(startT[j - 1]!, t[j - 1]!, startT[j]!, t[j]!);
    if (resets || v[j]! < v[j - 1]!) positions[count++] = j;
  }
  return { positions, count };
}

/** Answers, for each pair of neighbouring histograms of a series, whether a reset lies between them; each pair is compared once. */
export class HistogramResets {
  readonly #histograms: RangeHistograms;
  /** 0: not asked yet, 1: no, 2: yes. */
  readonly #known: Uint8Array;

  constructor(histograms: RangeHistograms) {
    this.#histograms = histograms;
    this.#known = new Uint8Array(histograms.length);
  }

  /** Whether a reset lies between the histograms `j - 1` and `j`, `j` ≥ 1. */
  before(j: number): boolean {
    const known = this.#known[j]!;
    if (known !== 0) return known === 2;
    const { t, h, startT } = this.#histograms;
    const resets =
      (startT !== undefined && startTimeResets(startT[j - 1]!, t[j - 1]!, startT[j]!, t[j]!)) ||
      detectReset(h[j]!, h[j - 1]!);
    this.#known[j] = resets ? 2 : 1;
    return resets;
  }
}

/** Whether some sample of `from < j < to` started before its predecessor was taken. */
export function startTimesOverlap(startT: Float64Array, t: Float64Array, from: number, to: number): boolean {
  for (let j = from + 1; j < to; j++) if (startTimeOverlaps(startT[j - 1]!, t[j - 1]!, startT[j]!)) return true;
  return false;
}

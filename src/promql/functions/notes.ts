import { METRIC_NAME } from '../../model/index.ts';
import type { RangeCall, RangeInput } from '../functions-contract.ts';

/** Things a kernel found in some window of a series: bits, so that a window costs no text. */
export const MIXED_FLOATS_HISTOGRAMS = 1;
export const MIXED_SCHEMAS = 2;
export const NOT_COUNTER = 4;
export const NOT_GAUGE = 8;
export const HISTOGRAMS_IGNORED = 16;
export const RECONCILED_IN_SUBTRACTION = 32;
export const RECONCILED_IN_ADDITION = 64;
export const RECONCILED_IN_AGGREGATION = 128;
export const RESETS_COLLIDED = 256;

/** Tells the reader of the query what a kernel noted about one series. */
export function annotate(notes: number, input: RangeInput, call: RangeCall): void {
  if (notes === 0) return;
  const { annotations } = call;
  const pos = call.argPos[0] ?? call.pos;
  const metric = input.labels.get(METRIC_NAME);
  if (notes & MIXED_FLOATS_HISTOGRAMS) annotations.mixedFloatsHistograms(metric, pos);
  if (notes & MIXED_SCHEMAS) annotations.mixedExponentialCustomHistograms(metric, pos);
  if (notes & NOT_COUNTER) annotations.notCounterHistogram(metric, pos);
  if (notes & NOT_GAUGE) annotations.notGaugeHistogram(metric, pos);
  if (notes & HISTOGRAMS_IGNORED) annotations.histogramIgnoredInMixedRange(metric, pos);
  if (notes & RECONCILED_IN_SUBTRACTION) annotations.mismatchedCustomBuckets('subtraction', pos);
  if (notes & RECONCILED_IN_ADDITION) annotations.mismatchedCustomBuckets('addition', pos);
  if (notes & RECONCILED_IN_AGGREGATION) annotations.mismatchedCustomBuckets('aggregation', pos);
  if (notes & RESETS_COLLIDED) annotations.counterResetCollision('aggregation', pos);
}

/** Whether the window of step `i` holds histograms. */
export function hasHistograms(input: RangeInput, i: number): boolean {
  const { histograms } = input;
  return histograms !== undefined && histograms.to[i]! > histograms.from[i]!;
}

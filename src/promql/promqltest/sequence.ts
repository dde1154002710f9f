import { type FloatHistogram, type Labels } from '../../model/index.ts';

/** One place in a sequence of samples. */
export type SequenceValue =
  | { readonly kind: 'omitted' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'float'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly histogram: FloatHistogram;
      /** Whether the notation gave a `counter_reset_hint`; without one, results may have any. */
      readonly hintGiven: boolean;
    };

/** A series with a value for each step, as scripts and rule unit tests write it. */
export interface SeriesDescription {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

export const OMITTED: SequenceValue = { kind: 'omitted' };
export const STALE: SequenceValue = { kind: 'stale' };

/** Values one description may stand for: notations like `1x1000000000` must not fill the memory. */
export const MAX_VALUES = 10_000_000;

import type { Labels } from './labels.ts';

/** A trace (or other) reference attached to a sample; `t` in ms. */
export interface Exemplar {
  readonly labels: Labels;
  readonly t: number;
  readonly v: number;
}

import type { Labels } from '../../../model/index.ts';
import type { Annotations } from '../../annotations.ts';
import type { Column } from '../../column.ts';
import type { PositionRange } from '../../parse/ast.ts';

/**
 * The state of one aggregation for a number of groups (slots), over all steps.
 *
 * Series of different slots may come in any order; those of one slot are absorbed in the order of the input.
 */
export interface Accumulator {
  /** Takes in one series. @param labels called only for an annotation that names the metric */
  absorb(slot: number, column: Column, labels: () => Labels): void;
  /** Writes the group's result to all steps of `out`. May be called again; nothing more is absorbed then, before a `reset`. */
  finish(slot: number, out: Column): void;
  /** Makes the slot as new. */
  reset(slot: number): void;
}

/** What an accumulator says about the query. */
export interface AccumulatorNotes {
  readonly annotations: Annotations;
  /** Name of the aggregation and position of the aggregated expression. */
  readonly op: string;
  readonly pos: PositionRange;
}

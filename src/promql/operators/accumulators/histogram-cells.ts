import {
  BOUNDS_RECONCILED,
  INCOMPATIBLE_SCHEMAS,
  addHistogram,
  compactHistogram,
  compensatedAddHistogram,
  copyHistogram,
  divHistogram,
  errorsFor,
  foldErrors,
  hasOverflow,
  mulHistogram,
  type FloatHistogram,
} from '../../../model/histogram/index.ts';
import type { Labels } from '../../../model/index.ts';
import { FLOAT, HISTOGRAM, type Column } from '../../column.ts';
import type { AccumulatorNotes } from './accumulator.ts';

/** The histograms of one group at one step. */
interface Cell {
  readonly value: FloatHistogram;
  errors: FloatHistogram | undefined;
  /** The mean so far, once the sum has left the range of floats. */
  mean: FloatHistogram | undefined;
  count: number;
  hasFloat: boolean;
  isIncompatible: boolean;
  sawReset: boolean;
  sawNoReset: boolean;
  /** Once finished; `value`, `errors` and `mean` are spent then. */
  result: FloatHistogram | undefined;
}

/**
 * The part of `sum` and `avg` that concerns histograms: only steps that have any cost something.
 *
 * A step with floats and histograms has no result and a warning; so has one with exponential and custom buckets.
 *
 * @see Prometheus `promql/engine.go` (3.14), aggregation
 */
export class HistogramCells {
  readonly #op: 'sum' | 'avg';
  readonly #notes: AccumulatorNotes;
  readonly #cells = new Map<number, Cell>();

  constructor(op: 'sum' | 'avg', notes: AccumulatorNotes) {
    this.#op = op;
    this.#notes = notes;
  }

  get isEmpty(): boolean {
    return this.#cells.size === 0;
  }

  /**
   * Takes in what of a column concerns cells with histograms.
   *
   * @param seen kinds by cell, floats of this column already noted; cells that get a histogram become `HISTOGRAM`
   */
  absorb(from: number, column: Column, seen: Uint8Array, labels: () => Labels): void {
    const { kinds, histograms } = column;
    for (let i = 0; i < kinds.length; i++) {
      const at = from + i;
      if (kinds[i] === HISTOGRAM) {
        const histogram = histograms![i]!;
        const cell = this.#cells.get(at);
        if (cell === undefined) {
          this.#cells.set(at, begin(histogram, seen[at] === FLOAT));
          seen[at] = HISTOGRAM;
        } else if (!cell.isIncompatible) this.#add(cell, histogram, labels);
      } else if (kinds[i] === FLOAT && seen[at] === HISTOGRAM) {
        const cell = this.#cells.get(at)!;
        if (!cell.isIncompatible) cell.hasFloat = true;
      }
    }
  }

  /** Writes the result of one cell to step `i`, which is absent so far. */
  finish(at: number, i: number, out: Column): void {
    const cell = this.#cells.get(at)!;
    const { annotations, pos } = this.#notes;
    if (cell.hasFloat) {
      annotations.mixedFloatsHistogramsInAggregation(pos);
      return;
    }
    if (cell.isIncompatible) return;
    if (cell.result === undefined) {
      cell.result = this.#op === 'avg' ? finishMean(cell) : finishSum(cell);
      compactHistogram(cell.result);
      if (cell.sawReset && cell.sawNoReset) annotations.counterResetCollision('aggregation', pos);
    }
    out.setHistogram(i, cell.result);
  }

  reset(from: number, length: number): void {
    if (this.#cells.size === 0) return;
    for (let at = from; at < from + length; at++) this.#cells.delete(at);
  }

  #add(cell: Cell, histogram: FloatHistogram, labels: () => Labels): void {
    cell.count++;
    // Once there were floats the result is lost: no need to add.
    if (cell.hasFloat) return;
    noteHint(cell, histogram);
    const outcome = this.#op === 'sum' ? addToSum(cell, histogram) : addToMean(cell, histogram);
    const { annotations, pos } = this.#notes;
    if ((outcome & INCOMPATIBLE_SCHEMAS) !== 0) {
      annotations.mixedExponentialCustomHistograms(labels().metricName, pos);
      cell.isIncompatible = true;
    } else if ((outcome & BOUNDS_RECONCILED) !== 0) annotations.mismatchedCustomBuckets('aggregation', pos);
  }
}

function begin(histogram: FloatHistogram, hasFloat: boolean): Cell {
  const cell: Cell = {
    value: copyHistogram(histogram),
    errors: undefined,
    mean: undefined,
    count: 1,
    hasFloat,
    isIncompatible: false,
    sawReset: false,
    sawNoReset: false,
    result: undefined,
  };
  noteHint(cell, histogram);
  return cell;
}

function noteHint(cell: Cell, { counterResetHint }: FloatHistogram): void {
  if (counterResetHint === 'reset') cell.sawReset = true;
  else if (counterResetHint === 'no_reset') cell.sawNoReset = true;
}

function addToSum(cell: Cell, histogram: FloatHistogram): number {
  cell.errors ??= errorsFor(cell.value);
  return compensatedAddHistogram(cell.value, cell.errors, histogram);
}

/** Adds to the plain sum until that overflows, and to a running mean from then on. */
function addToMean(cell: Cell, histogram: FloatHistogram): number {
  if (cell.mean === undefined) {
    const value = copyHistogram(cell.value);
    const errors = cell.errors === undefined ? errorsFor(value) : copyHistogram(cell.errors);
    const outcome = compensatedAddHistogram(value, errors, histogram);
    if ((outcome & INCOMPATIBLE_SCHEMAS) !== 0) return outcome;
    if (!hasOverflow(value)) {
      Object.assign(cell.value, value);
      cell.errors = errors;
      return outcome;
    }
    cell.mean = copyHistogram(cell.value);
    divHistogram(cell.mean, cell.count - 1);
    cell.errors ??= errorsFor(cell.value);
    divHistogram(cell.errors, cell.count - 1);
  }
  const weight = (cell.count - 1) / cell.count;
  mulHistogram(cell.errors!, weight);
  mulHistogram(cell.mean, weight);
  const part = copyHistogram(histogram);
  divHistogram(part, cell.count);
  return compensatedAddHistogram(cell.mean, cell.errors!, part);
}

function finishSum({ value, errors }: Cell): FloatHistogram {
  if (errors !== undefined) foldErrors(value, errors);
  return value;
}

function finishMean(cell: Cell): FloatHistogram {
  const { value, errors, mean, count } = cell;
  if (mean !== undefined) {
    if (errors !== undefined) addHistogram(mean, errors);
    return mean;
  }
  divHistogram(value, count);
  if (errors !== undefined) {
    divHistogram(errors, count);
    foldErrors(value, errors);
  }
  return value;
}

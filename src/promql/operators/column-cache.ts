import { Column } from '../column.ts';
import type { VectorOperator } from './operator.ts';

/** Bytes of columns one cache keeps at most. */
const MAX_BYTES = 32 << 20;

/** Columns of an operator that are needed again and again; those used last are kept. */
export class ColumnCache {
  readonly #operator: VectorOperator;
  readonly #columns = new Map<number, Column>();
  readonly #capacity: number;

  constructor(operator: VectorOperator) {
    this.#operator = operator;
    this.#capacity = Math.max(2, Math.floor(MAX_BYTES / (operator.grid.steps * 9 + 100)));
  }

  /** The column of series `i`: read only, valid until the next call but one. */
  get(i: number): Column {
    const known = this.#columns.get(i);
    if (known !== undefined) {
      // A map keeps the order of insertion: what was used last goes to the end.
      this.#columns.delete(i);
      this.#columns.set(i, known);
      return known;
    }
    const column = this.#spare();
    this.#operator.read(i, column);
    this.#columns.set(i, column);
    return column;
  }

  #spare(): Column {
    if (this.#columns.size < this.#capacity) return new Column(this.#operator.grid.steps);
    const [oldest, column] = this.#columns.entries().next().value!;
    this.#columns.delete(oldest);
    return column;
  }
}

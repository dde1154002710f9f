import { Column, FLOAT } from '../src/promql/column.ts';

/** A column of floats, one for each step. */
export function floatColumn(values: readonly number[] | Float64Array): Column {
  const column = new Column(values.length);
  values.forEach((value, i) => {
    column.values[i] = value;
    column.kinds[i] = FLOAT;
  });
  return column;
}

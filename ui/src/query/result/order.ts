import { type InstantSeries } from '../../api/index.ts';
import { parseSampleValue } from '../../format/number.ts';

/** As the server sent them (which `sort` and `topk` decide), or by value. */
export type Order = 'server' | 'ascending' | 'descending';

/** The rows in an order; histograms and `NaN` come last in both, equal values keep the server's order. */
export function orderRows(rows: readonly InstantSeries[], order: Order): readonly InstantSeries[] {
  if (order === 'server') return rows;
  const sign = order === 'ascending' ? 1 : -1;
  return rows
    .map((row) => ({ row, value: row.value === undefined ? NaN : parseSampleValue(row.value[1]) }))
    .sort((a, b) => {
      if (Number.isNaN(a.value) || Number.isNaN(b.value))
        return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
      if (a.value === b.value) return 0;
      return a.value < b.value ? -sign : sign;
    })
    .map(({ row }) => row);
}

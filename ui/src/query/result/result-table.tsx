import { useMemo, useState } from 'react';
import { type InstantSeries, type RangeSeries } from '../../api/index.ts';
import { formatCount } from '../../format/number.ts';
import { Empty, SeriesName, VirtualList } from '../../widgets/index.ts';
import { HistogramView } from './histogram-view.tsx';
import { type Order, orderRows } from './order.ts';
import { SampleList } from './sample-list.tsx';
import classes from './result.module.css';

/** The series of a vector, one a row; any number of them. */
export function VectorTable({ series }: { series: readonly InstantSeries[] }) {
  const [order, setOrder] = useState<Order>('server');
  const rows = useMemo(() => orderRows(series, order), [series, order]);
  if (rows.length === 0) return <Empty>The query selects no series at this time.</Empty>;
  return (
    <div className={classes.grid} role="table" aria-label="Result" aria-rowcount={rows.length + 1}>
      <div className={classes.gridHead} role="row">
        <span role="columnheader">Series ({formatCount(rows.length)})</span>
        <SortButton order={order} onChange={setOrder} />
      </div>
      <VirtualList
        count={rows.length}
        estimate={29}
        role="rowgroup"
        renderRow={(i) => {
          const { metric, value, histogram } = rows[i]!;
          return (
            <div className={classes.gridRow} role="row" aria-rowindex={i + 2}>
              <span role="cell">
                <SeriesName labels={metric} />
              </span>
              <span role="cell" className={classes.value}>
                {value?.[1]}
                {histogram !== undefined && <HistogramView histogram={histogram[1]} />}
              </span>
            </div>
          );
        }}
      />
    </div>
  );
}

function SortButton({ order, onChange }: { order: Order; onChange: (order: Order) => void }) {
  const next: Record<Order, Order> = { server: 'descending', descending: 'ascending', ascending: 'server' };
  const mark: Record<Order, string> = { server: '', descending: ' ↓', ascending: ' ↑' };
  const sort = { server: 'none', descending: 'descending', ascending: 'ascending' } as const;
  return (
    <span role="columnheader" aria-sort={sort[order]}>
      <button
        type="button"
        className={classes.sort}
        onClick={() => {
          onChange(next[order]);
        }}
      >
        Value{mark[order]}
      </button>
    </span>
  );
}

/** The series of a range vector with all their samples. */
export function MatrixTable({ series }: { series: readonly RangeSeries[] }) {
  if (series.length === 0) return <Empty>The query selects no series at this time.</Empty>;
  return (
    <div className={classes.grid} role="table" aria-label="Result" aria-rowcount={series.length + 1}>
      <div className={classes.gridHead} role="row">
        <span role="columnheader">Series ({formatCount(series.length)})</span>
        <span role="columnheader">Value at time</span>
      </div>
      <VirtualList
        count={series.length}
        estimate={120}
        role="rowgroup"
        renderRow={(i) => {
          const { metric, values = [], histograms = [] } = series[i]!;
          return (
            <div className={classes.gridRow} role="row" aria-rowindex={i + 2}>
              <span role="cell">
                <SeriesName labels={metric} />
              </span>
              <span role="cell" className={classes.value}>
                <SampleList values={values} histograms={histograms} />
              </span>
            </div>
          );
        }}
      />
    </div>
  );
}

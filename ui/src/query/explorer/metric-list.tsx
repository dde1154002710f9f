import { Empty, VirtualList } from '../../widgets/index.ts';
import { type Metric } from './catalogue.ts';
import classes from './explorer.module.css';

interface MetricListProps {
  readonly metrics: readonly Metric[];
  readonly chosen: string | undefined;
  readonly onChoose: (metric: Metric) => void;
  readonly onInsert: (text: string) => void;
}

/** Names, types and help; a double click inserts the name. */
export function MetricList({ metrics, chosen, onChoose, onInsert }: MetricListProps) {
  return (
    <div className={classes.list}>
      {metrics.length === 0 && <Empty>No metric matches.</Empty>}
      <VirtualList
        count={metrics.length}
        estimate={46}
        maxHeight="min(62vh, 620px)"
        label="Metrics"
        renderRow={(i) => {
          const metric = metrics[i]!;
          return (
            <button
              type="button"
              className={classes.metric}
              aria-pressed={metric.name === chosen}
              onClick={() => {
                onChoose(metric);
              }}
              onDoubleClick={() => {
                onInsert(metric.name);
              }}
            >
              <span className={classes.name}>{metric.name}</span>
              <span className={classes.type}>{metric.type}</span>
              <span className={classes.help}>{metric.help}</span>
            </button>
          );
        }}
      />
    </div>
  );
}

import type { MetricFamily, Registry } from '../runtime/index.ts';
import type { Head } from './head/head.ts';

/** Registers what the store says of itself, under Prometheus's names. @param wal what the log says */
export function registerDbMetrics(
  registry: Registry,
  head: Head,
  wal: { readonly segment: () => number; readonly corruptions: () => number },
): void {
  const gauge = (name: string, help: string, value: () => number) => {
    registry.gaugeFunction(`prometheus_tsdb_${name}`, help, value);
  };
  const counter = (name: string, help: string, value: () => number) => {
    registry.counterFunction(`prometheus_tsdb_${name}`, help, value);
  };
  gauge('head_series', 'Total number of series in the head block.', () => head.seriesCount);
  gauge('head_chunks', 'Total number of chunks in the head block.', () => head.chunkCount);
  gauge('head_min_time', 'Minimum time bound of the head block. The unit is decided by the library consumer.', () =>
    finite(head.mint),
  );
  gauge('head_max_time', 'Maximum timestamp of the head block. The unit is decided by the library consumer.', () =>
    finite(head.maxt),
  );
  gauge('wal_segment_current', 'Write log segment index that TSDB is currently writing to.', wal.segment);
  counter('wal_corruptions_total', 'Total number of WAL corruptions.', wal.corruptions);
  counter('head_series_created_total', 'Total number of series created in the head', () => head.counters.seriesCreated);
  counter('head_series_removed_total', 'Total number of series removed in the head', () => head.counters.seriesRemoved);
  counter(
    'out_of_bound_samples_total',
    'Total number of out of bound samples ingestion failed attempts.',
    () => head.counters.outOfBounds,
  );
  counter(
    'out_of_order_samples_total',
    'Total number of out of order samples ingestion failed attempts due to out of order being disabled.',
    () => head.counters.outOfOrder,
  );
  counter(
    'too_old_samples_total',
    'Total number of out of order samples ingestion failed attempts with out of support enabled, but sample outside of time window.',
    () => head.counters.tooOld,
  );
  registry.register({ collect: () => [appended(head)] });
}

function appended(head: Head): MetricFamily {
  const { floatsAppended, histogramsAppended } = head.counters;
  return {
    name: 'prometheus_tsdb_head_samples_appended_total',
    help: 'Total number of appended samples.',
    type: 'counter',
    samples: [
      { suffix: '', labels: ['type', 'float'], value: floatsAppended },
      { suffix: '', labels: ['type', 'histogram'], value: histogramsAppended },
    ],
  };
}

function finite(time: number): number {
  return Number.isFinite(time) ? time : 0;
}

import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { useApi } from '../../api/index.ts';
import { formatCounted } from '../../format/number.ts';
import { FailureNotice, FilterField, Loading } from '../../widgets/index.ts';
import { buildCatalogue, type Metric, searchCatalogue } from './catalogue.ts';
import classes from './explorer.module.css';
import { MetricDetail } from './metric-detail.tsx';
import { MetricList } from './metric-list.tsx';

interface ExplorerProps {
  readonly onClose: () => void;
  /** Puts an expression into the panel the explorer was opened from. */
  readonly onInsert: (text: string) => void;
}

/** Every metric the reader may see, with what it means and its labels. */
export default function Explorer({ onClose, onInsert }: ExplorerProps) {
  const { catalogue, error, isPending } = useCatalogue();
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<Metric>();
  const deferred = useDeferredValue(search);
  const found = useMemo(() => searchCatalogue(catalogue, deferred), [catalogue, deferred]);
  const insert = (text: string) => {
    onInsert(text);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Metrics" size="min(1100px, 94vw)" padding="sm" yOffset="4vh">
      <div className={classes.search}>
        <FilterField label="Search names and help texts" value={search} onChange={setSearch} width="100%" autoFocus />
        <span className={classes.count}>{formatCounted(found.length, 'metric')}</span>
      </div>
      {isPending && <Loading label="Loading the metrics" />}
      {error !== null && <FailureNotice error={error} />}
      <div className={classes.columns}>
        <MetricList metrics={found} chosen={chosen?.name} onChoose={setChosen} onInsert={insert} />
        {chosen !== undefined && <MetricDetail key={chosen.name} metric={chosen} onInsert={insert} />}
      </div>
    </Modal>
  );
}

function useCatalogue() {
  const api = useApi();
  const names = useQuery({
    queryKey: ['completion', 'metrics'],
    queryFn: ({ signal }) => api.labelValues('__name__', undefined, undefined, signal),
    staleTime: 60_000,
  });
  // Without descriptions the list is still a list.
  const metadata = useQuery({
    queryKey: ['completion', 'metadata'],
    queryFn: ({ signal }) => api.metadata(signal),
    staleTime: 60_000,
  });
  const catalogue = useMemo(() => buildCatalogue(names.data ?? [], metadata.data ?? {}), [names.data, metadata.data]);
  return { catalogue, error: names.error, isPending: names.isPending };
}

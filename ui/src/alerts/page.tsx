import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { type AlertState, useApi } from '../api/index.ts';
import { usePermission } from '../app/index.ts';
import {
  Empty,
  FailureNotice,
  FilterField,
  Loading,
  Page,
  Refresh,
  useNow,
  useRefreshInterval,
} from '../widgets/index.ts';
import { AlertSection } from './alert-section.tsx';
import { type Alert, type AlertFilter, alertsOfInstances, alertsOfRules, filterAlerts } from './alerts.ts';
import { StateFilter } from './state-filter.tsx';

/** What fires, what is about to, and what is quiet. */
export default function AlertsPage() {
  const interval = useRefreshInterval('alerts');
  const { data, error, isPending, isFetching, refetch } = useAlerts(interval.intervalMs);
  const [filter, setFilter] = useState<AlertFilter>({
    states: new Set<AlertState>(['firing', 'pending', 'inactive', 'unknown']),
    text: '',
  });
  return (
    <Page
      title="Alerts"
      controls={
        <>
          {data !== undefined && (
            <StateFilter
              alerts={data}
              states={filter.states}
              onChange={(states) => {
                setFilter({ ...filter, states });
              }}
            />
          )}
          <FilterField
            label="Filter by name, label, annotation"
            value={filter.text}
            onChange={(text) => {
              setFilter({ ...filter, text });
            }}
          />
          <Refresh interval={interval} isFetching={isFetching && !isPending} onRefresh={() => void refetch()} />
        </>
      }
    >
      {isPending && <Loading label="Loading the alerts" />}
      {error !== null && <FailureNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <AlertList alerts={data} filter={filter} />}
    </Page>
  );
}

/** The alerts with their rules, or bare where the reader may not see rules. */
function useAlerts(refetchInterval: number | false) {
  const api = useApi();
  const maySeeRules = usePermission('rules.read');
  return useQuery({
    queryKey: ['alerts', maySeeRules],
    queryFn: async ({ signal }) =>
      maySeeRules
        ? alertsOfRules((await api.rules('alert', signal)).groups)
        : alertsOfInstances((await api.alerts(signal)).alerts),
    refetchInterval,
  });
}

function AlertList({ alerts, filter }: { alerts: readonly Alert[]; filter: AlertFilter }) {
  const deferred = useDeferredValue(filter);
  const shown = useMemo(() => filterAlerts(alerts, deferred), [alerts, deferred]);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const now = useNow(1000);
  if (shown.length === 0) {
    return <Empty>{alerts.length === 0 ? 'There are no alerting rules.' : 'No alert matches.'}</Empty>;
  }
  return shown.map((alert) => {
    // What fires is why one comes here: it stands open.
    const isOpen = (alert.state === 'firing') !== toggled.has(alert.key);
    return (
      <AlertSection
        key={alert.key}
        alert={alert}
        now={now}
        isOpen={isOpen}
        onToggle={() => {
          const next = new Set(toggled);
          if (!next.delete(alert.key)) next.add(alert.key);
          setToggled(next);
        }}
      />
    );
  });
}

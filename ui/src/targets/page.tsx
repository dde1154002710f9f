import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { type Targets, useApi } from '../api/index.ts';
import {
  Empty,
  FailureNotice,
  FilterField,
  Loading,
  Page,
  Refresh,
  StateBadge,
  useNow,
  useRefreshInterval,
} from '../widgets/index.ts';
import { countHealth, groupTargets, type TargetFilter } from './group.ts';
import { PoolSection } from './pool-section.tsx';

const healths = [
  { value: 'any', label: 'All' },
  { value: 'up', label: 'Up' },
  { value: 'down', label: 'Down' },
  { value: 'unknown', label: 'Unknown' },
];

/** What is scraped, and how it goes. */
export default function TargetsPage() {
  const api = useApi();
  const interval = useRefreshInterval('targets');
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey: ['targets'],
    queryFn: ({ signal }) => api.targets('any', signal),
    refetchInterval: interval.intervalMs,
  });
  const [filter, setFilter] = useState<TargetFilter>({ health: 'any', text: '' });
  return (
    <Page
      title="Targets"
      summary={data !== undefined && <Summary answer={data} />}
      controls={
        <>
          <SegmentedControl
            aria-label="Health"
            data={healths}
            value={filter.health}
            onChange={(value) => {
              setFilter({ ...filter, health: value as TargetFilter['health'] });
            }}
          />
          <FilterField
            label="Filter by address, label or error"
            value={filter.text}
            onChange={(text) => {
              setFilter({ ...filter, text });
            }}
          />
          <Refresh interval={interval} isFetching={isFetching && !isPending} onRefresh={() => void refetch()} />
        </>
      }
    >
      {isPending && <Loading label="Loading the targets" />}
      {error !== null && <FailureNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <PoolList answer={data} filter={filter} />}
    </Page>
  );
}

function Summary({ answer }: { answer: Targets }) {
  const counts = countHealth(answer.activeTargets);
  return (
    <>
      <StateBadge tone="good">{counts.up} up</StateBadge>
      {counts.down > 0 && <StateBadge tone="bad">{counts.down} down</StateBadge>}
      {counts.unknown > 0 && <StateBadge tone="unsure">{counts.unknown} unknown</StateBadge>}
    </>
  );
}

/** Larger pools start folded, so that the page answers at once. */
const largePool = 100;

function PoolList({ answer, filter }: { answer: Targets; filter: TargetFilter }) {
  const deferred = useDeferredValue(filter);
  const pools = useMemo(() => groupTargets(answer, deferred), [answer, deferred]);
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const now = useNow(1000);
  const isFiltered = filter.text !== '' || filter.health !== 'any';
  const isOpen = (name: string, size: number) => folds.get(name) ?? (isFiltered || size <= largePool);
  const setAll = (open: boolean) => {
    setFolds(new Map(pools.map((pool) => [pool.name, open])));
  };
  if (pools.length === 0) return <Empty>{isFiltered ? 'No target matches.' : 'Nothing is scraped.'}</Empty>;
  return (
    <>
      <div>
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            setAll(true);
          }}
        >
          Unfold all
        </Button>
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            setAll(false);
          }}
        >
          Fold all
        </Button>
      </div>
      {pools.map((pool) => (
        <PoolSection
          key={pool.name}
          pool={pool}
          now={now}
          isOpen={isOpen(pool.name, pool.targets.length)}
          onToggle={() => {
            setFolds(new Map(folds).set(pool.name, !isOpen(pool.name, pool.targets.length)));
          }}
        />
      ))}
    </>
  );
}

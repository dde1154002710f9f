import { Checkbox, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { type RuleGroup, useApi } from '../api/index.ts';
import { formatCounted } from '../format/number.ts';
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
import { filterGroups, type RuleFilter } from './filter.ts';
import { GroupSection } from './group-section.tsx';

const kinds = [
  { value: 'any', label: 'All' },
  { value: 'alerting', label: 'Alerting' },
  { value: 'recording', label: 'Recording' },
];

/** The rule groups, and how their evaluation goes. */
export default function RulesPage() {
  const api = useApi();
  const interval = useRefreshInterval('rules');
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }) => api.rules(undefined, signal),
    refetchInterval: interval.intervalMs,
  });
  const [filter, setFilter] = useState<RuleFilter>({ kind: 'any', onlyFailing: false, text: '' });
  return (
    <Page
      title="Rules"
      summary={data !== undefined && <Summary groups={data.groups} />}
      controls={
        <>
          <Checkbox
            size="xs"
            label="Failing only"
            checked={filter.onlyFailing}
            onChange={(event) => {
              setFilter({ ...filter, onlyFailing: event.currentTarget.checked });
            }}
          />
          <SegmentedControl
            aria-label="Kind"
            data={kinds}
            value={filter.kind}
            onChange={(value) => {
              setFilter({ ...filter, kind: value as RuleFilter['kind'] });
            }}
          />
          <FilterField
            label="Filter by name, expression, group"
            value={filter.text}
            onChange={(text) => {
              setFilter({ ...filter, text });
            }}
          />
          <Refresh interval={interval} isFetching={isFetching && !isPending} onRefresh={() => void refetch()} />
        </>
      }
    >
      {isPending && <Loading label="Loading the rules" />}
      {error !== null && <FailureNotice error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <GroupList groups={data.groups} filter={filter} />}
    </Page>
  );
}

function Summary({ groups }: { groups: readonly RuleGroup[] }) {
  const rules = groups.flatMap((group) => group.rules);
  const failing = rules.filter((rule) => rule.health === 'err').length;
  return (
    <>
      <span>
        {formatCounted(rules.length, 'rule')} in {formatCounted(groups.length, 'group')}
      </span>
      {failing > 0 && <StateBadge tone="bad">{failing} failing</StateBadge>}
    </>
  );
}

/** Beyond this many rules the groups start folded. */
const manyRules = 200;

function GroupList({ groups, filter }: { groups: readonly RuleGroup[]; filter: RuleFilter }) {
  const deferred = useDeferredValue(filter);
  const shown = useMemo(() => filterGroups(groups, deferred), [groups, deferred]);
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const now = useNow(1000);
  const isMany = shown.reduce((n, group) => n + group.rules.length, 0) > manyRules;
  if (shown.length === 0) return <Empty>{groups.length === 0 ? 'There are no rules.' : 'No rule matches.'}</Empty>;
  return shown.map((group) => {
    const key = `${group.file}\0${group.name}`;
    const isOpen = folds.get(key) ?? !isMany;
    return (
      <GroupSection
        key={key}
        group={group}
        now={now}
        isOpen={isOpen}
        onToggle={() => {
          setFolds(new Map(folds).set(key, !isOpen));
        }}
      />
    );
  });
}

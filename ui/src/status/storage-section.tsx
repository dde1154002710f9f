import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type TsdbCount, type TsdbStatus, useApi } from '../api/index.ts';
import { usePreferences } from '../app/index.ts';
import { formatBytes, formatCount } from '../format/number.ts';
import { formatTime, type Zone } from '../format/time.ts';
import { Empty, FailureNotice, Loading, table } from '../widgets/index.ts';
import { FactTable } from './fact-table.tsx';
import { type Fact } from './facts.ts';
import classes from './status.module.css';

/** What the head block holds, and which names and labels make it large. */
export function StorageSection() {
  const api = useApi();
  const { zone } = usePreferences();
  const [limit, setLimit] = useState('10');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['status', 'tsdb', limit],
    queryFn: ({ signal }) => api.tsdb(Number(limit), signal),
    placeholderData: keepPreviousData,
  });
  if (isPending) return <Loading label="Loading the storage's figures" />;
  if (error !== null) return <FailureNotice error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <div className={classes.tools}>
        <NativeSelect
          aria-label="Rows of each table"
          data={['10', '25', '100'].map((n) => ({ value: n, label: `Top ${n}` }))}
          value={limit}
          onChange={(event) => {
            setLimit(event.currentTarget.value);
          }}
        />
      </div>
      <div className={classes.columns}>
        <FactTable title="Head block" facts={headFacts(data, zone)} />
        <Counts title="Series by metric name" counts={data.seriesCountByMetricName} />
        <Counts title="Values by label name" counts={data.labelValueCountByLabelName} />
        <Counts title="Memory by label name" counts={data.memoryInBytesByLabelName} print={formatBytes} />
        <Counts title="Series by label pair" counts={data.seriesCountByLabelValuePair} />
      </div>
    </>
  );
}

function headFacts({ headStats }: TsdbStatus, zone: Zone): Fact[] {
  // An empty head has its times at the ends of 64 bits, which no calendar has.
  const time = (ms: number) => (Math.abs(ms) > 8.64e15 ? '–' : formatTime(ms, zone));
  return [
    ['Series', formatCount(headStats.numSeries)],
    ['Chunks', formatCount(headStats.chunkCount)],
    ['Label pairs', formatCount(headStats.numLabelPairs)],
    ['Oldest sample', time(headStats.minTime)],
    ['Newest sample', time(headStats.maxTime)],
  ];
}

interface CountsProps {
  readonly title: string;
  readonly counts: readonly TsdbCount[];
  readonly print?: (value: number) => string;
}

function Counts({ title, counts, print = formatCount }: CountsProps) {
  const largest = counts.reduce((max, c) => Math.max(max, c.value), 0);
  return (
    <section className={classes.card}>
      <h2 className={classes.cardTitle}>{title}</h2>
      {counts.length === 0 && <Empty>Nothing yet.</Empty>}
      <table className={table.table}>
        <tbody>
          {counts.map(({ name, value }) => (
            <tr key={name}>
              <td className={classes.countName}>
                <span className={classes.share} style={{ width: `${(value / largest) * 100}%` }} />
                <span className={table.mono}>{name}</span>
              </td>
              <td className={table.number}>{print(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

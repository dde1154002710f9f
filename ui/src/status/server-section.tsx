import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useApi } from '../api/index.ts';
import { usePreferences } from '../app/index.ts';
import { type Zone } from '../format/time.ts';
import { Empty, FailureNotice, LinkedText, Loading } from '../widgets/index.ts';
import { FactTable } from './fact-table.tsx';
import { buildFacts, type Fact, runtimeFacts } from './facts.ts';
import classes from './status.module.css';

/** How the server runs, what it was built from, whom it tells about alerts. */
export function ServerSection() {
  const api = useApi();
  const runtime = useQuery({ queryKey: ['status', 'runtime'], queryFn: ({ signal }) => api.runtimeInfo(signal) });
  const build = useQuery({ queryKey: ['status', 'build'], queryFn: ({ signal }) => api.buildInfo(signal) });
  return (
    <div className={classes.columns}>
      <div className={classes.column}>
        <Facts title="Version" query={build} toFacts={buildFacts} />
        <AlertmanagerList />
      </div>
      <Facts title="Runtime" query={runtime} toFacts={runtimeFacts} />
    </div>
  );
}

interface FactsProps {
  readonly title: string;
  readonly query: UseQueryResult<Record<string, unknown>>;
  readonly toFacts: (status: Record<string, unknown>, zone: Zone) => Fact[];
}

function Facts({ title, query, toFacts }: FactsProps) {
  const { zone } = usePreferences();
  if (query.isPending) return <Loading label={`Loading: ${title}`} />;
  if (query.isError) return <FailureNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <FactTable title={title} facts={toFacts(query.data, zone)} />;
}

function AlertmanagerList() {
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ['status', 'alertmanagers'],
    queryFn: ({ signal }) => api.alertmanagers(signal),
  });
  if (error !== null) return <FailureNotice error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return null;
  return (
    <section className={classes.card}>
      <h2 className={classes.cardTitle}>Alertmanagers</h2>
      {data.activeAlertmanagers.length === 0 && <Empty>Alerts are sent to no Alertmanager.</Empty>}
      <ul className={classes.list}>
        {data.activeAlertmanagers.map(({ url }) => (
          <li key={url}>
            <LinkedText text={url} />
          </li>
        ))}
        {data.droppedAlertmanagers.map(({ url }) => (
          <li key={`dropped ${url}`}>{url} (dropped)</li>
        ))}
      </ul>
    </section>
  );
}

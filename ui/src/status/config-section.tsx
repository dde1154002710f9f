import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/index.ts';
import { CopyText, FailureNotice, Loading } from '../widgets/index.ts';
import classes from './status.module.css';

/** The configuration in force, as the server prints it (secrets left out there). */
export function ConfigSection() {
  const api = useApi();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['status', 'config'],
    queryFn: ({ signal }) => api.config(signal),
  });
  if (isPending) return <Loading label="Loading the configuration" />;
  if (error !== null) return <FailureNotice error={error} onRetry={() => void refetch()} />;
  return (
    <section className={classes.card}>
      <div className={classes.copy}>
        <CopyText text={data.yaml} label="Copy the configuration" />
      </div>
      <pre className={classes.yaml} tabIndex={0} aria-label="Configuration">
        {data.yaml}
      </pre>
    </section>
  );
}

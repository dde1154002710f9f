import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/index.ts';
import { Empty, FailureNotice, FilterField, Loading, table } from '../widgets/index.ts';
import classes from './status.module.css';

/** The command line the server was started with, defaults included. */
export function FlagsSection() {
  const api = useApi();
  const [filter, setFilter] = useState('');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['status', 'flags'],
    queryFn: ({ signal }) => api.flags(signal),
  });
  if (isPending) return <Loading label="Loading the flags" />;
  if (error !== null) return <FailureNotice error={error} onRetry={() => void refetch()} />;
  const wanted = filter.toLowerCase();
  const flags = Object.entries(data)
    .filter(([name, value]) => `--${name}=${value}`.toLowerCase().includes(wanted))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <>
      <div className={classes.tools}>
        <FilterField label="Filter the flags" value={filter} onChange={setFilter} />
      </div>
      <section className={classes.card}>
        {flags.length === 0 && <Empty>No flag matches.</Empty>}
        <table className={table.table} aria-label="Flags">
          <tbody>
            {flags.map(([name, value]) => (
              <tr key={name}>
                <th scope="row" className={classes.flagName}>
                  --{name}
                </th>
                <td className={table.mono}>{value === '' ? <span className={table.dim}>empty</span> : value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

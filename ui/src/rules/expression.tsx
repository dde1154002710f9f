import { Link } from '../app/index.ts';
import classes from './rules.module.css';

/** An expression that leads to the query page, where it runs. */
export function Expression({ query, tab = 'graph' }: { query: string; tab?: 'graph' | 'table' }) {
  const search = `?${new URLSearchParams({ 'g0.expr': query, 'g0.tab': tab, 'g0.range_input': '1h' }).toString()}`;
  return (
    <Link to="/query" search={search} className={classes.expression} title="Open in Query">
      {query}
    </Link>
  );
}

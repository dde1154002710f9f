import { type Session } from '../api/index.ts';
import { pages } from './route.ts';
import { Link, usePlace } from './router.tsx';
import classes from './shell.module.css';

interface NavigationProps {
  readonly session: Session;
  /** Called when the reader is about to follow a link, to fetch the page's code early. */
  readonly onApproach: (path: string) => void;
}

/** Links to the pages the reader may see. */
export function Navigation({ session, onApproach }: NavigationProps) {
  const { route } = usePlace();
  const visible = pages.filter((page) => session.permissions.includes(page.permission));
  return (
    <nav className={classes.navigation} aria-label="Pages">
      {visible.map((page) => (
        <Link
          key={page.path}
          to={page.path}
          className={classes.link}
          aria-current={page.path === route ? 'page' : undefined}
          onMouseEnter={() => {
            onApproach(page.path);
          }}
          onFocus={() => {
            onApproach(page.path);
          }}
        >
          {page.title}
        </Link>
      ))}
    </nav>
  );
}

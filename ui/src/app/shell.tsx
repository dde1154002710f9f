import { type ReactNode } from 'react';
import { type Session } from '../api/index.ts';
import { Account } from './account.tsx';
import { SchemeToggle, ZoneToggle } from './display-controls.tsx';
import { Logo } from './logo.tsx';
import { Navigation } from './navigation.tsx';
import { Link } from './router.tsx';
import classes from './shell.module.css';

interface ShellProps {
  /** `undefined` while it is being asked for: the frame stands already. */
  readonly session: Session | undefined;
  readonly onApproach: (path: string) => void;
  readonly children: ReactNode;
}

/** The frame around every page: header, navigation, who is signed in. */
export function Shell({ session, onApproach, children }: ShellProps) {
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <header className={classes.header}>
        <Link to="/query" className={classes.brand} aria-label="Yagura: first page">
          <Logo />
          <span>Yagura</span>
        </Link>
        {session !== undefined && <Navigation session={session} onApproach={onApproach} />}
        <div className={classes.controls}>
          <ZoneToggle />
          <SchemeToggle />
          {session !== undefined && <Account session={session} />}
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

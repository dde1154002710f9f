import { type ReactNode, useEffect } from 'react';
import classes from './page.module.css';

interface PageProps {
  readonly title: string;
  /** Beside the title: what the page shows in numbers. */
  readonly summary?: ReactNode;
  /** Filters and switches, right of the title. */
  readonly controls?: ReactNode;
  readonly children: ReactNode;
}

/** A page's title, its controls, and its content below. */
export function Page({ title, summary, controls, children }: PageProps) {
  useDocumentTitle(title);
  return (
    <>
      <div className={classes.head}>
        <h1 className={classes.title}>{title}</h1>
        <div className={classes.summary}>{summary}</div>
        <div className={classes.controls}>{controls}</div>
      </div>
      <div className={classes.body}>{children}</div>
    </>
  );
}

/** What the browser's tab says. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – Yagura`;
  }, [title]);
}

/** A line saying that there is nothing, in place of an empty table. */
export function Empty({ children }: { children: ReactNode }) {
  return <div className={classes.empty}>{children}</div>;
}

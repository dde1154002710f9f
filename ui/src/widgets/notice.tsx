import { type ReactNode } from 'react';
import classes from './notice.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'unsure';

interface NoticeProps {
  readonly tone: Tone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
}

/** A message in the flow of the page. Bad news is announced to screen readers at once, the rest when they are idle. */
export function Notice({ tone, title, children }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      {title !== undefined && <div className={classes.title}>{title}</div>}
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

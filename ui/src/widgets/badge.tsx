import { type ReactNode } from 'react';
import classes from './badge.module.css';
import { type Tone } from './notice.tsx';

/** A state in one word; the colour repeats what the word says. */
export function StateBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {children}
    </span>
  );
}

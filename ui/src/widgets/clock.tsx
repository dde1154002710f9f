import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { usePreferences } from '../app/index.ts';
import { humanizeSeconds } from '../format/duration.ts';
import { formatTime, parseApiTime } from '../format/time.ts';

/** The current time, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}

interface AgoProps {
  readonly time: string | undefined;
  readonly now: number;
  /** Says how long it has been (`2m 5s`) instead of when it was (`2m 5s ago`). */
  readonly elapsed?: boolean;
}

/** How long ago something was, with the full time on hover. `now` comes from one clock per page. */
export function Ago({ time, now, elapsed = false }: AgoProps) {
  const { zone } = usePreferences();
  const ms = parseApiTime(time);
  if (ms === undefined) return <span>never</span>;
  // The server's clock may run a little ahead of this one: a moment "in the future" is just now.
  const seconds = Math.max(0, (now - ms) / 1000);
  const text = seconds < 10 ? `${seconds.toFixed(1)} s` : humanizeSeconds(Math.round(seconds));
  return (
    <Tooltip label={formatTime(ms, zone)}>
      <time dateTime={new Date(ms).toISOString()}>{elapsed ? text : `${text} ago`}</time>
    </Tooltip>
  );
}

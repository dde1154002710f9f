import { Button } from '@mantine/core';
import { useState } from 'react';
import { type HistogramSample, type Sample } from '../../api/index.ts';
import { usePreferences } from '../../app/index.ts';
import { formatTime } from '../../format/time.ts';
import { HistogramView } from './histogram-view.tsx';
import classes from './result.module.css';

const firstShown = 50;

interface SampleListProps {
  readonly values: readonly Sample[];
  readonly histograms: readonly HistogramSample[];
}

/** Every sample of one series with its time. */
export function SampleList({ values, histograms }: SampleListProps) {
  const { zone } = usePreferences();
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? values : values.slice(0, firstShown);
  return (
    <>
      {shown.map(([t, v]) => (
        <span key={t} className={classes.sample}>
          {v} <span className={classes.at}>@ {formatTime(Math.round(t * 1000), zone)}</span>
        </span>
      ))}
      {shown.length < values.length && (
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            setWhole(true);
          }}
        >
          Show {values.length - shown.length} more
        </Button>
      )}
      {histograms.map(([t, h]) => (
        <span key={t} className={classes.sample}>
          <HistogramView histogram={h} />
          <span className={classes.at}>@ {formatTime(Math.round(t * 1000), zone)}</span>
        </span>
      ))}
    </>
  );
}

import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { usePreferences } from '../../app/index.ts';
import { formatDuration } from '../../format/duration.ts';
import { Empty, Loading, Notice } from '../../widgets/index.ts';
import { RangeField } from '../controls/range-field.tsx';
import { ResolutionField } from '../controls/resolution-field.tsx';
import { TimeField } from '../controls/time-field.tsx';
import { type Place } from '../expression/position.ts';
import { type PanelState } from '../panel-state.ts';
import classes from '../panel.module.css';
import { type Panel } from '../panels.ts';
import { AnswerNotes, QueryFailure } from '../result/answer-notes.tsx';
import resultClasses from '../result/result.module.css';
import { type RangeAnswer, useRangeResult } from '../result/run.ts';
import { StatsLine } from '../result/stats-line.tsx';
import graphClasses from './graph.module.css';
import { toGraphData } from './graph-data.ts';
import { Legend } from './legend.tsx';

const Chart = lazy(() => import('./chart.tsx'));

interface GraphTabProps {
  readonly panel: Panel;
  readonly onChange: (change: Partial<PanelState>) => void;
  readonly onReveal: (place: Place) => void;
}

/** The result over a range, as a graph. */
export function GraphTab({ panel, onChange, onReveal }: GraphTabProps) {
  const { data, error, isFetching, isPlaceholderData, refetch } = useRangeResult(panel);
  const isEmpty = panel.state.expr.trim() === '';
  return (
    <>
      <GraphControls state={panel.state} onChange={onChange}>
        {data !== undefined && error === null && (
          <StatsLine
            series={data.answer.data.result.length}
            seconds={data.seconds}
            stepText={formatDuration(data.answer.stepMs)}
            stats={data.answer.data.stats}
          />
        )}
      </GraphControls>
      {isEmpty && <Empty>Type an expression and press Enter.</Empty>}
      {!isEmpty && error !== null && <QueryFailure error={error} onReveal={onReveal} onRetry={() => void refetch()} />}
      {!isEmpty && error === null && data === undefined && isFetching && <Loading label="Running the query" />}
      {!isEmpty && error === null && data !== undefined && (
        <div className={isPlaceholderData ? resultClasses.stale : undefined} aria-busy={isFetching}>
          <AnswerNotes warnings={data.answer.warnings} infos={data.answer.infos} onReveal={onReveal} />
          <Graph answer={data.answer} stacked={panel.state.stacked} onChange={onChange} />
        </div>
      )}
    </>
  );
}

interface GraphControlsProps {
  readonly state: PanelState;
  readonly onChange: (change: Partial<PanelState>) => void;
  readonly children: React.ReactNode;
}

function GraphControls({ state, onChange, children }: GraphControlsProps) {
  return (
    <div className={classes.controls}>
      <RangeField
        rangeMs={state.rangeMs}
        onChange={(rangeMs) => {
          onChange({ rangeMs });
        }}
      />
      <TimeField
        label="End time"
        timeMs={state.endMs}
        strideMs={state.rangeMs / 2}
        onChange={(endMs) => {
          onChange({ endMs });
        }}
      />
      <ResolutionField
        rangeMs={state.rangeMs}
        resolution={state.resolution}
        onChange={(resolution) => {
          onChange({ resolution });
        }}
      />
      <SegmentedControl
        aria-label="Drawing"
        data={['Lines', 'Stacked']}
        value={state.stacked ? 'Stacked' : 'Lines'}
        onChange={(value) => {
          onChange({ stacked: value === 'Stacked' });
        }}
      />
      <div className={classes.stats}>{children}</div>
    </div>
  );
}

interface GraphProps {
  readonly answer: RangeAnswer;
  readonly stacked: boolean;
  readonly onChange: (change: Partial<PanelState>) => void;
}

function Graph({ answer, stacked, onChange }: GraphProps) {
  const { zone } = usePreferences();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<string>();
  const data = useMemo(() => toGraphData(answer.data.result, answer.startMs, answer.endMs, answer.stepMs), [answer]);
  const look = useMemo(() => ({ stacked, hidden, zone }), [stacked, hidden, zone]);
  const zoom = (fromMs: number, toMs: number) => {
    // Whole seconds, because that is what addresses carry.
    const endMs = Math.ceil(toMs / 1000) * 1000;
    onChange({ endMs, rangeMs: Math.max(1000, endMs - Math.floor(fromMs / 1000) * 1000) });
  };
  if (data.lines.length === 0 && data.histogramCount === 0) {
    return <Empty>The query selects no series in this range.</Empty>;
  }
  return (
    <>
      {data.histogramCount > 0 && (
        <Notice tone="unsure">
          {data.histogramCount} series of native histograms are not drawn: lines need numbers, which histogram_quantile,
          histogram_avg or histogram_count make of them.
        </Notice>
      )}
      <Suspense fallback={<div className={graphClasses.chart} />}>
        <Chart data={data} look={look} focused={focused} onZoom={zoom} />
      </Suspense>
      <Legend lines={data.lines} hidden={hidden} onHide={setHidden} onFocus={setFocused} />
    </>
  );
}

import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatCount, formatCounted } from '../format/number.ts';
import { Disclosure, LabelChips, StateBadge, VirtualList } from '../widgets/index.ts';
import { type Pool } from './group.ts';
import { TargetRow } from './target-row.tsx';
import classes from './targets.module.css';

interface PoolSectionProps {
  readonly pool: Pool;
  readonly now: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** A scrape pool: its health in numbers, its targets, and what relabelling dropped. */
export function PoolSection({ pool, now, isOpen, onToggle }: PoolSectionProps) {
  const { up, down, unknown } = pool.counts;
  const total = pool.targets.length;
  return (
    <Disclosure
      isOpen={isOpen}
      onToggle={onToggle}
      head={
        <>
          <span className={classes.poolName}>{pool.name}</span>
          {total > 0 && (
            <StateBadge tone={down > 0 ? 'bad' : unknown > 0 ? 'unsure' : 'good'}>
              {formatCount(up)} / {formatCount(total)} up
            </StateBadge>
          )}
        </>
      }
      aside={pool.droppedCount > 0 ? <span>{formatCount(pool.droppedCount)} dropped by relabelling</span> : undefined}
    >
      {total > 0 && (
        <div className={classes.head} aria-hidden>
          <span>Endpoint</span>
          <span>Labels</span>
          <span>Last scrape</span>
          <span>State</span>
        </div>
      )}
      <VirtualList
        count={total}
        estimate={36}
        label={`Targets of ${pool.name}`}
        rowKey={(i) => `${pool.targets[i]!.scrapeUrl} ${i}`}
        renderRow={(i) => <TargetRow target={pool.targets[i]!} now={now} />}
      />
      {pool.dropped.length > 0 && <DroppedTargets pool={pool} />}
    </Disclosure>
  );
}

function DroppedTargets({ pool }: { pool: Pool }) {
  const [isShown, setShown] = useState(false);
  return (
    <div className={classes.dropped}>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        aria-expanded={isShown}
        onClick={() => {
          setShown(!isShown);
        }}
      >
        {isShown ? 'Hide the dropped targets' : `Show ${formatCounted(pool.dropped.length, 'dropped target')}`}
      </Button>
      {isShown && (
        <VirtualList
          count={pool.dropped.length}
          estimate={60}
          label={`Dropped targets of ${pool.name}`}
          renderRow={(i) => (
            <div className={classes.droppedRow}>
              <LabelChips labels={pool.dropped[i]!.discoveredLabels} />
            </div>
          )}
        />
      )}
    </div>
  );
}

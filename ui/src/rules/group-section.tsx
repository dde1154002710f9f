import { type RuleGroup } from '../api/index.ts';
import { formatDuration, humanizeSeconds } from '../format/duration.ts';
import { Ago, Disclosure, StateBadge, VirtualList } from '../widgets/index.ts';
import { RuleRow } from './rule-row.tsx';
import classes from './rules.module.css';

interface GroupSectionProps {
  readonly group: RuleGroup;
  readonly now: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** A rule group: when and how long it was evaluated, and its rules in their order. */
export function GroupSection({ group, now, isOpen, onToggle }: GroupSectionProps) {
  const failing = group.rules.filter((rule) => rule.health === 'err').length;
  return (
    <Disclosure
      isOpen={isOpen}
      onToggle={onToggle}
      head={
        <>
          <span className={classes.groupName}>{group.name}</span>
          <span className={classes.file}>{group.file}</span>
          {failing > 0 && <StateBadge tone="bad">{failing} failing</StateBadge>}
        </>
      }
      aside={
        <>
          <span>every {formatDuration(group.interval * 1000)}</span>
          <span>took {humanizeSeconds(group.evaluationTime)}</span>
          <Ago time={group.lastEvaluation} now={now} />
        </>
      }
    >
      <VirtualList
        count={group.rules.length}
        estimate={70}
        label={`Rules of ${group.name}`}
        renderRow={(i) => <RuleRow rule={group.rules[i]!} now={now} />}
      />
    </Disclosure>
  );
}

import { type AlertState } from '../api/index.ts';
import { Expression } from '../rules/index.ts';
import { Disclosure, Empty, StateBadge, VirtualList } from '../widgets/index.ts';
import classes from './alerts.module.css';
import { type Alert } from './alerts.ts';
import { InstanceRow } from './instance-row.tsx';
import { stateTones } from './state-filter.tsx';

interface AlertSectionProps {
  readonly alert: Alert;
  readonly now: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** One alert with its instances. */
export function AlertSection({ alert, now, isOpen, onToggle }: AlertSectionProps) {
  return (
    <Disclosure
      isOpen={isOpen}
      onToggle={onToggle}
      head={
        <>
          <span className={classes.name}>{alert.name}</span>
          <Counts alert={alert} />
        </>
      }
      aside={alert.group === '' ? undefined : <span className={classes.group}>{alert.group}</span>}
    >
      <div className={classes.body}>
        {alert.query !== undefined && <Expression query={alert.query} />}
        {alert.instances.length === 0 && <Empty>No instance is active.</Empty>}
      </div>
      <VirtualList
        count={alert.instances.length}
        estimate={76}
        label={`Instances of ${alert.name}`}
        renderRow={(i) => <InstanceRow instance={alert.instances[i]!} now={now} />}
      />
    </Disclosure>
  );
}

function Counts({ alert }: { alert: Alert }) {
  const count = (state: AlertState) => alert.instances.filter((instance) => instance.state === state).length;
  const firing = count('firing');
  const pending = count('pending');
  if (firing + pending === 0) return <StateBadge tone={stateTones[alert.state]}>{alert.state}</StateBadge>;
  return (
    <>
      {firing > 0 && <StateBadge tone="bad">{firing} firing</StateBadge>}
      {pending > 0 && <StateBadge tone="warn">{pending} pending</StateBadge>}
    </>
  );
}

import { type AlertInstance } from '../api/index.ts';
import { formatCompact, parseSampleValue } from '../format/number.ts';
import { Annotations } from '../rules/index.ts';
import { Ago, LabelChips, StateBadge } from '../widgets/index.ts';
import classes from './alerts.module.css';
import { stateTones } from './state-filter.tsx';

/** One active alert: since when, which labels, which value, and what the rule has to say. */
export function InstanceRow({ instance, now }: { instance: AlertInstance; now: number }) {
  return (
    <div className={classes.instance}>
      <div className={classes.instanceHead}>
        <StateBadge tone={stateTones[instance.state]}>{instance.state}</StateBadge>
        <span className={classes.since}>
          active for <Ago time={instance.activeAt} now={now} elapsed />
        </span>
        {instance.keepFiringSince !== undefined && (
          <span className={classes.since}>
            kept firing for <Ago time={instance.keepFiringSince} now={now} elapsed />
          </span>
        )}
        <span className={classes.value} title={instance.value}>
          value {formatCompact(parseSampleValue(instance.value), 6)}
        </span>
      </div>
      <LabelChips labels={instance.labels} />
      <Annotations annotations={instance.annotations} />
    </div>
  );
}

import { type AlertState, type Rule, type RuleHealth } from '../api/index.ts';
import { formatDuration, humanizeSeconds } from '../format/duration.ts';
import { Ago, LabelChips, StateBadge, type Tone } from '../widgets/index.ts';
import { Annotations } from './annotations.tsx';
import { Expression } from './expression.tsx';
import classes from './rules.module.css';

const healthTones: Record<RuleHealth, Tone> = { ok: 'good', err: 'bad', unknown: 'unsure' };
const stateTones: Record<AlertState, Tone> = { firing: 'bad', pending: 'warn', inactive: 'good', unknown: 'unsure' };

/** One rule: what it computes, whether that works, and what it adds. */
export function RuleRow({ rule, now }: { rule: Rule; now: number }) {
  return (
    <div className={classes.rule}>
      <div className={classes.ruleHead}>
        <span className={classes.kind}>{rule.type === 'alerting' ? 'alert' : 'record'}</span>
        <span className={classes.ruleName}>{rule.name}</span>
        {rule.type === 'alerting' && <StateBadge tone={stateTones[rule.state]}>{rule.state}</StateBadge>}
        <StateBadge tone={healthTones[rule.health]}>{rule.health}</StateBadge>
        <span className={classes.timing}>
          took {humanizeSeconds(rule.evaluationTime)}, <Ago time={rule.lastEvaluation} now={now} />
        </span>
      </div>
      <Expression query={rule.query} />
      {rule.type === 'alerting' && <Durations durationSeconds={rule.duration} keepSeconds={rule.keepFiringFor} />}
      {rule.labels !== undefined && Object.keys(rule.labels).length > 0 && <LabelChips labels={rule.labels} />}
      {rule.type === 'alerting' && rule.annotations !== undefined && <Annotations annotations={rule.annotations} />}
      {rule.lastError !== undefined && rule.lastError !== '' && <div className={classes.error}>{rule.lastError}</div>}
    </div>
  );
}

function Durations({ durationSeconds, keepSeconds }: { durationSeconds: number; keepSeconds: number }) {
  if (durationSeconds === 0 && keepSeconds === 0) return null;
  return (
    <div className={classes.durations}>
      {durationSeconds > 0 && <span>for {formatDuration(durationSeconds * 1000)}</span>}
      {keepSeconds > 0 && <span>keeps firing for {formatDuration(keepSeconds * 1000)}</span>}
    </div>
  );
}

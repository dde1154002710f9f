import { type AlertState } from '../api/index.ts';
import { StateBadge, type Tone } from '../widgets/index.ts';
import { type Alert } from './alerts.ts';
import classes from './alerts.module.css';

export const stateTones: Record<AlertState, Tone> = {
  firing: 'bad',
  pending: 'warn',
  inactive: 'good',
  unknown: 'unsure',
};

interface StateFilterProps {
  readonly alerts: readonly Alert[];
  readonly states: ReadonlySet<AlertState>;
  readonly onChange: (states: ReadonlySet<AlertState>) => void;
}

/** How many alerts are in which state; each is a switch that shows or hides them. */
export function StateFilter({ alerts, states, onChange }: StateFilterProps) {
  const present = (['firing', 'pending', 'inactive', 'unknown'] as const)
    .map((state) => ({ state, count: alerts.filter((alert) => alert.state === state).length }))
    .filter(({ state, count }) => count > 0 || state !== 'unknown');
  return (
    <div role="group" aria-label="States" className={classes.states}>
      {present.map(({ state, count }) => (
        <button
          key={state}
          type="button"
          className={classes.state}
          aria-pressed={states.has(state)}
          onClick={() => {
            const next = new Set(states);
            if (!next.delete(state)) next.add(state);
            onChange(next);
          }}
        >
          <StateBadge tone={count === 0 ? 'unsure' : stateTones[state]}>
            {count} {state}
          </StateBadge>
        </button>
      ))}
    </div>
  );
}

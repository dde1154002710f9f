import { useState } from 'react';
import { type ActiveTarget, type TargetHealth } from '../api/index.ts';
import { humanizeSeconds } from '../format/duration.ts';
import { Ago, LabelChips, LinkedText, StateBadge, type Tone } from '../widgets/index.ts';
import classes from './targets.module.css';

const tones: Record<TargetHealth, Tone> = { up: 'good', down: 'bad', unknown: 'unsure' };

/** One target; its labels before relabelling on demand. */
export function TargetRow({ target, now }: { target: ActiveTarget; now: number }) {
  const [isShown, setShown] = useState(false);
  return (
    <div className={classes.row}>
      <div className={classes.endpoint}>
        <LinkedText text={target.scrapeUrl} className={classes.url} />
      </div>
      <div>
        <LabelChips labels={target.labels} />
        <button
          type="button"
          className={classes.more}
          aria-expanded={isShown}
          onClick={() => {
            setShown(!isShown);
          }}
        >
          {isShown ? 'Hide discovered labels' : 'Discovered labels'}
        </button>
      </div>
      <div className={classes.scrape}>
        <Ago time={target.lastScrape} now={now} />
        <span className={classes.took} title="How long the last scrape took, and the interval">
          took {humanizeSeconds(target.lastScrapeDuration)}, every {target.scrapeInterval}
        </span>
      </div>
      <div>
        <StateBadge tone={tones[target.health]}>{target.health}</StateBadge>
      </div>
      {target.lastError !== '' && <div className={classes.error}>{target.lastError}</div>}
      {isShown && (
        <div className={classes.discovered}>
          <LabelChips labels={target.discoveredLabels} />
        </div>
      )}
    </div>
  );
}

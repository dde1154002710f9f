import { type ReactNode } from 'react';
import { FailureNotice, Notice } from '../../widgets/index.ts';
import { type Place, placeOf } from '../expression/position.ts';
import classes from './result.module.css';

type Reveal = (place: Place) => void;

interface AnswerNotesProps {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly onReveal: Reveal;
}

/** What the server remarked beside the result. */
export function AnswerNotes({ warnings, infos, onReveal }: AnswerNotesProps) {
  if (warnings.length + infos.length === 0) return null;
  return (
    <div className={classes.notes}>
      {warnings.map((text) => (
        <Notice key={`w${text}`} tone="warn">
          <Remark text={text} onReveal={onReveal} />
        </Notice>
      ))}
      {infos.map((text) => (
        <Notice key={`i${text}`} tone="unsure">
          <Remark text={text} onReveal={onReveal} />
        </Notice>
      ))}
    </div>
  );
}

/** Why there is no result. */
export function QueryFailure({ error, onReveal, onRetry }: { error: Error; onReveal: Reveal; onRetry: () => void }) {
  const place = placeOf(error.message);
  if (place === undefined) return <FailureNotice error={error} onRetry={onRetry} />;
  return (
    <FailureNotice error={error}>
      <PlaceButton place={place} onReveal={onReveal} />
    </FailureNotice>
  );
}

function Remark({ text, onReveal }: { text: string; onReveal: Reveal }): ReactNode {
  const place = placeOf(text);
  return (
    <>
      {text} {place !== undefined && <PlaceButton place={place} onReveal={onReveal} />}
    </>
  );
}

function PlaceButton({ place, onReveal }: { place: Place; onReveal: Reveal }) {
  return (
    <button
      type="button"
      className={classes.place}
      onClick={() => {
        onReveal(place);
      }}
    >
      Go to line {place.line}, column {place.column}
    </button>
  );
}

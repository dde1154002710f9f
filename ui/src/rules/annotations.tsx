import { type Labels } from '../api/index.ts';
import { LinkedText } from '../widgets/index.ts';
import classes from './rules.module.css';

/** Annotations as name and text; a text that is an address becomes a link. */
export function Annotations({ annotations }: { annotations: Labels }) {
  const pairs = Object.entries(annotations);
  if (pairs.length === 0) return null;
  return (
    <dl className={classes.annotations}>
      {pairs.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <LinkedText text={text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

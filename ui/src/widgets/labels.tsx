import { formatLabelName, isPlainMetricName, labelPairs, type Labels, quote } from '../format/series-name.ts';
import classes from './labels.module.css';

/** Label pairs as chips; the metric name is left out. */
export function LabelChips({ labels, empty = '' }: { labels: Labels; empty?: string }) {
  const pairs = labelPairs(labels);
  if (pairs.length === 0) return <span className={classes.none}>{empty}</span>;
  return (
    <span className={classes.chips}>
      {pairs.map(([name, value]) => (
        <span key={name} className={classes.chip}>
          <span className={classes.label}>{formatLabelName(name)}</span>=
          <span className={classes.value}>{quote(value)}</span>
        </span>
      ))}
    </span>
  );
}

/** A series in selector notation with its parts told apart by colour. */
export function SeriesName({ labels }: { labels: Labels }) {
  const name = labels.__name__ ?? '';
  const plain = isPlainMetricName(name);
  const pairs = labelPairs(labels);
  const inBraces = pairs.length > 0 || !plain;
  return (
    <span className={classes.series}>
      {plain && <span className={classes.name}>{name}</span>}
      {inBraces && '{'}
      {!plain && name !== '' && <span className={classes.name}>{quote(name)}</span>}
      {!plain && name !== '' && pairs.length > 0 && ', '}
      {pairs.map(([label, value], i) => (
        <span key={label}>
          {i > 0 && ', '}
          <span className={classes.label}>{formatLabelName(label)}</span>=
          <span className={classes.value}>{quote(value)}</span>
        </span>
      ))}
      {inBraces && '}'}
    </span>
  );
}

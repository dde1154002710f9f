import { METRIC_NAME, type Labels } from '../../model/index.ts';

const METADATA = new Set([METRIC_NAME, '__type__', '__unit__']);

/** The labels without those that say what a metric is: a result computed from it is another metric. */
export function withoutMetadata(labels: Labels): Labels {
  return labels.drop(METADATA);
}

import { METRIC_NAME, Labels } from '../../model/index.ts';

/** Labels that describe the metric rather than the series: whatever changes the meaning of values drops them. */
const METADATA = new Set([METRIC_NAME, '__type__', '__unit__']);

/** The labels without name, type and unit: a result computed from a metric is another metric. */
export function withoutMetadata(labels: Labels): Labels {
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    // Most labels are told apart by their first character.
    if (pairs[i]!.charCodeAt(0) === 0x5f && METADATA.has(pairs[i]!)) return dropFrom(labels, i);
  }
  return labels;
}

function dropFrom({ pairs }: Labels, first: number): Labels {
  const kept = pairs.slice(0, first);
  for (let i = first + 2; i < pairs.length; i += 2) {
    if (!METADATA.has(pairs[i]!)) kept.push(pairs[i]!, pairs[i + 1]!);
  }
  return new Labels(kept);
}

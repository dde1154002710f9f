import {
  isValidLabelName,
  isValidMetricName,
  type Labels,
  LabelsBuilder,
  METRIC_NAME,
  quoteGo,
  type Relabeling,
} from '../model/index.ts';
import type { ScrapeConfig } from './config.ts';

/** A sample that makes the whole scrape fail; the message becomes the target's last error. */
export class ScrapeError extends Error {
  override readonly name: string = 'ScrapeError';
}

/** Labels that are too many or too long for the job's limits. */
export class LabelLimitError extends ScrapeError {
  override readonly name = 'LabelLimitError';
}

/**
 * The stored labels of an exposed series: merged with the target's, relabelled, and checked.
 *
 * @param exposed flat pairs as the page has them, empty values included
 * @param hasInvalidText some name among them is not UTF-8
 * @returns `undefined` when relabelling drops the series
 * @throws {ScrapeError} for labels that no series may have
 * @see Prometheus `scrape/scrape.go`, mutateSampleLabels
 */
export function sampleLabels(
  exposed: readonly string[],
  hasInvalidText: boolean,
  target: Labels,
  config: ScrapeConfig,
  relabeling: Relabeling,
): Labels | undefined {
  const builder = new LabelsBuilder();
  const given = new Set<string>();
  let repeated: string | undefined;
  for (let i = 0; i < exposed.length; i += 2) {
    const name = exposed[i]!;
    if (given.has(name)) repeated = name;
    given.add(name);
    builder.set(name, exposed[i + 1]!);
  }
  if (config.honorLabels) {
    // A label that is exposed as empty counts as exposed: the target's does not come in its place.
    for (const [name, value] of target) if (!given.has(name)) builder.set(name, value);
  } else {
    const conflicts: [name: string, value: string][] = [];
    for (const [name, value] of target) {
      const existing = builder.get(name);
      if (existing !== '') conflicts.push([name, existing]);
      builder.set(name, value);
    }
    conflicts.sort(([a], [b]) => a.length - b.length);
    for (const [name, value] of conflicts) {
      let renamed = `exported_${name}`;
      while (builder.get(renamed) !== '') renamed = `exported_${renamed}`;
      builder.set(renamed, value);
    }
  }
  if (!relabeling.apply(builder)) return undefined;
  const labels = builder.labels();
  if (labels.size === 0) return undefined;
  checkLabels(labels, hasInvalidText, config);
  // Only the store minds, so relabelling may have put it right.
  if (repeated !== undefined && labels.has(repeated)) {
    throw new ScrapeError(`label name ${quoteGo(repeated)} is not unique: invalid sample`);
  }
  return labels;
}

function checkLabels(labels: Labels, hasInvalidText: boolean, config: ScrapeConfig): void {
  const metricName = labels.metricName;
  if (metricName === '') throw new ScrapeError('missing metric name (__name__ label)');
  const scheme = config.metricNameValidationScheme;
  let isValid = !hasInvalidText && isValidMetricName(metricName, scheme);
  for (const [name] of labels) isValid &&= name === METRIC_NAME || isValidLabelName(name, scheme);
  if (!isValid) throw new ScrapeError(`invalid metric name or label names: ${labels.toString()}`);
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = config;
  if (labelLimit > 0 && labels.size > labelLimit) {
    throw new LabelLimitError(
      `label_limit exceeded (metric: ${metricName.slice(0, 50)}, number of labels: ${labels.size}, limit: ${labelLimit})`,
    );
  }
  for (const [name, value] of labels) {
    if (labelNameLengthLimit > 0 && Buffer.byteLength(name) > labelNameLengthLimit) {
      throw new LabelLimitError(
        `label_name_length_limit exceeded (metric: ${metricName.slice(0, 50)}, label name: ${name.slice(0, 50)}, length: ${Buffer.byteLength(name)}, limit: ${labelNameLengthLimit})`,
      );
    }
    if (labelValueLengthLimit > 0 && Buffer.byteLength(value) > labelValueLengthLimit) {
      throw new LabelLimitError(
        `label_value_length_limit exceeded (metric: ${metricName.slice(0, 50)}, label name: ${name}, value: ${quoteGo(value.slice(0, 50))}, length: ${Buffer.byteLength(value)}, limit: ${labelValueLengthLimit})`,
      );
    }
  }
}

/**
 * The labels of a series the scraper itself writes about a target. What the target's labels would shadow is kept as `exported_…`.
 */
export function reportLabels(name: string, target: Labels): Labels {
  const builder = new LabelsBuilder();
  builder.set(METRIC_NAME, name);
  for (const [label, value] of target) {
    const existing = builder.get(label);
    if (existing !== '') builder.set(`exported_${label}`, existing);
    builder.set(label, value);
  }
  // No label of a target may pass for the report's name.
  return builder.set(METRIC_NAME, name).labels();
}

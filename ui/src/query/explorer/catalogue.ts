import { type MetadataByName, type MetricMetadata } from '../../api/index.ts';

/** A metric as the explorer lists it. */
export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

const suffixes = /(?:_total|_count|_sum|_bucket|_created|_info)$/;

/**
 * What is known of a metric name. Targets describe families: `x_bucket`, `x_sum` and `x_count` are described as `x`,
 * and OpenMetrics counters `x_total` as `x`.
 */
export function metadataOf(metadata: MetadataByName, name: string): MetricMetadata | undefined {
  return own(metadata, name) ?? own(metadata, name.replace(suffixes, ''));
}

// Names come from exporters: "constructor" is a valid one, and no property of the answer.
function own(metadata: MetadataByName, name: string): MetricMetadata | undefined {
  return Object.hasOwn(metadata, name) ? metadata[name]?.[0] : undefined;
}

/** All names with what is known of them, sorted by name. */
export function buildCatalogue(names: readonly string[], metadata: MetadataByName): Metric[] {
  return [...names]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => {
      const known = metadataOf(metadata, name);
      return { name, type: known?.type ?? 'unknown', help: known?.help ?? '', unit: known?.unit ?? '' };
    });
}

/**
 * The metrics that hold every word of a search in their name or help; those that begin with the search come first, then
 * those with all words in the name.
 */
export function searchCatalogue(catalogue: readonly Metric[], search: string): readonly Metric[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return catalogue;
  const ranked: [Metric[], Metric[], Metric[]] = [[], [], []];
  for (const metric of catalogue) {
    const name = metric.name.toLowerCase();
    if (name.startsWith(words.join('_'))) ranked[0].push(metric);
    else if (words.every((word) => name.includes(word))) ranked[1].push(metric);
    else {
      const all = `${name} ${metric.help.toLowerCase()}`;
      if (words.every((word) => all.includes(word))) ranked[2].push(metric);
    }
  }
  return ranked.flat();
}

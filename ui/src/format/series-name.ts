/** Label names and values of a series as the API gives them. */
export type Labels = Readonly<Record<string, string>>;

const plainMetricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const plainLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A PromQL string literal that reads back as the text. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}

export const isPlainMetricName = (name: string): boolean => plainMetricName.test(name);

/** A label name as a selector writes it: quoted where it has characters beyond the classic set. */
export const formatLabelName = (name: string): string => (plainLabelName.test(name) ? name : quote(name));

/** The label pairs beside the metric name, in the order of the API. */
export function labelPairs(labels: Labels): [string, string][] {
  return Object.entries(labels).filter(([name]) => name !== '__name__');
}

/**
 * A series as a selector that finds it again: `up{job="node"}`, `{"http.requests", path="/"}`, `{}`.
 */
export function formatSeries(labels: Labels): string {
  const name = labels.__name__ ?? '';
  const pairs = labelPairs(labels).map(([label, value]) => `${formatLabelName(label)}=${quote(value)}`);
  if (name === '') return `{${pairs.join(', ')}}`;
  if (!isPlainMetricName(name)) return `{${[quote(name), ...pairs].join(', ')}}`;
  return pairs.length === 0 ? name : `${name}{${pairs.join(', ')}}`;
}

import type { TargetGroup } from '../discovery/index.ts';
import { formatDuration, LabelsBuilder, parseDuration, quoteGo, type Labels, type Relabeling } from '../model/index.ts';
import type { ScrapeConfig } from './config.ts';
import { CONVERTS_CLASSIC_LABEL, KEEPS_CLASSIC_LABEL, parseBool, TAKES_NATIVE_LABEL, Target } from './target.ts';

/** What became of one discovered target. */
export type PopulatedTarget =
  | { readonly kind: 'active'; readonly target: Target }
  | { readonly kind: 'dropped'; readonly discoveredLabels: Labels }
  | { readonly kind: 'failed'; readonly discoveredLabels: Labels; readonly reason: string };

/**
 * The targets of a group after relabelling.
 *
 * @see Prometheus `scrape/target.go`, PopulateLabels
 */
export function targetsOfGroup(group: TargetGroup, config: ScrapeConfig, relabeling: Relabeling): PopulatedTarget[] {
  return group.targets.map((own) => {
    const builder = new LabelsBuilder(own);
    const setMissing = (name: string, value: string) => {
      if (builder.get(name) === '') builder.set(name, value);
    };
    for (const [name, value] of group.labels) setMissing(name, value);
    setMissing('job', config.jobName);
    setMissing('__scrape_interval__', formatDuration(config.scrapeIntervalMs));
    setMissing('__scrape_timeout__', formatDuration(config.scrapeTimeoutMs));
    setMissing('__metrics_path__', config.metricsPath);
    setMissing('__scheme__', config.scheme);
    setMissing(CONVERTS_CLASSIC_LABEL, String(config.convertClassicHistogramsToNhcb));
    setMissing(KEEPS_CLASSIC_LABEL, String(config.alwaysScrapeClassicHistograms));
    setMissing(TAKES_NATIVE_LABEL, String(config.scrapeNativeHistograms));
    for (const [name, values] of config.params) if (values.length > 0) setMissing(`__param_${name}`, values[0]!);
    const discoveredLabels = builder.labels();
    if (!relabeling.apply(builder)) return { kind: 'dropped', discoveredLabels };
    const reason = problemOf(builder);
    if (reason !== undefined) return { kind: 'failed', discoveredLabels, reason };
    for (const name of builder.names()) if (name.startsWith('__meta_')) builder.delete(name);
    setMissing('instance', builder.get('__address__'));
    return { kind: 'active', target: new Target(discoveredLabels, builder.labels(), config.params) };
  });
}

const choices = [
  [CONVERTS_CLASSIC_LABEL, 'convert classic histograms to nhcb'],
  [KEEPS_CLASSIC_LABEL, 'always scrape classic histograms'],
  [TAKES_NATIVE_LABEL, 'scrape native histograms'],
] as const;

function problemOf(labels: LabelsBuilder): string | undefined {
  const address = labels.get('__address__');
  if (address === '') return 'no address';
  if (address.includes('/')) return `${JSON.stringify(address)} is not a valid hostname`;
  const scheme = labels.get('__scheme__');
  if (scheme !== 'http' && scheme !== 'https') return `scheme ${JSON.stringify(scheme)} is not http or https`;
  const interval = labels.get('__scrape_interval__');
  const intervalMs = parseDuration(interval);
  if (intervalMs === undefined)
    return `error parsing scrape interval: not a valid duration string: ${JSON.stringify(interval)}`;
  if (intervalMs === 0) return 'scrape interval cannot be 0';
  const timeout = labels.get('__scrape_timeout__');
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined)
    return `error parsing scrape timeout: not a valid duration string: ${JSON.stringify(timeout)}`;
  if (timeoutMs === 0) return 'scrape timeout cannot be 0';
  if (timeoutMs > intervalMs) {
    return `scrape timeout cannot be greater than scrape interval (${JSON.stringify(timeout)} > ${JSON.stringify(interval)})`;
  }
  for (const [name, what] of choices) {
    const value = labels.get(name);
    if (value !== '' && parseBool(value) === undefined) {
      return `error parsing ${what}: strconv.ParseBool: parsing ${quoteGo(value)}: invalid syntax`;
    }
  }
  return undefined;
}

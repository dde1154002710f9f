import { createHash } from 'node:crypto';
import { parseDuration, type Labels } from '../model/index.ts';

export type TargetHealth = 'unknown' | 'up' | 'down';

/** Labels that begin so are for relabelling only and never reach the stored series. */
const RESERVED = '__';
const PARAM_PREFIX = '__param_';

/** What becomes of a target's histograms: as configured for the job, unless relabelling chose otherwise for the target. */
export interface HistogramChoice {
  readonly takesNative: boolean;
  /** Classic buckets are taken besides a native histogram. */
  readonly keepsClassic: boolean;
  /** Classic histograms become native ones with custom buckets. */
  readonly convertsClassic: boolean;
}

/** The labels that make the choice for a target. */
export const TAKES_NATIVE_LABEL = '__scrape_native_histograms__';
export const KEEPS_CLASSIC_LABEL = '__always_scrape_classic_histograms__';
export const CONVERTS_CLASSIC_LABEL = '__convert_classic_histograms_to_nhcb__';

/** Go's `strconv.ParseBool`; `undefined` for anything else. */
export function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}

/** One endpoint that is scraped. What changes with each scrape is written by its loop. */
export class Target {
  /** What discovery and the configuration said last, before relabelling. */
  discoveredLabels: Labels;
  /** What the stored series carry. */
  readonly labels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly histograms: HistogramChoice;
  /** Equal for two targets exactly when they are the same endpoint with the same labels. */
  readonly key: string;

  health: TargetHealth = 'unknown';
  lastError = '';
  /** ms; 0 before the first scrape. */
  lastScrapeMs = 0;
  lastDurationSeconds = 0;

  /** @param relabeled the labels after relabelling, reserved ones included */
  constructor(discoveredLabels: Labels, relabeled: Labels, params: ReadonlyMap<string, readonly string[]>) {
    this.discoveredLabels = discoveredLabels;
    this.labels = withoutReserved(relabeled);
    this.url = urlOf(relabeled, params);
    this.intervalMs = parseDuration(relabeled.get('__scrape_interval__')) ?? 0;
    this.timeoutMs = parseDuration(relabeled.get('__scrape_timeout__')) ?? 0;
    this.histograms = {
      takesNative: parseBool(relabeled.get(TAKES_NATIVE_LABEL)) ?? false,
      keepsClassic: parseBool(relabeled.get(KEEPS_CLASSIC_LABEL)) ?? false,
      convertsClassic: parseBool(relabeled.get(CONVERTS_CLASSIC_LABEL)) ?? false,
    };
    this.key = `${this.url}\u0000${relabeled.key()}`;
  }

  /**
   * How far after a multiple of the interval this target is scraped: spreads targets evenly, and is the same after a restart.
   *
   * @param seed differs between servers that scrape the same targets
   */
  offsetMs(seed: string): number {
    const hash = createHash('md5').update(seed).update(this.key).digest();
    return hash.readUIntBE(0, 6) % this.intervalMs;
  }
}

function withoutReserved(labels: Labels): Labels {
  const names = new Set<string>();
  for (const [name] of labels) if (name.startsWith(RESERVED)) names.add(name);
  return labels.drop(names);
}

function urlOf(labels: Labels, configured: ReadonlyMap<string, readonly string[]>): string {
  const params = new Map<string, string[]>();
  for (const [name, values] of configured) params.set(name, [...values]);
  for (const [name, value] of labels) {
    if (!name.startsWith(PARAM_PREFIX)) continue;
    const key = name.slice(PARAM_PREFIX.length);
    const values = params.get(key);
    if (values === undefined || values.length === 0) params.set(key, [value]);
    else values[0] = value;
  }
  const query = new URLSearchParams();
  for (const name of [...params.keys()].sort()) for (const value of params.get(name)!) query.append(name, value);
  const path = labels.get('__metrics_path__');
  const text = query.toString();
  return `${labels.get('__scheme__')}://${labels.get('__address__')}${path.startsWith('/') ? '' : '/'}${path}${text === '' ? '' : `?${text}`}`;
}

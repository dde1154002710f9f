import { createHash } from 'node:crypto';
import { parseDuration, type Labels } from '../model/index.ts';

export type TargetHealth = 'unknown' | 'up' | 'down';

/** Labels that begin so are for relabelling only and never reach the stored series. */
const RESERVED = '__';
const PARAM_PREFIX = '__param_';

/** One endpoint that is scraped. What changes with each scrape is written by its loop. */
export class Target {
  /** What discovery and the configuration said, before relabelling. */
  readonly discoveredLabels: Labels;
  /** What the stored series carry. */
  readonly labels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
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

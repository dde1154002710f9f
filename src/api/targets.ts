import type { Scope } from '../access/index.ts';
import { compareText } from '../model/index.ts';
import { success, type Route } from '../web/index.ts';
import type { ApiServices, TargetStatus } from './services.ts';
import { goTime, wholeNanoseconds } from './times.ts';

/** targets, scrape_pools. */
export function targetRoutes(services: ApiServices): Route[] {
  const { targets } = services;
  return [
    {
      path: '/api/v1/targets',
      methods: ['GET'],
      effect: 'read',
      permission: 'targets.read',
      summary: 'scrape targets and how their last scrape went',
      handler: ({ urlParams, scope }) => {
        const state = urlParams.get('state').toLowerCase();
        const pool = urlParams.get('scrapePool');
        const asked = (kind: string) => state === '' || state === 'any' || state === kind;
        const inPool = (target: { readonly pool: string }) => pool === '' || target.pool === pool;
        const active = asked('active') ? targets.active().filter((t) => inPool(t) && scope.sees(t.labels)) : [];
        // A dropped target has no labels of its own by which it could be seen.
        const showDropped = asked('dropped') && scope.isUnrestricted;
        return success({
          activeTargets: byPool(active).map((target) => targetJson(services, target, scope)),
          droppedTargets: showDropped
            ? byPool(targets.dropped().filter(inPool)).map((target) => ({
                discoveredLabels: target.discoveredLabels,
                scrapePool: target.pool,
              }))
            : [],
          droppedTargetCounts: asked('dropped') ? (showDropped ? targets.droppedCounts() : {}) : null,
        });
      },
    },
    {
      path: '/api/v1/scrape_pools',
      methods: ['GET'],
      effect: 'read',
      permission: 'targets.read',
      summary: 'names of the scrape pools',
      handler: ({ scope }) => {
        const visible = scope.isUnrestricted
          ? targets.pools()
          : targets
              .active()
              .filter((target) => scope.sees(target.labels))
              .map(({ pool }) => pool);
        return success({ scrapePools: [...new Set(visible)].sort(compareText) });
      },
    },
  ];
}

function byPool<T extends { readonly pool: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => compareText(a.pool, b.pool));
}

function targetJson(services: ApiServices, target: TargetStatus, scope: Scope): unknown {
  return {
    // What discovery said may hold what relabelling hid on purpose.
    discoveredLabels: scope.isUnrestricted ? target.discoveredLabels : {},
    labels: target.labels,
    scrapePool: target.pool,
    scrapeUrl: target.url,
    globalUrl: globalUrl(target.url, services.externalUrl, services.ownPort()),
    lastError: target.lastError,
    lastScrape: goTime(target.lastScrapeMs),
    lastScrapeDuration: wholeNanoseconds(target.lastScrapeSeconds),
    health: target.health,
    scrapeInterval: target.interval,
    scrapeTimeout: target.timeout,
  };
}

const localHosts: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * A target's URL as others may reach it: what is local to this machine is called by the external URL's name; if it is this server,
 * by its scheme and port too.
 *
 * @see Prometheus `web/api/v1/api.go`, getGlobalURL
 */
export function globalUrl(scrapeUrl: string, externalUrl: URL, ownPort: number): string {
  if (!URL.canParse(scrapeUrl)) return scrapeUrl;
  const url = new URL(scrapeUrl);
  if (!localHosts.has(url.hostname)) return scrapeUrl;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const rest = `${url.pathname}${url.search}${url.hash}`;
  if (port === ownPort) return `${externalUrl.protocol}//${externalUrl.host}${rest}`;
  return `${url.protocol}//${externalUrl.hostname}${url.port === '' ? '' : `:${url.port}`}${rest}`;
}

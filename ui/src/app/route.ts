/** The pages; `permission` is what the server asks for before it answers their main request. */
export const pages = [
  { path: '/query', title: 'Query', permission: 'query' },
  { path: '/alerts', title: 'Alerts', permission: 'alerts.read' },
  { path: '/rules', title: 'Rules', permission: 'rules.read' },
  { path: '/targets', title: 'Targets', permission: 'targets.read' },
  { path: '/status', title: 'Status', permission: 'metrics.read' },
] as const;

export type PagePath = (typeof pages)[number]['path'];
export type RoutePath = PagePath | '/signin';

/** Where the page is served: the path of `<base href>`, always ending in `/`. */
export function basePath(baseUri: string): string {
  const { pathname } = new URL(baseUri);
  return pathname.slice(0, pathname.lastIndexOf('/') + 1);
}

/**
 * The route of an address, or `undefined` for none. `/` and `/graph` (where alerts of older Prometheus servers link to)
 * are the query page.
 *
 * @param base from `basePath`
 * @param pathname of the location
 */
export function routeOf(base: string, pathname: string): RoutePath | undefined {
  if (`${pathname}/` === base) return '/query';
  if (!pathname.startsWith(base)) return undefined;
  const path = `/${pathname.slice(base.length).replace(/\/+$/, '')}`;
  if (path === '/' || path === '/graph' || path === '/query') return '/query';
  if (path === '/signin') return path;
  return pages.find((p) => p.path === path)?.path;
}

/** The address of a route: `hrefOf('/prefix/', '/query', '?g0.expr=up')`. */
export function hrefOf(base: string, path: string, search = ''): string {
  return base + path.replace(/^\//, '') + search;
}

/**
 * Where to go after signing in: `next` if it is a path of this very page on this origin, else the first page. `next`
 * comes from an address anyone can write, so that only what the browser itself resolves to this origin below the base
 * counts.
 */
export function safeNext(next: string | null, base: string, origin: string): string {
  const home = hrefOf(base, '/query');
  // A browser reads `\` as `/` and drops tabs and newlines: `/\evil.example` and `/<tab>/evil.example` leave the origin.
  if (next === null || !next.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(next)) return home;
  let url: URL;
  try {
    url = new URL(next, origin);
  } catch {
    return home;
  }
  if (url.origin !== origin || next.startsWith('//')) return home;
  const route = routeOf(base, url.pathname);
  if (route === undefined || route === '/signin') return home;
  return url.pathname + url.search + url.hash;
}

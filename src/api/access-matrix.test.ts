import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, bearer, startApi, tokens, type ApiServer } from '../../test/api-server.ts';
import { rawRequest } from '../../test/raw-http.ts';
import { builtInRoles, isPermission } from '../access/index.ts';
import type { Route } from '../web/index.ts';
import { pageRoutes } from './page.ts';
import { apiRoutes } from './routes.ts';

let api: ApiServer;
let routes: Route[];

beforeAll(async () => {
  api = await startApi({ page: '/nonexistent' });
  routes = [...apiRoutes(api.services), ...pageRoutes({ dir: '/nonexistent', basePath: '/', title: '' })];
});
afterAll(() => api.close());

/** A URL of the route, with something in place of its captures. */
const urlOf = (route: Route) => route.path.replace(':name', 'job').replace(':id', '1').replace('*', 'x.js');
const methodsOf = (route: Route): ('GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS')[] => [
  ...route.methods,
  ...(route.methods.includes('GET' as never) ? (['HEAD'] as const) : []),
];

async function status(method: string, url: string, headers: Record<string, string> = {}): Promise<number> {
  return (await api.server.inject({ method: method as 'GET', url, headers })).statusCode;
}

/** What each kind of caller should see: 401, 403, or neither. */
function expected(
  route: Route,
  role: keyof typeof builtInRoles | 'none' | 'bad',
): 'unauthorized' | 'forbidden' | 'admitted' {
  const { permission } = route;
  if (permission === 'open' || permission === 'health') return 'admitted';
  if (role === 'none' || role === 'bad') return 'unauthorized';
  if (permission === 'identity') return 'admitted';
  return builtInRoles[role]!.includes(permission) ? 'admitted' : 'forbidden';
}

const verdict = (code: number) => (code === 401 ? 'unauthorized' : code === 403 ? 'forbidden' : 'admitted');

describe('every route', () => {
  const callers: [name: string, headers: Record<string, string>, role: Parameters<typeof expected>[1]][] = [
    ['no credential', {}, 'none'],
    ['a wrong token', bearer('ygr_wrong'), 'bad'],
    ['a wrong password', basic('alice', 'wrong'), 'bad'],
    ['an unknown user', basic('nobody', 'secret'), 'bad'],
    ['a malformed header', { authorization: 'Basic !!!' }, 'bad'],
    ['an unknown scheme', { authorization: 'Digest username="alice"' }, 'bad'],
    ['an expired token', bearer(tokens.expired), 'bad'],
    ['a viewer', bearer(tokens.viewer), 'viewer'],
    ['an editor', bearer(tokens.editor), 'editor'],
    ['a writer', bearer(tokens.writer), 'writer'],
    ['an administrator', bearer(tokens.admin), 'admin'],
    ['an administrator with a password', basic('alice', 'secret'), 'admin'],
  ];

  it.each(callers)('judges %s by its permission, with every method', async (_name, headers, role) => {
    for (const route of routes) {
      // Signing in answers 401 itself where the proof is missing or wrong.
      if (route.path === '/api/v1/session' && route.methods.includes('POST' as never)) continue;
      for (const method of methodsOf(route)) {
        await api.clock.advance(120_000);
        const code = await status(method, urlOf(route), headers);
        expect([method, route.path, code, verdict(code)]).toEqual([method, route.path, code, expected(route, role)]);
      }
    }
  });

  it('answers OPTIONS to whom it answers GET', async () => {
    for (const route of routes.filter(({ effect }) => effect === 'read')) {
      for (const [, headers, role] of callers.filter(
        ([name]) => !name.includes('password') && !name.includes('user'),
      )) {
        const code = await status('OPTIONS', urlOf(route), headers);
        expect([route.path, role, verdict(code)]).toEqual([route.path, role, expected(route, role)]);
        if (expected(route, role) === 'admitted') expect(code).toBe(204);
      }
    }
  });

  it('refuses methods it does not have, whoever asks, without running anything', async () => {
    const calls = api.calls.length;
    for (const route of routes) {
      const declared = new Set(routes.filter(({ path }) => path === route.path).flatMap((r) => methodsOf(r)));
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        if (declared.has(method as never)) continue;
        const response = await api.server.inject({ method, url: urlOf(route), headers: bearer(tokens.admin) });
        expect([route.path, method, response.statusCode]).toEqual([route.path, method, 405]);
        expect(response.headers.allow).toContain('OPTIONS');
      }
    }
    expect(api.calls.length).toBe(calls);
  });

  it('takes no method from a header or a parameter', async () => {
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const response = await api.server.inject({
        method: 'GET',
        url: '/-/reload?_method=POST',
        headers: { ...bearer(tokens.admin), [name]: 'POST' },
      });
      expect(response.statusCode).toBe(405);
    }
  });

  it('declares a permission, an effect and a summary', () => {
    for (const route of routes) {
      expect(route.permission === 'open' || route.permission === 'identity' || isPermission(route.permission)).toBe(
        true,
      );
      expect(route.effect === 'read' || !route.methods.includes('GET' as never)).toBe(true);
      expect(route.summary.length).toBeGreaterThan(3);
    }
  });

  it('is reached by its own spelling only', async () => {
    const spellings = (path: string): string[] => {
      const rest = path.slice(1);
      const head = rest.split('/')[0]!;
      const last = path.at(-1)!;
      return [
        `/${path}`,
        `//${rest}/`,
        `/.${path}`,
        `/x/..${path}`,
        `${path}/`,
        `${path}//`,
        `${path}/.`,
        `${path}/x/..`,
        `${path}%00`,
        `${path}%20`,
        `${path};x=1`,
        `${path}%2f`,
        `${path}%2e`,
        `${path}\\`,
        `/%2e${path}`,
        `/%2f${rest}`,
        path.replace(last, `%${last.charCodeAt(0).toString(16)}`),
        path.replace(head, head.toUpperCase()),
        path.replaceAll('/', '\\'),
        path.replaceAll('/', '%2f'),
        path.replaceAll('/', '%5c'),
        `http://mon.example${path}`,
      ].filter((spelling) => spelling !== path);
    };
    await api.server.listen();
    const { port } = api.server.addresses[0]!;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const canonical = new Set(routes.map(urlOf));
    for (const route of routes.filter(({ permission }) => isPermission(permission) && permission !== 'health')) {
      for (const path of spellings(urlOf(route))) {
        // A name may end in anything: it is only a name.
        const isName = path.startsWith('/api/v1/queries/') && /%20$|;x=1$/.test(path);
        if (canonical.has(path) || isName) continue;
        const { status: code } = await rawRequest(port, {
          method: route.methods[0]!,
          path,
          headers: bearer(tokens.admin),
          agent,
        });
        // What does not even begin like a path is no HTTP.
        expect([path, code]).toEqual([path, path.startsWith('/') || path.startsWith('http') ? 404 : 400]);
      }
    }
    agent.destroy();
  });
});

describe('answers to those who may not', () => {
  it('name the missing permission', async () => {
    const response = await api.server.inject({ url: '/api/v1/status/config', headers: bearer(tokens.viewer) });
    expect(response.json()).toEqual({
      status: 'error',
      errorType: 'forbidden',
      error: 'viewer lacks the permission config.read',
      permission: 'config.read',
    });
  });

  it('ask scripts for a password or a token, and browsers for a token only, so that no dialog pops up', async () => {
    const script = await api.server.inject({ url: '/api/v1/query' });
    expect(script.headers['www-authenticate']).toBe('Basic realm="yagura", charset="UTF-8", Bearer realm="yagura"');
    const browser = await api.server.inject({ url: '/api/v1/query', headers: { 'sec-fetch-site': 'same-origin' } });
    expect(browser.headers['www-authenticate']).toBe('Bearer realm="yagura"');
  });

  it('are text outside the API', async () => {
    const response = await api.server.inject({ url: '/metrics' });
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(response.body).toBe('sign in first: the permission metrics.read is needed\n');
  });

  it('make those who guess passwords wait', async () => {
    const guess = () => api.server.inject({ url: '/metrics', headers: basic('mallory', 'guess') });
    for (let i = 0; i < 6; i++) expect((await guess()).statusCode).toBe(401);
    const response = await guess();
    expect(response.statusCode).toBe(429);
    expect(response.headers['retry-after']).toBe('1');
    expect((await api.server.inject({ url: '/-/healthy', headers: basic('mallory', 'guess') })).statusCode).toBe(200);
  });
});

describe('--insecure', () => {
  it('lets everybody do everything, but no page of another site change anything', async () => {
    const open = await startApi({ insecure: true });
    const reload = async (headers: Record<string, string>) =>
      (await open.server.inject({ method: 'POST', url: '/-/reload', headers })).statusCode;
    expect((await open.server.inject({ url: '/api/v1/status/config' })).statusCode).toBe(200);
    expect(await reload({})).toBe(200);
    expect(await reload({ origin: 'http://evil.example' })).toBe(403);
    expect(await reload({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await reload({ origin: 'http://localhost:80', host: 'localhost:80' })).toBe(200);
    expect(await reload({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    await open.close();
  });
});

describe('the permission of each route', () => {
  it('is the one the access model names', () => {
    const table: Record<string, string[]> = {};
    for (const { permission, effect, methods, path } of routes) {
      (table[permission] ??= []).push(`${effect === 'change' ? `${methods.join(' ')} ` : ''}${path}`);
    }
    for (const list of Object.values(table)) list.sort();
    const { open, ...guarded } = table;
    expect(open).toEqual([...new Set(open)]);
    expect(open!.filter((path) => path.includes('/api/'))).toEqual(['POST /api/v1/session']);
    expect(guarded).toEqual({
      health: ['/-/healthy', '/-/ready'],
      identity: ['/api/v1/session', 'DELETE /api/v1/session'],
      'metrics.read': ['/api/v1/status/buildinfo', '/metrics', '/version'],
      query: [
        '/api/v1/format_query',
        '/api/v1/label/:name/values',
        '/api/v1/labels',
        '/api/v1/metadata',
        '/api/v1/parse_query',
        '/api/v1/queries',
        '/api/v1/query',
        '/api/v1/query_exemplars',
        '/api/v1/query_range',
        '/api/v1/series',
        '/federate',
        'DELETE /api/v1/queries/:id',
      ],
      'targets.read': ['/api/v1/alertmanagers', '/api/v1/scrape_pools', '/api/v1/targets', '/api/v1/targets/metadata'],
      'rules.read': ['/api/v1/rules'],
      'alerts.read': ['/api/v1/alerts'],
      'config.read': [
        '/api/v1/features',
        '/api/v1/notifications',
        '/api/v1/status/config',
        '/api/v1/status/flags',
        '/api/v1/status/runtimeinfo',
        '/api/v1/status/tsdb',
        '/api/v1/status/walreplay',
      ],
      admin: [
        'POST PUT /api/v1/admin/tsdb/clean_tombstones',
        'POST PUT /api/v1/admin/tsdb/delete_series',
        'POST PUT /api/v1/admin/tsdb/snapshot',
      ],
      lifecycle: ['POST PUT /-/quit', 'POST PUT /-/reload'],
    });
  });
});

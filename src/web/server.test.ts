import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, startApi, tokens, type ApiServer } from '../../test/api-server.ts';
import type { Route, ScopedRequest, WebRequest } from './route.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const admin = bearer(tokens.admin);
const get = (url: string, headers: Record<string, string> = {}) =>
  api.server.inject({ url, headers: { ...admin, ...headers } });

describe('hosts', () => {
  it('that the server does not go by are turned away before anything else', async () => {
    for (const url of ['/api/v1/labels', '/-/healthy', '/nowhere', '/']) {
      const response = await get(url, { host: 'evil.example:9090' });
      expect([url, response.statusCode]).toEqual([url, 421]);
    }
    expect((await get('/api/v1/labels', { host: 'evil.example' })).json()).toEqual({
      status: 'error',
      errorType: 'misdirected',
      error: '"evil.example" is not a name of this server; if it should be, name it in --web.external-url',
    });
  });

  it('that it goes by are served', async () => {
    for (const host of ['mon.example', 'mon.example:9090', '127.0.0.1:1', '[::1]:9090', 'localhost']) {
      expect([host, (await get('/-/healthy', { host })).statusCode]).toEqual([host, 200]);
    }
  });

  it('are not taken from headers of proxies', async () => {
    const response = await get('/-/healthy', {
      host: 'evil.example',
      'x-forwarded-host': 'mon.example',
      forwarded: 'host=mon.example',
    });
    expect(response.statusCode).toBe(421);
  });
});

describe('other origins', () => {
  it('may read when they are listed exactly, without cookies', async () => {
    const response = await get('/api/v1/labels', { origin: 'https://grafana.example' });
    expect(response.headers['access-control-allow-origin']).toBe('https://grafana.example');
    expect(response.headers['access-control-allow-credentials']).toBeUndefined();
    expect(response.headers.vary).toContain('Origin');
  });

  it('may not otherwise, and the answer says that it depends', async () => {
    for (const origin of ['https://evil.example', 'null', 'https://grafana.example.evil', 'http://grafana.example']) {
      const response = await get('/api/v1/labels', { origin });
      expect(response.headers['access-control-allow-origin']).toBeUndefined();
      expect(response.headers.vary).toContain('Origin');
    }
  });

  it('are answered what a browser asks beforehand, without a credential, when they are listed', async () => {
    const ask = (origin: string, method = 'POST') =>
      api.server.inject({
        method: 'OPTIONS',
        url: '/api/v1/query',
        headers: { origin, 'access-control-request-method': method, 'access-control-request-private-network': 'true' },
      });
    const listed = await ask('https://grafana.example');
    expect(listed.statusCode).toBe(204);
    expect(listed.headers).toMatchObject({
      'access-control-allow-origin': 'https://grafana.example',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS, POST',
      'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
    });
    expect(listed.headers['access-control-allow-private-network']).toBeUndefined();
    const other = await ask('https://evil.example');
    expect(other.statusCode).toBe(401);
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('every answer', () => {
  it.each(['/api/v1/labels', '/api/v1/nowhere', '/metrics', '/-/healthy', '/api/v1/query', '/%2e%2e/x'])(
    'to %s carries the security headers',
    async (url) => {
      const { headers } = await get(url);
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers.server).toBeUndefined();
      expect(headers['x-powered-by']).toBeUndefined();
    },
  );

  it('carries the headers of the web configuration in place of its own', async () => {
    const other = await startApi({ web: { headers: { 'X-Frame-Options': 'SAMEORIGIN' } } });
    const response = await other.server.inject({ url: '/-/healthy' });
    expect(response.headers['x-frame-options']).toBe('SAMEORIGIN');
    other.server.reconfigure({ headers: { 'X-Frame-Options': 'deny' } });
    expect((await other.server.inject({ url: '/-/healthy' })).headers['x-frame-options']).toBe('deny');
    await other.close();
  });
});

describe('the server', () => {
  it('says what Go says for what does not exist', async () => {
    const response = await get('/api/v1/nowhere');
    expect([response.statusCode, response.body]).toEqual([404, '404 page not found\n']);
  });

  it('refuses a wrong method', async () => {
    const response = await api.server.inject({ method: 'PUT', url: '/api/v1/query', headers: admin });
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
    expect((await get('/-/reload')).body).toBe('Only POST or PUT requests allowed\n');
  });

  it('is not available before it is ready, and says whether it is stopping', async () => {
    const starting = await startApi();
    for (const [readiness, stopping] of [
      ['starting', 'false'],
      ['stopping', 'true'],
    ] as const) {
      starting.readiness = readiness;
      const response = await starting.server.inject({ url: '/api/v1/labels', headers: admin });
      expect([response.statusCode, response.body]).toEqual([503, 'Service Unavailable']);
      expect(response.headers['x-prometheus-stopping']).toBe(stopping);
      expect((await starting.server.inject({ url: '/-/ready' })).statusCode).toBe(503);
      expect((await starting.server.inject({ url: '/-/healthy' })).statusCode).toBe(200);
      expect((await starting.server.inject({ url: '/api/v1/status/walreplay', headers: admin })).statusCode).toBe(200);
      expect((await starting.server.inject({ url: '/api/v1/labels' })).statusCode).toBe(401);
    }
    await starting.close();
  });

  it('compresses what is worth it', async () => {
    const big = '/api/v1/query?query=' + encodeURIComponent('{__name__=~".+"}');
    for (const encoding of ['gzip', 'deflate']) {
      const metrics = await get('/metrics', { 'accept-encoding': encoding });
      expect(metrics.headers['content-encoding']).toBe(encoding);
      expect(metrics.headers.vary?.toString().toLowerCase()).toContain('accept-encoding');
    }
    expect((await get(big, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
    expect((await get('/metrics', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined();
  });

  it('serves below a prefix and nowhere else', async () => {
    const prefixed = await startApi({ web: { routePrefix: '/prom' } });
    const ask = async (url: string) => (await prefixed.server.inject({ url, headers: admin })).statusCode;
    expect(await ask('/prom/api/v1/labels')).toBe(200);
    expect(await ask('/prom/-/healthy')).toBe(200);
    expect(await ask('/api/v1/labels')).toBe(404);
    expect(await ask('/promapi/v1/labels')).toBe(404);
    const root = await prefixed.server.inject({ url: '/' });
    expect([root.statusCode, root.headers.location]).toEqual([302, '/prom/']);
    const error = await prefixed.server.inject({ url: '/prom/api/v1/query', headers: admin });
    expect(error.json()).toMatchObject({ status: 'error', errorType: 'bad_data' });
    await prefixed.close();
  });

  it('answers HEAD with the head of GET', async () => {
    const [head, whole] = await Promise.all([
      api.server.inject({ method: 'HEAD', url: '/api/v1/labels', headers: admin }),
      get('/api/v1/labels'),
    ]);
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      whole.headers['content-length'],
    ]);
  });

  it('limits the rate of requests as configured', async () => {
    const limited = await startApi({ web: { rateLimit: { intervalMs: 1000, burst: 2 } } });
    const ask = async () => (await limited.server.inject({ url: '/-/healthy' })).statusCode;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    await limited.clock.advance(1000);
    expect([await ask(), await ask()]).toEqual([200, 429]);
    await limited.close();
  });

  it('counts requests by route, never by what was asked', async () => {
    for (const name of ['a', 'b', 'c']) await get(`/api/v1/label/${name}/values`);
    await get('/api/v1/nowhere-else');
    const page = (await get('/metrics')).body;
    expect(page).toContain('prometheus_http_requests_total{handler="/api/v1/label/:name/values",code="200"} 3');
    expect(page).toContain('handler="none",code="404"');
    expect(page).not.toContain('nowhere-else');
  });
});

describe('a handler', () => {
  const route = (more: Partial<Route>): Route =>
    ({
      path: '/test',
      methods: ['GET'],
      effect: 'read',
      permission: 'open',
      summary: 'a test',
      handler: () => ({ status: 200 }),
      ...more,
    }) as Route;
  const serve = (more: Partial<Route>) => startApi({ web: { routes: [route(more)], deadlineMs: 1000 } });

  it('that fails tells nothing of how', async () => {
    const failing = await serve({
      path: '/api/test',
      handler: () => {
        throw new Error('secret-detail');
      },
    });
    const response = await failing.server.inject({ url: '/api/test' });
    expect(response.statusCode).toBe(500);
    expect(response.body).toMatch(/internal error [0-9a-f]{12}, see the log of the server/);
    expect(response.body).not.toContain('secret-detail');
    await failing.close();
  });

  it('that takes too long is given up and told so', async () => {
    let reason: unknown;
    const slow = await serve({
      handler: ({ signal }: WebRequest) =>
        new Promise<never>(() => {
          signal.addEventListener('abort', () => (reason = signal.reason));
        }),
    });
    const asked = slow.server.inject({ url: '/test' });
    await slow.clock.advance(0);
    await slow.clock.advance(1000);
    expect((await asked).statusCode).toBe(503);
    expect(String(reason)).toContain('longer than 1 s');
    await slow.close();
  });

  it('that answers in pieces may fail before the first ones are sent', async () => {
    const failing = await serve({
      handler: () => ({
        status: 200,
        contentType: 'text/plain',
        body: (function* () {
          yield Buffer.from('a');
          throw new Error('x');
        })(),
      }),
    });
    expect((await failing.server.inject({ url: '/test' })).statusCode).toBe(500);
    await failing.close();
  });

  it('may not be declared twice', async () => {
    await expect(startApi({ web: { routes: [route({}), route({})] } })).rejects.toThrow('GET /test is declared twice');
  });
});

describe('the route table', () => {
  it('has no room for a route without a permission, or a change by GET', () => {
    const read = {
      path: '/',
      summary: '',
      methods: ['GET'],
      effect: 'read',
      handler: () => ({ status: 200 }),
    } as const;
    const byGet = { ...read, effect: 'change', body: { kind: 'none' } } as const;
    const sees = (request: ScopedRequest) => ({ status: request.scope.isUnrestricted ? 200 : 204 });
    // @ts-expect-error permission is missing
    const undeclared: Route = { ...read };
    // @ts-expect-error there is no such permission
    const unknown: Route = { ...read, permission: 'all' };
    // @ts-expect-error a change never comes by GET
    const change: Route = { ...byGet, permission: 'admin' };
    // @ts-expect-error an open route has no scope to look through
    const scoped: Route = { ...read, permission: 'open', handler: sees };
    const right: Route = { ...read, permission: 'query', handler: sees };
    expect(right.permission).toBe('query');
    expect([undeclared, unknown, change, scoped]).toHaveLength(4);
  });
});

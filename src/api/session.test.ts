import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { basic, bearer, startApi, tokens, type ApiServer } from '../../test/api-server.ts';

let api: ApiServer;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const own = { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:80' };
const json = { 'content-type': 'application/json' };

interface Who {
  readonly data: { readonly user: string; readonly permissions: string[]; readonly csrfToken: string };
}

async function signIn(proof: object = { token: tokens.admin }, headers: Record<string, string> = {}) {
  const response = await api.server.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { ...json, ...own, ...headers },
    payload: JSON.stringify(proof),
  });
  const setCookie = String(response.headers['set-cookie'] ?? '');
  return { response, setCookie, cookie: setCookie.split(';')[0]!, who: response.json<Who>().data };
}

const get = (url: string, headers: Record<string, string>) => api.server.inject({ url, headers });
const reload = async (headers: Record<string, string>) =>
  (await api.server.inject({ method: 'POST', url: '/-/reload', headers })).statusCode;

describe('signing in', () => {
  it('with a token or a password gives a session and its cookie', async () => {
    for (const [proof, user] of [
      [{ token: tokens.viewer }, 'viewer'],
      [{ user: 'alice', password: 'secret' }, 'alice'],
    ] as const) {
      const { response, setCookie, cookie, who } = await signIn(proof);
      expect(response.statusCode).toBe(200);
      expect(setCookie).toMatch(/^yagura-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
      expect(who.user).toBe(user);
      expect(who.permissions).toContain('query');
      const me = (await get('/api/v1/session', { cookie })).json<Who>().data;
      expect(me).toEqual(who);
      expect((await get('/api/v1/labels', { cookie })).statusCode).toBe(200);
    }
  });

  it.each<[string, object, number]>([
    ['a wrong token', { token: 'ygr_no' }, 401],
    ['an expired token', { token: tokens.expired }, 401],
    ['a wrong password', { user: 'alice', password: 'no' }, 401],
    ['nothing', {}, 400],
    ['both', { user: 'alice', password: 'secret', token: tokens.admin }, 400],
    ['numbers', { user: 1, password: 2 }, 400],
    ['a list', ['alice', 'secret'], 400],
  ])('with %s gives none', async (_name, proof, status) => {
    const { response, setCookie } = await signIn(proof);
    expect(response.statusCode).toBe(status);
    expect(setCookie).toBe('');
    expect(response.headers['www-authenticate'] ?? '').not.toContain('Basic');
  });

  it('with something that is no JSON, or not called JSON, gives none', async () => {
    const send = async (payload: string, headers: Record<string, string>) =>
      (await api.server.inject({ method: 'POST', url: '/api/v1/session', headers, payload })).statusCode;
    const proof = JSON.stringify({ token: tokens.admin });
    expect(await send('{', json)).toBe(400);
    expect(await send('null', json)).toBe(400);
    expect(await send(proof, { 'content-type': 'text/plain' })).toBe(415);
    expect(await send(`token=${tokens.admin}`, { 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await send(proof, { 'content-type': 'multipart/form-data; boundary=x' })).toBe(415);
    expect(await send(proof, {})).toBe(415);
    expect(await send(proof, { ...json, origin: 'http://evil.example' })).toBe(403);
    expect(await send(`{"token":"${'x'.repeat(20_000)}"}`, json)).toBe(413);
    expect(await send(proof, json)).toBe(200);
  });

  it('changes the id, and ends what was there before', async () => {
    const first = await signIn();
    const second = await signIn({ token: tokens.viewer }, { cookie: first.cookie });
    expect(second.cookie).not.toBe(first.cookie);
    expect((await get('/api/v1/session', { cookie: first.cookie })).statusCode).toBe(401);
    expect((await get('/api/v1/session', { cookie: second.cookie })).json<Who>().data.user).toBe('viewer');
  });

  it('takes no id that somebody else has chosen', async () => {
    const [name] = (await signIn()).cookie.split('=');
    for (const id of ['x', 'A'.repeat(43), `${'A'.repeat(43)}; x`]) {
      expect((await get('/api/v1/session', { cookie: `${name}=${id}` })).statusCode).toBe(401);
    }
  });

  it('makes the cookie one of this host alone where the address is https', async () => {
    const secure = await startApi({ web: { externalUrl: new URL('https://mon.example/') } });
    const response = await secure.server.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: json,
      payload: JSON.stringify({ token: tokens.admin }),
    });
    expect(response.headers['set-cookie']).toMatch(
      /^__Host-yagura=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    await secure.close();
  });

  it('shows the secret to nobody who compresses beside it, and to no cache', async () => {
    const { cookie } = await signIn();
    const response = await get('/api/v1/session', { cookie, 'accept-encoding': 'gzip' });
    expect(response.headers['content-encoding']).toBeUndefined();
    expect(response.headers['cache-control']).toBe('no-store');
  });
});

describe('a session', () => {
  it('changes something for its own page with its token only', async () => {
    const { cookie, who } = await signIn();
    const token = { 'x-yagura-csrf': who.csrfToken };
    expect(await reload({ cookie, ...own, ...token })).toBe(200);
    expect(await reload({ cookie, ...token, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await reload({ cookie, ...token, origin: 'http://localhost:80' })).toBe(200);
    for (const headers of [
      { ...own },
      { ...own, 'x-yagura-csrf': '' },
      { ...own, 'x-yagura-csrf': `${who.csrfToken}x` },
      { ...own, 'x-yagura-csrf': who.csrfToken.toLowerCase() },
      { ...token },
      { ...token, 'sec-fetch-site': 'cross-site' },
      { ...token, 'sec-fetch-site': 'same-site' },
      { ...token, 'sec-fetch-site': 'none' },
      { ...token, origin: 'http://evil.example' },
      { ...token, origin: 'http://localhost:9999' },
      { ...token, origin: 'https://localhost:80' },
      { ...token, origin: 'null' },
      { ...token, origin: 'https://grafana.example' },
    ] as Record<string, string>[]) {
      expect([headers, await reload({ cookie, ...headers })]).toEqual([
        headers,
        expect.toSatisfy((c) => c === 401 || c === 403),
      ]);
    }
    expect(api.calls.filter((call) => call === 'reload')).toHaveLength(3);
  });

  it("'s token is not another session's", async () => {
    const [a, b] = [await signIn(), await signIn()];
    expect(await reload({ cookie: a.cookie, ...own, 'x-yagura-csrf': b.who.csrfToken })).toBe(403);
  });

  it('is not used where another site loads something, but where somebody follows a link', async () => {
    const { cookie } = await signIn();
    const read = async (headers: Record<string, string>) =>
      (await get('/api/v1/labels', { cookie, ...headers })).statusCode;
    expect(await read({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(401);
    expect(await read({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })).toBe(401);
    expect(await read({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200);
    expect(await read({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBe(200);
  });

  it('does not make up for a wrong Authorization header', async () => {
    const { cookie } = await signIn();
    expect((await get('/api/v1/labels', { cookie, ...bearer('ygr_wrong') })).statusCode).toBe(401);
    expect((await get('/api/v1/labels', { cookie, authorization: 'Basic' })).statusCode).toBe(401);
  });

  it('ends with signing out', async () => {
    const { cookie, who } = await signIn();
    const signOut = (headers: Record<string, string>) =>
      api.server.inject({ method: 'DELETE', url: '/api/v1/session', headers });
    expect((await signOut({ cookie, ...own })).statusCode).toBe(403);
    const response = await signOut({ cookie, ...own, 'x-yagura-csrf': who.csrfToken });
    expect(response.json()).toEqual({ status: 'success', data: {} });
    expect(response.headers['set-cookie']).toMatch(/^yagura-\d+=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await get('/api/v1/session', { cookie })).statusCode).toBe(401);
  });

  it('ends when nobody uses it', async () => {
    const { cookie } = await signIn();
    await api.clock.advance(12 * 3_600_000);
    expect((await get('/api/v1/session', { cookie })).statusCode).toBe(401);
  });
});

describe('a script', () => {
  it('needs a header only', async () => {
    expect(await reload(bearer(tokens.admin))).toBe(200);
    expect(await reload(basic('alice', 'secret'))).toBe(200);
    const me = await get('/api/v1/session', bearer(tokens.admin));
    expect(me.json<Who>().data).toMatchObject({ user: 'admin', csrfToken: '' });
  });

  it('may run in a listed page, but no other page may use a password the browser remembers', async () => {
    expect(
      await reload({ ...bearer(tokens.admin), origin: 'https://grafana.example', 'sec-fetch-site': 'cross-site' }),
    ).toBe(200);
    expect(await reload({ ...basic('alice', 'secret'), origin: 'http://evil.example' })).toBe(403);
    expect(await reload({ ...basic('alice', 'secret'), 'sec-fetch-site': 'cross-site' })).toBe(403);
  });

  it('sends no forms to what changes something', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      'TEXT/PLAIN; charset=utf-8',
      'application/octet-stream',
    ]) {
      expect([type, await reload({ ...bearer(tokens.admin), 'content-type': type })]).toEqual([type, 415]);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { ApiFailure } from './failure.ts';
import { encodeParams, Http, longestGetQuery } from './http.ts';

interface Call {
  readonly url: string;
  readonly init: RequestInit;
}

function http(answer: () => Response) {
  const calls: Call[] = [];
  const client = new Http({
    base: 'http://y.example/prefix/',
    fetch: (url, init) => {
      calls.push({ url: url as string, init: init ?? {} });
      return Promise.resolve(answer());
    },
  });
  return { client, calls };
}

const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);

async function failureOf(promise: Promise<unknown>): Promise<ApiFailure> {
  const failure: unknown = await promise.catch((e: unknown) => e);
  if (!(failure instanceof ApiFailure)) throw new Error('expected a failure');
  return failure;
}

describe('reading', () => {
  it('goes below the base path and unwraps the envelope', async () => {
    const { client, calls } = http(() => json({ status: 'success', data: [1], warnings: ['w'], infos: ['i'] }));
    const answer = await client.read('api/v1/labels', { 'match[]': ['up', 'x'], limit: undefined });
    expect(answer).toEqual({ data: [1], warnings: ['w'], infos: ['i'] });
    expect(calls[0]?.url).toBe('http://y.example/prefix/api/v1/labels?match%5B%5D=up&match%5B%5D=x');
    expect(calls[0]?.init.method).toBe('GET');
  });

  it('sends a long query as a form, with the token', async () => {
    const { client, calls } = http(() => json({ status: 'success', data: {} }));
    client.csrfToken = 't0';
    const query = 'x'.repeat(longestGetQuery);
    await client.read('api/v1/query', { query });
    expect(calls[0]?.url).toBe('http://y.example/prefix/api/v1/query');
    expect(calls[0]?.init.method).toBe('POST');
    expect(calls[0]?.init.body).toBe(`query=${query}`);
    expect(calls[0]?.init.headers).toMatchObject({
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Yagura-CSRF': 't0',
    });
  });
});

describe('changing state', () => {
  it('sends JSON and the token', async () => {
    const { client, calls } = http(() => json({ status: 'success', data: null }));
    client.csrfToken = 't0';
    await client.change('POST', 'api/v1/session', { user: 'a' });
    expect(calls[0]?.init.body).toBe('{"user":"a"}');
    expect(calls[0]?.init.headers).toMatchObject({ 'Content-Type': 'application/json', 'X-Yagura-CSRF': 't0' });
  });

  it('names no content type where it sends none', async () => {
    const { client, calls } = http(() => json({ status: 'success', data: null }));
    client.csrfToken = 't0';
    await client.change('DELETE', 'api/v1/session');
    expect(calls[0]?.init.body).toBeUndefined();
    expect(calls[0]?.init.headers).not.toHaveProperty('Content-Type');
    expect(calls[0]?.init.headers).toHaveProperty('X-Yagura-CSRF', 't0');
  });
});

it('takes an empty answer as done', async () => {
  const { client } = http(() => new Response(null, { status: 204 }));
  expect((await client.change('DELETE', 'api/v1/session')).data).toBeUndefined();
});

describe('failures', () => {
  it('reports 401 to the page, except from signing in itself', async () => {
    const { client } = http(() => json({ status: 'error', error: 'no' }, { status: 401 }));
    let calls = 0;
    client.onUnauthorized = () => calls++;
    expect((await failureOf(client.read('api/v1/query'))).kind).toBe('unauthorized');
    expect(calls).toBe(1);
    expect((await failureOf(client.change('POST', 'api/v1/session', {}))).message).toBe('no');
    expect(calls).toBe(1);
  });

  it('names the missing permission: the one the server names, else the one the route needs', async () => {
    const named = http(() => json({ status: 'error', error: 'no', permission: 'config.read' }, { status: 403 }));
    expect((await failureOf(named.client.read('x', {}, { permission: 'debug' }))).permission).toBe('config.read');
    const bare = http(() => new Response('nope', { status: 403 }));
    expect((await failureOf(bare.client.read('x', {}, { permission: 'debug' }))).permission).toBe('debug');
  });

  it("keeps the server's words, and its Retry-After", async () => {
    const { client } = http(() =>
      json(
        { status: 'error', errorType: 'execution', error: 'too many' },
        { status: 429, headers: { 'Retry-After': '3' } },
      ),
    );
    expect(await failureOf(client.read('x'))).toMatchObject({
      kind: 'refused',
      message: 'too many',
      errorType: 'execution',
      retryAfterSeconds: 3,
    });
  });

  it('never shows a page of HTML as a message', async () => {
    const html = http(() => new Response('<html>Bad gateway</html>', { status: 502, statusText: 'Bad Gateway' }));
    expect((await failureOf(html.client.read('x'))).message).toBe('The server answered 502 Bad Gateway');
    const ok = http(() => new Response('<html>hello</html>'));
    expect((await failureOf(ok.client.read('x'))).kind).toBe('unreadable');
  });

  it('says when nobody answered', async () => {
    const client = new Http({ base: 'http://y.example/', fetch: () => Promise.reject(new TypeError('refused')) });
    expect((await failureOf(client.read('x'))).kind).toBe('unreachable');
  });

  it('lets an abort through as it is', async () => {
    const stop = new AbortController();
    stop.abort();
    const client = new Http({ base: 'http://y.example/', fetch: () => Promise.reject(stop.signal.reason as Error) });
    await expect(client.read('x', {}, { signal: stop.signal })).rejects.toBe(stop.signal.reason);
  });
});

it('repeats array parameters and leaves out what is undefined', () => {
  expect(encodeParams({ a: 1, b: ['x', 'y'], c: undefined, d: true })).toBe('a=1&b=x&b=y&d=true');
});

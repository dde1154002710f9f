import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bearer, startApi, tokens, type ApiServer, type ApiServerOptions } from '../../test/api-server.ts';
import { rawExchange, rawRequest } from '../../test/raw-http.ts';
import { systemClock } from '../runtime/index.ts';
import type { TlsSettings } from './tls.ts';

let api: ApiServer;
afterEach(() => api.close());

async function listen(options: ApiServerOptions = {}): Promise<number> {
  api = await startApi(options);
  await api.server.listen();
  return api.server.addresses[0]!.port;
}

const admin = bearer(tokens.admin);
const head = (lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;

describe('a plain listener', () => {
  it('keeps connections', async () => {
    const port = await listen();
    const request = head(['GET /-/healthy HTTP/1.1', 'Host: localhost']);
    const last = head(['GET /-/healthy HTTP/1.1', 'Host: localhost', 'Connection: close']);
    const answer = await rawExchange(port, request + request + last);
    expect(answer.match(/Yagura is Healthy/g)).toHaveLength(3);
  });

  it('takes the long URLs of long queries', async () => {
    const port = await listen();
    const query = `{__name__=~"${'x|'.repeat(60_000)}up"}`;
    const { status } = await rawRequest(port, {
      path: `/api/v1/query?query=${encodeURIComponent(query).slice(0, 150_000)}`,
      headers: admin,
    });
    expect(status).toBe(400);
    const fits = await rawRequest(port, { path: `/api/v1/labels?x=${'y'.repeat(200_000)}`, headers: admin });
    expect(fits.status).toBe(200);
  });

  it('refuses headers without end', async () => {
    const port = await listen();
    const answer = await rawExchange(port, head(['GET / HTTP/1.1', 'Host: localhost', `X: ${'y'.repeat(300_000)}`]));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['two lengths', head(['POST /api/v1/query HTTP/1.1', 'Host: localhost', 'Content-Length: 5', 'Content-Length: 6'])],
    [
      'a length and chunks',
      head(['POST /api/v1/query HTTP/1.1', 'Host: localhost', 'Content-Length: 5', 'Transfer-Encoding: chunked']),
    ],
    ['an unknown coding', head(['POST /api/v1/query HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: xchunked'])],
    ['a folded header', head(['GET / HTTP/1.1', 'Host: localhost', 'X: a', ' b'])],
    ['no host', head(['GET / HTTP/1.1'])],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: localhost\n\n'],
    ['a negative length', head(['POST / HTTP/1.1', 'Host: localhost', 'Content-Length: -1'])],
  ])('ends the connection of who sends %s', async (_name, sent) => {
    const port = await listen();
    expect(await rawExchange(port, sent)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('takes the first of two Host headers, and no target with a host of its own', async () => {
    const port = await listen();
    const close = 'Connection: close';
    const two = await rawExchange(
      port,
      head(['GET /-/healthy HTTP/1.1', 'Host: evil.example', 'Host: localhost', close]),
    );
    expect(two).toMatch(/^HTTP\/1\.1 (400|421) /);
    const absolute = await rawExchange(
      port,
      head(['GET http://evil.example/-/healthy HTTP/1.1', 'Host: localhost', close]),
    );
    expect(absolute).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('does not wait for the body of somebody who may not send one', async () => {
    const port = await listen();
    const sent = head([
      'POST /api/v1/query HTTP/1.1',
      'Host: localhost',
      'Content-Length: 1000000',
      'Content-Type: application/x-www-form-urlencoded',
    ]);
    const answer = await rawExchange(port, `${sent}query=`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it('refuses a body that is too large, announced or not', async () => {
    const port = await listen();
    const form = { ...admin, 'content-type': 'application/x-www-form-urlencoded' };
    const announced = await rawExchange(
      port,
      head([
        'POST /api/v1/query HTTP/1.1',
        'Host: localhost',
        `Authorization: ${admin.authorization}`,
        `Content-Type: ${form['content-type']}`,
        'Content-Length: 20000000',
      ]),
    );
    expect(announced).toMatch(/^HTTP\/1\.1 413 /);
    const body = `query=${'x'.repeat(11 * 1024 * 1024)}`;
    const chunked = rawRequest(port, {
      method: 'POST',
      path: '/api/v1/query',
      headers: { ...form, 'transfer-encoding': 'chunked' },
      body,
    });
    // The answer may come, or the connection be cut while the rest is still being sent.
    const outcome = await chunked.then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(outcome);
  });

  it('takes forms of many parameters', async () => {
    const port = await listen();
    const { status, body } = await rawRequest(port, {
      method: 'POST',
      path: '/api/v1/series',
      headers: { ...admin, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: Array.from({ length: 5000 }, (_, i) => `match[]=m${i}`).join('&'),
    });
    expect([status, body]).toEqual([200, '{"status":"success","data":[]}']);
  });

  it('cuts off who sends slowly', async () => {
    const port = await listen({ web: { readTimeoutMs: 300 } });
    const answer = await new Promise<string>((resolve) => {
      let received = '';
      const socket = net.connect(port, '127.0.0.1');
      const drip = setInterval(() => socket.write('X'), 50);
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
      socket.on('data', (data) => (received += data.toString()));
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(drip);
        resolve(received);
      });
    });
    expect(answer === '' || answer.startsWith('HTTP/1.1 408')).toBe(true);
  }, 15_000);

  it('takes no more connections than it may', async () => {
    const port = await listen({ web: { maxConnections: 2 } });
    const held = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<net.Socket>((resolve) => {
            const socket = net.connect(port, '127.0.0.1', () => {
              resolve(socket);
            });
          }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(rawRequest(port, { path: '/-/healthy' })).rejects.toThrow();
    held.forEach((socket) => socket.destroy());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await rawRequest(port, { path: '/-/healthy' })).status).toBe(200);
  });

  it('stops a query when whoever asked has gone', async () => {
    let aborted: () => void;
    const stopped = new Promise<void>((resolve) => (aborted = resolve));
    let started: () => void;
    const running = new Promise<void>((resolve) => (started = resolve));
    const port = await listen({
      engine: ({ signal }) =>
        new Promise((_resolve, reject) => {
          started();
          signal.addEventListener('abort', () => {
            aborted();
            reject(new Error('stopped'));
          });
        }),
    });
    const socket = net.connect(port, '127.0.0.1');
    socket.write(
      head(['GET /api/v1/query?query=up HTTP/1.1', 'Host: localhost', `Authorization: ${admin.authorization}`]),
    );
    await running;
    expect(api.services.queries.active()).toHaveLength(1);
    socket.destroy();
    await stopped;
    await new Promise((resolve) => setImmediate(resolve));
    expect(api.services.queries.active()).toHaveLength(0);
  });

  it('lets what is under way end when it closes, and cuts off the rest in time', async () => {
    let finish = (): void => {};
    let started = (): void => {};
    const running = new Promise<void>((resolve) => (started = resolve));
    const port = await listen({
      web: {
        clock: systemClock,
        routes: [
          {
            path: '/slow',
            methods: ['GET'],
            effect: 'read',
            permission: 'open',
            summary: 'a test',
            handler: () =>
              new Promise((resolve) => {
                started();
                finish = () => {
                  resolve({ status: 200, body: 'done' });
                };
              }),
          },
        ],
      },
    });
    const answer = rawRequest(port, { path: '/slow' });
    await running;
    const closing = api.server.close(10_000);
    await expect(rawRequest(port, { path: '/slow' })).rejects.toThrow();
    finish();
    expect((await answer).body).toBe('done');
    await closing;
  });

  it('says which address it cannot have', async () => {
    const port = await listen();
    const other = await startApi({ web: { listen: [{ host: '127.0.0.1', port }] } });
    await expect(other.server.listen()).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}: `);
    await other.close();
  });
});

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Certificates are made as the test runs: there is nothing in Node to make them with.
describe.skipIf(!hasOpenssl)('a TLS listener', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'yagura-tls-'));
  const file = (name: string) => path.join(dir, name);
  const read = (name: string) => readFileSync(file(name));
  let settings: TlsSettings;

  function issue(name: string, subjectAltName: string, ca?: string): void {
    const signer = ca === undefined ? [] : ['-CA', file(`${ca}.crt`), '-CAkey', file(`${ca}.key`)];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-addext',
        `subjectAltName=${subjectAltName}`,
        '-keyout',
        file(`${name}.key`),
        '-out',
        file(`${name}.crt`),
        ...signer,
      ],
      { stdio: 'ignore' },
    );
  }

  beforeAll(() => {
    issue('ca', 'DNS:ca');
    issue('server', 'DNS:localhost,IP:127.0.0.1', 'ca');
    issue('client', 'DNS:client.example,URI:spiffe://corp/ns/a', 'ca');
    issue('stranger', 'DNS:client.example');
    settings = {
      cert: read('server.crt'),
      key: read('server.key'),
      clientAuth: 'NoClientCert',
      clientAllowedSans: [],
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      preferServerCiphers: true,
    };
  });
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  const ask = (port: number, options: https.RequestOptions = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
      const request = https.get(
        { host: '127.0.0.1', port, path: '/-/healthy', ca: read('ca.crt'), agent: false, ...options },
        (response) => {
          response.resume();
          resolve({ status: response.statusCode!, headers: response.headers });
        },
      );
      request.on('error', reject);
    });

  it('serves HTTP/1.1 and HTTP/2 by the same rules', async () => {
    const port = await listen({ web: { tls: settings } });
    const first = await ask(port);
    expect(first.status).toBe(200);
    expect(first.headers['strict-transport-security']).toBe('max-age=31536000');

    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: read('ca.crt') });
    const stream = (headers: http2.OutgoingHttpHeaders) =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const request = session.request(headers);
        let status = 0;
        let body = '';
        request.on('response', (answer) => (status = Number(answer[':status'])));
        request.on('data', (data: Buffer) => (body += data.toString()));
        request.on('end', () => {
          resolve({ status, body });
        });
        request.on('error', reject);
        request.end();
      });
    expect((await stream({ ':path': '/-/healthy' })).status).toBe(200);
    expect((await stream({ ':path': '/api/v1/labels' })).status).toBe(401);
    const labels = await stream({ ':path': '/api/v1/labels', ...admin });
    expect(JSON.parse(labels.body)).toMatchObject({ status: 'success' });
    expect((await stream({ ':path': '/-/healthy', ':authority': 'evil.example' })).status).toBe(421);
    expect((await stream({ ':path': '//api/v1/labels', ...admin })).status).toBe(404);
    expect((await stream({ ':path': '/-/reload', ':method': 'POST', ...admin })).status).toBe(200);
    expect((await stream({ ':path': '/-/reload', ':method': 'POST' })).status).toBe(401);
    await new Promise<void>((resolve) => {
      session.close(resolve);
    });
  });

  it('speaks HTTP/1.1 only when told to', async () => {
    const port = await listen({ web: { tls: settings, http2: false } });
    const socket = tls.connect({ port, host: '127.0.0.1', ca: read('ca.crt'), ALPNProtocols: ['h2', 'http/1.1'] });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    expect(socket.alpnProtocol).not.toBe('h2');
    socket.destroy();
    expect((await ask(port)).status).toBe(200);
  });

  it('refuses old versions', async () => {
    const port = await listen({ web: { tls: { ...settings, minVersion: 'TLSv1.3' } } });
    await expect(ask(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow();
    expect((await ask(port)).status).toBe(200);
  });

  it('takes new certificates without a restart', async () => {
    const port = await listen({ web: { tls: settings } });
    const subject = () =>
      new Promise<unknown>((resolve) => {
        const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
      });
    expect(await subject()).toBe('server');
    api.server.reconfigure({ tls: { ...settings, cert: read('stranger.crt'), key: read('stranger.key') } });
    expect(await subject()).toBe('stranger');
  });

  it.each([
    ['NoClientCert', [true, true, true]],
    ['RequestClientCert', [true, true, true]],
    ['RequireAnyClientCert', [false, true, true]],
    ['VerifyClientCertIfGiven', [true, true, false]],
    ['RequireAndVerifyClientCert', [false, true, false]],
  ] as const)('with %s admits whom Go admits: nobody, a client, a stranger', async (clientAuth, admitted) => {
    for (const http2Enabled of [true, false]) {
      const port = await listen({
        web: { tls: { ...settings, clientAuth, clientCa: read('ca.crt') }, http2: http2Enabled },
      });
      const outcomes: boolean[] = [];
      for (const name of [undefined, 'client', 'stranger']) {
        const identity = name === undefined ? {} : { cert: read(`${name}.crt`), key: read(`${name}.key`) };
        outcomes.push(
          await ask(port, identity).then(
            ({ status }) => status === 200,
            () => false,
          ),
        );
      }
      expect([http2Enabled, outcomes]).toEqual([http2Enabled, [...admitted]]);
      if (http2Enabled) await api.close();
    }
  });

  it('admits the names it is told to only', async () => {
    const identity = { cert: read('client.crt'), key: read('client.key') };
    for (const [sans, isAdmitted] of [
      [['client.example'], true],
      [['spiffe://corp/ns/a'], true],
      [['other.example'], false],
      [['client'], false],
    ] as const) {
      const port = await listen({
        web: {
          tls: {
            ...settings,
            clientAuth: 'RequireAndVerifyClientCert',
            clientCa: read('ca.crt'),
            clientAllowedSans: sans,
          },
        },
      });
      const outcome = await ask(port, identity).then(
        ({ status }) => status === 200,
        () => false,
      );
      expect([sans, outcome]).toEqual([sans, isAdmitted]);
      await api.close();
    }
    await listen();
  });
});

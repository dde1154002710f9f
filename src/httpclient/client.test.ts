import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../runtime/index.ts';
import { mustDecodeYaml } from '../schema/index.ts';
import { createHttpClient, type HttpClientOptions } from './client.ts';
import { httpClientConfigSchema } from './config.ts';
import { BodyTooLargeError, HttpClientError } from './errors.ts';
import { type HttpClient } from './http-client.ts';
import { Outbound } from './outbound.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler, host = '127.0.0.1'): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer(handler);
  server.listen(0, host);
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, port, server };
}

/** A server that says exactly these bytes to whoever connects. */
async function serveRaw(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: TcpServer = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(yaml = '{}', options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = createHttpClient({
    kind: 'scrape',
    outbound: new Outbound(),
    config: mustDecodeYaml(httpClientConfigSchema, yaml, 'f'),
    userAgent: 'yagura-test',
    ...options,
  });
  closers.push(() => made.close());
  return made;
}

async function failure(promise: Promise<unknown>): Promise<HttpClientError> {
  const error: unknown = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(HttpClientError);
  return error as HttpClientError;
}

/** A connection is free again one turn of the event loop after its answer. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const echo: Handler = (request, response) => {
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
};

function parse(body: Buffer): { method: string; url: string; headers: Record<string, string> } {
  return JSON.parse(body.toString()) as { method: string; url: string; headers: Record<string, string> };
}

describe('requests', () => {
  it('bring back status, headers and body, whatever the status', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(503, { 'x-a': ['1', '2'], 'content-type': 'text/plain' });
      response.end('sorry');
    });
    const answer = await client().get(`${url}/metrics?x=1`);
    expect(answer).toMatchObject({ status: 503, wireBytes: 5, url: `${url}/metrics?x=1` });
    expect(answer.body.toString()).toBe('sorry');
    expect(answer.headers['x-a']).toBe('1, 2');
  });

  it('keep their connection', async () => {
    const ports = new Set<number>();
    const { url } = await serve((request, response) => {
      ports.add(request.socket.remotePort ?? 0);
      response.end('x');
    });
    const made = client();
    for (let i = 0; i < 20; i++) {
      await made.get(`${url}/${i}`);
      await nextTurn();
    }
    expect(ports.size).toBe(1);
  });

  it('run side by side without waiting for each other', async () => {
    const waiting: ServerResponse[] = [];
    const { url } = await serve((_request, response) => {
      waiting.push(response);
      // Nobody is answered before all are there.
      if (waiting.length === 30) for (const one of waiting) one.end('x');
    });
    const made = client();
    const answers = await Promise.all(Array.from({ length: 30 }, () => made.get(url)));
    expect(answers).toHaveLength(30);
  });

  it('send user agent, accepted encodings and the headers of the caller', async () => {
    const { url } = await serve(echo);
    const { headers } = parse((await client().get(url, { headers: { accept: 'text/plain', 'x-y': 'z' } })).body);
    expect(headers).toMatchObject({
      'user-agent': 'yagura-test',
      'accept-encoding': 'gzip',
      accept: 'text/plain',
      'x-y': 'z',
    });
    const plain = parse((await client().get(url, { headers: { 'accept-encoding': 'identity' } })).body);
    expect(plain.headers['accept-encoding']).toBe('identity');
  });

  it('carry a body', async () => {
    const { url } = await serve((request, response) => {
      request.pipe(response);
    });
    const answer = await client().request(url, { method: 'POST', body: Buffer.from([1, 2, 3]) });
    expect([...answer.body]).toEqual([1, 2, 3]);
  });

  it('are sent again when the server had just closed the idle connection', async () => {
    let count = 0;
    const { url } = await serve((request, response) => {
      count++;
      if (count === 2) request.socket.destroy();
      else response.end(String(count));
    });
    const made = client();
    await made.get(url);
    expect((await made.get(url)).body.toString()).toBe('3');
    count = 1;
    expect((await failure(made.request(url, { method: 'POST', body: 'x' }))).failure).toBe('connection');
  });

  it('reach sockets in the file system', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'yagura-'));
    closers.push(() => {
      rmSync(directory, { recursive: true });
    });
    const socketPath = path.join(directory, 's.sock');
    const server = createServer(echo).listen(socketPath);
    await once(server, 'listening');
    closers.push(() => server.close());
    const answer = parse((await client().get('http://docker/info', { socketPath })).body);
    expect(answer).toMatchObject({ url: '/info', headers: { host: 'docker' } });
    expect((await failure(client('{}', { kind: 'probes' }).get('http://docker/', { socketPath }))).failure).toBe(
      'denied',
    );
  });

  it('fail with the reason', async () => {
    const { url, server } = await serve(echo);
    server.close();
    await once(server, 'close');
    const refused = await failure(client().get(`${url}/metrics?token=s3cret`));
    expect(refused.failure).toBe('connection');
    expect(refused.message).toMatch(
      /^Cannot connect to http:\/\/127\.0\.0\.1:\d+: connection refused \(127\.0\.0\.1:\d+\)$/,
    );
    const unknown = await failure(
      client('{}', {
        outbound: new Outbound({ resolve: () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })) }),
      }).get('http://a.example/'),
    );
    expect(unknown.message).toBe('Cannot connect to http://a.example: no such host a.example');
    expect((await failure(client().get('nonsense'))).failure).toBe('denied');
    expect((await failure(client().get('file:///etc/passwd'))).message).toContain('scheme "file" is not http or https');
  });

  it('end with the client', async () => {
    const { url } = await serve(() => {});
    const made = client();
    const pending = failure(made.get(url));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await made.close();
    await made.close();
    expect((await pending).failure).toBe('aborted');
    expect((await failure(made.get(url))).failure).toBe('aborted');
  });
});

describe('limits', () => {
  it('end a request that takes too long, at every stage', async () => {
    const silent = await serveRaw(() => {});
    const { url: dripping } = await serve((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    const slowHead = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      const timer = setInterval(() => socket.write('y'), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
    });
    const slowNames = new Outbound({ resolve: () => new Promise(() => {}) });
    for (const [url, options] of [
      [silent, {}],
      [dripping, {}],
      [slowHead, {}],
      ['http://slow.example/', { outbound: slowNames }],
    ] as const) {
      const started = performance.now();
      const error = await failure(client('{}', options).get(url, { timeoutMs: 150 }));
      expect([url, error.failure]).toEqual([url, 'timeout']);
      expect(error.message).toContain('within 0.15 s');
      expect(performance.now() - started).toBeLessThan(10_000);
    }
  });

  it('end a request when the caller says so', async () => {
    const silent = await serveRaw(() => {});
    const controller = new AbortController();
    const pending = failure(client().get(silent, { signal: controller.signal }));
    setTimeout(() => {
      controller.abort();
    }, 30);
    expect((await pending).failure).toBe('aborted');
    expect((await failure(client().get(silent, { signal: AbortSignal.abort() }))).failure).toBe('aborted');
  });

  it('count the bytes of the body, and not what is said of it', async () => {
    const { url } = await serve((request, response) => {
      const size = Number(request.url?.slice(1).replace('?id', ''));
      if (request.url?.endsWith('?id') === true) response.setHeader('content-encoding', 'identity');
      response.end(Buffer.alloc(size));
    });
    expect((await failure(client().get(`${url}/1001?id`, { maxBytes: 1000 }))).failure).toBe('too_large');
    expect((await client().get(`${url}/10`, { maxBytes: Infinity })).body.length).toBe(10);
    expect((await client().get(`${url}/1000`, { maxBytes: 1000 })).body.length).toBe(1000);
    const error = await failure(client().get(`${url}/1001`, { maxBytes: 1000 }));
    expect(error).toBeInstanceOf(BodyTooLargeError);
    expect(error.failure).toBe('too_large');
  });

  it('end an endless body early', async () => {
    let sent = 0;
    const { url } = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const send = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', send);
      send();
    });
    expect((await failure(client().get(url, { maxBytes: 1_000_000 }))).failure).toBe('too_large');
    expect(sent).toBeLessThan(64_000_000);
  });

  it('count decompressed bytes, so that a gigabyte in a kilobyte stays outside', async () => {
    // A gigabyte of zeros, compressed twice, is small enough to be made here; what is served is the inner layer.
    const block = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
    const bomb = Buffer.concat(Array.from({ length: 16 }, () => block));
    const { url } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bomb);
    });
    const before = process.memoryUsage().arrayBuffers;
    const error = await failure(client().get(url, { maxBytes: 2_000_000 }));
    expect(error.failure).toBe('too_large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    await expect(client().get(url, { maxBytes: 100 })).rejects.toThrow(BodyTooLargeError);
  });

  it('bound what comes over the wire, also when it decompresses to nothing', async () => {
    // Empty stored blocks: five bytes of input each, and never any output.
    const { url } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.write(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]));
      const chunk = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([0, 0, 0, 0xff, 0xff])));
      const send = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', send);
      send();
    });
    expect((await failure(client().get(url, { maxBytes: 100_000, timeoutMs: 10_000 }))).failure).toBe('too_large');
  });

  it('read honest gzip of every size, in several members, too', async () => {
    const bodies: Buffer[] = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(3_000_000, 'metric 1\n')];
    const { url } = await serve((request, response) => {
      const i = Number(request.url?.slice(1));
      const wire = i < bodies.length ? gzipSync(bodies[i]) : Buffer.concat([gzipSync('one '), gzipSync('two')]);
      response.setHeader('content-encoding', 'gzip');
      response.end(wire);
    });
    const made = client();
    for (let i = 0; i < bodies.length; i++) {
      const answer = await made.get(`${url}/${i}`, { maxBytes: 3_000_000 });
      expect(answer.body.equals(bodies[i])).toBe(true);
      expect(answer.wireBytes).toBe(gzipSync(bodies[i]).length);
    }
    expect((await made.get(`${url}/9`)).body.toString()).toBe('one two');
  });

  it('read zstd, within the limit, whatever length it declares', async () => {
    const { compress, init } = await import('@bokuweb/zstd-wasm');
    await init();
    const text = Buffer.alloc(100_000, 'metric 1\n');
    const honest = Buffer.from(compress(text));
    // Frame header: magic, descriptor (a single segment with four bytes of length), then the length of the content.
    expect(honest[4] >> 5).toBe(0b101);
    const lying = Buffer.from(honest);
    lying.writeUInt32LE(0xfffffff0, 5);
    const { url } = await serve((request, response) => {
      response.setHeader('content-encoding', 'zstd');
      response.end(request.url === '/junk' ? 'junk junk junk' : request.url === '/lying' ? lying : honest);
    });
    expect((await client().get(url, { maxBytes: 100_000 })).body.equals(text)).toBe(true);
    expect((await failure(client().get(url, { maxBytes: 99_999 }))).failure).toBe('too_large');
    expect((await failure(client().get(`${url}/lying`, { maxBytes: 1_000_000 }))).failure).toBe('too_large');
    expect((await failure(client().get(`${url}/junk`))).failure).toBe('protocol');
  });

  it('call what is no HTTP, or breaks off, by its name', async () => {
    const cases: readonly [string, string][] = [
      ['HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'connection'],
      ['HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nx', 'protocol'],
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'protocol'],
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab', 'connection'],
      ['SSH-2.0-OpenSSH_9.9\r\n', 'protocol'],
      [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'protocol'],
      ['', 'connection'],
    ];
    for (const [bytes, expected] of cases) {
      const url = await serveRaw((socket) => {
        socket.once('data', () => socket.end(bytes));
      });
      expect([bytes.slice(0, 60), (await failure(client().get(url))).failure]).toEqual([bytes.slice(0, 60), expected]);
    }
  });

  it('refuse bodies that do not decompress, and encodings nobody asked for', async () => {
    const { url } = await serve((request, response) => {
      response.setHeader('content-encoding', request.url === '/br' ? 'br' : 'gzip');
      const wire = gzipSync('some text');
      response.end(request.url === '/cut' ? wire.subarray(0, 15) : 'not gzip at all');
    });
    for (const place of ['/', '/br', '/cut'])
      expect((await failure(client().get(url + place))).failure).toBe('protocol');
  });
});

describe('redirects', () => {
  async function redirecting(to: (request: IncomingMessage) => readonly [number, string]): Promise<string> {
    const { url } = await serve((request, response) => {
      if (request.url?.startsWith('/end') === true) {
        echo(request, response);
        return;
      }
      const [status, location] = to(request);
      response.writeHead(status, { location });
      response.end();
    });
    return url;
  }

  it('are followed, relative ones too, but not for ever', async () => {
    const url = await redirecting((request) => (request.url === '/a' ? [302, 'b'] : [301, '/end?x']));
    expect((await client().get(`${url}/a`)).url).toBe(`${url}/end?x`);
    const loop = await redirecting(() => [302, '/again']);
    expect((await failure(client().get(loop))).message).toContain('stopped after 10 redirects');
    expect((await client('{follow_redirects: false}').get(loop)).status).toBe(302);
  });

  it('turn a POST into a GET without its body, unless they say otherwise', async () => {
    const url = await redirecting((request) => [Number(request.url?.slice(1)), '/end']);
    const made = client();
    const send = async (status: number): Promise<ReturnType<typeof parse>> =>
      parse(
        (
          await made.request(`${url}/${status}`, {
            method: 'POST',
            body: 'x',
            headers: { 'content-type': 'text/plain' },
          })
        ).body,
      );
    expect(await send(303)).toMatchObject({ method: 'GET' });
    expect((await send(301)).headers['content-type']).toBeUndefined();
    expect(await send(307)).toMatchObject({ method: 'POST', headers: { 'content-type': 'text/plain' } });
  });

  it('are judged anew at each hop', async () => {
    const hops = [
      'http://169.254.169.254/latest',
      'http://[::ffff:a9fe:a9fe]/',
      'http://0xa9fea9fe/',
      'file:///etc/passwd',
    ];
    for (const hop of hops) {
      const url = await redirecting(() => [302, hop]);
      expect((await failure(client().get(url))).failure).toBe('denied');
    }
    const inward = await redirecting(() => [302, '/end']);
    const probes = new Outbound({
      policy: { probes: { hosts: [`public.example:${new URL(inward).port}`] } },
      resolve: () => Promise.resolve(['127.0.0.1']),
    });
    const outside = `http://public.example:${new URL(inward).port}`;
    expect((await client('{}', { kind: 'probes', outbound: probes }).get(outside)).url).toBe(`${outside}/end`);
    const rebound = await redirecting(() => [302, inward]);
    const blocked = new Outbound({ policy: { probes: { hosts: [`127.0.0.1:${new URL(rebound).port}`] } } });
    expect((await failure(client('{}', { kind: 'probes', outbound: blocked }).get(rebound))).message).toContain(
      'loopback',
    );
  });

  it('leave credentials and private headers behind when the host changes, for good', async () => {
    const seen: Record<string, unknown>[] = [];
    const ports: number[] = [];
    const names = new Outbound({ resolve: () => Promise.resolve(['127.0.0.1']) });
    const { port } = await serve((request, response) => {
      seen.push({ host: request.headers.host?.split(':')[0], ...request.headers });
      const next: Record<string, string> = {
        '/1': `http://home.example:${ports[0]}/2`,
        '/2': `http://other.example:${ports[0]}/3`,
        '/3': `http://home.example:${ports[0]}/end`,
      };
      const location = next[request.url ?? ''] as string | undefined;
      if (location !== undefined) response.writeHead(302, { location });
      response.end();
    });
    ports.push(port);
    const yaml = '{basic_auth: {username: u, password: p}, http_headers: {X-Key: {secrets: [k]}}}';
    await client(yaml, { outbound: names }).get(`http://home.example:${port}/1`, {
      headers: { cookie: 'c', accept: 'text/plain', 'x-mine': 'm' },
    });
    const who = seen.map((h) => [
      h.host,
      'authorization' in h,
      'x-key' in h,
      'cookie' in h,
      'x-mine' in h,
      'accept' in h,
    ]);
    expect(who).toEqual([
      [expect.stringContaining('home'), true, true, true, true, true],
      [expect.stringContaining('home'), true, true, true, true, true],
      [expect.stringContaining('other'), false, false, false, false, true],
      [expect.stringContaining('home'), false, false, false, false, true],
    ]);
  });

  it('do not take a user and password from the Location', async () => {
    const { url, port } = await serve((request, response) => {
      if (request.url === '/end') echo(request, response);
      else response.writeHead(302, { location: `http://eve:pw@127.0.0.1:${port}/end` }).end();
    });
    expect(parse((await client().get(url)).body).headers.authorization).toBeUndefined();
  });
});

describe('the firewall', () => {
  it('decides before anything is connected to, and its answer is what is connected to', async () => {
    let connections = 0;
    const { port, server } = await serve(echo);
    server.on('connection', () => connections++);
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    let asked = 0;
    const rebinding = new Outbound({ resolve: () => Promise.resolve(answers[asked++ % 2]) });
    const made = client('{}', { outbound: rebinding });
    const { headers } = parse((await made.get(`http://rebind.example:${port}/`)).body);
    // The first answer was judged and used; the second look-up an attacker hopes for never happens.
    expect(asked).toBe(1);
    await nextTurn();
    expect(headers.host).toBe(`rebind.example:${port}`);
    await made.get(`http://rebind.example:${port}/`);
    expect(asked).toBe(1);
    expect((await failure(client('{}', { kind: 'probes' }).get(`http://127.0.0.1:${port}/`))).failure).toBe('denied');
    expect(connections).toBe(1);
  });

  it('closes the connections of a policy that no longer holds', async () => {
    const { url } = await serve(echo);
    const outbound = new Outbound();
    const made = client('{}', { outbound });
    await made.get(url);
    outbound.setPolicy({ scrape: { deny: ['loopback'] } });
    expect((await failure(made.get(url))).failure).toBe('denied');
  });

  it('connects to whichever judged address answers', async () => {
    const { port } = await serve(echo);
    const outbound = new Outbound({ resolve: () => Promise.resolve(['::1', '127.0.0.1']) });
    expect((await client('{}', { outbound }).get(`http://both.example:${port}/`, { timeoutMs: 5000 })).status).toBe(
      200,
    );
  });
});

describe('credentials', () => {
  it('are sent as configured', async () => {
    const { url } = await serve(echo);
    const sent = async (yaml: string): Promise<Record<string, string>> =>
      parse((await client(yaml).get(url)).body).headers;
    expect((await sent('{basic_auth: {username: u, password: "p:x"}}')).authorization).toBe(`Basic ${btoa('u:p:x')}`);
    expect((await sent('{authorization: {credentials: tok}}')).authorization).toBe('Bearer tok');
    expect((await sent('{authorization: {type: Token, credentials: tok}}')).authorization).toBe('Token tok');
    expect((await sent('{bearer_token: old}')).authorization).toBe('Bearer old');
    expect((await sent('{http_headers: {X-A: {values: [v], secrets: [s]}}}'))['x-a']).toBe('v, s');
    const inUrl = parse((await client().get(url.replace('//', '//user:p%40ss@'))).body);
    expect(inUrl.headers.authorization).toBe(`Basic ${btoa('user:p@ss')}`);
    const own = parse((await client('{bearer_token: old}').get(url, { headers: { authorization: 'mine' } })).body);
    expect(own.headers.authorization).toBe('mine');
  });

  it('are read from files again when these have changed', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'yagura-'));
    closers.push(() => {
      rmSync(directory, { recursive: true });
    });
    const file = path.join(directory, 'token');
    writeFileSync(file, 'first\n');
    const { url } = await serve(echo);
    const clock = new ManualClock();
    const made = client(`{authorization: {credentials_file: ${file}}}`, { clock });
    const sent = async (): Promise<string> => parse((await made.get(url)).body).headers.authorization;
    expect(await sent()).toBe('Bearer first');
    writeFileSync(file, 'second, longer\n');
    await clock.advance(5000);
    expect(await sent()).toBe('Bearer second, longer');
    rmSync(file);
    await clock.advance(5000);
    const error = await failure(made.get(url));
    expect(error.failure).toBe('credentials');
    expect(error.message).toBe(`Cannot read ${file}: ENOENT`);
  });

  it('go only where they are bound to', async () => {
    const { url, port } = await serve(echo);
    const bound = (hosts: string[], schemes?: string[]): HttpClient =>
      client('{bearer_token: s3cret}', {
        binding: { name: 'pager', hosts, ...(schemes === undefined ? {} : { schemes }) },
      });
    const away = await failure(bound(['events.example'], ['http']).get(url));
    expect(away.failure).toBe('denied');
    expect(away.message).toBe(`Cannot send credential "pager" to ${url}: it is bound to http on events.example`);
    expect((await failure(bound([`127.0.0.1:${port}`]).get(url))).message).toContain('bound to https on');
    const home = await bound([`127.0.0.1:${port}`], ['http']).get(url);
    expect(parse(home.body).headers.authorization).toBe('Bearer s3cret');
    expect((await failure(bound([`127.0.0.1:${port + 1}`], ['http']).get(url))).failure).toBe('denied');
  });

  it('with line breaks in them are refused, unseen', async () => {
    const { url } = await serve(echo);
    expect(() => client('{bearer_token: "s3cret\\r\\nx: y"}')).toThrow('value holds a character headers cannot carry');
    expect(() => client('{bearer_token: "s3cret\\r\\nx: y"}')).not.toThrow('s3cret');
    expect(url).not.toBe('');
  });

  it('of a secret manager are fetched, and need one', async () => {
    const { url } = await serve(echo);
    const secrets = { fetch: (name: string) => Promise.resolve(`value of ${name}`) };
    const made = client('{authorization: {credentials_ref: a}}', { secrets });
    expect(parse((await made.get(url)).body).headers.authorization).toBe('Bearer value of a');
    expect(() => client('{basic_auth: {password_ref: a}}')).toThrow('there is no secret manager');
  });
});

describe('oauth2', () => {
  async function tokenServer(
    accept: (form: URLSearchParams, authorization: string | undefined) => number,
  ): Promise<{ url: string; forms: URLSearchParams[] }> {
    const forms: URLSearchParams[] = [];
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        forms.push(form);
        const status = accept(form, request.headers.authorization);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify(
            status === 200 ? { access_token: `t${forms.length}`, expires_in: 60 } : { error: 'invalid_client' },
          ),
        );
      });
    });
    return { url, forms };
  }

  it('fetches a token once, and again before it ends', async () => {
    const { url } = await serve(echo);
    const { url: tokens, forms } = await tokenServer((_form, login) =>
      login === `Basic ${btoa('id:s3cret')}` ? 200 : 401,
    );
    const clock = new ManualClock();
    const made = client(
      `{oauth2: {client_id: id, client_secret: s3cret, token_url: "${tokens}", scopes: [a, b], endpoint_params: {x: y}}}`,
      { clock },
    );
    const sent = async (): Promise<string> => parse((await made.get(url)).body).headers.authorization;
    expect(await Promise.all([sent(), sent()])).toEqual(['Bearer t1', 'Bearer t1']);
    expect(Object.fromEntries(forms[0])).toEqual({ grant_type: 'client_credentials', scope: 'a b', x: 'y' });
    await clock.advance(49_000);
    expect(await sent()).toBe('Bearer t1');
    await clock.advance(2000);
    expect(await sent()).toBe('Bearer t2');
  });

  it('finds out where the server looks for the credentials', async () => {
    const { url } = await serve(echo);
    const { url: tokens, forms } = await tokenServer((form) => (form.get('client_secret') === 's3cret' ? 200 : 401));
    const made = client(`{oauth2: {client_id: id, client_secret: s3cret, token_url: "${tokens}"}}`);
    expect(parse((await made.get(url)).body).headers.authorization).toBe('Bearer t2');
    expect(forms).toHaveLength(2);
  });

  it('says why there is no token, without the secret', async () => {
    const { url } = await serve(echo);
    const { url: tokens } = await tokenServer(() => 401);
    const error = await failure(
      client(`{oauth2: {client_id: id, client_secret: s3cret, token_url: "${tokens}"}}`).get(url),
    );
    expect(error.message).toBe(`Cannot get a token from ${tokens}: status 401 (invalid_client)`);
    expect(error.failure).toBe('credentials');
  });

  it('signs an assertion', async () => {
    const { generateKeyPairSync, createVerify } = await import('node:crypto');
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { url } = await serve(echo);
    const { url: tokens, forms } = await tokenServer(() => 200);
    const key = JSON.stringify(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const made = client(
      `{oauth2: {client_id: id, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", client_certificate_key: ${key}, client_certificate_key_id: k, signature_algorithm: RS384, claims: {a: {b: [1]}}, token_url: "${tokens}"}}`,
    );
    await made.get(url);
    const [header, payload, signature] = (forms[0].get('assertion') ?? '').split('.');
    expect(createVerify('RSA-SHA384').update(`${header}.${payload}`).verify(publicKey, signature, 'base64url')).toBe(
      true,
    );
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'RS384', typ: 'JWT', kid: 'k' });
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      iss: 'id',
      sub: 'id',
      aud: tokens,
      a: { b: [1] },
    });
  });
});

describe('streams', () => {
  it('bring the body piece by piece, and end with their reader', async () => {
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const { url } = await serve((request, response) => {
      response.writeHead(200);
      let i = 0;
      const timer = setInterval(() => response.write(`${i++}\n`), 5);
      request.socket.on('close', () => {
        clearInterval(timer);
        closed?.();
      });
    });
    const response = await client().stream(url, { timeoutMs: 1000 });
    let text = '';
    for await (const chunk of response.body) {
      text += chunk.toString();
      if (text.length > 20) break;
    }
    expect(text.startsWith('0\n1\n2\n')).toBe(true);
    await gone;
    response.close();
  });

  it('slow the server down to the pace of the reader', async () => {
    let sent = 0;
    const { url } = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const send = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', send);
      send();
    });
    const response = await client().stream(url);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sent).toBeLessThan(50_000_000);
    response.close();
  });

  it('decompress, and count what comes out', async () => {
    const { url } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(1_000_000)));
    });
    const whole = await client().stream(url);
    let bytes = 0;
    for await (const chunk of whole.body) bytes += chunk.length;
    expect(bytes).toBe(1_000_000);
    const bounded = await client().stream(url, { maxBytes: 1000 });
    const read = async (): Promise<void> => {
      for await (const chunk of bounded.body) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow(BodyTooLargeError);
  });

  it('tell when the answer breaks off or the caller gives up', async () => {
    const url = await serveRaw((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'));
    });
    const read = async (made: HttpClient, at: string, signal?: AbortSignal): Promise<void> => {
      const response = await made.stream(at, signal === undefined ? {} : { signal });
      for await (const chunk of response.body) expect(chunk.length).toBeGreaterThan(0);
    };
    expect((await failure(read(client(), url))).failure).toBe('connection');
    const { url: endless } = await serve((_request, response) => {
      response.write('x');
    });
    expect((await failure(read(client(), endless, AbortSignal.timeout(50)))).failure).toBe('aborted');
  });
});

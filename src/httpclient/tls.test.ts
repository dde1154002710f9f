import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../runtime/index.ts';
import { mustDecodeYaml } from '../schema/index.ts';
import { createHttpClient, type HttpClientOptions } from './client.ts';
import { httpClientConfigSchema } from './config.ts';
import { HttpClientError } from './errors.ts';
import { type HttpClient } from './http-client.ts';
import { Outbound } from './outbound.ts';

/** DER: a tag, the length, the content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const oid = (...bytes: number[]): Buffer => der(6, Buffer.from(bytes));
const ecdsaWithSha256 = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
const utf8 = (text: string): Buffer => der(12, Buffer.from(text));
const distinguishedName = (name: string): Buffer => der(0x30, der(0x31, der(0x30, oid(0x55, 4, 3), utf8(name))));
const time = (text: string): Buffer => der(0x18, Buffer.from(text));

interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly privateKey: KeyObject;
  readonly name: string;
}

let serial = 1;

/** A certificate for a name and addresses, signed by `issuer` or by itself (and then an authority). */
function identity(name: string, options: { issuer?: Identity; dns?: string[]; ips?: number[][] } = {}): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = [
    ...(options.dns ?? []).map((dns) => der(0x82, Buffer.from(dns))),
    ...(options.ips ?? []).map((ip) => der(0x87, Buffer.from(ip))),
  ];
  const extension = (id: Buffer, value: Buffer): Buffer => der(0x30, id, der(4, value));
  const extensions = [
    ...(options.issuer === undefined ? [extension(oid(0x55, 0x1d, 0x13), der(0x30, der(1, Buffer.from([255]))))] : []),
    ...(names.length === 0 ? [] : [extension(oid(0x55, 0x1d, 0x11), der(0x30, ...names))]),
  ];
  const body = der(
    0x30,
    der(0xa0, der(2, Buffer.from([2]))),
    der(2, Buffer.from([serial++])),
    ecdsaWithSha256,
    distinguishedName(options.issuer?.name ?? name),
    der(0x30, time('20200101000000Z'), time('20991231235959Z')),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, der(0x30, ...extensions))]),
  );
  const signature = createSign('SHA256')
    .update(body)
    .sign(options.issuer?.privateKey ?? privateKey);
  const certificate = der(0x30, body, ecdsaWithSha256, der(3, Buffer.from([0]), signature));
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    privateKey,
    name,
  };
}

const authority = identity('Test CA');
const server = identity('server', { issuer: authority, dns: ['server.example'], ips: [[127, 0, 0, 1]] });
const someone = identity('someone', { issuer: authority });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function temporary(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'yagura-'));
  closers.push(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

async function serveTls(options: object = {}): Promise<number> {
  const https = createHttpsServer({ key: server.key, cert: server.cert, ...options }, (request, response) => {
    const socket = request.socket as TLSSocket;
    response.end(
      JSON.stringify({
        host: request.headers.host,
        servername: socket.servername,
        peer: (socket.getPeerCertificate() as { subject?: { CN?: string } }).subject?.CN,
        protocol: socket.getProtocol(),
      }),
    );
  });
  https.on('tlsClientError', () => {});
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  closers.push(() => {
    https.closeAllConnections();
    https.close();
  });
  return (https.address() as AddressInfo).port;
}

function client(yaml: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = createHttpClient({
    kind: 'scrape',
    outbound: new Outbound({ resolve: () => Promise.resolve(['127.0.0.1']) }),
    config: mustDecodeYaml(httpClientConfigSchema, yaml, 'f'),
    ...options,
  });
  closers.push(() => made.close());
  return made;
}

async function answer(made: HttpClient, url: string): Promise<Record<string, unknown>> {
  return JSON.parse((await made.get(url, { timeoutMs: 5000 })).body.toString()) as Record<string, unknown>;
}

async function failure(promise: Promise<unknown>): Promise<HttpClientError> {
  const error: unknown = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(HttpClientError);
  return error as HttpClientError;
}

const trusting = `ca: ${JSON.stringify(authority.cert)}`;

describe('TLS', () => {
  it('is verified against the configured authority, by name and by address', async () => {
    const port = await serveTls();
    const made = client(`{tls_config: {${trusting}}}`);
    expect(await answer(made, `https://server.example:${port}/`)).toMatchObject({
      host: `server.example:${port}`,
      servername: 'server.example',
    });
    // An address goes into no server name indication, but has to be in the certificate.
    expect(await answer(made, `https://127.0.0.1:${port}/`)).toMatchObject({ servername: false });
    expect((await failure(made.get(`https://other.example:${port}/`))).message).toContain(
      "does not match certificate's altnames",
    );
    expect((await failure(client('{}').get(`https://server.example:${port}/`))).failure).toBe('connection');
  });

  it('asks for and expects the configured server name', async () => {
    const port = await serveTls();
    const made = client(`{tls_config: {${trusting}, server_name: server.example}}`);
    expect(await answer(made, `https://other.example:${port}/`)).toMatchObject({ servername: 'server.example' });
    const wrong = client(`{tls_config: {${trusting}, server_name: wrong.example}}`);
    expect((await failure(wrong.get(`https://server.example:${port}/`))).failure).toBe('connection');
    const address = client(`{tls_config: {${trusting}, server_name: 127.0.0.1}}`);
    expect(await answer(address, `https://other.example:${port}/`)).toMatchObject({ servername: false });
  });

  it('skips verification when told to', async () => {
    const port = await serveTls();
    expect(
      await answer(client('{tls_config: {insecure_skip_verify: true}}'), `https://x.example:${port}/`),
    ).toMatchObject({});
  });

  it('keeps to the configured versions', async () => {
    const port = await serveTls({ maxVersion: 'TLSv1.2' });
    const made = client(`{tls_config: {${trusting}, max_version: TLS12}}`);
    expect(await answer(made, `https://server.example:${port}/`)).toMatchObject({ protocol: 'TLSv1.2' });
    const newer = client(`{tls_config: {${trusting}, min_version: TLS13}}`);
    expect((await failure(newer.get(`https://server.example:${port}/`))).failure).toBe('connection');
    const old = await serveTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const older = client(`{tls_config: {${trusting}, min_version: TLS10, max_version: TLS11}}`);
    expect(await answer(older, `https://server.example:${old}/`)).toMatchObject({ protocol: 'TLSv1.1' });
  });

  it('shows the client certificate, and a new one once its files have changed', async () => {
    const port = await serveTls({ ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const directory = temporary();
    const write = (who: Identity): void => {
      writeFileSync(path.join(directory, 'cert.pem'), who.cert);
      writeFileSync(path.join(directory, 'key.pem'), who.key);
    };
    write(someone);
    const clock = new ManualClock();
    const yaml = `{tls_config: {${trusting}, cert_file: ${directory}/cert.pem, key_file: ${directory}/key.pem}}`;
    const made = client(yaml, { clock });
    const url = `https://server.example:${port}/`;
    expect(await answer(made, url)).toMatchObject({ peer: 'someone' });
    write(identity('someone new', { issuer: authority }));
    await clock.advance(5000);
    expect(await answer(made, url)).toMatchObject({ peer: 'someone new' });
    writeFileSync(path.join(directory, 'key.pem'), 'junk');
    await clock.advance(5000);
    const broken = await failure(made.get(url));
    expect(broken.failure).toBe('credentials');
    expect(broken.message).toContain(`${directory}/cert.pem`);
    expect((await failure(client(`{tls_config: {${trusting}}}`).get(url))).failure).toBe('connection');
  });
});

describe('proxies', () => {
  interface Seen {
    method: string;
    url: string;
    authorization: string | undefined;
    extra: string | undefined;
  }

  /** An HTTP proxy that forwards and tunnels, and remembers what it was asked. */
  async function httpProxy(status = 200): Promise<{ url: string; seen: Seen[] }> {
    const seen: Seen[] = [];
    const remember = (request: { method?: string; url?: string; headers: NodeJS.Dict<string | string[]> }): void => {
      seen.push({
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers['proxy-authorization'] as string | undefined,
        extra: request.headers['x-extra'] as string | undefined,
      });
    };
    const proxy = createHttpServer((request, response) => {
      remember(request);
      response.end('forwarded');
    });
    proxy.on('connect', (request, socket: Socket) => {
      remember(request);
      if (status !== 200) {
        socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
        return;
      }
      const upstream = connect(Number((request.url ?? '').split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      for (const end of [socket, upstream]) end.on('error', () => {});
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    closers.push(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    return { url: `http://u:p@127.0.0.1:${(proxy.address() as AddressInfo).port}`, seen };
  }

  it('forward plain requests and tunnel the others', async () => {
    const port = await serveTls();
    const { url, seen } = await httpProxy();
    const made = client(`{proxy_url: "${url}", proxy_connect_header: {X-Extra: [secret]}, tls_config: {${trusting}}}`);
    expect((await made.get('http://plain.example/path?q=1')).body.toString()).toBe('forwarded');
    expect(await answer(made, `https://server.example:${port}/`)).toMatchObject({ host: `server.example:${port}` });
    const login = `Basic ${btoa('u:p')}`;
    expect(seen).toEqual([
      { method: 'GET', url: 'http://plain.example/path?q=1', authorization: login, extra: undefined },
      { method: 'CONNECT', url: `server.example:${port}`, authorization: login, extra: 'secret' },
    ]);
  });

  it('do not get around the firewall', async () => {
    const { url, seen } = await httpProxy();
    const outbound = new Outbound({
      policy: { probes: { hosts: ['127.0.0.1'] } },
      resolve: (host) =>
        host === 'inside.example' ? Promise.resolve(['10.0.0.1']) : Promise.reject(new Error('unknown')),
    });
    const probes = client(`{proxy_url: "${url}"}`, { kind: 'probes', outbound });
    for (const target of [
      'http://169.254.169.254/',
      'https://169.254.169.254/',
      'http://inside.example/',
      'http://unknown.example/',
    ]) {
      expect((await failure(probes.get(target))).failure).toBe('denied');
    }
    expect(seen).toEqual([]);
    const far = client('{proxy_url: "http://169.254.1.1:3128"}');
    expect((await failure(far.get('http://public.example/'))).message).toContain('address 169.254.1.1 is link-local');
  });

  it('that refuse are named', async () => {
    const { url } = await httpProxy(407);
    const error = await failure(client(`{proxy_url: "${url}"}`).get('https://server.example/'));
    expect(error.message).toContain('the proxy answers CONNECT with 407');
    expect(error.message).not.toContain('u:p');
    const endless = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write(`x: ${'y'.repeat(5000)}\r\n`), 5);
      socket.on('close', () => {
        clearInterval(timer);
      });
    }).listen(0, '127.0.0.1');
    await once(endless, 'listening');
    closers.push(() => endless.close());
    const { port } = endless.address() as AddressInfo;
    const flooded = await failure(client(`{proxy_url: "http://127.0.0.1:${port}"}`).get('https://server.example/'));
    expect(flooded.message).toContain("the proxy's answer does not end");
  });

  it('speak SOCKS 5, with user and password', async () => {
    const port = await serveTls();
    const asked: string[] = [];
    const socks = createTcpServer((socket) => {
      socket.on('error', () => {});
      let step = 0;
      socket.on('data', (data: Buffer) => {
        if (step === 0) {
          socket.write(Buffer.from([5, data.includes(2, 2) ? 2 : 0]));
          step = data.includes(2, 2) ? 1 : 2;
        } else if (step === 1) {
          asked.push(data.toString('latin1').replace(/[^ -~]/g, '.'));
          socket.write(Buffer.from([1, 0]));
          step = 2;
        } else if (step === 2) {
          asked.push(data.subarray(5, 5 + data[4]).toString());
          step = 3;
          socket.removeAllListeners('data');
          socket.pause();
          const upstream = connect(data.readUInt16BE(data.length - 2), '127.0.0.1', () => {
            // The answer comes in two pieces.
            socket.write(Buffer.from([5, 0, 0]));
            setTimeout(() => {
              socket.write(Buffer.from([1, 0, 0, 0, 0, 0, 0]));
              socket.pipe(upstream).pipe(socket);
            }, 20);
          });
          upstream.on('error', () => {});
        }
      });
    }).listen(0, '127.0.0.1');
    await once(socks, 'listening');
    closers.push(() => socks.close());
    const proxy = `127.0.0.1:${(socks.address() as AddressInfo).port}`;
    const made = client(`{proxy_url: "socks5://me:pw@${proxy}", tls_config: {${trusting}}}`);
    expect(await answer(made, `https://server.example:${port}/`)).toMatchObject({ servername: 'server.example' });
    expect(asked).toEqual(['..me.pw', 'server.example']);
  });
});

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TestUser } from './backend.ts';

const dist = fileURLToPath(new URL('../../dist/ui/', import.meta.url));
const routes = new Set(['', 'query', 'graph', 'targets', 'rules', 'alerts', 'status', 'signin']);
const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

/** The permission of an API path, as far as the tests need to be refused. */
function permissionOf(route: string): string {
  if (/^api\/v1\/(targets|alertmanagers)/.test(route)) return 'targets.read';
  if (route.startsWith('api/v1/rules')) return 'rules.read';
  if (route === 'api/v1/alerts') return 'alerts.read';
  if (route === 'api/v1/status/buildinfo') return 'metrics.read';
  return route.startsWith('api/v1/status') ? 'config.read' : 'query';
}

interface Session {
  readonly user: string;
  readonly permissions: readonly string[];
  readonly csrfToken: string;
}

/** A server for the page in front of a Prometheus: files under the strict policy, sessions, the API behind them. */
export interface Front {
  /** Address of the first page, ending in `/`. */
  readonly url: string;
  /** A new token for a one-time sign-in link. */
  issueToken(): string;
  close(): Promise<void>;
}

/**
 * Starts the front on a free loopback port.
 *
 * @param prefix route prefix with both slashes, `/` for none
 */
export async function startFront(backend: string, prefix: string, users: readonly TestUser[]): Promise<Front> {
  const sessions = new Map<string, Session>();
  const tokens = new Set<string>();

  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://front');
    if (!url.pathname.startsWith(prefix)) {
      response.writeHead(404).end('not below the prefix');
      return;
    }
    const route = url.pathname.slice(prefix.length);
    if (routes.has(route)) sendPage(response);
    else if (route === 'api/v1/session') await answerSession(request, response);
    else if (route.startsWith('api/')) forward(request, response, route, url.search);
    else sendFile(response, route);
  }

  function sendPage(response: ServerResponse): void {
    const nonce = randomBytes(16).toString('base64');
    let html = readFileSync(path.join(dist, 'index.html'), 'utf8');
    for (const [placeholder, value] of [
      ['<base href="/" />', `<base href="${prefix}" />`],
      ['__CSP_NONCE__', nonce],
    ] as const) {
      if (!html.includes(placeholder)) throw new Error(`index.html lost its placeholder ${placeholder}`);
      html = html.replace(placeholder, value);
    }
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy':
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self'; font-src 'self'; ` +
        `connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    response.end(html);
  }

  function sendFile(response: ServerResponse, route: string): void {
    const file = path.join(dist, route);
    if (!file.startsWith(dist) || !existsSync(file)) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('no such file');
      return;
    }
    response.writeHead(200, { 'Content-Type': types[path.extname(file).slice(1)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  }

  function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers });
    response.end(JSON.stringify(body));
  }

  const refuse = (response: ServerResponse, status: 401 | 403, error: string, details: Record<string, string> = {}) => {
    const errorType = status === 401 ? 'unauthorized' : 'forbidden';
    sendJson(response, status, { status: 'error', errorType, error, ...details });
  };

  function cookieOf(request: IncomingMessage): string {
    return /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  }

  async function answerSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = sessions.get(cookieOf(request));
    if (request.method === 'POST') {
      await signIn(request, response);
    } else if (session === undefined) {
      refuse(response, 401, 'Sign in first');
    } else if (request.method === 'DELETE') {
      if (request.headers['x-yagura-csrf'] !== session.csrfToken) {
        refuse(response, 403, 'The token of the session is missing');
        return;
      }
      sessions.delete(cookieOf(request));
      response.writeHead(204).end();
    } else {
      sendJson(response, 200, { status: 'success', data: session });
    }
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers['content-type'] !== 'application/json') {
      refuse(response, 403, 'JSON is expected');
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const proof = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    const name = proof.token === undefined ? (proof.user ?? '') : tokens.delete(proof.token) ? users[0]!.user : '';
    const user = users.find((u) => u.user === name);
    if (user === undefined || (proof.token === undefined && user.password !== proof.password)) {
      refuse(response, 401, proof.token === undefined ? 'Wrong user or password' : 'The link was used or has expired');
      return;
    }
    const id = randomBytes(16).toString('hex');
    const session = { user: name, permissions: user.permissions, csrfToken: randomBytes(8).toString('hex') };
    sessions.set(id, session);
    sendJson(
      response,
      200,
      { status: 'success', data: session },
      {
        'Set-Cookie': `session=${id}; HttpOnly; SameSite=Lax; Path=${prefix}`,
      },
    );
  }

  function forward(request: IncomingMessage, response: ServerResponse, route: string, search: string): void {
    const session = sessions.get(cookieOf(request));
    if (session === undefined) {
      refuse(response, 401, 'Sign in first');
      return;
    }
    if (!session.permissions.includes(permissionOf(route))) {
      const permission = permissionOf(route);
      refuse(response, 403, `${session.user} lacks the permission ${permission}`, { permission });
      return;
    }
    const headers = { ...request.headers };
    delete headers.host;
    delete headers.cookie;
    const onward = httpRequest(`${backend}/${route}${search}`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    issueToken: () => {
      const token = randomBytes(16).toString('hex');
      tokens.add(token);
      return token;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type ApiServer } from '../../test/api-server.ts';

let api: ApiServer;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'yagura-page-'));
  mkdirSync(path.join(dir, 'assets'));
  writeFileSync(
    path.join(dir, 'index.html'),
    '<html><head><base href="/" /><meta name="csp-nonce" content="__CSP_NONCE__" /><title>Yagura</title></head></html>',
  );
  writeFileSync(path.join(dir, 'favicon.svg'), '<svg/>');
  writeFileSync(path.join(dir, 'assets', 'main-1a2b.js'), 'console.log(1)'.repeat(200));
  writeFileSync(path.join(dir, 'secret.pem'), 'not to be served');
  symlinkSync('/etc/passwd', path.join(dir, 'assets', 'link.txt'));
  api = await startApi({ page: dir });
});
afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => api.server.inject({ url, headers });

describe('the page', () => {
  it.each(['/', '/query', '/graph', '/targets', '/rules', '/alerts', '/status', '/signin'])(
    'is at %s, for anybody',
    async (url) => {
      const response = await get(url);
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(response.headers['cache-control']).toBe('no-store');
      expect(response.body).toContain('<base href="/"');
      expect(response.body).toContain('<title>Yagura &lt;1&gt;</title>');
    },
  );

  it('carries a nonce that is new each time, and the policy that goes with it', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const response = await get('/');
        const nonce = /content="([^"]+)"/.exec(response.body)![1]!;
        expect(response.headers['content-security-policy']).toBe(
          `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; ` +
            "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
        );
        return nonce;
      }),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(nonces[0]).toMatch(/^[A-Za-z0-9+/]{24}$/);
  });

  it('has files that may be kept, by the names they have and no other', async () => {
    const script = await get('/assets/main-1a2b.js', { 'accept-encoding': 'gzip' });
    expect(script.headers).toMatchObject({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
    });
    const icon = await get('/favicon.svg');
    expect([icon.statusCode, icon.headers['cache-control']]).toEqual([200, 'public, max-age=0, must-revalidate']);
    expect((await get('/favicon.svg', { 'if-none-match': String(icon.headers.etag) })).statusCode).toBe(304);
    for (const url of [
      '/secret.pem',
      '/index.html',
      '/assets/',
      '/assets',
      '/assets/../index.html',
      '/assets/%2e%2e/secret.pem',
      '/assets/link.txt',
      '/assets/nowhere.js',
      '/assets/constructor',
    ]) {
      expect([url, (await get(url)).statusCode]).toEqual([url, 404]);
    }
  });

  it('says so when it was not built', async () => {
    const bare = await startApi({ page: path.join(dir, 'nowhere') });
    const response = await bare.server.inject({ url: '/' });
    expect([response.statusCode, response.body]).toEqual([404, expect.stringContaining('not built')]);
    await bare.close();
  });
});

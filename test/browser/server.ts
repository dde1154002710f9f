import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../peers.ts';
import { admin, type FirstStart } from './backend.ts';
import { writeConfiguration } from './configuration.ts';
import { startExporter } from './exporter.ts';
// The server under test: whatever offers this.
import { startBackend } from './yagura-backend.ts';

/** A server with the page, scraping the tests' exporter. */
export interface PageServer {
  /** Address of the first page, ending in `/`. */
  readonly url: string;
  /** A new server without users, with the same prefix. */
  firstStart(): Promise<FirstStart>;
  /** The `data` of the API's answer to a GET as `admin`, by other means than the page. */
  ask(pathAndQuery: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts everything the browser tests need, and waits until the exporter's series are there and an alert fires. */
export async function startServer(options: { prefix?: string } = {}): Promise<PageServer> {
  const dir = mkdtempSync(path.join(tmpdir(), 'yagura-browser-'));
  const exporter = await startExporter();
  writeConfiguration(dir, exporter.port);
  const backend = await startBackend({ dir, prefix: options.prefix ?? '/', users: [admin] });
  const close = async () => {
    await backend.close();
    await exporter.close();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const ask = await signedIn(backend.url);
    const query = encodeURIComponent('count_over_time(answer[1m]) >= 3 and on () ALERTS{alertstate="firing"}');
    await eventually(
      async () => (await ask(`api/v1/query?query=${query}`)) as { result: readonly unknown[] },
      ({ result }) => result.length > 0,
    );
    return { url: backend.url, firstStart: () => backend.firstStart(), ask, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Signs in as a script would, and asks with the session. */
async function signedIn(url: string): Promise<PageServer['ask']> {
  const answer = await fetch(`${url}api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: new URL(url).origin },
    body: JSON.stringify({ user: admin.user, password: admin.password }),
  });
  if (!answer.ok) throw new Error(`Signing in was answered with ${answer.status}: ${await answer.text()}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((text) => text.split(';')[0])
    .join('; ');
  return async (pathAndQuery) => {
    const response = await fetch(url + pathAndQuery, { headers: { Cookie: cookie } });
    return ((await response.json()) as { data: unknown }).data;
  };
}

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeConfiguration } from './configuration.ts';
import { startExporter } from './exporter.ts';
import { startFront } from './front.ts';
import { freePort, prometheusProgram, startPrometheus } from './prometheus.ts';

/** A server with the page, scraping the tests' exporter. */
export interface PageServer {
  /** Address of the first page, ending in `/`. */
  readonly url: string;
  /** Signs in with every permission the pages need. */
  readonly admin: { readonly user: string; readonly password: string };
  /** Signs in with `query` and `metrics.read` only. */
  readonly reader: { readonly user: string; readonly password: string };
  /** A token for `signin?token=…`, good for once. */
  issueToken(): string;
  /** The API's answer to a GET as `admin`, by other means than the page. */
  ask(pathAndQuery: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Why no server can be started here; `undefined` if one can. */
export function whyNoServer(): string | undefined {
  if (prometheusProgram === undefined) return 'Prometheus is not installed (tools/install-peers)';
  const page = fileURLToPath(new URL('../../dist/ui/index.html', import.meta.url));
  if (!existsSync(page)) return 'the page is not built (npm run build)';
  return undefined;
}

/** Starts everything the browser tests need. The server itself stands behind `startFront` and `startPrometheus`. */
export async function startServer(options: { prefix?: string } = {}): Promise<PageServer> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'yagura-browser-'));
  const exporter = await startExporter();
  const port = await freePort();
  const config = writeConfiguration(dir, { server: port, exporter: exporter.port });
  const prometheus = await startPrometheus({ config, dir, port });
  const front = await startFront(prometheus.url, options.prefix ?? '/');

  const ask = async (pathAndQuery: string): Promise<unknown> => {
    const response = await fetch(`${prometheus.url}/${pathAndQuery}`);
    return ((await response.json()) as { data: unknown }).data;
  };
  await untilScraped(ask);
  return {
    url: front.url,
    admin: { user: 'admin', password: 'correct horse' },
    reader: { user: 'reader', password: 'reader' },
    issueToken: () => front.issueToken(),
    ask,
    close: async () => {
      await front.close();
      await prometheus.close();
      await exporter.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Waits until the exporter's series are there, the alerts fire and rates have two samples. */
async function untilScraped(ask: PageServer['ask']): Promise<void> {
  const query = encodeURIComponent('count_over_time(answer[1m]) >= 3 and on () ALERTS{alertstate="firing"}');
  for (let attempt = 0; attempt < 300; attempt++) {
    const data = (await ask(`api/v1/query?query=${query}`)) as { result: readonly unknown[] };
    if (data.result.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The exporter was not scraped within 30 s');
}

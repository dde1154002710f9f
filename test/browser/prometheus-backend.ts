import path from 'node:path';
import { eventually, freePort, peer, run } from '../peers.ts';
import { type Backend, type BackendOptions } from './backend.ts';
import { startFront } from './front.ts';

const program = peer('prometheus');

/** Why this backend cannot be started here; `undefined` if it can. */
export const whyNoBackend = program === undefined ? 'Prometheus is not installed: tools/install-peers' : undefined;

/** The real Prometheus behind a front that serves the page and keeps sessions. */
export async function startBackend({ dir, prefix, users }: BackendOptions): Promise<Backend> {
  const port = await freePort();
  const prometheus = run(program!, [
    `--config.file=${path.join(dir, 'config.yml')}`,
    `--storage.tsdb.path=${path.join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await eventually(
      async () => (await fetch(`${url}/-/ready`)).status,
      (status) => status === 200,
    );
  } catch (error) {
    await prometheus.kill('SIGKILL');
    throw new Error(`Prometheus did not start:\n${prometheus.output()}`, { cause: error });
  }
  const front = await startFront(url, prefix, users);
  return {
    url: front.url,
    issueLink: () => Promise.resolve(`${front.url}signin#${front.issueToken()}`),
    close: async () => {
      await front.close();
      await prometheus.stop();
    },
  };
}

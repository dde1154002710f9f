import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashSync } from 'bcryptjs';
import { eventually, freePort, run, type Running } from '../peers.ts';
import { root } from '../yagura.ts';
import { type Backend, type BackendOptions } from './backend.ts';

const built = ['dist/src/cli/index.js', 'dist/ui/index.html'].every((file) => existsSync(path.join(root, file)));

/** Why this backend cannot be started here; `undefined` if it can. */
export const whyNoBackend = built ? undefined : 'Yagura is not built: npm run build';

/** The lowest cost that bcrypt has: the tests sign in often, and guard nothing. */
const BCRYPT_COST = 4;

/** The built program with the users in its web configuration; the servers behind sign-in links have none. */
export async function startBackend({ dir, prefix, users }: BackendOptions): Promise<Backend> {
  const webConfig = path.join(dir, 'web.yml');
  const hashes = Object.fromEntries(users.map(({ user, password }) => [user, hashSync(password, BCRYPT_COST)]));
  writeFileSync(webConfig, JSON.stringify({ basic_auth_users: hashes }));
  const main = await startServer(path.join(dir, 'config.yml'), path.join(dir, 'data'), prefix, [
    `--web.config.file=${webConfig}`,
  ]);
  const others: Server[] = [];
  return {
    url: main.url,
    firstStart: async () => {
      const empty = path.join(dir, `first-start-${others.length}`);
      mkdirSync(empty);
      const config = path.join(empty, 'config.yml');
      writeFileSync(config, '{}');
      const server = await startServer(config, path.join(empty, 'data'), prefix, []);
      others.push(server);
      const printed = server.output();
      const link = /(http\S+\/signin#\S+)/.exec(printed)?.[1];
      const token = /\b(ygr_(?!link_)\w+)/.exec(printed)?.[1];
      if (link === undefined || token === undefined) throw new Error(`No credential was printed:\n${printed}`);
      return { url: server.url, link, token };
    },
    close: async () => {
      const servers = [main, ...others];
      const codes = await Promise.all(servers.map((server) => server.stop()));
      // Whatever the pages did, no server may have ended before it was asked to.
      codes.forEach((code, i) => {
        if (code !== 0) throw new Error(`Yagura ended with ${code}:\n${servers[i]!.output()}`);
      });
    },
  };
}

interface Server extends Running {
  /** Ends in `/`. */
  readonly url: string;
}

async function startServer(config: string, data: string, prefix: string, flags: readonly string[]): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${prefix}`;
  const server = run(process.execPath, [
    path.join(root, 'bin', 'yagura'),
    'serve',
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.route-prefix=${prefix}`,
    ...flags,
  ]);
  try {
    await eventually(
      async () => (await fetch(`${url}-/ready`)).status,
      (status) => status === 200,
    );
  } catch (error) {
    await server.kill('SIGKILL');
    throw new Error(`Yagura did not start:\n${server.output()}`, { cause: error });
  }
  return { ...server, url };
}

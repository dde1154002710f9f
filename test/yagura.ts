import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort, run, type Running } from './peers.ts';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

export interface Yagura extends Running {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** The folder with the configuration and, below `data`, the data. */
  readonly dir: string;
  /** The one-time sign-in link of a first start. */
  readonly link: string | undefined;
  /** The administrator's bearer token of a first start. */
  readonly token: string | undefined;
  /** GET with the administrator's credential where there is one; the answer's JSON `data`. */
  api<T>(pathAndQuery: string): Promise<T>;
  /** Removes the folder too. */
  remove(): Promise<void>;
}

export interface YaguraOptions {
  /** Text of the configuration; `PORT` stands for the server's own port. */
  readonly config: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** An earlier server's folder and port, to start again on its data. */
  readonly again?: { readonly dir: string; readonly port: number; readonly token?: string | undefined };
}

/** Starts the built program as a person would, and waits until it is ready. */
export async function startYagura(options: YaguraOptions): Promise<Yagura> {
  const dir = options.again?.dir ?? mkdtempSync(path.join(tmpdir(), 'yagura-test-'));
  const port = options.again?.port ?? (await freePort());
  writeFileSync(path.join(dir, 'prometheus.yml'), options.config.replaceAll('PORT', String(port)));
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(path.join(dir, name), text);
  const url = `http://127.0.0.1:${port}`;
  const server = run(process.execPath, [
    path.join(root, 'bin', 'yagura'),
    'serve',
    `--config.file=${path.join(dir, 'prometheus.yml')}`,
    `--storage.tsdb.path=${path.join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...(options.flags ?? []),
  ]);
  try {
    await eventually(
      async () => (await fetch(`${url}/-/ready`)).status,
      (status) => status === 200,
    );
  } catch (error) {
    await server.kill('SIGKILL');
    throw new Error(`yagura did not start:\n${server.output()}`, { cause: error });
  }
  const link = /(http\S+\/signin#\S+)/.exec(server.output())?.[1];
  const token = options.again?.token ?? /\b(ygr_(?!link_)\w+)/.exec(server.output())?.[1];
  return {
    ...server,
    url,
    port,
    dir,
    link,
    token,
    api: async <T>(pathAndQuery: string) => {
      const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch(url + pathAndQuery, { headers });
      const body = (await response.json()) as { data: T; error?: string };
      if (!response.ok) throw new Error(`${pathAndQuery}: ${response.status} ${body.error ?? ''}`);
      return body.data;
    },
    remove: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface VectorSample {
  readonly metric: Record<string, string>;
  readonly value: [time: number, value: string];
}

/** The result of an instant query. */
export async function query(server: Yagura, expr: string, time?: number): Promise<VectorSample[]> {
  const at = time === undefined ? '' : `&time=${time}`;
  return (await server.api<{ result: VectorSample[] }>(`/api/v1/query?query=${encodeURIComponent(expr)}${at}`)).result;
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  createHttpClient,
  defaultHttpClientConfig,
  type HttpClient,
  type HttpClientConfig,
  httpClientConfigSchema,
  Outbound,
} from '../../httpclient/index.ts';
import { decodeYaml } from '../../schema/index.ts';
import { CommandFailure, messageOf, UsageError } from '../terminal.ts';
import { VERSION } from '../version.ts';

const TIMEOUT_MS = 120_000;

export interface ConnectOptions {
  readonly configFile: string | undefined;
  readonly tokenFile: string | undefined;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An answer of the HTTP API. */
export interface ApiAnswer {
  readonly data: unknown;
  readonly warnings: readonly string[];
}

/** Asks one server's HTTP API. */
export class ApiClient {
  readonly #client: HttpClient;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(client: HttpClient, base: string, headers: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#base = base;
    this.#headers = headers;
  }

  /** @throws {UsageError} for what cannot be an address, and for two credentials at once */
  static async connect(server: string, options: ConnectOptions): Promise<ApiClient> {
    const url = serverUrl(server);
    const config = await loadHttpConfig(options.configFile);
    const headers = { ...Object.fromEntries(options.headers) };
    const token = await loadToken(options, config !== undefined);
    const { username, password } = url;
    if (username !== '' && (config !== undefined || token !== undefined)) {
      throw new UsageError('the address has a user name: give no token and no --http.config.file with it');
    }
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    else if (username !== '') {
      const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      headers.authorization = `Basic ${Buffer.from(login).toString('base64')}`;
    }
    url.username = '';
    url.password = '';
    const client = createHttpClient({
      kind: 'remote',
      outbound: new Outbound(),
      config: config ?? defaultHttpClientConfig(),
      userAgent: `yagura-tool/${VERSION}`,
      env: options.env,
    });
    return new ApiClient(client, `${url.origin}${url.pathname.replace(/\/+$/, '')}`, headers);
  }

  /**
   * @param route below `/api/v1/`; one that ends in `?` is asked with GET, any other with POST
   * @throws {CommandFailure} with what the server says is wrong
   */
  async ask(route: string, form: readonly (readonly [string, string])[]): Promise<ApiAnswer> {
    const parameters = new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])).toString();
    const url = `${this.#base}/api/v1/${route}`;
    const answer = route.endsWith('?')
      ? await this.#client.request(url + parameters, { headers: this.#headers, timeoutMs: TIMEOUT_MS })
      : await this.#client.request(url, {
          method: 'POST',
          headers: { ...this.#headers, 'content-type': 'application/x-www-form-urlencoded' },
          body: parameters,
          timeoutMs: TIMEOUT_MS,
        });
    const json = tryJson(answer.body.toString('utf8'));
    if (isRecord(json) && json.status === 'success') {
      return { data: json.data, warnings: [...strings(json.warnings), ...strings(json.infos)] };
    }
    if (isRecord(json) && typeof json.error === 'string') {
      throw new CommandFailure(`query error: ${String(json.errorType)}: ${json.error}`);
    }
    throw new CommandFailure(`query error: ${url} answered with status ${answer.status} and no answer of the API`);
  }

  /** The status and text below the server's address: `/-/healthy`. */
  async look(route: string, timeoutMs: number): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.#client.get(this.#base + route, { headers: this.#headers, timeoutMs, maxBytes: 65_536 });
    return { status: answer.status, text: answer.body.toString('utf8') };
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function serverUrl(server: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `http://${server}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(`${JSON.stringify(server)} is not an address such as http://localhost:9090`);
  }
  return url;
}

async function loadHttpConfig(file: string | undefined): Promise<HttpClientConfig | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file).catch((error: unknown) => {
    throw new UsageError(`--http.config.file cannot be read: ${messageOf(error)}`);
  });
  const { value, errors } = decodeYaml(httpClientConfigSchema, text, file, { directory: path.dirname(file) });
  if (errors.length > 0) throw new CommandFailure(errors.map(String).join('\n'));
  return value;
}

/** A token in the environment is for servers that need one: with a http_config there is enough. */
async function loadToken({ tokenFile, env }: ConnectOptions, hasConfig: boolean): Promise<string | undefined> {
  if (tokenFile !== undefined && hasConfig) throw new UsageError('give either --token-file or --http.config.file');
  if (tokenFile === undefined) {
    const token = hasConfig ? '' : (env.YAGURA_TOKEN ?? '').trim();
    return token === '' ? undefined : checked(token, 'YAGURA_TOKEN');
  }
  const text = await readFile(tokenFile, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--token-file cannot be read: ${messageOf(error)}`);
  });
  return checked(text.trim(), tokenFile);
}

/** What a header cannot hold would break the request; the token itself must not show in a message. */
function checked(token: string, from: string): string {
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError(`${from} does not hold a token`);
  return token;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

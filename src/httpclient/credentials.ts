import { type Clock } from '../runtime/index.ts';
import { type HttpClientConfig } from './config.ts';
import { HttpClientError } from './errors.ts';
import { type HostPattern, matchesHost, parseHostPattern } from './host-pattern.ts';
import { type SecretManager, secretSource, type SecretSource } from './secret-source.ts';

/** The only places a credential may be sent to. */
export interface CredentialBinding {
  /** For messages. */
  readonly name: string;
  readonly hosts: readonly string[];
  /** `https` alone unless given. */
  readonly schemes?: readonly string[];
}

/** Where a request goes, for the question whether credentials may go along. */
export interface CredentialTarget {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** For messages. */
  readonly shown: string;
}

/** Flat pairs: name, value, name, value … */
export type HeaderPairs = string[];

/** Adds what identifies the client to its requests, and nowhere else than it is bound to. */
export class Credentials {
  readonly #binding: CredentialBinding | undefined;
  readonly #hosts: readonly HostPattern[];
  readonly #schemes: readonly string[];
  readonly #parts: readonly HeaderPart[];
  /** Known for good when no part can change. */
  readonly #fixed: HeaderPairs | undefined;

  /**
   * @param token gives OAuth2 tokens where the configuration has `oauth2`
   * @throws {HttpClientError} `credentials` for references without a secret manager
   * @throws {Error} for a binding to something that is no host
   */
  constructor(options: {
    readonly config: HttpClientConfig;
    readonly clock: Clock;
    readonly manager: SecretManager | undefined;
    readonly binding: CredentialBinding | undefined;
    readonly token: (() => Promise<string>) | undefined;
  }) {
    this.#binding = options.binding;
    this.#hosts = (options.binding?.hosts ?? []).map(parseHostPattern);
    this.#schemes = options.binding?.schemes ?? ['https'];
    this.#parts = headerParts(options);
    const fixed = this.#parts.map((part) => part.fixed);
    if (fixed.every((pairs) => pairs !== undefined)) this.#fixed = fixed.flat();
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Whether requests there may carry the credentials. */
  mayBeSentTo(target: CredentialTarget): boolean {
    if (this.#binding === undefined) return true;
    return (
      this.#schemes.includes(target.scheme) && this.#hosts.some((host) => matchesHost(host, target.host, target.port))
    );
  }

  /**
   * The headers for a request; at once when none of them has to be fetched.
   *
   * @throws {HttpClientError} `denied` where the credential is bound elsewhere, `credentials` when it cannot be read
   */
  headersFor(target: CredentialTarget): HeaderPairs | Promise<HeaderPairs> {
    if (this.isEmpty) return [];
    if (!this.mayBeSentTo(target)) {
      const { name, hosts } = this.#binding as CredentialBinding;
      const places = `${this.#schemes.join(' and ')} on ${hosts.join(', ')}`;
      throw new HttpClientError(
        'denied',
        `Cannot send credential ${JSON.stringify(name)} to ${target.shown}: it is bound to ${places}`,
      );
    }
    if (this.#fixed !== undefined) return this.#fixed;
    const pairs: HeaderPairs = [];
    for (const part of this.#parts) {
      const now = part.fixed ?? part.now?.();
      if (now === undefined) return this.#gather();
      pairs.push(...now);
    }
    return pairs;
  }

  async #gather(): Promise<HeaderPairs> {
    const pairs: HeaderPairs = [];
    for (const part of this.#parts) pairs.push(...(part.fixed ?? part.now?.() ?? (await part.later())));
    return pairs;
  }
}

/** One contribution to the headers: fixed, readable at once, or to be waited for. */
interface HeaderPart {
  readonly fixed?: HeaderPairs;
  readonly now?: () => HeaderPairs | undefined;
  readonly later: () => Promise<HeaderPairs>;
}

interface PartOptions {
  readonly config: HttpClientConfig;
  readonly clock: Clock;
  readonly manager: SecretManager | undefined;
  readonly token: (() => Promise<string>) | undefined;
}

function headerParts({ config, clock, manager, token }: PartOptions): HeaderPart[] {
  const parts: HeaderPart[] = [];
  const { authorization, basicAuth } = config;
  if (authorization !== undefined) {
    const { type, credentials, credentialsFile, credentialsRef } = authorization;
    const source = secretSource({ text: credentials, file: credentialsFile, ref: credentialsRef }, clock, manager);
    parts.push(fromSources([source], ([text]) => ['authorization', `${type} ${text}`]));
  }
  if (basicAuth !== undefined) {
    const { username, usernameFile, usernameRef, password, passwordFile, passwordRef } = basicAuth;
    const user = secretSource({ text: username, file: usernameFile, ref: usernameRef }, clock, manager);
    const pass = secretSource({ text: password, file: passwordFile, ref: passwordRef }, clock, manager);
    parts.push(fromSources([user, pass], ([name, word]) => ['authorization', basicAuthorization(name, word)]));
  }
  if (token !== undefined) {
    parts.push({ later: async () => ['authorization', `Bearer ${await token()}`] });
  }
  for (const [name, header] of config.headers ?? []) {
    const sources = [
      ...header.values.map((text) => secretSource({ text, file: '', ref: '' }, clock, manager)),
      ...header.secrets.map((text) => secretSource({ text, file: '', ref: '' }, clock, manager)),
      ...header.files.map((file) => secretSource({ text: '', file, ref: '' }, clock, manager)),
    ];
    for (const source of sources) parts.push(fromSources([source], ([text]) => [name.toLowerCase(), text]));
  }
  return parts;
}

function fromSources(
  sources: readonly (SecretSource | undefined)[],
  make: (texts: readonly string[]) => HeaderPairs,
): HeaderPart {
  const now = (): HeaderPairs | undefined => {
    const texts = sources.map((source) => (source === undefined ? '' : source.readNow()));
    return texts.every((text) => text !== undefined) ? checked(make(texts)) : undefined;
  };
  const later = async (): Promise<HeaderPairs> =>
    checked(make(await Promise.all(sources.map(async (source) => (await source?.read()) ?? ''))));
  const isFixed = sources.every((source) => source?.isFixed ?? true);
  const fixed = isFixed ? now() : undefined;
  return fixed === undefined ? { now, later } : { fixed, later };
}

/** A header value that HTTP cannot carry is refused here, without showing it. */
function checked(pairs: HeaderPairs): HeaderPairs {
  for (let i = 0; i < pairs.length; i += 2) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(pairs[i + 1])) {
      throw new HttpClientError(
        'credentials',
        `Cannot send header ${pairs[i]}: its value holds a character headers cannot carry`,
      );
    }
  }
  return pairs;
}

/** The value of an Authorization header for a user and password. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

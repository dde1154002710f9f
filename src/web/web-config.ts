import { createPrivateKey, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { secret } from '../httpclient/index.ts';
import { type Secret } from '../runtime/index.ts';
import {
  boolean,
  type Check,
  ConfigError,
  decodeYaml,
  type Decoder,
  field,
  filePath,
  int,
  list,
  mapOf,
  nameNode,
  object,
  type ObjectSchema,
  oneOf,
  parsed,
  refined,
  resolveScalar,
  type Schema,
  string,
  text,
} from '../schema/index.ts';

type TlsVersion = 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13';

/** The `tls_server_config` block of a web configuration; certificates and keys are PEM. */
export interface WebTlsConfig {
  readonly cert: string;
  readonly key: Secret;
  readonly clientCa: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientAuthType: string;
  readonly clientCaFile: string;
  /** Go's names. */
  readonly cipherSuites: readonly string[];
  /** Go's names. */
  readonly curvePreferences: readonly string[];
  readonly minVersion: TlsVersion | '';
  readonly maxVersion: TlsVersion | '';
  readonly preferServerCipherSuites: boolean;
  readonly clientAllowedSans: readonly string[];
}

/** Prometheus's web configuration (`--web.config.file`). */
export interface WebConfig {
  readonly tls: WebTlsConfig;
  readonly http: { readonly http2: boolean; readonly headers: ReadonlyMap<string, string> };
  readonly rateLimit: { readonly burst: number; readonly intervalMs: number };
  /** Bcrypt hashes by user name. */
  readonly basicAuthUsers: ReadonlyMap<string, Secret>;
}

/** Go's cipher suites and what OpenSSL calls them. */
const cipherSuites: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
};

const curves: Readonly<Record<string, string>> = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
};

/** The headers that may be set, and the values of those that are enumerations. */
const settableHeaders: Readonly<Record<string, readonly string[]>> = {
  'Strict-Transport-Security': [],
  'X-Content-Type-Options': ['nosniff'],
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-XSS-Protection': [],
  'Content-Security-Policy': [],
};

/** Go's durations in milliseconds: `1s`, `1.5h`, `100us`; a bare number counts nanoseconds. */
const goDuration: Schema<number> = {
  ...parsed({
    type: 'duration',
    expected: 'a duration such as 1s or 500ms',
    parse: parseGoDuration,
    zero: () => 0,
    isZero: (value) => value === 0,
    encode: (value) => text(`${value}ms`),
  }),
  decode(node, decoder) {
    const resolved = node.kind === 'scalar' ? resolveScalar(node) : undefined;
    if (resolved?.kind === 'int') return Number(resolved.value) / 1e6;
    if (resolved?.kind === 'string') {
      try {
        return parseGoDuration(resolved.value);
      } catch (error) {
        decoder.fail(node, (error as Error).message, 'a duration such as 1s or 500ms');
        return 0;
      }
    }
    decoder.fail(node, `cannot use ${nameNode(node)} as a duration`, 'a duration such as 1s or 500ms');
    return 0;
  },
};

const goUnitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function parseGoDuration(value: string): number {
  const match = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(value);
  if (match === null) throw new Error(`invalid duration ${JSON.stringify(value)}`);
  let total = 0;
  for (const [, count, unit] of match[2].matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(count) * goUnitMs[unit];
  return match[1] === '-' ? -total : total;
}

const version = (): Schema<TlsVersion | ''> =>
  oneOf(['', 'TLS13', 'TLS12', 'TLS11', 'TLS10'] as const, (given) => `unknown TLS version: ${given}`);

const known = (table: Readonly<Record<string, string>>, kind: string): Schema<string> =>
  refined(string(), (name) => (Object.hasOwn(table, name) ? undefined : `unknown ${kind}: ${name}`));

const tlsSchema = object<WebTlsConfig>({
  name: 'tls_server_config',
  fields: {
    cert: field('cert', string()),
    key: field('key', secret()),
    clientCa: field('client_ca', string()),
    certFile: field('cert_file', filePath()),
    keyFile: field('key_file', filePath()),
    clientAuthType: field('client_auth_type', string()),
    clientCaFile: field('client_ca_file', filePath()),
    cipherSuites: field('cipher_suites', list(known(cipherSuites, 'cipher'))),
    curvePreferences: field('curve_preferences', list(known(curves, 'curve'))),
    minVersion: field('min_version', version(), { default: 'TLS12' }),
    maxVersion: field('max_version', version(), { default: 'TLS13' }),
    preferServerCipherSuites: field('prefer_server_cipher_suites', boolean(), { default: true }),
    clientAllowedSans: field('client_allowed_sans', list(string())),
  },
});

const httpSchema = object<WebConfig['http']>({
  name: 'http_server_config',
  fields: {
    http2: field('http2', boolean(), { default: true }),
    headers: field('headers', mapOf(string())),
  },
  refine(config, check) {
    for (const [name, value] of config.headers) {
      const values = Object.hasOwn(settableHeaders, name) ? settableHeaders[name] : undefined;
      if (values === undefined) check.fail(`HTTP header ${JSON.stringify(name)} can not be configured`, 'headers');
      else if (values.length > 0 && !values.includes(value)) {
        const expected = values.map((v) => JSON.stringify(v)).join(' ');
        check.fail(
          `invalid value for ${name}. Expected one of: [${expected}], but got: ${JSON.stringify(value)}`,
          'headers',
        );
      }
    }
  },
});

const rateLimitSchema = object<WebConfig['rateLimit']>({
  name: 'rate_limit',
  fields: { burst: field('burst', int()), intervalMs: field('interval', goDuration) },
});

export const webConfigSchema: ObjectSchema<WebConfig> = object<WebConfig>({
  name: 'the web configuration',
  fields: {
    tls: field('tls_server_config', tlsSchema, { default: () => tlsSchema.defaults() }),
    http: field('http_server_config', httpSchema, { default: () => httpSchema.defaults() }),
    rateLimit: field('rate_limit', rateLimitSchema),
    basicAuthUsers: field('basic_auth_users', mapOf(secret())),
  },
  refine: checkWebConfig,
});

function checkWebConfig(config: WebConfig, check: Check<WebConfig>): void {
  for (const [name, hash] of config.basicAuthUsers) {
    const problem = bcryptProblem(hash.reveal());
    if (problem !== undefined) check.fail(`user ${JSON.stringify(name)}: ${problem}`, 'basicAuthUsers');
  }
  const { tls } = config;
  if (!hasTls(tls)) return;
  const fail = (message: string, property?: keyof WebTlsConfig): void => {
    check.decoder.failObject(tls, property, message);
  };
  const asksForClients = tls.clientAuthType !== '' && tls.clientAuthType !== 'NoClientCert';
  if (tls.certFile === '' && tls.cert === '') fail('missing one of cert or cert_file');
  else if (tls.keyFile === '' && tls.key.isEmpty) fail('missing one of key or key_file');
  else if (!Object.hasOwn(clientAuthTypes, tls.clientAuthType)) {
    fail(`invalid ClientAuth: ${tls.clientAuthType}`, 'clientAuthType');
  } else if ((tls.clientCaFile !== '' || tls.clientCa !== '') && !asksForClients) {
    fail("client CA's have been configured without a Client Auth Policy");
  } else if (
    config.http.http2 &&
    tls.cipherSuites.length > 0 &&
    tls.minVersion !== 'TLS13' &&
    !tls.cipherSuites.some((name) => http2Ciphers.includes(name))
  ) {
    fail(`HTTP/2 needs one of the ciphers ${http2Ciphers.join(', ')}`, 'cipherSuites');
  }
}

/** RFC 9113, 9.2.2: what every HTTP/2 peer has to offer below TLS 1.3, and its ECDSA sister. */
const http2Ciphers: readonly string[] = [
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
];

type ClientAuth =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** What each word asks of clients; `RequireClientCert` is an older word. */
const clientAuthTypes: Readonly<Record<string, ClientAuth>> = {
  '': 'NoClientCert',
  NoClientCert: 'NoClientCert',
  RequestClientCert: 'RequestClientCert',
  RequireAnyClientCert: 'RequireAnyClientCert',
  RequireClientCert: 'RequireAnyClientCert',
  VerifyClientCertIfGiven: 'VerifyClientCertIfGiven',
  RequireAndVerifyClientCert: 'RequireAndVerifyClientCert',
};

/** Whether the block turns TLS on: any of the settings that only make sense with it. */
export function hasTls(tls: WebTlsConfig): boolean {
  const texts = [
    tls.certFile,
    tls.cert,
    tls.keyFile,
    tls.key.reveal(),
    tls.clientCaFile,
    tls.clientCa,
    tls.clientAuthType,
  ];
  return texts.some((value) => value !== '');
}

/** What keeps a text from being a bcrypt hash, or nothing. @see golang.org/x/crypto/bcrypt, Cost */
function bcryptProblem(hash: string): string | undefined {
  if (hash.length < 59) return 'hash is too short to be a bcrypted password';
  const match = /^\$2[a-z]?\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash);
  if (match === null) return 'hash is not a bcrypted password';
  const cost = Number(match[1]);
  return cost < 4 || cost > 31 ? `bcrypt cost ${cost} is outside allowed range (4,31)` : undefined;
}

/** TLS of the listeners with the files read, in OpenSSL's words. */
export interface WebTlsSettings {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
  readonly clientAuth: ClientAuth;
  readonly clientAllowedSans: readonly string[];
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
  readonly curves?: string;
  readonly preferServerCiphers: boolean;
}

export interface LoadedWebConfig {
  readonly config: WebConfig;
  /** Absent where the configuration has no TLS, or its files are not usable. */
  readonly tls: WebTlsSettings | undefined;
  /** Files that were read, for telling when to read again. */
  readonly files: readonly string[];
  /** Empty exactly when the configuration is fit for use. */
  readonly errors: readonly ConfigError[];
}

/** Reads a file's bytes. @throws the system's error */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** Reads and checks a web configuration's text; the files it names are not touched. */
export function parseWebConfig(
  source: string | Uint8Array,
  file: string,
  directory?: string,
): { readonly config: WebConfig; readonly errors: readonly ConfigError[] } {
  const { value, errors } = decode(source, file, directory);
  return { config: value, errors };
}

function decode(
  source: string | Uint8Array,
  file: string,
  directory: string | undefined,
): ReturnType<typeof decodeYaml<WebConfig>> {
  return decodeYaml(webConfigSchema, source, file, {
    empty: () => webConfigSchema.defaults(),
    ...(directory === undefined ? {} : { directory }),
  });
}

/** Reads a web configuration and the certificates it names. Never throws: what cannot be read is an error among the others. */
export async function loadWebConfig(file: string, readFile: ReadFile): Promise<LoadedWebConfig> {
  let source: Uint8Array;
  try {
    source = await readFile(file);
  } catch (error) {
    const wrong = new ConfigError({ file, line: 0, column: 0, path: '', message: messageOf(error) });
    return { config: webConfigSchema.defaults(), tls: undefined, files: [file], errors: [wrong] };
  }
  const { value: config, errors, decoder } = decode(source, file, path.dirname(file));
  const files = [file];
  const tls =
    errors.length > 0 || !hasTls(config.tls) ? undefined : await loadTls(config.tls, decoder, readFile, files);
  return { config, tls, files, errors };
}

async function loadTls(
  config: WebTlsConfig,
  decoder: Decoder,
  readFile: ReadFile,
  files: string[],
): Promise<WebTlsSettings | undefined> {
  const read = async (inlined: string, from: string, property: keyof WebTlsConfig): Promise<string> => {
    if (from === '') return inlined;
    files.push(from);
    try {
      return Buffer.from(await readFile(from)).toString('utf8');
    } catch (error) {
      decoder.failObject(config, property, messageOf(error));
      return '';
    }
  };
  const before = decoder.errorCount;
  const cert = await read(config.cert, config.certFile, 'certFile');
  const key = await read(config.key.reveal(), config.keyFile, 'keyFile');
  const clientCa = await read(config.clientCa, config.clientCaFile, 'clientCaFile');
  if (decoder.errorCount > before) return undefined;
  const problem = keyPairProblem(cert, key);
  if (problem !== undefined) {
    decoder.failObject(config, undefined, `cannot use the certificate and key: ${problem}`);
    return undefined;
  }
  return {
    cert,
    key,
    ...(clientCa === '' ? {} : { clientCa }),
    clientAuth: clientAuthTypes[config.clientAuthType],
    clientAllowedSans: config.clientAllowedSans,
    minVersion: openSslVersion(config.minVersion, 'TLSv1.2'),
    maxVersion: openSslVersion(config.maxVersion, 'TLSv1.3'),
    ...(config.cipherSuites.length === 0 ? {} : { ciphers: cipherList(config) }),
    ...(config.curvePreferences.length === 0
      ? {}
      : { curves: config.curvePreferences.map((name) => curves[name]).join(':') }),
    preferServerCiphers: config.preferServerCipherSuites,
  };
}

/** Go does not let TLS 1.3's suites be chosen: they are always offered. */
function cipherList(config: WebTlsConfig): string {
  const always = Object.keys(cipherSuites).filter((name) => !name.includes('_WITH_'));
  const chosen = config.cipherSuites.map((name) => cipherSuites[name]);
  return [...new Set([...chosen, ...always])].join(':');
}

function openSslVersion(given: TlsVersion | '', standard: WebTlsSettings['minVersion']): WebTlsSettings['minVersion'] {
  switch (given) {
    case 'TLS10':
      return 'TLSv1';
    case 'TLS11':
      return 'TLSv1.1';
    case 'TLS12':
      return 'TLSv1.2';
    case 'TLS13':
      return 'TLSv1.3';
    case '':
      return standard;
  }
}

function keyPairProblem(cert: string, key: string): string | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
      ? undefined
      : 'the key does not belong to the certificate';
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

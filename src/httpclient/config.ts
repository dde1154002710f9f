import { Secret } from '../runtime/index.ts';
import {
  anything,
  boolean,
  type Check,
  encodeYaml,
  field,
  filePath,
  inline,
  list,
  mapOf,
  object,
  type ObjectSchema,
  oneOf,
  optional,
  type Schema,
  secretOf,
  string,
  type Writable,
} from '../schema/index.ts';
import { type ConfigUrl, configUrl } from './config-url.ts';

/** A secret string of a configuration: prints as `<secret>`. */
export function secret(): Schema<Secret> {
  return secretSchema;
}

const secretSchema = secretOf((value) => new Secret(value));

/** HTTP basic authentication; the `…Ref` fields name secrets of a secret manager. */
export interface BasicAuthConfig {
  readonly username: string;
  readonly usernameFile: string;
  readonly usernameRef: string;
  readonly password: Secret;
  readonly passwordFile: string;
  readonly passwordRef: string;
}

/** The Authorization header: `<type> <credentials>`. */
export interface AuthorizationConfig {
  /** `Bearer` unless given. */
  readonly type: string;
  readonly credentials: Secret;
  readonly credentialsFile: string;
  readonly credentialsRef: string;
}

export type TlsVersion = '' | 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13';

/** TLS towards servers. Texts and files are PEM; at most one source for each. */
export interface TlsConfig {
  readonly ca: string;
  readonly cert: string;
  readonly key: Secret;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly caRef: string;
  readonly certRef: string;
  readonly keyRef: string;
  /** The name the server's certificate has to hold; empty for the host of the URL. */
  readonly serverName: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
}

export interface ProxyConfig {
  readonly proxyUrl: ConfigUrl | undefined;
  /** Comma-separated hosts, domains, addresses and networks that are reached directly. */
  readonly noProxy: string;
  readonly proxyFromEnvironment: boolean;
  /** Headers sent with CONNECT. */
  readonly proxyConnectHeader: ReadonlyMap<string, readonly Secret[]>;
}

export interface OAuth2Config {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly clientSecretFile: string;
  readonly clientSecretRef: string;
  readonly clientCertificateKeyId: string;
  readonly clientCertificateKey: Secret;
  readonly clientCertificateKeyFile: string;
  readonly clientCertificateKeyRef: string;
  /** Empty means `client_credentials`; the other grant is {@link jwtBearerGrant}. */
  readonly grantType: string;
  /** RS256 (when empty), RS384 or RS512; only for the JWT bearer grant. */
  readonly signatureAlgorithm: string;
  readonly iss: string;
  readonly audience: string;
  readonly claims: ReadonlyMap<string, unknown>;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: ReadonlyMap<string, string>;
  readonly tls: TlsConfig;
  readonly proxy: ProxyConfig;
}

/** One extra header: its values, the secret ones, and those read from files with each request. */
export interface HeaderConfig {
  readonly values: readonly string[];
  readonly secrets: readonly Secret[];
  readonly files: readonly string[];
}

/** Prometheus's `http_config`: how a client authenticates, verifies, and gets to its server. */
export interface HttpClientConfig {
  readonly basicAuth: BasicAuthConfig | undefined;
  /** Also what `bearer_token` and `bearer_token_file` become. */
  readonly authorization: AuthorizationConfig | undefined;
  readonly oauth2: OAuth2Config | undefined;
  /** Empty once validated. */
  readonly bearerToken: Secret;
  /** Empty once validated. */
  readonly bearerTokenFile: string;
  readonly tls: TlsConfig;
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
  readonly proxy: ProxyConfig;
  readonly headers: ReadonlyMap<string, HeaderConfig> | undefined;
}

export const jwtBearerGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const basicAuthSchema = object<BasicAuthConfig>({
  name: 'basic_auth',
  fields: {
    username: field('username', string()),
    usernameFile: field('username_file', filePath()),
    usernameRef: field('username_ref', string()),
    password: field('password', secret()),
    passwordFile: field('password_file', filePath()),
    passwordRef: field('password_ref', string()),
  },
});

const authorizationSchema = object<AuthorizationConfig>({
  name: 'authorization',
  fields: {
    type: field('type', string(), { doc: 'Bearer unless given' }),
    credentials: field('credentials', secret()),
    credentialsFile: field('credentials_file', filePath()),
    credentialsRef: field('credentials_ref', string()),
  },
});

const tlsVersion = (): Schema<TlsVersion> =>
  oneOf(['', 'TLS10', 'TLS11', 'TLS12', 'TLS13'] as const, (given) => `unknown TLS version: ${given}`);

/** The `tls_config` block of a client. */
export const tlsConfigSchema: ObjectSchema<TlsConfig> = object<TlsConfig>({
  name: 'tls_config',
  fields: {
    ca: field('ca', string()),
    cert: field('cert', string()),
    key: field('key', secret()),
    caFile: field('ca_file', filePath()),
    certFile: field('cert_file', filePath()),
    keyFile: field('key_file', filePath()),
    caRef: field('ca_ref', string()),
    certRef: field('cert_ref', string()),
    keyRef: field('key_ref', string()),
    serverName: field('server_name', string()),
    insecureSkipVerify: field('insecure_skip_verify', boolean(), { isAlwaysPrinted: true }),
    minVersion: field('min_version', tlsVersion()),
    maxVersion: field('max_version', tlsVersion()),
  },
  refine: checkTls,
});

function checkTls(tls: TlsConfig, check: Check<TlsConfig>): void {
  const caSources = count(tls.ca, tls.caFile, tls.caRef);
  const certSources = count(tls.cert, tls.certFile, tls.certRef);
  const keySources = count(tls.key.reveal(), tls.keyFile, tls.keyRef);
  if (caSources > 1) check.fail('at most one of ca, ca_file & ca_ref must be configured');
  else if (certSources > 1) check.fail('at most one of cert, cert_file & cert_ref must be configured');
  else if (keySources > 1) check.fail('at most one of key and key_file must be configured');
  else if (certSources > 0 && keySources === 0) {
    check.fail('exactly one of key or key_file must be configured when a client certificate is configured');
  } else if (keySources > 0 && certSources === 0) {
    check.fail('exactly one of cert or cert_file must be configured when a client key is configured');
  } else if (tls.minVersion !== '' && tls.maxVersion !== '' && tls.maxVersion < tls.minVersion) {
    check.fail(
      'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified',
      'maxVersion',
    );
  }
}

function count(...values: readonly string[]): number {
  return values.filter((value) => value !== '').length;
}

const proxySchema = object<ProxyConfig>({
  name: 'proxy configuration',
  fields: {
    proxyUrl: field('proxy_url', configUrl()),
    noProxy: field('no_proxy', string()),
    proxyFromEnvironment: field('proxy_from_environment', boolean()),
    proxyConnectHeader: field('proxy_connect_header', mapOf(list(secret()))),
  },
  refine(proxy, check) {
    const hasUrl = proxy.proxyUrl !== undefined && proxy.proxyUrl.reveal() !== '';
    if (proxy.proxyConnectHeader.size > 0 && !proxy.proxyFromEnvironment && !hasUrl) {
      check.fail(
        'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
        'proxyConnectHeader',
      );
    } else if (proxy.proxyFromEnvironment && hasUrl) {
      check.fail('if proxy_from_environment is configured, proxy_url must not be configured', 'proxyUrl');
    } else if (proxy.proxyFromEnvironment && proxy.noProxy !== '') {
      check.fail('if proxy_from_environment is configured, no_proxy must not be configured', 'noProxy');
    } else if (proxy.proxyUrl === undefined && proxy.noProxy !== '') {
      check.fail('if no_proxy is configured, proxy_url must also be configured', 'noProxy');
    }
  },
});

const oauth2Schema = object<OAuth2Config>({
  name: 'oauth2',
  fields: {
    clientId: field('client_id', string()),
    clientSecret: field('client_secret', secret()),
    clientSecretFile: field('client_secret_file', filePath()),
    clientSecretRef: field('client_secret_ref', string()),
    clientCertificateKeyId: field('client_certificate_key_id', string()),
    clientCertificateKey: field('client_certificate_key', secret()),
    clientCertificateKeyFile: field('client_certificate_key_file', filePath()),
    clientCertificateKeyRef: field('client_certificate_key_ref', string()),
    grantType: field('grant_type', string()),
    signatureAlgorithm: field('signature_algorithm', string()),
    iss: field('iss', string()),
    audience: field('audience', string()),
    claims: field('claims', mapOf(anything())),
    scopes: field('scopes', list(string())),
    tokenUrl: field('token_url', string()),
    endpointParams: field('endpoint_params', mapOf(string())),
    tls: field('tls_config', tlsConfigSchema),
    proxy: inline(proxySchema),
  },
});

const headerSchema = object<HeaderConfig>({
  name: 'http_headers',
  fields: {
    values: field('values', list(string())),
    secrets: field('secrets', list(secret())),
    files: field('files', list(filePath())),
  },
});

/** Headers that change the connection or that the server sets itself. */
const reservedHeaders = new Set([
  'Authorization',
  'Host',
  'Content-Encoding',
  'Content-Length',
  'Content-Type',
  'User-Agent',
  'Connection',
  'Keep-Alive',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Www-Authenticate',
  'Accept-Encoding',
  'X-Prometheus-Remote-Write-Version',
  'X-Prometheus-Remote-Read-Version',
  'X-Prometheus-Scrape-Timeout-Seconds',
  'X-Amz-Date',
  'X-Amz-Security-Token',
  'X-Amz-Content-Sha256',
]);

/** The usual spelling of a header name (`x-a` is `X-A`); names that are no tokens stay as they are. */
export function canonicalHeader(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return name;
  return name.replace(/[^-]+/g, (part) => part[0].toUpperCase() + part.slice(1).toLowerCase());
}

function httpClientSchema(enableHttp2: boolean): ObjectSchema<HttpClientConfig> {
  return object<HttpClientConfig>({
    name: 'http_config',
    fields: {
      basicAuth: field('basic_auth', optional(basicAuthSchema)),
      authorization: field('authorization', optional(authorizationSchema)),
      oauth2: field('oauth2', optional(oauth2Schema)),
      bearerToken: field('bearer_token', secret()),
      bearerTokenFile: field('bearer_token_file', filePath()),
      tls: field('tls_config', tlsConfigSchema),
      followRedirects: field('follow_redirects', boolean(), { default: true, isAlwaysPrinted: true }),
      enableHttp2: field('enable_http2', boolean(), { default: enableHttp2, isAlwaysPrinted: true }),
      proxy: inline(proxySchema),
      headers: field('http_headers', optional(mapOf(headerSchema))),
    },
    refine: checkHttpClient,
  });
}

/** The `http_config` block, also found inline in many sections. */
export const httpClientConfigSchema: ObjectSchema<HttpClientConfig> = httpClientSchema(true);

/** The same with HTTP/2 off unless asked for: remote write. */
export const http1ClientConfigSchema: ObjectSchema<HttpClientConfig> = httpClientSchema(false);

/** The configuration of a client nobody configured. */
export function defaultHttpClientConfig(): HttpClientConfig {
  return httpClientConfigSchema.defaults();
}

/** Whether nothing was configured. */
export function isDefaultHttpClientConfig(config: HttpClientConfig): boolean {
  return (
    encodeYaml(httpClientConfigSchema, config) === encodeYaml(httpClientConfigSchema, httpClientConfigSchema.defaults())
  );
}

/** @see prometheus/common `config/http_config.go`, HTTPClientConfig.Validate */
function checkHttpClient(config: Writable<HttpClientConfig>, check: Check<HttpClientConfig>): void {
  const { basicAuth, authorization, oauth2 } = config;
  const hasBearer = !config.bearerToken.isEmpty || config.bearerTokenFile !== '';
  if (!config.bearerToken.isEmpty && config.bearerTokenFile !== '') {
    check.fail('at most one of bearer_token & bearer_token_file must be configured', 'bearerTokenFile');
  } else if ((basicAuth !== undefined || oauth2 !== undefined) && hasBearer) {
    check.fail('at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured');
  } else if (basicAuth && count(basicAuth.username, basicAuth.usernameFile, basicAuth.usernameRef) > 1) {
    check.fail('at most one of basic_auth username, username_file & username_ref must be configured', 'basicAuth');
  } else if (basicAuth && count(basicAuth.password.reveal(), basicAuth.passwordFile, basicAuth.passwordRef) > 1) {
    check.fail('at most one of basic_auth password, password_file & password_ref must be configured', 'basicAuth');
  } else if (authorization !== undefined && hasBearer) {
    check.fail('authorization is not compatible with bearer_token & bearer_token_file', 'authorization');
  } else if (
    authorization &&
    count(authorization.credentials.reveal(), authorization.credentialsFile, authorization.credentialsRef) > 1
  ) {
    check.fail('at most one of authorization credentials & credentials_file must be configured', 'authorization');
  } else if (authorization?.type.trim().toLowerCase() === 'basic') {
    check.fail('authorization type cannot be set to "basic", use "basic_auth" instead', 'authorization');
  } else if ([basicAuth, authorization, oauth2].filter((auth) => auth !== undefined).length > 1) {
    check.fail('at most one of basic_auth, oauth2 & authorization must be configured');
  } else {
    if (oauth2 !== undefined) checkOAuth2(oauth2, check);
    checkHeaders(config.headers, check);
  }
  completeAuthorization(config);
}

function checkOAuth2(oauth2: OAuth2Config, check: Check<HttpClientConfig>): void {
  const fail = (message: string): void => {
    check.fail(message, 'oauth2');
  };
  if (oauth2.clientId === '') fail('oauth2 client_id must be configured');
  else if (oauth2.tokenUrl === '') fail('oauth2 token_url must be configured');
  else if (oauth2.grantType === jwtBearerGrant) {
    const { clientCertificateKey, clientCertificateKeyFile, clientCertificateKeyRef, signatureAlgorithm } = oauth2;
    if (count(clientCertificateKey.reveal(), clientCertificateKeyFile, clientCertificateKeyRef) > 1) {
      fail(
        `at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=${jwtBearerGrant}`,
      );
    } else if (!['', 'RS256', 'RS384', 'RS512'].includes(signatureAlgorithm)) {
      fail('valid signature algorithms are RS256, RS384 and RS512');
    }
  } else if (count(oauth2.clientSecret.reveal(), oauth2.clientSecretFile, oauth2.clientSecretRef) > 1) {
    fail(
      'at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials',
    );
  }
}

function checkHeaders(headers: HttpClientConfig['headers'], check: Check<HttpClientConfig>): void {
  for (const name of headers?.keys() ?? []) {
    const canonical = canonicalHeader(name);
    if (reservedHeaders.has(canonical)) {
      check.fail(`setting header ${JSON.stringify(canonical)} is not allowed`, 'headers');
      return;
    }
  }
}

/** Fills in the type, and turns the old bearer fields into what replaced them. */
function completeAuthorization(config: Writable<HttpClientConfig>): void {
  const given = config.authorization;
  if (given !== undefined) {
    const type = given.type.trim();
    (given as Writable<AuthorizationConfig>).type = type === '' ? 'Bearer' : type;
  } else if (!config.bearerToken.isEmpty || config.bearerTokenFile !== '') {
    config.authorization = {
      type: 'Bearer',
      credentials: config.bearerToken,
      credentialsFile: config.bearerTokenFile,
      credentialsRef: '',
    };
    config.bearerToken = new Secret('');
    config.bearerTokenFile = '';
  }
}

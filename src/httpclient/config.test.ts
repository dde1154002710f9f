import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { decodeYaml, encodeYaml, mustDecodeYaml } from '../schema/index.ts';
import { httpClientConfigSchema, isDefaultHttpClientConfig, tlsConfigSchema } from './config.ts';
import { ConfigUrl, parseGoUrl } from './config-url.ts';

function problem(text: string): string | undefined {
  const { errors } = decodeYaml(httpClientConfigSchema, text, 'f');
  return errors[0]?.message;
}

describe('http_config', () => {
  it.each([
    ['{bearer_token: a, bearer_token_file: b}', 'at most one of bearer_token & bearer_token_file must be configured'],
    [
      '{basic_auth: {}, bearer_token: a}',
      'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
    ],
    [
      '{basic_auth: {username: a, username_file: b}}',
      'at most one of basic_auth username, username_file & username_ref must be configured',
    ],
    [
      '{basic_auth: {password: a, password_ref: b}}',
      'at most one of basic_auth password, password_file & password_ref must be configured',
    ],
    [
      '{authorization: {credentials: a}, bearer_token: b}',
      'authorization is not compatible with bearer_token & bearer_token_file',
    ],
    [
      '{authorization: {credentials: a, credentials_file: b}}',
      'at most one of authorization credentials & credentials_file must be configured',
    ],
    ['{authorization: {type: " BASIC "}}', 'authorization type cannot be set to "basic", use "basic_auth" instead'],
    ['{authorization: {}, basic_auth: {}}', 'at most one of basic_auth, oauth2 & authorization must be configured'],
    ['{oauth2: {token_url: a}}', 'oauth2 client_id must be configured'],
    ['{oauth2: {client_id: a}}', 'oauth2 token_url must be configured'],
    ['{tls_config: {ca: a, ca_file: b}}', 'at most one of ca, ca_file & ca_ref must be configured'],
    [
      '{tls_config: {cert_file: a}}',
      'exactly one of key or key_file must be configured when a client certificate is configured',
    ],
    [
      '{tls_config: {key_file: a}}',
      'exactly one of cert or cert_file must be configured when a client key is configured',
    ],
    ['{tls_config: {min_version: TLS14}}', 'unknown TLS version: TLS14'],
    [
      '{tls_config: {min_version: TLS13, max_version: TLS12}}',
      'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified',
    ],
    ['{no_proxy: a}', 'if no_proxy is configured, proxy_url must also be configured'],
    [
      '{proxy_from_environment: yes, proxy_url: a}',
      'if proxy_from_environment is configured, proxy_url must not be configured',
    ],
    [
      '{proxy_connect_header: {a: [b]}}',
      'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
    ],
    ['{http_headers: {authorization: {values: [a]}}}', 'setting header "Authorization" is not allowed'],
    [
      '{http_headers: {x-prometheus-scrape-timeout-seconds: {values: [a]}}}',
      'setting header "X-Prometheus-Scrape-Timeout-Seconds" is not allowed',
    ],
    ['{proxy_url: "http://[::1"}', "missing ']' in host"],
  ])('refuses %s', (text, expected) => {
    expect(problem(text)).toContain(expected);
  });

  it('turns the old bearer fields into an authorization', () => {
    const config = mustDecodeYaml(httpClientConfigSchema, '{bearer_token_file: t}', 'f', { directory: '/etc' });
    expect(config.authorization).toMatchObject({ type: 'Bearer', credentialsFile: '/etc/t' });
    expect(config.bearerTokenFile).toBe('');
  });

  it('prints itself without its secrets', () => {
    const text =
      'basic_auth:\n  username: u\n  password: s3cret\noauth2:\n  client_id: x\nproxy_url: http://u:s3cret@p/\nhttp_headers:\n  X-A:\n    secrets: [s3cret]\ntls_config:\n  key: s3cret\n';
    const { value } = decodeYaml(httpClientConfigSchema, text, 'f');
    for (const printed of [
      encodeYaml(httpClientConfigSchema, value),
      JSON.stringify(value),
      inspect(value, { depth: 9 }),
    ]) {
      expect(printed).not.toContain('s3cret');
    }
    expect(encodeYaml(httpClientConfigSchema, value)).toContain('proxy_url: http://u:xxxxx@p/');
  });

  it('can tell whether anything was configured', () => {
    const decode = (text: string): boolean =>
      isDefaultHttpClientConfig(mustDecodeYaml(httpClientConfigSchema, text, 'f'));
    expect(decode('{}')).toBe(true);
    expect(decode('{follow_redirects: true}')).toBe(true);
    expect(decode('{basic_auth: {}}')).toBe(false);
    expect(decode('{follow_redirects: false}')).toBe(false);
  });
});

describe('URLs as Go reads them', () => {
  it.each([
    ['http://a/b', 'http', 'a'],
    ['HTTP://u:p@a:80/b', 'http', 'a:80'],
    ['localhost:9090', 'localhost', ''],
    ['/path', '', ''],
    ['foo', '', ''],
    ['', '', ''],
    ['unix:///var/run/docker.sock', 'unix', ''],
    ['http://[::1]:9/x', 'http', '[::1]:9'],
  ])('%j has scheme %j and host %j', (text, scheme, host) => {
    expect(parseGoUrl(text)).toMatchObject({ scheme, host });
  });

  it.each([
    ':foo',
    'http://a b/',
    'http://a:x/',
    'http://a/%zz',
    '1.2.3.4:90/x',
    'http://[::1/',
    'a\u0001',
    'http://a%/',
  ])('%j is none', (text) => {
    expect(() => parseGoUrl(text)).toThrow('parse ');
  });

  it('hides the password, also in errors', () => {
    expect(String(new ConfigUrl('http://u:p@a/'))).toBe('http://u:xxxxx@a/');
    expect(JSON.stringify(new ConfigUrl('http://u:p%40x@a/@b'))).toBe('"http://u:xxxxx@a/@b"');
    expect(() => new ConfigUrl('http://u:s3cret@a:x/')).toThrow(/^parse "http:\/\/u:xxxxx@a:x\/"/);
  });
});

const shared = sharedDir('common-config');

describe.skipIf(shared === undefined)("prometheus/common's examples", () => {
  const directory = shared ?? '';
  const files = shared === undefined ? [] : readdirSync(directory).filter((name) => /\.(ya?ml|json)$/.test(name));
  // These are the odd ones out: refused when the client is made (a `ref` without a manager), or named bad for what their content is not.
  const verdicts: Readonly<Record<string, boolean>> = {
    'http.conf.basic-auth.bad-username.yaml': false,
    'http.conf.basic-auth.no-password.yaml': true,
    'http.conf.basic-auth.no-username.yaml': true,
    'http.conf.basic-auth.ref.yaml': true,
    // Says nothing wrong: the token's file is missing only where it is used.
    'http.conf.invalid-bearer-token-file.bad.yml': true,
  };

  it.each(files)('%s', (name) => {
    const schema = name.startsWith('tls_config') ? tlsConfigSchema : httpClientConfigSchema;
    const { errors } = decodeYaml(
      schema as typeof httpClientConfigSchema,
      readFileSync(path.join(directory, name)),
      name,
    );
    const expected = verdicts[name] ?? name.includes('.good.');
    expect([errors.map(String), errors.length === 0]).toEqual([expected ? [] : expect.any(Array), expected]);
  });
});

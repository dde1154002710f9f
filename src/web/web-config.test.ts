import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { hasTls, loadWebConfig, parseWebConfig, type WebConfig } from './web-config.ts';

function parse(text: string): { config: WebConfig; problems: string } {
  const { config, errors } = parseWebConfig(text, 'web.yml', '/etc/p');
  return { config, problems: errors.map(String).join('\n') };
}

const hash = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

describe('the web configuration', () => {
  it('has defaults, also when it is empty', () => {
    for (const text of ['', '{}', '# nothing\n']) {
      const { config, problems } = parse(text);
      expect(problems).toBe('');
      expect(config).toMatchObject({
        tls: { minVersion: 'TLS12', maxVersion: 'TLS13', preferServerCipherSuites: true },
        http: { http2: true },
        rateLimit: { burst: 0, intervalMs: 0 },
      });
      expect(hasTls(config.tls)).toBe(false);
    }
  });

  it.each([
    ['1s', 1000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['1m30s', 90_000],
    ['250us', 0.25],
    ['0', 0],
    ['1000000', 1],
  ])('reads the interval %s', (text, ms) => {
    expect(parse(`rate_limit: {interval: ${text}, burst: 3}`).config.rateLimit).toEqual({ intervalMs: ms, burst: 3 });
  });

  it('hides the hashes of passwords', () => {
    const { config, problems } = parse(`basic_auth_users: {alice: ${hash}}`);
    expect(problems).toBe('');
    expect(config.basicAuthUsers.get('alice')?.reveal()).toBe(hash);
    expect(JSON.stringify([...config.basicAuthUsers])).not.toContain('QOau');
  });

  it.each([
    ['basic_auth_users: {john: doe}', 'user "john": hash is too short to be a bcrypted password'],
    [`basic_auth_users: {john: ${hash.replace('$10$', '$99$')}}`, 'bcrypt cost 99 is outside allowed range'],
    [`basic_auth_users: {john: ${hash.replace('$2y', '$1')}xx}`, 'hash is not a bcrypted password'],
    ['http_server_config: {headers: {Content-Type: foo}}', 'HTTP header "Content-Type" can not be configured'],
    [
      'http_server_config: {headers: {X-Frame-Options: foo}}',
      'invalid value for X-Frame-Options. Expected one of: ["deny" "sameorigin"], but got: "foo"',
    ],
    ['tls_server_config: {cert_filse: a}', 'field cert_filse not found in tls_server_config, did you mean cert_file?'],
    ['tls_server_config: {key_file: a}', 'missing one of cert or cert_file'],
    ['tls_server_config: {cert_file: a}', 'missing one of key or key_file'],
    ['tls_server_config: {cert_file: a, key_file: b, client_auth_type: x}', 'invalid ClientAuth: x'],
    [
      'tls_server_config: {cert_file: a, key_file: b, client_ca_file: c}',
      "client CA's have been configured without a Client Auth Policy",
    ],
    ['tls_server_config: {min_version: TLS111}', 'unknown TLS version: TLS111'],
    ['tls_server_config: {cipher_suites: [TLS_X]}', 'unknown cipher: TLS_X'],
    ['tls_server_config: {curve_preferences: [CurveP257]}', 'unknown curve: CurveP257'],
    ['rate_limit: {interval: 1x}', 'invalid duration "1x"'],
    ['rate_limit: {interval: [1]}', 'cannot use a list as a duration'],
  ])('refuses %s', (text, expected) => {
    expect(parse(text).problems).toContain(expected);
  });

  it('takes its files from its own folder', () => {
    expect(parse('tls_server_config: {cert_file: a.pem, key_file: /b.pem}').config.tls).toMatchObject({
      certFile: '/etc/p/a.pem',
      keyFile: '/b.pem',
    });
  });

  it('names what it cannot read', async () => {
    const missing = await loadWebConfig('web.yml', () => Promise.reject(new Error('ENOENT: no such file, web.yml')));
    expect(missing.errors.map(String)).toEqual(['web.yml: ENOENT: no such file, web.yml']);
    const text = 'tls_server_config:\n  cert_file: c.pem\n  key_file: k.pem\n';
    const files: Record<string, string> = { 'web.yml': text, 'c.pem': 'junk' };
    const read = (name: string): Promise<Uint8Array> => {
      const found = files[name] as string | undefined;
      return found === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(Buffer.from(found));
    };
    expect((await loadWebConfig('web.yml', read)).errors.map(String)).toEqual([
      'web.yml:3:13: tls_server_config.key_file: no k.pem',
    ]);
    files['k.pem'] = 'junk';
    const junk = await loadWebConfig('web.yml', read);
    expect(String(junk.errors[0])).toContain('web.yml:2:3: tls_server_config: cannot use the certificate and key');
    expect(junk.files).toEqual(['web.yml', 'c.pem', 'k.pem']);
  });
});

const shared = sharedDir('exporter-toolkit-web');

describe.skipIf(shared === undefined)("the exporter toolkit's examples", () => {
  const directory = shared ?? '';
  const names = shared === undefined ? [] : readdirSync(directory).filter((name) => /\.ya?ml$/.test(name));
  // Only a handshake can tell, or only reading the files it names.
  const laterOnly = [
    'web_config_auth_client_san.bad.yaml',
    'web_config_auth_clientCAs_missing.bad.yml',
    'web_config_noAuth_certPath_invalid.bad.yml',
    'web_config_noAuth_certPath_keyPath_invalid.bad.yml',
    'web_config_noAuth_keyPath_invalid.bad.yml',
  ];

  it.each(names)('%s', (name) => {
    const { errors } = parseWebConfig(readFileSync(path.join(directory, name)), name, directory);
    const isBad = (name.includes('.bad.') || name.includes('junk')) && !laterOnly.includes(name);
    expect([name, errors.map(String), errors.length > 0]).toEqual([name, expect.any(Array), isBad]);
  });

  it('that name files which are not there fail when these are read', async () => {
    for (const name of laterOnly) {
      const { errors } = await loadWebConfig(path.join(directory, name), (file) =>
        Promise.resolve().then(() => readFileSync(file)),
      );
      expect([name, errors.length > 0]).toEqual([name, true]);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { selector } from '../../test/selector.ts';
import { loadAccessFile } from './access-file.ts';

const alice = '$2b$10$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie';
const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

async function load(text: string, others: Record<string, string> = {}) {
  const files: Record<string, string> = { '/etc/yagura/access.yml': text, ...others };
  const {
    config,
    errors,
    files: read,
  } = await loadAccessFile('/etc/yagura/access.yml', {
    parseSelector: selector,
    readFile: (file) =>
      files[file] === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(Buffer.from(files[file])),
  });
  return { config, errors: errors.map(String), read };
}

describe('an access file', () => {
  it('is read as documented', async () => {
    const { config, errors } = await load(`
anonymous: [health]
basic:
  users: {alice: ${alice}, bob: ${alice}}
tokens:
  - {name: grafana, sha256: ${sha256}, expires: 2027-01-01T00:00:00Z}
  - {name: ci, sha256: ${sha256.replace('9', '0')}, expires: 2027-01-01}
  - {name: forever, sha256: ${sha256.replace('9', '1')}}
roles:
  on-call: [viewer, silences.create, silences.expire]
bindings:
  - {user: alice, role: viewer, scope: ['{team="a"}', '{shared="yes",env!="secret"}'], limits: small}
  - {group: "team:(?P<t>[a-z-]+)", role: on-call, scope: ['{team="$t"}']}
  - {token: grafana, role: viewer, templates_only: true}
  - {user: root, role: admin}
limits:
  small: {max_series: 5000, max_samples: 1M, max_range: 30d, max_duration: 5s, max_concurrency: 2, max_result_bytes: 10MB}
`);
    expect(errors).toEqual([]);
    expect(config).toEqual({
      anonymous: ['health'],
      basicUsers: { alice, bob: alice },
      tokens: [
        { name: 'grafana', sha256, expiresMs: Date.UTC(2027, 0, 1) },
        { name: 'ci', sha256: sha256.replace('9', '0'), expiresMs: Date.UTC(2027, 0, 1) },
        { name: 'forever', sha256: sha256.replace('9', '1') },
      ],
      roles: { 'on-call': ['viewer', 'silences.create', 'silences.expire'] },
      bindings: [
        {
          user: 'alice',
          role: 'viewer',
          scope: ['{team="a"}', '{shared="yes",env!="secret"}'],
          limits: 'small',
          templatesOnly: false,
        },
        { group: 'team:(?P<t>[a-z-]+)', role: 'on-call', scope: ['{team="$t"}'], templatesOnly: false },
        { token: 'grafana', role: 'viewer', templatesOnly: true },
        { user: 'root', role: 'admin', templatesOnly: false },
      ],
      limits: {
        small: {
          maxSeries: 5000,
          maxSamples: 1_000_000,
          maxRangeMs: 30 * 86_400_000,
          maxDurationMs: 5000,
          maxConcurrency: 2,
          maxResultBytes: 10 * 1024 * 1024,
        },
      },
    });
  });

  it('needs nothing, and gives nothing away then', async () => {
    for (const text of ['', '{}', '# nothing\n']) {
      const { config, errors } = await load(text);
      expect(errors).toEqual([]);
      expect([config.anonymous, config.bindings]).toEqual([['health'], []]);
    }
    expect((await load('anonymous: []')).config.anonymous).toEqual([]);
  });

  it('may name a file of users beside it', async () => {
    const { config, errors, read } = await load(
      'basic: {users: {alice: $HASH}, users_file: users.yml}'.replace('$HASH', alice),
      {
        '/etc/yagura/users.yml': `bob: ${alice}\n`,
      },
    );
    expect([errors, Object.keys(config.basicUsers)]).toEqual([[], ['alice', 'bob']]);
    expect(read).toEqual(['/etc/yagura/access.yml', '/etc/yagura/users.yml']);
  });

  const at = '/etc/yagura/access.yml';
  it.each<[name: string, text: string, error: string]>([
    [
      'an unknown key',
      'basics: {}',
      `${at}:1:1: basics: field basics not found in the access file, did you mean basic?`,
    ],
    [
      'an unknown key of a binding',
      'bindings:\n  - {user: a, roles: viewer}',
      `${at}:2:15: bindings[0].roles: field roles not found in a binding, did you mean role?`,
    ],
    [
      'a scope that is no list',
      'bindings: [{user: a, role: viewer, scope: "{}"}]',
      `${at}:1:43: bindings[0].scope: cannot use "{}" as a list (expected a list)`,
    ],
    [
      'a scope that does not parse',
      'bindings:\n  - user: a\n    role: viewer\n    scope:\n      - \'{a="b"}\'\n      - oops',
      `${at}:6:9: bindings[0].scope[1]: "oops": expected {…}`,
    ],
    [
      'an empty scope',
      'bindings: [{user: a, role: viewer, scope: []}]',
      `${at}:1:43: bindings[0].scope: no selector; leave scope out to give access to every series`,
    ],
    [
      'an unknown role',
      'bindings:\n  - {user: a, role: boss}',
      `${at}:2:21: bindings[0].role: no role "boss", expected one of viewer, editor, writer, admin`,
    ],
    ['no role', 'bindings: [{user: a}]', `${at}:1:12: bindings[0]: a binding needs a role`],
    [
      'nobody',
      'bindings: [{role: viewer}]',
      `${at}:1:12: bindings[0]: a binding names exactly one of user, group and token`,
    ],
    ['an unknown permission', 'anonymous: [health, helth]', `${at}:1:21: anonymous[1]: "helth" is not a permission`],
    [
      'a member that is neither',
      'roles:\n  a: [query, b]',
      `${at}:2:14: roles.a[1]: "b" is neither a permission nor a role`,
    ],
    ['a role in a circle', 'roles: {a: [b], b: [a]}', `${at}:1:12: roles.a: role "a" contains itself`],
    [
      'a plain password',
      'basic: {users: {alice: secret}}',
      `${at}:1:24: basic.users.alice: not a bcrypt hash, expected for example $2b$10$…`,
    ],
    [
      'a short hash',
      'tokens: [{name: a, sha256: abc}]',
      `${at}:1:28: tokens[0].sha256: expected the 64 lower-case hex digits of a SHA-256`,
    ],
    ['a token without a name', `tokens: [{sha256: ${sha256}}]`, `${at}:1:10: tokens[0]: a token needs a name`],
    [
      'a time that is none',
      `tokens: [{name: a, sha256: ${sha256}, expires: tomorrow}]`,
      'tokens[0].expires: not a time: "tomorrow" (expected a time such as 2027-01-01T00:00:00Z)',
    ],
    [
      'a token that is nowhere',
      'bindings: [{token: t, role: viewer}]',
      `${at}:1:20: bindings[0].token: no token "t" under tokens`,
    ],
    [
      'limits that are nowhere',
      'bindings: [{user: a, role: viewer, limits: small}]',
      `${at}:1:44: bindings[0].limits: no entry "small" under limits`,
    ],
    [
      'a limit of nothing',
      'limits: {small: {max_series: 0}}',
      `${at}:1:30: limits.small.max_series: not a number above 0: "0" (expected a number such as 5000 or 1M)`,
    ],
    [
      'a duration that is none',
      'limits: {small: {max_range: soon}}',
      `${at}:1:29: limits.small.max_range: not a valid duration string: "soon"`,
    ],
    [
      'a placeholder without capture',
      'bindings: [{group: g, role: viewer, scope: [\'{a="$t"}\']}]',
      `${at}:1:45: bindings[0].scope[0]: $t is not a capture`,
    ],
    [
      'a pattern that does not compile',
      'bindings: [{group: "(?P<a>", role: viewer}]',
      `${at}:1:20: bindings[0].group: "(?P<a>"`,
    ],
    ['a file of users that is not there', 'basic: {users_file: users.yml}', '/etc/yagura/users.yml: no such file'],
    ['what is no YAML', 'a: [', `${at}:1:`],
  ])('with %s is refused, with the place', async (_name, text, error) => {
    const { errors } = await load(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(error);
  });

  it('refuses a user who is there twice, and a hash in no message', async () => {
    const { errors } = await load(`basic: {users: {bob: ${alice}}, users_file: /users.yml}`, {
      '/users.yml': `bob: ${alice}`,
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('user "bob" is in this file and in /users.yml');
    expect((await load('basic: {users: {alice: topsecret}}')).errors.join()).not.toContain('topsecret');
    expect((await load('basic: {users: {alice: [topsecret]}}')).errors.join()).not.toContain('topsecret');
  });

  it('that cannot be read is an error like others', async () => {
    const { errors } = await loadAccessFile('/nowhere/access.yml', { parseSelector: selector });
    expect(errors.map(String)).toEqual([expect.stringContaining('/nowhere/access.yml: ENOENT')]);
  });
});

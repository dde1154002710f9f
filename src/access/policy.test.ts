import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selector } from '../../test/selector.ts';
import { Labels } from '../model/index.ts';
import type { AccessConfig, BindingConfig } from './access-config.ts';
import { AccessConfigError } from './config-error.ts';
import { anonymous, type Identity } from './identity.ts';
import { permissions, type Permission } from './permission.ts';
import { compilePolicy } from './policy.ts';
import { builtInRoles } from './role.ts';
import type { Scope } from './scope.ts';

const user = (name: string, ...groups: string[]): Identity => ({ kind: 'user', name, groups, credential: 'test' });
const token = (name: string): Identity => ({ kind: 'token', name, groups: [], credential: 'test' });

function policy(bindings: BindingConfig[], more: Partial<AccessConfig> = {}) {
  const config = { anonymous: ['health'], basicUsers: {}, tokens: [], roles: {}, limits: {}, bindings, ...more };
  return compilePolicy(config, selector);
}

function scopeOf(p: ReturnType<typeof policy>, identity: Identity, permission: Permission = 'query'): Scope {
  const decision = p.decide(identity, permission);
  if (!decision.allowed) throw new Error(`not allowed: ${decision.reason}`);
  return decision.scope;
}

const alternatives = (scope: Scope) => scope.alternatives?.map((set) => set.map(String).join(','));

describe('a policy', () => {
  it('gives each built-in role what it is documented to give', () => {
    const p = policy(Object.keys(builtInRoles).map((role) => ({ user: role, role })));
    const held = (name: string) => p.permissionsOf(user(name)).filter((permission) => permission !== 'health');
    const viewer = [
      'metrics.read',
      'query',
      'targets.read',
      'rules.read',
      'alerts.read',
      'silences.read',
      'dashboards.read',
    ];
    expect(new Set(held('viewer'))).toEqual(new Set(viewer));
    expect(new Set(held('editor'))).toEqual(
      new Set([...viewer, 'silences.create', 'silences.expire', 'dashboards.write']),
    );
    expect(held('writer')).toEqual(['write']);
    expect(p.permissionsOf(user('admin'))).toEqual(permissions);
  });

  it('gives a user without a binding only what needs no credential', () => {
    const p = policy([{ user: 'alice', role: 'admin' }]);
    expect(p.permissionsOf(user('bob'))).toEqual(['health']);
    expect(p.permissionsOf(anonymous)).toEqual(['health']);
    expect(p.decide(user('bob'), 'query')).toEqual({ allowed: false, reason: 'missing' });
  });

  it('tells a token from a user of the same name', () => {
    const p = policy([{ token: 'grafana', role: 'viewer' }], { tokens: [{ name: 'grafana', sha256: 'a'.repeat(64) }] });
    expect(p.decide(token('grafana'), 'query').allowed).toBe(true);
    expect(p.decide(user('grafana'), 'query').allowed).toBe(false);
  });

  it('takes a dot in a group name for a dot', () => {
    const p = policy([{ group: 'a.b', role: 'viewer' }]);
    expect(p.decide(user('x', 'a.b'), 'query').allowed).toBe(true);
    expect(p.decide(user('x', 'a-b'), 'query').allowed).toBe(false);
  });

  it('keeps permissions and scopes of several bindings apart', () => {
    const p = policy([
      { user: 'alice', role: 'viewer', scope: ['{team="a"}'] },
      { user: 'alice', role: 'admin', scope: ['{team="b"}'] },
    ]);
    expect(alternatives(scopeOf(p, user('alice'), 'query'))).toEqual(['team="a"', 'team="b"']);
    expect(alternatives(scopeOf(p, user('alice'), 'admin'))).toEqual(['team="b"']);
  });

  it('lets a binding without scope see everything', () => {
    const p = policy([
      { user: 'alice', role: 'viewer', scope: ['{team="a"}'] },
      { user: 'alice', role: 'viewer' },
    ]);
    expect(scopeOf(p, user('alice')).isUnrestricted).toBe(true);
  });

  it('joins the scopes of every group that matches', () => {
    const p = policy([
      { group: 'team:(?P<t>[a-z]+)', role: 'viewer', scope: ['{team="$t"}', '{shared="yes",env!="${t}"}'] },
    ]);
    expect(alternatives(scopeOf(p, user('alice', 'team:a', 'other', 'team:b')))).toEqual([
      'team="a"',
      'shared="yes",env!="a"',
      'team="b"',
      'shared="yes",env!="b"',
    ]);
  });

  it('inserts captures as literal values, never as matcher text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const p = policy([{ group: 'team:(?P<t>.+)', role: 'viewer', scope: ['{team="$t"}', '{job=~"x|$t"}'] }]);
        const scope = scopeOf(p, user('alice', `team:${name}`));
        expect(scope.alternatives!.map((set) => set.length)).toEqual([1, 1]);
        expect(scope.sees(Labels.from({ team: name }))).toBe(true);
        expect(scope.sees(Labels.from({ job: name }))).toBe(true);
        expect(scope.sees(Labels.from({ team: `${name}x` }))).toBe(false);
        expect(scope.sees(Labels.from({ job: `${name}y` }))).toBe(`${name}y` === 'x');
        expect(scope.sees(Labels.from({ x: 'y' }))).toBe(false);
      }),
    );
  });

  it('writes a dollar sign as $$', () => {
    const p = policy([{ user: 'alice', role: 'viewer', scope: ['{a="$$x"}', '{a=~"$$y$"}'] }]);
    const scope = scopeOf(p, user('alice'));
    expect(scope.sees(Labels.from({ a: '$x' }))).toBe(true);
    expect(scope.sees(Labels.from({ a: '$y' }))).toBe(true);
    expect(scope.sees(Labels.from({ a: 'x' }))).toBe(false);
  });

  it('gives nothing for free to an identity that may run templates only', () => {
    const p = policy([{ user: 'wall', role: 'viewer', templatesOnly: true }]);
    expect(p.decide(user('wall'), 'query')).toEqual({ allowed: false, reason: 'templates_only' });
    const q = policy([
      { user: 'wall', role: 'viewer', templatesOnly: true },
      { user: 'wall', role: 'viewer', scope: ['{public="yes"}'] },
    ]);
    expect(alternatives(scopeOf(q, user('wall')))).toEqual(['public="yes"']);
  });

  it('applies the strictest of the limits that count together', () => {
    const limits = { small: { maxSeries: 10, maxDurationMs: 1000 }, large: { maxSeries: 99, maxSamples: 5 } };
    const union = policy(
      [
        { user: 'alice', role: 'viewer', scope: ['{a="1"}'], limits: 'small' },
        { user: 'alice', role: 'viewer', scope: ['{a="2"}'], limits: 'large' },
      ],
      { limits },
    );
    expect(scopeOf(union, user('alice')).limits).toEqual({ maxSeries: 10, maxDurationMs: 1000, maxSamples: 5 });
    const whole = policy(
      [
        { user: 'alice', role: 'viewer', scope: ['{a="1"}'], limits: 'small' },
        { user: 'alice', role: 'admin' },
      ],
      { limits },
    );
    expect(scopeOf(whole, user('alice')).limits).toEqual({});
  });

  it('builds roles from roles', () => {
    const p = policy([{ user: 'alice', role: 'on-call' }], {
      roles: { 'on-call': ['night', 'silences.create'], night: ['viewer'] },
    });
    expect(p.decide(user('alice'), 'silences.create').allowed).toBe(true);
    expect(p.decide(user('alice'), 'query').allowed).toBe(true);
    expect(p.decide(user('alice'), 'silences.expire').allowed).toBe(false);
  });

  it.each<[name: string, more: Partial<AccessConfig>, message: string]>([
    ['an unknown permission', { anonymous: ['heath'] }, 'anonymous[0]: "heath" is not a permission'],
    [
      'an unknown role',
      { bindings: [{ user: 'a', role: 'boss' }] },
      'bindings[0].role: no role "boss", expected one of viewer, editor, writer, admin',
    ],
    ['a role in a circle', { roles: { a: ['b'], b: ['a'] } }, 'roles.a: role "a" contains itself'],
    ['a built-in role', { roles: { admin: ['query'] } }, 'roles.admin: role "admin" is built in, choose another name'],
    [
      'an unknown member',
      { roles: { a: ['query', 'qeury'] } },
      'roles.a[1]: "qeury" is neither a permission nor a role',
    ],
    ['a member named as an object has', { roles: { a: ['constructor'] } }, 'roles.a[0]: "constructor" is neither'],
    [
      'no subject',
      { bindings: [{ role: 'viewer' }] },
      'bindings[0]: a binding names exactly one of user, group and token',
    ],
    ['two subjects', { bindings: [{ user: 'a', group: 'b', role: 'viewer' }] }, 'exactly one of'],
    [
      'an unknown token',
      { bindings: [{ token: 't', role: 'viewer' }] },
      'bindings[0].token: no token "t" under tokens',
    ],
    ['unknown limits', { bindings: [{ user: 'a', role: 'viewer', limits: 'x' }] }, 'bindings[0].limits: no entry "x"'],
    ['an empty scope', { bindings: [{ user: 'a', role: 'viewer', scope: [] }] }, 'bindings[0].scope: no selector'],
    [
      'a scope that does not parse',
      { bindings: [{ user: 'a', role: 'viewer', scope: ['team'] }] },
      'bindings[0].scope[0]: "team": expected {…}',
    ],
    [
      'a placeholder without capture',
      { bindings: [{ user: 'a', role: 'viewer', scope: ['{a="$t"}'] }] },
      '$t is not a capture',
    ],
    [
      'a group pattern that does not compile',
      { bindings: [{ group: '(?P<a>', role: 'viewer' }] },
      'bindings[0].group: "(?P<a>"',
    ],
  ])('refuses %s', (_name, more, message) => {
    const refuse = () => policy(more.bindings === undefined ? [] : [...more.bindings], more);
    expect(refuse).toThrow(AccessConfigError);
    expect(refuse).toThrow(message);
  });
});

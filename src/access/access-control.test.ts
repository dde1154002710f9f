import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { selector } from '../../test/selector.ts';
import { ManualClock, silentLogger } from '../runtime/index.ts';
import type { AccessConfig } from './access-config.ts';
import { AccessControl, type AccessOptions, type AccessSources } from './access-control.ts';
import { bcryptCost, BcryptWorker, type PasswordHasher } from './bcrypt.ts';
import { hashToken, newToken } from './token.ts';
import { sourceOf } from './throttle.ts';

const HOUR = 3_600_000;

/** Takes `hash` for the hash of what stands after its 29th character; counts and can hold comparisons back. */
class FakeHasher implements PasswordHasher {
  compared: [password: string, hash: string][] = [];
  isBusy = false;
  compare(password: string, hash: string): Promise<boolean> | undefined {
    if (this.isBusy) return undefined;
    this.compared.push([password, hash]);
    return Promise.resolve(hash === hashOf(password));
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A text of bcrypt's form that stands for a password. */
const hashOf = (password: string) => `$2b$10$${hashToken(password).padEnd(53, '.').slice(0, 53)}`;

let dataDir: string;
let clock: ManualClock;
let hasher: FakeHasher;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'yagura-access-'));
  clock = new ManualClock(1_700_000_000_000);
  hasher = new FakeHasher();
});
afterEach(() => rm(dataDir, { recursive: true }));

const open = (sources: AccessSources = {}, options: Partial<AccessOptions> = {}) =>
  AccessControl.open(
    { clock, logger: silentLogger, dataDir, insecure: false, parseSelector: selector, hasher, ...options },
    sources,
  );

const file = (more: Partial<AccessConfig>): AccessSources => ({
  file: { anonymous: ['health'], basicUsers: {}, tokens: [], roles: {}, bindings: [], limits: {}, ...more },
});

const basic = (access: AccessControl, user: string, password: string, source = '192.0.2.1') =>
  access.authenticate({ kind: 'basic', user, password }, source);
const bearer = (access: AccessControl, token: string) => access.authenticate({ kind: 'bearer', token }, '192.0.2.1');
const session = (access: AccessControl, id: string) => access.authenticate({ kind: 'session', id }, '192.0.2.1');

describe('passwords', () => {
  it('make the users of the web configuration administrators when there is no access file', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    const verdict = await basic(access, 'alice', 'secret');
    expect(verdict).toMatchObject({ status: 'accepted', identity: { name: 'alice', kind: 'user' } });
    if (verdict.status === 'accepted') expect(access.decide(verdict.identity, 'admin').allowed).toBe(true);
  });

  it('leave it to the access file what the users of the web configuration may do', async () => {
    const access = await open({
      webUsers: { alice: hashOf('secret') },
      ...file({ bindings: [{ user: 'alice', role: 'viewer' }] }),
    });
    const verdict = await basic(access, 'alice', 'secret');
    if (verdict.status !== 'accepted') throw new Error(verdict.status);
    expect(access.decide(verdict.identity, 'query').allowed).toBe(true);
    expect(access.decide(verdict.identity, 'admin').allowed).toBe(false);
  });

  it('are compared for unknown users too, with a hash as costly as the costliest', async () => {
    const access = await open({ webUsers: { alice: `$2b$12$${'a'.repeat(53)}` } });
    expect(await basic(access, 'mallory', 'x')).toEqual({ status: 'refused', reason: 'invalid' });
    expect(hasher.compared.map(([, hash]) => bcryptCost(hash))).toEqual([12]);
  });

  it('never let an unknown user in, even if the dummy hash matched', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    hasher.compare = () => Promise.resolve(true);
    expect((await basic(access, 'mallory', 'x')).status).toBe('refused');
  });

  it('are hashed once for as long as the proof is remembered', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    await Promise.all(Array.from({ length: 20 }, () => basic(access, 'alice', 'secret')));
    await basic(access, 'alice', 'secret');
    expect(hasher.compared).toHaveLength(1);
    await clock.advance(6 * 60_000);
    await basic(access, 'alice', 'secret');
    expect(hasher.compared).toHaveLength(2);
  });

  it('that were proved do not prove another one', async () => {
    const hash = hashOf('secret');
    const access = await open({ webUsers: { alice: hash } });
    await basic(access, 'alice', 'secret');
    for (const [user, password] of [
      ['alice', `${hash}secret`],
      [`alice${hash}`, 'secret'],
      ['alice","secret', ''],
      ['alice', 'secret '],
    ] as const) {
      expect((await basic(access, user, password)).status).toBe('refused');
    }
  });

  it('make those who guess wait, by address and user, and let others through', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret'), bob: hashOf('other') } });
    for (let i = 0; i < 6; i++) expect((await basic(access, 'alice', `guess${i}`)).status).toBe('refused');
    expect(await basic(access, 'alice', 'secret')).toEqual({ status: 'later', retryAfterSeconds: 1 });
    expect((await basic(access, 'alice', 'secret', '192.0.2.2')).status).toBe('accepted');
    expect((await basic(access, 'bob', 'other')).status).toBe('accepted');
    await clock.advance(1000);
    expect((await basic(access, 'alice', 'guess')).status).toBe('refused');
    expect(await basic(access, 'alice', 'guess2')).toEqual({ status: 'later', retryAfterSeconds: 2 });
    await clock.advance(2000);
    expect((await basic(access, 'alice', 'secret')).status).toBe('accepted');
  });

  it('that are known go on working while somebody guesses from the same address', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    await basic(access, 'alice', 'secret');
    for (let i = 0; i < 10; i++) await basic(access, 'alice', `guess${i}`);
    expect((await basic(access, 'alice', 'secret')).status).toBe('accepted');
  });

  it('are put off when too many wait for the hasher', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    hasher.isBusy = true;
    expect(await basic(access, 'alice', 'secret')).toEqual({ status: 'later', retryAfterSeconds: 2 });
  });

  it('that are absurdly long are refused without hashing', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    expect((await basic(access, 'alice', 'x'.repeat(2000))).status).toBe('refused');
    expect(hasher.compared).toHaveLength(0);
  });

  it.each([
    ['a user with a colon', { 'a:b': hashOf('x') }, '"a:b" is not a user name'],
    ['a plain password', { alice: 'secret' }, 'basic_auth_users.alice: not a bcrypt hash'],
    ['a cost beyond bcrypt', { alice: `$2b$32$${'a'.repeat(53)}` }, 'not a bcrypt hash'],
  ])('are refused at load for %s, and the old ones stay', async (_name, webUsers, message) => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    await expect(access.reconfigure({ webUsers })).rejects.toThrow(message);
    expect((await basic(access, 'alice', 'secret')).status).toBe('accepted');
  });
});

describe('bcrypt in a worker', () => {
  const worker = new BcryptWorker(2);
  afterAll(() => worker.close());
  const hash = '$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie';

  it('judges hashes, turns away what it cannot queue, and survives what is no hash', async () => {
    const jobs = [
      worker.compare('correctbatteryhorsestapler', hash),
      worker.compare('wrong', hash),
      worker.compare('x', 'y'),
    ];
    expect(worker.compare('one too many', hash)).toBeUndefined();
    await expect(jobs[0]).resolves.toBe(true);
    await expect(jobs[1]).resolves.toBe(false);
    await expect(jobs[2]).resolves.toBe(false);
  });

  it.skipIf(sharedDir('security') === undefined)('agrees with the published logins', async () => {
    const dir = sharedDir('security', 'web-config')!;
    const yaml = await readFile(path.join(dir, 'web_config_users_noTLS.good.yml'), 'utf8');
    const webUsers = Object.fromEntries(
      [...yaml.matchAll(/^ {2}(\w+): (\$2\S+)$/gm)].map(([, name, h]) => [name!, h!]),
    );
    const { cases } = JSON.parse(await readFile(path.join(dir, 'basic-auth-logins.json'), 'utf8')) as {
      cases: { user: string; password: string; status: number }[];
    };
    const real = new BcryptWorker();
    const access = await open({ webUsers }, { hasher: real });
    for (const { user, password, status } of cases) {
      const verdict = await basic(access, user, password);
      expect([user, verdict.status]).toEqual([user, status === 200 ? 'accepted' : 'refused']);
    }
    await access.close();
  });
});

describe('tokens', () => {
  const secret = newToken();
  const tokens = [{ name: 'grafana', sha256: hashToken(secret), expiresMs: 1_700_000_000_000 + HOUR }];
  const bindings = [{ token: 'grafana', role: 'viewer' }];

  it('have a recognisable form', () => {
    expect(secret).toMatch(/^ygr_[A-Za-z0-9]{43}$/);
  });

  it('are known by their hash until they expire', async () => {
    const access = await open(file({ tokens, bindings }));
    expect(await bearer(access, secret)).toMatchObject({
      status: 'accepted',
      identity: { kind: 'token', name: 'grafana' },
    });
    expect(await bearer(access, newToken())).toEqual({ status: 'refused', reason: 'invalid' });
    expect(await bearer(access, hashToken(secret))).toEqual({ status: 'refused', reason: 'invalid' });
    await clock.advance(HOUR);
    expect(await bearer(access, secret)).toEqual({ status: 'refused', reason: 'expired' });
  });

  it('end the sessions opened with them when they go or expire', async () => {
    const access = await open(file({ tokens, bindings }));
    const first = await access.signIn({ token: secret }, '192.0.2.1');
    if (first.status !== 'accepted') throw new Error(first.status);
    await access.reconfigure(file({ tokens: [{ ...tokens[0]!, expiresMs: 1_700_000_000_000 + 2 * HOUR }], bindings }));
    expect((await session(access, first.id)).status).toBe('accepted');
    await clock.advance(2 * HOUR);
    expect((await session(access, first.id)).status).toBe('refused');
    const changed = await open(file({ tokens, bindings }), { clock: new ManualClock(0) });
    const second = await changed.signIn({ token: secret }, '192.0.2.1');
    if (second.status !== 'accepted') throw new Error(second.status);
    await changed.reconfigure(file({ tokens: [], bindings: [] }));
    expect((await session(changed, second.id)).status).toBe('refused');
  });

  it('of the self-scrape read metrics and nothing else', async () => {
    const access = await open();
    const verdict = await bearer(access, access.selfScrape.token);
    if (verdict.status !== 'accepted') throw new Error(verdict.status);
    expect(access.permissionsOf(verdict.identity)).toEqual(['health', 'metrics.read']);
    const other = await open();
    expect((await bearer(other, access.selfScrape.token)).status).toBe('refused');
  });
});

describe('sessions', () => {
  const signIn = async (access: AccessControl) => {
    const answer = await access.signIn({ user: 'alice', password: 'secret' }, '192.0.2.1');
    if (answer.status !== 'accepted') throw new Error(answer.status);
    return answer;
  };

  it('end when unused, and after a week in any case', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    const idle = await signIn(access);
    await clock.advance(12 * HOUR);
    expect((await session(access, idle.id)).status).toBe('refused');
    const busy = await signIn(access);
    for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
      await clock.advance(8 * HOUR);
      expect((await session(access, busy.id)).status).toBe('accepted');
    }
    await clock.advance(8 * HOUR);
    expect((await session(access, busy.id)).status).toBe('refused');
  });

  it('end when closed, and when the password is changed', async () => {
    const access = await open({ webUsers: { alice: hashOf('secret') } });
    const [a, b] = [await signIn(access), await signIn(access)];
    expect(a.id).not.toBe(b.id);
    expect(a.session.csrfToken).not.toBe(b.session.csrfToken);
    access.sessions.close(a.id);
    expect((await session(access, a.id)).status).toBe('refused');
    await access.reconfigure({ webUsers: { alice: hashOf('secret'), bob: hashOf('x') } });
    expect((await session(access, b.id)).status).toBe('accepted');
    await access.reconfigure({ webUsers: { alice: hashOf('changed') } });
    expect((await session(access, b.id)).status).toBe('refused');
  });

  it('follow the policy of the moment', async () => {
    const users = { basicUsers: { alice: hashOf('secret') } };
    const access = await open(file({ ...users, bindings: [{ user: 'alice', role: 'admin' }] }));
    const { id } = await signIn(access);
    await access.reconfigure(file({ ...users, bindings: [{ user: 'alice', role: 'viewer' }] }));
    const verdict = await session(access, id);
    if (verdict.status !== 'accepted') throw new Error(verdict.status);
    expect(access.decide(verdict.identity, 'admin').allowed).toBe(false);
  });

  it('are not opened by a wrong proof, and are bounded in number', async () => {
    const access = await open(
      { webUsers: { alice: hashOf('secret') } },
      { sessions: { idleMs: HOUR, absoluteMs: HOUR, maxSessions: 10, maxPerIdentity: 2 } },
    );
    expect((await access.signIn({ user: 'alice', password: 'no' }, '192.0.2.1')).status).toBe('refused');
    const [first] = [await signIn(access), await signIn(access), await signIn(access)];
    expect(access.sessions.size).toBe(2);
    expect((await session(access, first.id)).status).toBe('refused');
  });
});

describe('the first start', () => {
  it('makes an administrator, tells the secrets once and keeps only hashes', async () => {
    const access = await open();
    const created = access.takeNewCredential()!;
    expect(access.takeNewCredential()).toBeUndefined();
    expect(created.credentialFile).toBe(path.join(dataDir, 'access', 'admin.json'));
    const text = await readFile(created.credentialFile, 'utf8');
    expect(text).not.toContain(created.token.slice(4));
    expect(text).not.toContain(created.linkToken.slice(9));
    expect((await stat(created.credentialFile)).mode & 0o777).toBe(0o600);
    const verdict = await bearer(access, created.token);
    expect(verdict).toMatchObject({ status: 'accepted', identity: { name: 'admin' } });
    if (verdict.status === 'accepted') expect(access.decide(verdict.identity, 'lifecycle').allowed).toBe(true);
  });

  it('lets the link sign in once, also across a restart and for two who come at once', async () => {
    const access = await open();
    const { linkToken } = access.takeNewCredential()!;
    expect((await bearer(access, linkToken)).status).toBe('refused');
    const both = await Promise.all([1, 2].map(() => access.signIn({ token: linkToken }, '192.0.2.1')));
    expect(both.map(({ status }) => status).sort()).toEqual(['accepted', 'refused']);
    const again = await open();
    expect(again.takeNewCredential()).toBeUndefined();
    expect((await again.signIn({ token: linkToken }, '192.0.2.1')).status).toBe('refused');
  });

  it('ends the link after a day, not the token', async () => {
    const access = await open();
    const { linkToken, token } = access.takeNewCredential()!;
    await clock.advance(24 * HOUR);
    expect(await access.signIn({ token: linkToken }, '192.0.2.1')).toEqual({ status: 'refused', reason: 'expired' });
    expect((await access.signIn({ token }, '192.0.2.1')).status).toBe('accepted');
  });

  it('is over once users are configured', async () => {
    const access = await open();
    const { token } = access.takeNewCredential()!;
    const { id } = (await access.signIn({ token }, '192.0.2.1')) as { id: string };
    await access.reconfigure({ webUsers: { alice: hashOf('secret') } });
    expect((await bearer(access, token)).status).toBe('refused');
    expect((await session(access, id)).status).toBe('refused');
  });

  it('says what to do about a damaged file, and lets nobody in meanwhile', async () => {
    await open();
    await writeFile(path.join(dataDir, 'access', 'admin.json'), '{"version":1}');
    await expect(open()).rejects.toThrow(/admin\.json" is damaged, remove it/);
  });
});

describe('--insecure', () => {
  it('lets everybody do everything', async () => {
    const access = await open({}, { insecure: true });
    expect(access.permissionsOf(access.withoutCredential)).toContain('admin');
    expect(access.takeNewCredential()).toBeUndefined();
  });

  it('contradicts configured users', async () => {
    await expect(open({ webUsers: { alice: hashOf('x') } }, { insecure: true })).rejects.toThrow(
      'leave one of them out',
    );
  });
});

describe('a source', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });
});

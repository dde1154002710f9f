import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { HttpClientError } from './errors.ts';
import { Outbound, type OutboundPolicy, showUrl } from './outbound.ts';
import { type OutboundKind } from './outbound-kind.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['8.8.8.8', '2606:4700::1111'],
  'private.corp.example': ['10.0.0.5'],
  'deep.private.corp.example': ['10.0.0.6'],
  'mixed.example': ['8.8.8.8', '127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'hooks.example': ['10.9.9.9'],
  localhost: ['::1', '127.0.0.1'],
  'localhost.': ['127.0.0.1'],
  '0x7f000001': ['127.0.0.1'],
  'nothing.example': [],
};

function outbound(policy: OutboundPolicy = {}): Outbound {
  return new Outbound({
    policy,
    resolve: (host) => {
      const found = names[host] as readonly string[] | undefined;
      if (found === undefined) return Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
      return Promise.resolve(found);
    },
  });
}

async function verdict(kind: OutboundKind, url: string, policy: OutboundPolicy = {}): Promise<string> {
  try {
    const { addresses } = await outbound(policy).judge({ kind, url });
    return addresses.join(' ');
  } catch (error) {
    expect(error).toBeInstanceOf(HttpClientError);
    return (error as Error).message;
  }
}

describe('the firewall', () => {
  it('lets scrapes reach what is private, and names why it keeps them from the rest', async () => {
    expect(await verdict('scrape', 'http://10.0.0.1:9100/metrics')).toBe('10.0.0.1');
    expect(await verdict('scrape', 'http://localhost:9100/metrics')).toBe('::1 127.0.0.1');
    expect(await verdict('scrape', 'http://public.example/')).toBe('8.8.8.8 2606:4700::1111');
    expect(await verdict('scrape', 'http://169.254.169.254/latest?token=s3cret')).toBe(
      'Cannot connect to http://169.254.169.254/latest: address 169.254.169.254 is a cloud metadata address and not allowed for scrape (outbound.scrape)',
    );
    expect(await verdict('scrape', 'http://[fe80::1]/')).toContain(
      'address fe80::1 is link-local and not allowed for scrape',
    );
  });

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://127.0.0.1./',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::]/',
    'http://10.0.0.1/',
    'http://192.168.0.1/',
    'http://private.corp.example/',
    'http://localhost/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://ｌｏｃａｌｈｏｓｔ/',
    'http://①②⑦.⓪.⓪.①/',
    'http://169。254。169。254/',
    'http://169.254.169.254/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://mixed.example/',
    'http://user@127.0.0.1/',
    'http://public.example@127.0.0.1/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'file:///etc/passwd',
    'gopher://public.example/',
    'ftp://public.example/',
    'not a url',
    'http://[fe80::1%25eth0]/',
    'http://nothing.example/',
    'http://unknown.example/',
  ])('keeps probes and receivers from %s', async (url) => {
    for (const kind of ['probes', 'receivers'] as const) {
      await expect(outbound().judge({ kind, url })).rejects.toThrow('Cannot connect to');
    }
  });

  it('judges every address a name has: one bad one spoils them all', async () => {
    expect(await verdict('probes', 'http://mixed.example/')).toContain('address 127.0.0.1 is loopback');
    expect(await verdict('probes', 'http://public.example/')).toBe('8.8.8.8 2606:4700::1111');
  });

  it('opens to hosts by name, but never to metadata that way', async () => {
    const policy: OutboundPolicy = { probes: { hosts: ['*.corp.example:80', 'metadata.google.internal'] } };
    expect(await verdict('probes', 'http://private.corp.example/', policy)).toBe('10.0.0.5');
    expect(await verdict('probes', 'http://deep.private.corp.example/', policy)).toBe('10.0.0.6');
    expect(await verdict('probes', 'http://private.corp.example:81/', policy)).toContain('is private');
    expect(await verdict('probes', 'http://metadata.google.internal/', policy)).toContain('metadata');
    expect(await verdict('probes', 'http://public.example/', policy)).toContain('8.8.8.8');
  });

  it('opens to metadata where the category or the address is listed', async () => {
    const url = 'http://169.254.169.254/';
    expect(await verdict('scrape', url, { scrape: { allow: ['public', 'metadata'] } })).toBe('169.254.169.254');
    expect(await verdict('scrape', url, { scrape: { hosts: ['169.254.169.254:80'] } })).toBe('169.254.169.254');
    expect(await verdict('scrape', url, { scrape: { hosts: ['169.254.0.0/16'] } })).toBe('169.254.169.254');
    expect(await verdict('scrape', url, { scrape: { allow: ['metadata'], deny: ['metadata'] } })).toContain('metadata');
  });

  it('takes an allow list as the whole of it', async () => {
    const policy: OutboundPolicy = { receivers: { allow: ['hooks.example:443'] } };
    expect(await verdict('receivers', 'https://hooks.example/', policy)).toBe('10.9.9.9');
    expect(await verdict('receivers', 'http://hooks.example/', policy)).toContain('private');
    expect(await verdict('receivers', 'https://public.example/', policy)).toContain('is public and not allowed');
  });

  it('denies by name and by network before anything else', async () => {
    const policy: OutboundPolicy = { scrape: { deny: ['public.example', '10.0.0.0/8', 'loopback'] } };
    expect(await verdict('scrape', 'http://public.example/', policy)).toContain('public.example is denied by');
    expect(await verdict('scrape', 'http://private.corp.example/', policy)).toContain(
      '10.0.0.5 is denied by "10.0.0.0/8"',
    );
    expect(await verdict('scrape', 'http://127.0.0.1/', policy)).toContain('loopback');
    expect(await verdict('scrape', 'http://192.168.1.1/', policy)).toBe('192.168.1.1');
  });

  it('refuses a policy it does not understand, and keeps the old one', () => {
    const firewall = outbound();
    expect(() => new Outbound({ policy: { scrape: { allow: ['publik stuff'] } } })).toThrow('not a host');
    expect(() => {
      firewall.setPolicy({ scrape: { deny: ['10.0.0.0/99'] } });
    }).toThrow();
    expect(firewall.generation).toBe(0);
  });

  it('tells whoever keeps the audit log about refusals', async () => {
    const denials: unknown[] = [];
    const firewall = new Outbound({ onDenied: (denial) => denials.push(denial) });
    await expect(firewall.judge({ kind: 'probes', url: 'http://127.0.0.1/x?secret' })).rejects.toThrow();
    expect(denials).toEqual([
      {
        kind: 'probes',
        target: 'http://127.0.0.1/x',
        reason: 'address 127.0.0.1 is loopback and not allowed for probes',
      },
    ]);
  });

  it('allows unix sockets to those who may reach this machine', () => {
    expect(() => {
      outbound().judgeSocket('discovery', '/var/run/docker.sock');
    }).not.toThrow();
    expect(() => {
      outbound().judgeSocket('probes', '/var/run/docker.sock');
    }).toThrow('unix sockets are not allowed for probes');
  });

  it('shows URLs without what may be secret', () => {
    expect(showUrl('http://u:p@host/path?q=1#f')).toBe('http://host/path');
    expect(showUrl('http://u:p@ss@host/')).toBe('http://host/');
  });
});

const shared = sharedDir('security', 'ssrf');

describe.skipIf(shared === undefined)('published spellings of internal addresses', () => {
  it('are all refused to probes', async () => {
    const text = readFileSync(path.join(shared ?? '', 'blocked-forms.json'), 'utf8');
    const { blocked_authorities: authorities } = JSON.parse(text) as { blocked_authorities: string[] };
    expect(authorities.length).toBeGreaterThan(10);
    for (const authority of authorities) {
      await expect(outbound().judge({ kind: 'probes', url: `http://${authority}` })).rejects.toThrow('outbound.probes');
    }
  });

  it('meet the policies of the dialer they were written for', async () => {
    const text = readFileSync(path.join(shared ?? '', 'firewall-dialer.json'), 'utf8');
    const { cases } = JSON.parse(text) as { cases: { policy: string; address: string; blocked: boolean }[] };
    for (const { policy, address, blocked } of cases) {
      const network = /^block_cidr (.*)$/.exec(policy)?.[1];
      const deny = network !== undefined ? [network] : policy === 'none' ? [] : ['private', 'loopback', 'link_local'];
      // The dialer guards nothing by default; here the guarded categories are listed.
      const allow = ['loopback', 'private', 'public', 'link_local', 'metadata', 'reserved'];
      const firewall = new Outbound({
        policy: { scrape: { allow, deny } },
        resolve: (host) => Promise.resolve(names[host] ?? ['8.8.8.8']),
      });
      const result = await firewall.judgeHost('scrape', address, 80).then(
        () => false,
        () => true,
      );
      expect([policy, address, result]).toEqual([policy, address, blocked]);
    }
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { categorize, isInNetwork, parseAddress, parseNetwork } from './address.ts';

const shared = sharedDir('security', 'ssrf');

function category(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? 'no address' : categorize(address);
}

describe('categories of addresses', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['0.1.2.3', 'loopback'],
    ['::1', 'loopback'],
    ['::', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['::ffff:0:127.0.0.1', 'loopback'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['64:ff9b::a9fe:a9fe', 'metadata'],
    ['2002:a9fe:a9fe::1', 'metadata'],
    ['2001:0:a9fe:a9fe::', 'metadata'],
    // Teredo hides the client's address inverted.
    ['2001:0:808:808:0:0:5601:5601', 'metadata'],
    ['fe80::5efe:169.254.169.254', 'metadata'],
    ['2a00::5efe:10.0.0.1', 'private'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['169.254.1.1', 'link_local'],
    ['fe80::1', 'link_local'],
    ['fe80::1%eth0', 'link_local'],
    ['febf::1', 'link_local'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['198.18.0.1', 'private'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fec0::1', 'private'],
    ['::ffff:10.1.2.3', 'private'],
    ['64:ff9b:1::10.1.2.3', 'private'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['ff02::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['2002:808:808::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['2a00:1450:4001:81b::200e', 'public'],
  ])('%s is %s', (text, expected) => {
    expect(category(text)).toBe(expected);
  });

  it.each(['localhost', '0x7f000001', '017700000001', '127.1', '2130706433', '1.2.3', '1.2.3.4.5', '::g', '[::1]', ''])(
    '%j is a name, for the resolver to say what it means',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  it('sees through every form an IPv4 address can be carried in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        const v4 = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
        const hex = `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
        const plain = category(v4);
        expect(category(`::ffff:${v4}`)).toBe(plain);
        expect(category(`64:ff9b::${v4}`)).toBe(plain);
        const carried = [category(`2002:${hex}::1`), category(`2001:0:${hex}::`)];
        for (const found of carried) {
          if (['metadata', 'link_local', 'loopback'].includes(plain))
            expect(found).not.toMatch(/public|private|reserved/);
          else expect(['reserved', 'loopback', 'link_local', 'metadata']).toContain(found);
        }
      }),
    );
  });
});

describe('networks', () => {
  it('hold what shares their prefix', () => {
    const inside = (address: string, network: string): boolean =>
      isInNetwork(parseAddress(address)!, parseNetwork(network)!);
    expect(inside('10.2.3.4', '10.0.0.0/8')).toBe(true);
    expect(inside('11.0.0.0', '10.0.0.0/8')).toBe(false);
    expect(inside('::ffff:10.2.3.4', '10.0.0.0/8')).toBe(true);
    expect(inside('10.2.3.4', '0.0.0.0/0')).toBe(true);
    expect(inside('fd00::1', 'fd00::/8')).toBe(true);
    expect(inside('10.2.3.4', 'fd00::/8')).toBe(false);
  });

  it.each(['10.0.0.0/33', '::/129', 'x/8', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/1e1'])('%j is none', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});

describe.skipIf(shared === undefined)('published lists', () => {
  const read = (name: string): unknown => JSON.parse(readFileSync(path.join(shared ?? '', name), 'utf8'));

  it('agree on what is private', () => {
    const { cases } = read('is-private.json') as { cases: { ip: string; private: boolean }[] };
    expect(cases.length).toBeGreaterThan(10);
    // Theirs knows two kinds; what is neither private nor public for us is not private for them.
    for (const { ip, private: isPrivate } of cases) {
      if (isPrivate) expect([ip, category(ip)]).not.toEqual([ip, 'public']);
      else expect([ip, category(ip)]).not.toEqual([ip, 'private']);
    }
  });

  it('have no special network that counts as public', () => {
    const { special_networks: networks } = read('blocked-forms.json') as { special_networks: { cidr: string }[] };
    for (const { cidr } of networks) expect([cidr, category(cidr.split('/')[0])]).not.toEqual([cidr, 'public']);
  });
});

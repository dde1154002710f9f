import { isIP } from 'node:net';

/** An IP address as a number of 32 or 128 bits. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/**
 * What an address is to someone who must not be led astray.
 *
 * - `loopback`: this machine, including the unspecified addresses, which reach it, too
 * - `link_local`: this wire, where cloud metadata and other unauthenticated services live
 * - `metadata`: the known addresses of cloud metadata services, wherever they lie
 * - `private`: RFC 1918, shared (CGNAT), unique-local, site-local and benchmark networks
 * - `reserved`: multicast, broadcast, documentation, deprecated tunnels, unassigned: never a server to be reached
 * - `public`: everything else
 * - `unix`: a socket in the file system
 */
export type AddressCategory = 'loopback' | 'link_local' | 'metadata' | 'private' | 'reserved' | 'public' | 'unix';

export const addressCategories: readonly AddressCategory[] = [
  'loopback',
  'link_local',
  'metadata',
  'private',
  'reserved',
  'public',
  'unix',
];

/** The address a text stands for, zone ignored; `undefined` when it is a name. Only the usual spellings are addresses. */
export function parseAddress(text: string): Address | undefined {
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  switch (isIP(bare)) {
    case 4:
      return { family: 4, bits: parseV4(bare) };
    case 6:
      return { family: 6, bits: parseV6(bare) };
    default:
      return undefined;
  }
}

function parseV4(text: string): bigint {
  return text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

/** @param text known to be a valid IPv6 address */
function parseV6(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let hex = text;
  if (dotted !== null) {
    const low = parseV4(dotted[2]);
    hex = `${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const [head, tail] = hex.split('::') as [string, string | undefined];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing: string[] = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...missing, ...after].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** A network in CIDR notation; a single address is a network of one. */
export interface Network {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly prefix: number;
}

/** The network a text stands for, or `undefined`: `10.0.0.0/8`, `fd00::/8`, `192.0.2.1`. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const width = address.family === 4 ? 32 : 128;
  const given = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(given) || Number(given) > width) return undefined;
  return { ...address, prefix: Number(given) };
}

/** Whether an address lies in a network; an IPv4 address hidden in an IPv6 one counts as the IPv4 address, too. */
export function isInNetwork(address: Address, network: Network): boolean {
  if (address.family === network.family) {
    const shift = BigInt((address.family === 4 ? 32 : 128) - network.prefix);
    return address.bits >> shift === network.bits >> shift;
  }
  return network.family === 4 && embeddedV4(address).some((inner) => isInNetwork(inner, network));
}

const networks = (category: AddressCategory, ...texts: string[]): { category: AddressCategory; network: Network }[] =>
  texts.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new Error(`not a network: ${text}`);
    return { category, network };
  });

/** Where the special networks lie; the first that holds an address decides. */
const specialNetworks = [
  ...networks(
    'metadata',
    '169.254.169.254', // AWS, Azure, Google, DigitalOcean, Hetzner, OpenStack
    '169.254.170.2', // Amazon ECS tasks
    '169.254.170.23', // Amazon EKS pods
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254', // Google
    '100.100.100.200', // Alibaba
    '168.63.129.16', // Azure's host agent
    '192.0.0.192', // Oracle
  ),
  ...networks('loopback', '127.0.0.0/8', '0.0.0.0/8', '::1', '::'),
  ...networks('link_local', '169.254.0.0/16', 'fe80::/10'),
  ...networks(
    'private',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '198.18.0.0/15',
    'fc00::/7',
    'fec0::/10',
    '64:ff9b:1::/48',
  ),
  ...networks(
    'reserved',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '192.88.99.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    '3fff::/20',
    'ff00::/8',
  ),
];

/** From the one to be kept away from most, for an address that is several things at once. */
const worstFirst: readonly AddressCategory[] = ['metadata', 'link_local', 'loopback', 'reserved', 'private', 'public'];

/** What an address is; one that carries an IPv4 address within is the worse of the two. */
export function categorize(address: Address): AddressCategory {
  const found = [ownCategory(address), ...embeddedV4(address).map(ownCategory)];
  return worstFirst.find((category) => found.includes(category)) ?? 'reserved';
}

function ownCategory(address: Address): AddressCategory {
  const special = specialNetworks.find(
    ({ network }) => network.family === address.family && isInNetwork(address, network),
  );
  if (special !== undefined) return special.category;
  if (address.family === 4) return 'public';
  // Mapped and translated addresses are what they carry.
  if (isTranslated(address.bits)) return 'public';
  // Outside of 2000::/3 nothing is assigned to servers.
  return address.bits >> 125n === 1n ? 'public' : 'reserved';
}

const low32 = 0xffffffffn;

/** ::ffff:a.b.c.d, ::ffff:0:a.b.c.d, ::a.b.c.d and 64:ff9b::a.b.c.d */
function isTranslated(bits: bigint): boolean {
  const high = bits >> 32n;
  return high === 0xffffn || high === 0xffff0000n || high === 0n || high === 0x64ff9bn << 64n;
}

/** The IPv4 addresses an IPv6 address may end up at: mapped, compatible, NAT64, 6to4, Teredo, ISATAP. */
function embeddedV4({ family, bits }: Address): Address[] {
  if (family === 4) return [];
  const v4 = (value: bigint): Address => ({ family: 4, bits: value & low32 });
  // :: and ::1 are themselves, not forms of 0.0.0.0 and 0.0.0.1.
  if (bits <= 1n) return [];
  if (isTranslated(bits) || bits >> 80n === 0x64ff9b0001n) return [v4(bits)];
  if (bits >> 112n === 0x2002n) return [v4(bits >> 80n)];
  if (bits >> 96n === 0x20010000n) return [v4(bits >> 64n), v4(~bits)];
  const interfaceId = (bits >> 32n) & low32;
  if (interfaceId === 0x5efen || interfaceId === 0x02005efen) return [v4(bits)];
  return [];
}

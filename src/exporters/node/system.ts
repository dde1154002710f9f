import { Families, linesOf, numberOf, type NodeCollector } from './collector.ts';

/** Kernel and host name. */
export const uname: NodeCollector = {
  name: 'uname',
  collect: (host) => {
    const kernel = (file: string) => host.proc(`sys/kernel/${file}`).trim();
    const families = new Families();
    families.gauge('uname_info', 'Labeled system information as provided by the uname system call.', 1, [
      ...[
        'domainname',
        kernel('domainname'),
        'machine',
        machine(),
        'nodename',
        kernel('hostname'),
        'release',
        kernel('osrelease'),
      ],
      ...['sysname', kernel('ostype'), 'version', kernel('version')],
    ]);
    return families.list();
  },
};

/** Node's names of architectures, where the kernel's differ. */
const machines: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ia32: 'i686',
  arm: 'armv7l',
  ppc64: 'ppc64le',
};

function machine(): string {
  return machines[process.arch] ?? process.arch;
}

const osFields = [
  ...['build_id', 'id', 'id_like', 'image_id', 'image_version', 'name', 'pretty_name', 'variant', 'variant_id'],
  ...['version', 'version_codename', 'version_id'],
];

/** Name and version of the distribution, from os-release. */
export const os: NodeCollector = {
  name: 'os',
  collect: (host) => {
    let text: string;
    try {
      text = host.file('etc/os-release');
    } catch {
      text = host.file('usr/lib/os-release');
    }
    const release = new Map<string, string>();
    for (const line of linesOf(text)) {
      const match = /^([A-Z_]+)=(.*)$/.exec(line);
      if (match)
        release.set(match[1]!.toLowerCase(), match[2]!.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(.)/g, '$1'));
    }
    const of = (field: string) => release.get(field) ?? '';
    const families = new Families();
    families.gauge(
      'os_info',
      "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, pretty_name, variant, variant_id, version, version_codename, version_id.",
      1,
      osFields.flatMap((field) => [field, of(field)]),
    );
    const version = /^\d+(\.\d+)?/.exec(of('version_id'))?.[0];
    if (version !== undefined) {
      const labels = ['id', 'id_like', 'name'].flatMap((field) => [field, of(field)]);
      families.gauge(
        'os_version',
        'Metric containing the major.minor part of the OS version.',
        numberOf(version, 'os-release VERSION_ID'),
        labels,
      );
    }
    return families.list();
  },
};

/** The machine's wall clock. */
export const time: NodeCollector = {
  name: 'time',
  collect: (host) => {
    const families = new Families();
    const now = host.now();
    families.gauge('time_seconds', 'System time in seconds since epoch (1970).', now / 1000);
    const zone = Intl.DateTimeFormat('en', { timeZoneName: 'short' })
      .formatToParts(now)
      .find((part) => part.type === 'timeZoneName');
    const offsetSeconds = -new Date(now).getTimezoneOffset() * 60;
    families.gauge('time_zone_offset_seconds', 'System time zone offset in seconds.', offsetSeconds, [
      'time_zone',
      zone?.value ?? 'UTC',
    ]);
    return families.list();
  },
};

/** The kernel's random pool. */
export const entropy: NodeCollector = {
  name: 'entropy',
  collect: (host) => {
    const families = new Families();
    const read = (file: string) =>
      numberOf(host.proc(`sys/kernel/random/${file}`).trim(), `/proc/sys/kernel/random/${file}`);
    families.gauge('entropy_available_bits', 'Bits of available entropy.', read('entropy_avail'));
    families.gauge('entropy_pool_size_bits', 'Bits of entropy pool.', read('poolsize'));
    return families.list();
  },
};

/** Tracked connections; a kernel without the module has none to tell of. */
export const conntrack: NodeCollector = {
  name: 'conntrack',
  collect: (host) => {
    const families = new Families();
    const read = (file: string) =>
      numberOf(host.proc(`sys/net/netfilter/${file}`).trim(), `/proc/sys/net/netfilter/${file}`);
    families.gauge(
      'nf_conntrack_entries',
      'Number of currently allocated flow entries for connection tracking.',
      read('nf_conntrack_count'),
    );
    families.gauge(
      'nf_conntrack_entries_limit',
      'Maximum size of connection tracking table.',
      read('nf_conntrack_max'),
    );
    return families.list();
  },
};

import { Families, type Host, type NodeCollector } from './collector.ts';

const values = [
  ['carrier', 'gauge', 'network_carrier', 'Network device property: carrier'],
  ['carrier_changes', 'counter', 'network_carrier_changes_total', 'Network device property: carrier_changes_total'],
  ['mtu', 'gauge', 'network_mtu_bytes', 'Network device property: mtu_bytes'],
  ['tx_queue_len', 'gauge', 'network_transmit_queue_length', 'Network device property: transmit_queue_length'],
  ['type', 'gauge', 'network_protocol_type', 'Network device property: protocol_type'],
  ['flags', 'gauge', 'network_flags', 'Network device property: flags'],
  ['ifindex', 'gauge', 'network_iface_id', 'Network device property: iface_id'],
] as const;

/** Megabits to bytes, as /sys states the speed. */
const MEGABIT_BYTES = 1_000_000 / 8;

/** State, speed and kind of each network device, from /sys/class/net. */
export const netclass: NodeCollector = {
  name: 'netclass',
  collect: (host) => {
    const families = new Families();
    for (const device of host.sysList('class/net')) {
      const read = (file: string) => tryRead(host, `class/net/${device}/${file}`);
      const operstate = read('operstate') ?? 'unknown';
      // `bonding_masters` is a file among the directories.
      if (read('ifindex') === undefined) continue;
      families.gauge('network_up', "Value is 1 if operstate is 'up', 0 otherwise.", operstate === 'up' ? 1 : 0, [
        'device',
        device,
      ]);
      families.gauge('network_info', 'Non-numeric data from /sys/class/net/<iface>, value is always 1.', 1, [
        ...[
          'address',
          read('address') ?? '',
          'adminstate',
          adminState(read('flags')),
          'broadcast',
          read('broadcast') ?? '',
        ],
        ...['device', device, 'duplex', read('duplex') ?? '', 'ifalias', read('ifalias') ?? '', 'operstate', operstate],
      ]);
      for (const [file, type, name, help] of values) {
        const value = Number(read(file) ?? NaN);
        if (!Number.isNaN(value)) families.add(name, type, help, value, ['device', device]);
      }
      const speed = Number(read('speed') ?? NaN);
      // -1 says "unknown"; devices that are down refuse to be read.
      if (speed >= 0)
        families.gauge('network_speed_bytes', 'Network device property: speed_bytes', speed * MEGABIT_BYTES, [
          'device',
          device,
        ]);
    }
    return families.list();
  },
};

function adminState(flags: string | undefined): string {
  if (flags === undefined) return 'unknown';
  return (Number(flags) & 1) === 1 ? 'up' : 'down';
}

function tryRead(host: Host, file: string): string | undefined {
  try {
    return host.sys(file);
  } catch {
    return undefined;
  }
}

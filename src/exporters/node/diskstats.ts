import { Families, fieldsOf, linesOf, numberOf, type Host, type NodeCollector } from './collector.ts';

/** Partitions and devices without a disk behind them, which node_exporter leaves out by default. */
const excluded = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;

const SECTOR_BYTES = 512;
const ms = 0.001;

/** The columns of /proc/diskstats after the device name: metric, kind, help and factor. */
const columns = [
  ['reads_completed_total', 'counter', 'The total number of reads completed successfully.', 1],
  ['reads_merged_total', 'counter', 'The total number of reads merged.', 1],
  ['read_bytes_total', 'counter', 'The total number of bytes read successfully.', SECTOR_BYTES],
  ['read_time_seconds_total', 'counter', 'The total number of seconds spent by all reads.', ms],
  ['writes_completed_total', 'counter', 'The total number of writes completed successfully.', 1],
  ['writes_merged_total', 'counter', 'The number of writes merged.', 1],
  ['written_bytes_total', 'counter', 'The total number of bytes written successfully.', SECTOR_BYTES],
  ['write_time_seconds_total', 'counter', 'This is the total number of seconds spent by all writes.', ms],
  ['io_now', 'gauge', 'The number of I/Os currently in progress.', 1],
  ['io_time_seconds_total', 'counter', 'Total seconds spent doing I/Os.', ms],
  ['io_time_weighted_seconds_total', 'counter', 'The weighted # of seconds spent doing I/Os.', ms],
  ['discards_completed_total', 'counter', 'The total number of discards completed successfully.', 1],
  ['discards_merged_total', 'counter', 'The total number of discards merged.', 1],
  ['discarded_sectors_total', 'counter', 'The total number of sectors discarded successfully.', 1],
  ['discard_time_seconds_total', 'counter', 'This is the total number of seconds spent by all discards.', ms],
  ['flush_requests_total', 'counter', 'The total number of flush requests completed successfully', 1],
  [
    'flush_requests_time_seconds_total',
    'counter',
    'This is the total number of seconds spent by all flush requests.',
    ms,
  ],
] as const;

/** Reads, writes, discards and flushes of each disk, from /proc/diskstats. Kernels differ in how many columns they write. */
export const diskstats: NodeCollector = {
  name: 'diskstats',
  collect: (host) => {
    const families = new Families();
    for (const line of linesOf(host.proc('diskstats'))) {
      const [major = '', minor = '', device = '', ...values] = fieldsOf(line);
      if (device === '' || excluded.test(device)) continue;
      columns.slice(0, values.length).forEach(([name, type, help, factor], at) => {
        const value = numberOf(values[at], `/proc/diskstats ${device}`);
        families.add(`disk_${name}`, type, help, value * factor, ['device', device]);
      });
      families.gauge('disk_info', 'Info of /sys/block/<block_device>.', 1, [
        ...['device', device, 'major', major, 'minor', minor],
        ...infoFiles.flatMap(([label, file]) => [label, property(host, device, file)]),
      ]);
    }
    return families.list();
  },
};

/** Labels of `disk_info` and the files below /sys/block/<device> that hold them. */
const infoFiles = [
  ['model', 'device/model'],
  ['revision', 'device/rev'],
  ['rotational', 'queue/rotational'],
  ['serial', 'device/serial'],
  ['wwn', 'device/wwid'],
] as const;

function property(host: Host, device: string, file: string): string {
  try {
    return host.sys(`block/${device}/${file}`).trim();
  } catch {
    return '';
  }
}

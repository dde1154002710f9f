import { Families, fieldsOf, linesOf, numberOf, type NodeCollector } from './collector.ts';

const receive = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'] as const;
const transmit = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'] as const;

/** Traffic of each network device, from /proc/net/dev. */
export const netdev: NodeCollector = {
  name: 'netdev',
  collect: (host) => {
    const families = new Families();
    for (const line of linesOf(host.proc('net/dev')).slice(2)) {
      const colon = line.lastIndexOf(':');
      if (colon < 0) continue;
      const device = line.slice(0, colon).trim();
      const values = fieldsOf(line.slice(colon + 1)).map((value) => numberOf(value, `/proc/net/dev ${device}`));
      receive.forEach((what, at) => {
        families.counter(`network_receive_${what}_total`, `Network device statistic receive_${what}.`, values[at]!, [
          'device',
          device,
        ]);
      });
      transmit.forEach((what, at) => {
        families.counter(
          `network_transmit_${what}_total`,
          `Network device statistic transmit_${what}.`,
          values[receive.length + at]!,
          ['device', device],
        );
      });
    }
    return families.list();
  },
};

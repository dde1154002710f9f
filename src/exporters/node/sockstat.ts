import { Families, fieldsOf, linesOf, numberOf, type Host, type NodeCollector } from './collector.ts';

const PAGE_BYTES = 4096;

/** Sockets in use by protocol, from /proc/net/sockstat and sockstat6. */
export const sockstat: NodeCollector = {
  name: 'sockstat',
  collect: (host) => {
    const families = new Families();
    for (const file of ['net/sockstat', 'net/sockstat6']) {
      for (const line of linesOf(tryProc(host, file))) {
        const [protocol = '', ...pairs] = fieldsOf(line);
        const name = protocol.replace(':', '');
        for (let i = 0; i + 1 < pairs.length; i += 2) {
          const key = pairs[i]!;
          const value = numberOf(pairs[i + 1], `/proc/${file} ${name}`);
          if (name === 'sockets') {
            families.gauge('sockstat_sockets_used', 'Number of IPv4 sockets in use.', value);
            continue;
          }
          families.gauge(`sockstat_${name}_${key}`, `Number of ${name} sockets in state ${key}.`, value);
          if (key === 'mem')
            families.gauge(
              `sockstat_${name}_mem_bytes`,
              `Number of ${name} sockets in state mem_bytes.`,
              value * PAGE_BYTES,
            );
        }
      }
    }
    return families.list();
  },
};

/** A kernel without IPv6 has no such file. */
function tryProc(host: Host, file: string): string {
  try {
    return host.proc(file);
  } catch {
    return '';
  }
}

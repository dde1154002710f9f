import { Families, linesOf, numberOf, type NodeCollector } from './collector.ts';

/** Every field of /proc/meminfo; fields in kB become `…_bytes`. */
export const meminfo: NodeCollector = {
  name: 'meminfo',
  collect: (host) => {
    const families = new Families();
    for (const line of linesOf(host.proc('meminfo'))) {
      const match = /^([^:]+):\s+(\d+)( kB)?$/.exec(line.trim());
      if (match === null) continue;
      const [, field = '', digits, kilobytes] = match;
      const name = field.replace(/\((.*)\)/, '_$1') + (kilobytes === undefined ? '' : '_bytes');
      const value = numberOf(digits, `/proc/meminfo ${field}`) * (kilobytes === undefined ? 1 : 1024);
      families.gauge(`memory_${name}`, `Memory information field ${name}.`, value);
    }
    return families.list();
  },
};

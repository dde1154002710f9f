import { Families, fieldsOf, numberOf, type NodeCollector } from './collector.ts';

/** The load averages over 1, 5 and 15 minutes. */
export const loadavg: NodeCollector = {
  name: 'loadavg',
  collect: (host) => {
    const families = new Families();
    const fields = fieldsOf(host.proc('loadavg'));
    [1, 5, 15].forEach((minutes, at) => {
      families.gauge(`load${minutes}`, `${minutes}m load average.`, numberOf(fields[at], '/proc/loadavg'));
    });
    return families.list();
  },
};

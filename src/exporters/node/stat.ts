import { Families, fieldsOf, linesOf, numberOf, type NodeCollector } from './collector.ts';

/** Boot time, context switches, forks, interrupts and the run queue, from /proc/stat. */
export const stat: NodeCollector = {
  name: 'stat',
  collect: (host) => {
    const families = new Families();
    for (const line of linesOf(host.proc('stat'))) {
      const [key, value] = fieldsOf(line);
      const number = () => numberOf(value, `/proc/stat ${key}`);
      switch (key) {
        case 'intr':
          families.counter('intr_total', 'Total number of interrupts serviced.', number());
          break;
        case 'ctxt':
          families.counter('context_switches_total', 'Total number of context switches.', number());
          break;
        case 'processes':
          families.counter('forks_total', 'Total number of forks.', number());
          break;
        case 'btime':
          families.gauge('boot_time_seconds', 'Node boot time, in unixtime.', number());
          break;
        case 'procs_running':
          families.gauge('procs_running', 'Number of processes in runnable state.', number());
          break;
        case 'procs_blocked':
          families.gauge('procs_blocked', 'Number of processes blocked waiting for I/O to complete.', number());
          break;
        default:
      }
    }
    return families.list();
  },
};

import { Families, fieldsOf, linesOf, numberOf, type NodeCollector } from './collector.ts';

/** The kernel counts CPU time in ticks of USER_HZ, which is 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

/** Seconds each CPU spent in each mode, from /proc/stat. */
export const cpu: NodeCollector = {
  name: 'cpu',
  collect: (host) => {
    const families = new Families();
    for (const line of linesOf(host.proc('stat'))) {
      const [name = '', ...ticks] = fieldsOf(line);
      const number = /^cpu(\d+)$/.exec(name)?.[1];
      if (number === undefined) continue;
      const seconds = (at: number) => numberOf(ticks[at] ?? '0', `/proc/stat ${name}`) / TICKS_PER_SECOND;
      modes.forEach((mode, at) => {
        families.counter('cpu_seconds_total', 'Seconds the CPUs spent in each mode.', seconds(at), [
          'cpu',
          number,
          'mode',
          mode,
        ]);
      });
      for (const [mode, at] of [
        ['user', 8],
        ['nice', 9],
      ] as const) {
        families.counter(
          'cpu_guest_seconds_total',
          'Seconds the CPUs spent in guests (VMs) for each mode.',
          seconds(at),
          ['cpu', number, 'mode', mode],
        );
      }
    }
    return families.list();
  },
};

import { Families, NoDataError, linesOf, numberOf, type Host, type NodeCollector } from './collector.ts';

const resources = [
  [
    'cpu',
    'some',
    'pressure_cpu_waiting_seconds_total',
    'Total time in seconds that processes have waited for CPU time',
  ],
  [
    'io',
    'some',
    'pressure_io_waiting_seconds_total',
    'Total time in seconds that processes have waited due to IO congestion',
  ],
  [
    'io',
    'full',
    'pressure_io_stalled_seconds_total',
    'Total time in seconds no process could make progress due to IO congestion',
  ],
  [
    'memory',
    'some',
    'pressure_memory_waiting_seconds_total',
    'Total time in seconds that processes have waited for memory',
  ],
  [
    'memory',
    'full',
    'pressure_memory_stalled_seconds_total',
    'Total time in seconds no process could make progress due to memory congestion',
  ],
] as const;

/** Stall times by resource (PSI). */
export const pressure: NodeCollector = {
  name: 'pressure',
  collect: (host) => {
    const families = new Families();
    for (const [resource, kind, name, help] of resources) {
      const line = linesOf(readPressure(host, resource)).find((l) => l.startsWith(`${kind} `));
      const micros = /total=(\d+)/.exec(line ?? '')?.[1];
      families.counter(name, help, numberOf(micros, `/proc/pressure/${resource} ${kind}`) / 1000 / 1000);
    }
    return families.list();
  },
};

function readPressure(host: Host, resource: string): string {
  try {
    return host.proc(`pressure/${resource}`);
  } catch {
    throw new NoDataError('pressure information is not available: it needs a kernel of 4.20 or later with psi=1');
  }
}

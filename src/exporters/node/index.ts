import type { MetricFamily } from '../../runtime/index.ts';
import { openHost, type Host, type NodeCollector } from './collector.ts';
import { cpu } from './cpu.ts';
import { diskstats } from './diskstats.ts';
import { filefd } from './filefd.ts';
import { filesystem } from './filesystem.ts';
import { loadavg } from './loadavg.ts';
import { meminfo } from './meminfo.ts';
import { netclass } from './netclass.ts';
import { netdev } from './netdev.ts';
import { netstat } from './netstat.ts';
import { pressure } from './pressure.ts';
import { sockstat } from './sockstat.ts';
import { stat } from './stat.ts';
import { conntrack, entropy, os, time, uname } from './system.ts';
import { vmstat } from './vmstat.ts';

export { openHost, type Host, type HostPaths, type NodeCollector } from './collector.ts';

/** Every collector of this machine, under node_exporter's collector names. */
export const nodeCollectors: readonly NodeCollector[] = [
  conntrack,
  cpu,
  diskstats,
  entropy,
  filefd,
  filesystem,
  loadavg,
  meminfo,
  netclass,
  netdev,
  netstat,
  os,
  pressure,
  sockstat,
  stat,
  time,
  uname,
  vmstat,
];

/**
 * One look at the machine: the families of all collectors, and for each collector whether it succeeded and how long it took.
 * A collector that fails takes nothing with it.
 *
 * @param monotonic milliseconds of a clock that only runs forward
 */
export async function collectNode(
  host: Host = openHost(),
  collectors: readonly NodeCollector[] = nodeCollectors,
  monotonic: () => number = () => performance.now(),
): Promise<readonly MetricFamily[]> {
  const results = await Promise.all(
    collectors.map(async (collector) => {
      const started = monotonic();
      try {
        const families = await collector.collect(host);
        return { name: collector.name, families, success: 1, seconds: (monotonic() - started) / 1000 };
      } catch {
        return { name: collector.name, families: [], success: 0, seconds: (monotonic() - started) / 1000 };
      }
    }),
  );
  const perCollector = (
    name: string,
    help: string,
    value: (result: (typeof results)[number]) => number,
  ): MetricFamily => ({
    name: `node_scrape_collector_${name}`,
    help: `node_exporter: ${help}`,
    type: 'gauge',
    samples: results.map((result) => ({ suffix: '', labels: ['collector', result.name], value: value(result) })),
  });
  return [
    ...results.flatMap((result) => result.families),
    perCollector('duration_seconds', 'Duration of a collector scrape.', (result) => result.seconds),
    perCollector('success', 'Whether a collector succeeded.', (result) => result.success),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

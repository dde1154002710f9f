import { readFileSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import v8 from 'node:v8';
import type { FamilyType, MetricFamily } from './metric-family.ts';
import type { Registry } from './metrics.ts';

/** Linux counts pages of this size on every architecture Node has binaries for, but the 64 kB ones of some arm64 kernels. */
const PAGE_BYTES = 4096;

/**
 * Registers what the process says of itself: `process_*` as every Prometheus client has it, and `nodejs_*` of the runtime.
 *
 * @returns stops measuring the event loop
 */
export function registerProcessMetrics(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const startSeconds = (Date.now() - performance.now()) / 1000;
  registry.register({
    collect: () => {
      const cpu = process.cpuUsage();
      const memory = process.memoryUsage();
      const heap = v8.getHeapStatistics();
      const families = [
        one(
          'process_cpu_seconds_total',
          'counter',
          'Total user and system CPU time spent in seconds.',
          (cpu.user + cpu.system) / 1e6,
        ),
        one('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', memory.rss),
        one(
          'process_start_time_seconds',
          'gauge',
          'Start time of the process since unix epoch in seconds.',
          startSeconds,
        ),
        one('nodejs_heap_size_total_bytes', 'gauge', 'Size of the JavaScript heap in bytes.', memory.heapTotal),
        one('nodejs_heap_size_used_bytes', 'gauge', 'Used part of the JavaScript heap in bytes.', memory.heapUsed),
        one(
          'nodejs_heap_size_limit_bytes',
          'gauge',
          'Largest size the JavaScript heap may reach in bytes.',
          heap.heap_size_limit,
        ),
        one(
          'nodejs_external_memory_bytes',
          'gauge',
          'Memory held outside the JavaScript heap in bytes.',
          memory.external,
        ),
        one('nodejs_array_buffers_bytes', 'gauge', 'Memory of array buffers in bytes.', memory.arrayBuffers),
        one(
          'nodejs_eventloop_lag_p50_seconds',
          'gauge',
          'Median delay of the event loop since the last look.',
          seconds(delay.percentile(50)),
        ),
        one(
          'nodejs_eventloop_lag_p99_seconds',
          'gauge',
          '99th percentile of the delay of the event loop since the last look.',
          seconds(delay.percentile(99)),
        ),
        one(
          'nodejs_eventloop_lag_max_seconds',
          'gauge',
          'Longest delay of the event loop since the last look.',
          seconds(delay.max),
        ),
        {
          ...one('nodejs_version_info', 'gauge', 'Node.js version.', 1),
          samples: [{ suffix: '', labels: ['version', process.version], value: 1 }],
        },
        ...fromProc(),
      ];
      delay.reset();
      return families;
    },
  });
  return () => {
    delay.disable();
  };
}

function seconds(ns: number): number {
  return Number.isFinite(ns) ? ns / 1e9 : 0;
}

function one(name: string, type: FamilyType, help: string, value: number): MetricFamily {
  return { name, type, help, samples: [{ suffix: '', labels: [], value }] };
}

/** What only /proc knows; other systems have none of it. */
function fromProc(): MetricFamily[] {
  try {
    const statm = readFileSync('/proc/self/statm', 'utf8').split(' ');
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const maxFds = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
    return [
      one('process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', Number(statm[0]) * PAGE_BYTES),
      one('process_open_fds', 'gauge', 'Number of open file descriptors.', readdirSync('/proc/self/fd').length),
      one(
        'process_max_fds',
        'gauge',
        'Maximum number of open file descriptors.',
        maxFds === 'unlimited' ? Infinity : Number(maxFds),
      ),
    ];
  } catch {
    return [];
  }
}

import { expect, it } from 'vitest';
import { Registry } from './metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';

it('tells of the CPU time, memory and start of this process', () => {
  const registry = new Registry();
  const stop = registerProcessMetrics(registry);
  const value = (name: string) => registry.collect().find((family) => family.name === name)?.samples[0]?.value ?? NaN;
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10e6);
  expect(Math.abs(Date.now() / 1000 - performance.now() / 1000 - value('process_start_time_seconds'))).toBeLessThan(2);
  expect(value('nodejs_heap_size_used_bytes')).toBeLessThan(value('nodejs_heap_size_limit_bytes'));
  stop();
});

import { describe, expect, it } from 'vitest';
import { Registry } from './metrics.ts';

const lines = (registry: Registry) =>
  registry.collect().flatMap((f) => f.samples.map((s) => `${f.name}${s.suffix}{${s.labels.join(',')}} ${s.value}`));

describe('Registry', () => {
  it('gathers counters and gauges with their labels, sorted by family', () => {
    const registry = new Registry();
    registry.gauge('b_gauge', 'b').set(3);
    const total = registry.counterVec('a_total', 'a', ['code']);
    total.with('200').inc();
    total.with('500').inc(2);
    expect(lines(registry)).toEqual(['a_total{code,200} 1', 'a_total{code,500} 2', 'b_gauge{} 3']);
  });

  it('makes histogram buckets cumulative and closes them with +Inf', () => {
    const registry = new Registry();
    const seconds = registry.histogram('h', 'h', [1, 5]);
    for (const value of [0.5, 1, 2, 9]) seconds.observe(value);
    expect(lines(registry)).toEqual([
      'h_bucket{le,1} 2',
      'h_bucket{le,5} 3',
      'h_bucket{le,+Inf} 4',
      'h_sum{} 12.5',
      'h_count{} 4',
    ]);
  });

  it('keeps a summary over the recent observations but counts all', () => {
    const registry = new Registry();
    const summary = registry.summary('s', 's', [0.5]);
    for (let i = 0; i < 1000; i++) summary.observe(i);
    const [median, , count] = registry.collect()[0]!.samples;
    expect(median!.value).toBeGreaterThanOrEqual(500);
    expect(count!.value).toBe(1000);
  });

  it('refuses one name with two types', () => {
    const registry = new Registry();
    registry.counter('x', 'x');
    expect(() => registry.gauge('x', 'x')).toThrow(/declared twice/);
  });

  it('joins a family that several collectors yield', () => {
    const registry = new Registry();
    registry.counterVec('a_total', 'a', ['from']).with('here').inc();
    registry.register({
      collect: () => [
        { name: 'a_total', help: 'a', type: 'counter', samples: [{ suffix: '', labels: ['from', 'there'], value: 2 }] },
      ],
    });
    expect(lines(registry)).toEqual(['a_total{from,here} 1', 'a_total{from,there} 2']);
  });
});

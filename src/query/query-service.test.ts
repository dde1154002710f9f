import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../test/memory-store.ts';
import { SampleColumn } from '../model/index.ts';
import { ManualClock, Registry, silentLogger } from '../runtime/index.ts';
import type { Execution } from './engine.ts';
import type { QueryResult } from '../promql/index.ts';
import { QueryService, type Asker, type QueryLogEntry, type QueryRequest } from './query-service.ts';

const store = MemoryStore.of([{ a: '1' }, { a: '2' }], [0, 1, 2]);
const nothing: QueryResult = {
  type: 'scalar',
  tsMs: 0,
  value: 0,
  warnings: [],
  infos: [],
  stats: {
    timings: {
      evalTotalTime: 0,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: 0,
      execQueueTime: 0,
      execTotalTime: 0,
    },
    samples: { totalQueryableSamples: 7, samplesRead: 7, peakSamples: 7 },
  },
};
const instant: QueryRequest = { expr: 'up', time: { kind: 'instant', t: 0 } };
const alice: Asker = { owner: 'user:alice', name: 'alice', limits: {}, queryable: store };

function harness(execute: (execution: Execution, clock: ManualClock) => Promise<QueryResult>) {
  const clock = new ManualClock(1000);
  const registry = new Registry();
  const log: QueryLogEntry[] = [];
  const lines: [string, unknown][] = [];
  const service = new QueryService({
    engine: { execute: (execution) => execute(execution, clock) },
    clock,
    logger: { ...silentLogger, warn: (message, fields) => lines.push([message, fields]) },
    registry,
    maxConcurrency: 2,
    timeoutMs: 60_000,
    maxSamples: 1000,
    slowMs: 1000,
    onFinished: (entry) => log.push(entry),
  });
  return { clock, registry, service, log, lines };
}

/** An engine that runs until it is told to stop. */
const untilAborted = ({ signal }: Execution) =>
  new Promise<QueryResult>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('stopped'));
    });
  });

describe('a query service', () => {
  it('gives a query the tightest of the deadlines', async () => {
    const deadlines: number[] = [];
    const { service } = harness((execution) => {
      deadlines.push(execution.deadlineMs);
      return Promise.resolve(nothing);
    });
    await service.run(instant, alice);
    await service.run({ ...instant, timeoutMs: 5000 }, alice);
    await service.run({ ...instant, timeoutMs: 5000 }, { ...alice, limits: { maxDurationMs: 2000 } });
    await service.run({ ...instant, timeoutMs: 1e9 }, alice);
    expect(deadlines).toEqual([61_000, 6000, 3000, 61_000]);
  });

  it('lists what waits and runs, and stops it when told to', async () => {
    const { service } = harness(untilAborted);
    const runs = ['a', 'b', 'c'].map((expr) => service.run({ ...instant, expr }, alice));
    runs.forEach((run) => void run.catch(() => {}));
    await Promise.resolve();
    expect(service.active().map(({ expr, state, name }) => [expr, state, name])).toEqual([
      ['a', 'running', 'alice'],
      ['b', 'running', 'alice'],
      ['c', 'queued', 'alice'],
    ]);
    const ids = service.active().map(({ id }) => id);
    expect(service.cancel(ids[2]!)).toBe(true);
    await expect(runs[2]).rejects.toThrow('query was canceled in query queue');
    expect(service.cancel(ids[0]!)).toBe(true);
    await expect(runs[0]).rejects.toThrow('stopped');
    expect(service.cancel(ids[0]!)).toBe(false);
    service.close();
    await expect(runs[1]).rejects.toThrow('stopped');
    expect(service.active()).toEqual([]);
  });

  it('stops the query of somebody who has gone', async () => {
    const { service } = harness(untilAborted);
    const gone = new AbortController();
    const run = service.run(instant, { ...alice, signal: gone.signal });
    gone.abort();
    await expect(run).rejects.toThrow();
    await expect(service.run(instant, { ...alice, signal: gone.signal })).rejects.toThrow('canceled');
    expect(service.active()).toEqual([]);
  });

  it('refuses a range beyond the limit and names the limit', async () => {
    const { service } = harness(() => Promise.resolve(nothing));
    const range = (hours: number): QueryRequest => ({
      expr: 'up',
      time: { kind: 'range', startMs: 0, endMs: hours * 3_600_000, stepMs: 1000 },
    });
    const limited = { ...alice, limits: { maxRangeMs: 24 * 3_600_000 } };
    await service.run(range(24), limited);
    await expect(service.run(range(25), limited)).rejects.toThrow(
      'query range of "1d1h" is longer than "1d" (limit max_range)',
    );
  });

  it('stops a query that selects too many series or reads too many samples', async () => {
    const readAll = async ({ queryable }: Execution) => {
      const set = await queryable.querier(0, 2).select([], { sorted: false });
      const column = new SampleColumn();
      for (const series of set.series) series.read(column, 0, 2);
      return nothing;
    };
    const { service } = harness(readAll);
    const run = (limits: Asker['limits']) => service.run(instant, { ...alice, limits });
    await run({ maxSeries: 2, maxSamples: 6 });
    await expect(run({ maxSeries: 1 })).rejects.toThrow('query selects more than 1 series (limit max_series)');
    await expect(run({ maxSamples: 5 })).rejects.toThrow('query reads more than 5 samples (limit max_samples)');
  });

  it('runs no more queries of one asker than allowed', async () => {
    const { service, clock } = harness(untilAborted);
    const limited = { ...alice, limits: { maxConcurrency: 1, maxDurationMs: 1000 } };
    const runs = [service.run(instant, limited), service.run(instant, limited)];
    runs.forEach((run) => void run.catch(() => {}));
    await clock.advance(1000);
    await expect(runs[1]).rejects.toThrow('too many queries at once: 1 are allowed');
    service.close();
  });

  it('logs slow queries and tells of every one that ran', async () => {
    const { service, log, lines, registry } = harness(async (_execution, clock) => {
      await clock.advance(2000);
      return nothing;
    });
    await service.run({ ...instant, expr: 'x'.repeat(5000) }, alice);
    expect(log.map(({ query, timings }) => [query.name, timings])).toEqual([
      ['alice', { queueSeconds: 0, evalSeconds: 2 }],
    ]);
    expect(lines).toEqual([
      ['Slow query', { query: 'x'.repeat(2000), by: 'alice', time: 0, seconds: 2, samples: 7, error: undefined }],
    ]);
    const names = registry.collect().map(({ name }) => name);
    expect(names).toContain('prometheus_engine_queries');
    expect(names).toContain('prometheus_engine_query_duration_seconds');
  });
});

import { describe, expect, it } from 'vitest';
import type { Clock } from '../runtime/index.ts';
import { floatHistogram, Labels, type Matcher } from '../model/index.ts';
import type { Queryable, Series } from '../storage/index.ts';
import { ABSENT } from './column.ts';
import { createEngine, type EngineOptions } from './engine.ts';
import { parseExpr } from './parse/parser.ts';
import type { QueryOptions } from './runner.ts';
import { MemoryStorage } from './testing/memory-storage.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** `name{label}` series with samples every 15 s from 0, the i-th having value `value(series, i)`. */
function storageOf(
  names: readonly string[],
  count: number,
  value = (s: number, i: number): number => s + i,
): MemoryStorage {
  const storage = new MemoryStorage();
  names.forEach((name, s) => {
    const { selector } = parseLabels(name);
    for (let i = 0; i < count; i++) storage.append(selector, i * 15 * SECOND, value(s, i));
  });
  return storage;
}

/** Labels written as a selector of equality matchers. */
function parseLabels(text: string): { selector: Labels } {
  const expr = parseExpr(text);
  if (expr.kind !== 'VectorSelector') throw new Error(text);
  return { selector: Labels.fromPairs(expr.matchers.map(({ name, value }) => [name, value])) };
}

/** Labels and values of an instant query, as text, in the order they came. */
async function instant(
  storage: Queryable,
  query: string,
  options: EngineOptions = {},
  tsMs = 10 * MINUTE,
): Promise<string[]> {
  const result = await createEngine(options).instant(storage, query, tsMs);
  if (result.type !== 'vector') throw new Error(result.type);
  return result.labels.map((labels, i) => `${labels.toString()} ${result.values[i]}`);
}

/** Labels and values by step of a range query, `_` where there is none. */
async function range(
  storage: Queryable,
  query: string,
  steps = 3,
  stepMs = MINUTE,
  options: EngineOptions = {},
): Promise<string[]> {
  const result = await createEngine(options).range(storage, query, 0, (steps - 1) * stepMs, stepMs);
  return result.series.map(({ labels, column }) => {
    const values = Array.from(column.values, (value, i) => (column.kinds[i] === ABSENT ? '_' : String(value)));
    return `${labels.toString()} ${values.join(' ')}`;
  });
}

/** Counts how often each series is read. */
function counting(storage: MemoryStorage): { queryable: Queryable; reads: Map<string, number>; selects: string[] } {
  const reads = new Map<string, number>();
  const selects: string[] = [];
  const queryable: Queryable = {
    querier: (mint, maxt) => {
      const inner = storage.querier(mint, maxt);
      return {
        ...inner,
        select: async (matchers, options) => {
          selects.push(matchers.join(','));
          const set = await inner.select(matchers, options);
          const series = set.series.map((one): Series => ({
            labels: one.labels,
            read: (column, from, to) => {
              const name = one.labels.toString();
              reads.set(name, (reads.get(name) ?? 0) + 1);
              one.read(column, from, to);
            },
          }));
          return { ...set, series };
        },
      };
    },
  };
  return { queryable, reads, selects };
}

describe('results', () => {
  it('are columns over the steps, in label order, without empty series', async () => {
    const storage = storageOf(['x{a="2"}', 'x{a="1"}'], 9);
    storage.append(Labels.from({ __name__: 'x', a: '0' }), 40 * MINUTE, 1);
    expect(await range(storage, 'x')).toEqual(['{__name__="x", a="1"} 1 5 9', '{__name__="x", a="2"} 0 4 8']);
  });

  it('are absent before the first sample, past the lookback and after a staleness marker', async () => {
    const storage = new MemoryStorage();
    const labels = Labels.from({ __name__: 'x' });
    storage.append(labels, MINUTE, 1);
    storage.append(labels, 3 * MINUTE, 2);
    storage.append(labels, 4 * MINUTE, 'stale');
    storage.append(labels, 5 * MINUTE, 3);
    expect(await range(storage, 'x', 12)).toEqual(['{__name__="x"} _ 1 1 2 _ 3 3 3 3 3 _ _']);
  });

  it('of an instant query for a range vector are the samples at their own times', async () => {
    const result = await createEngine().instant(storageOf(['x'], 9), 'x[30s]', MINUTE);
    expect(result).toMatchObject({
      type: 'samples',
      series: [{ t: Float64Array.of(45_000, 60_000), values: Float64Array.of(3, 4) }],
    });
  });

  it('can be scalars and strings', async () => {
    const engine = createEngine();
    expect(await engine.instant(new MemoryStorage(), '1 + 1', 5)).toMatchObject({ type: 'scalar', value: 2, tsMs: 5 });
    expect(await engine.instant(new MemoryStorage(), '("a")', 5)).toMatchObject({
      type: 'string',
      value: 'a',
      tsMs: 5,
    });
    expect(await range(new MemoryStorage(), 'time()')).toEqual(['{} 0 60 120']);
  });

  it('keep the last sample of a step whose windows are shorter than the interval', async () => {
    expect(await range(storageOf(['x'], 20), 'x', 5, 10 * SECOND)).toEqual(['{__name__="x"} 0 0 1 2 2']);
    expect(await range(storageOf(['x'], 20), 'count_over_time(x[30s])', 5, 10 * SECOND)).toEqual(['{} 1 1 2 2 2']);
  });

  it('go to a sink one by one, in label order, when there is one', async () => {
    const storage = storageOf(['x{a="2"}', 'x{a="1"}', 'x{a="3"}'], 9);
    const seen: string[] = [];
    const result = await createEngine().range(storage, '-x', 0, 2 * MINUTE, MINUTE, {
      onSeries: (labels, column, grid) => {
        seen.push(`${labels.toString()} ${[...column.values].join(' ')} of ${grid.steps}`);
      },
    });
    expect(seen).toEqual(['{a="1"} -1 -5 -9 of 3', '{a="2"} 0 -4 -8 of 3', '{a="3"} -2 -6 -10 of 3']);
    expect(result.series).toEqual([]);
  });

  it('refuse what a range query cannot be', async () => {
    const engine = createEngine();
    const storage = new MemoryStorage();
    await expect(engine.range(storage, 'x[5m]', 0, 1, 1)).rejects.toThrow(
      'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    );
    await expect(engine.range(storage, 'x', 0, 1, 0)).rejects.toThrow(/zero or negative query resolution/);
    expect((await engine.range(storage, '1', 10, 5, 1)).series).toEqual([]);
  });
});

describe('series that become the same', () => {
  const storage = storageOf(['a{i="1"}', 'b{i="1"}'], 9);

  it('are refused where they meet', async () => {
    const error = 'vector cannot contain metrics with the same labelset';
    for (const query of [
      '{i="1"} + 1',
      'abs({i="1"})',
      '-{i="1"}',
      'label_replace({i="1"}, "__name__", "c", "", "")',
    ]) {
      await expect(instant(storage, query, {}, MINUTE)).rejects.toThrow(error);
      await expect(range(storage, query)).rejects.toThrow(error);
    }
    await expect(range(storage, 'rate({i="1"}[1m])')).rejects.toThrow(error);
  });

  it('are merged where they follow each other, but by functions of range vectors', async () => {
    const relay = new MemoryStorage();
    relay.append(Labels.from({ __name__: 'a', i: '1' }), 0, 1);
    relay.append(Labels.from({ __name__: 'a', i: '1' }), 30 * SECOND, 'stale');
    relay.append(Labels.from({ __name__: 'b', i: '1' }), MINUTE, 2);
    expect(await range(relay, '{i="1"} * 10')).toEqual(['{i="1"} 10 20 20']);
    expect(await range(relay, '-{i="1"}')).toEqual(['{i="1"} -1 -2 -2']);
    await expect(range(relay, 'count_over_time({i="1"}[1m])')).rejects.toThrow('same labelset');
  });

  it('are told apart by their names until the end with delayed name removal', async () => {
    expect(await instant(storage, 'sum by (i) (abs({i="1"}))', { delayedNameRemoval: true }, MINUTE)).toEqual([
      '{i="1"} 9',
    ]);
    await expect(instant(storage, 'abs({i="1"})', { delayedNameRemoval: true }, MINUTE)).rejects.toThrow(
      'same labelset',
    );
  });
});

describe('joins', () => {
  const storage = storageOf(
    ['a{i="1",x="p"}', 'a{i="2",x="q"}', 'b{i="1"}', 'b{i="2"}', 'c{i="1",y="r"}', 'c{i="1",y="s"}'],
    9,
  );

  it('pair series by the labels that have to match', async () => {
    expect(await instant(storage, 'a * on (i) b', {}, 0)).toEqual(['{i="1"} 0', '{i="2"} 3']);
    expect(await instant(storage, 'a * on (i) group_left b', {}, 0)).toEqual(['{i="1", x="p"} 0', '{i="2", x="q"} 3']);
    expect(await instant(storage, 'b + on (i) group_right c', {}, 0)).toEqual(['{i="1", y="r"} 6', '{i="1", y="s"} 7']);
  });

  it('word ambiguity as Prometheus does', async () => {
    await expect(instant(storage, 'a + on (i) c', {}, 0)).rejects.toThrow(
      'found duplicate series for the match group {i="1"} on the right hand-side of the operation: ' +
        '[{__name__="c", i="1", y="r"}, {__name__="c", i="1", y="s"}];many-to-many matching not allowed: matching labels must be unique on one side',
    );
    await expect(instant(storage, 'c + on (i) group_right a', {}, 0)).rejects.toThrow(
      'on the left hand-side of the operation',
    );
    await expect(instant(storage, 'c + on (i) b', {}, 0)).rejects.toThrow(
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    );
    await expect(instant(storage, 'label_replace(c, "y", "t", "", "") + on (i) group_left b', {}, 0)).rejects.toThrow(
      'same labelset',
    );
    await expect(
      instant(storage, 'c + on (i) group_left (y) label_replace(b, "y", "z", "", "")', {}, 0),
    ).rejects.toThrow('multiple matches for labels: grouping labels must ensure unique matches');
  });

  it('complain of duplicates only at steps where the other side has anything', async () => {
    const late = storageOf(['c{y="r"}', 'c{y="s"}'], 1);
    late.append(Labels.from({ __name__: 'a' }), 20 * MINUTE, 1);
    expect(await range(late, 'a * on () c', 2)).toEqual([]);
    late.append(Labels.from({ __name__: 'a', z: '1' }), 0, 1);
    await expect(range(late, 'a * on () c', 2)).rejects.toThrow('found duplicate series');
  });

  it('follow a place that is taken by another series later', async () => {
    const relay = new MemoryStorage();
    relay.append(Labels.from({ __name__: 'a', x: '1' }), 0, 1);
    relay.append(Labels.from({ __name__: 'a', x: '1' }), 30 * SECOND, 'stale');
    relay.append(Labels.from({ __name__: 'a', x: '2' }), MINUTE, 2);
    relay.append(Labels.from({ __name__: 'b' }), 0, 10);
    expect(await range(relay, 'a * on () b')).toEqual(['{} 10 20 20']);
    expect(await range(relay, 'b * on () a')).toEqual(['{} 10 20 20']);
    expect(await range(relay, 'b * on () group_left (x) a')).toEqual(['{x="1"} 10 _ _', '{x="2"} _ 20 20']);
  });

  it('fill in what is missing, step by step', async () => {
    const gaps = new MemoryStorage();
    for (const [t, v] of [
      [0, 1],
      [MINUTE, 'stale'],
      [2 * MINUTE, 3],
    ] as const)
      gaps.append(Labels.from({ __name__: 'a' }), t, v);
    for (const t of [0, 1, 2]) gaps.append(Labels.from({ __name__: 'b' }), t * MINUTE, 10);
    const language = { enableBinopFillModifiers: true };
    expect(await range(gaps, 'a + fill(100) b', 3, MINUTE, { language })).toEqual(['{} 11 110 13']);
    expect(await range(gaps, 'b + fill_right(0) a', 3, MINUTE, { language })).toEqual(['{} 11 10 13']);
    expect(await range(gaps, 'a + fill_right(0) b', 3, MINUTE, { language })).toEqual(['{} 11 _ 13']);
  });

  it('note what a side without partners has to say', async () => {
    const engine = createEngine();
    const { infos } = await engine.instant(storage, 'rate(a[1m]) + on (nothing) rate(nothing_total[1m])', MINUTE);
    expect(infos).toEqual([expect.stringContaining('metric might not be a counter')]);
  });
});

describe('set operators', () => {
  const storage = storageOf(['a{i="1"}', 'a{i="2"}', 'b{i="2"}'], 9);

  it('let series pass by the presence of others at each step', async () => {
    storage.append(Labels.from({ __name__: 'gone', i: '1' }), 0, 1);
    storage.append(Labels.from({ __name__: 'gone', i: '1' }), 30 * SECOND, 'stale');
    expect(await range(storage, 'a and ignoring (x) gone')).toEqual(['{__name__="a", i="1"} 0 _ _']);
    expect(await range(storage, 'a unless on (i) gone')).toEqual([
      '{__name__="a", i="1"} _ 4 8',
      '{__name__="a", i="2"} 1 5 9',
    ]);
    expect(await range(storage, 'gone or on (i) a')).toEqual([
      '{__name__="a", i="1"} _ 4 8',
      '{__name__="a", i="2"} 1 5 9',
      '{__name__="gone", i="1"} 1 _ _',
    ]);
  });
});

describe('aggregations', () => {
  const names = ['x{g="a",i="1"}', 'x{g="b",i="2"}', 'x{g="a",i="3"}', 'x{g="b",i="4"}'];

  it('group by labels, in the order of their first series', async () => {
    const storage = storageOf(names, 9);
    expect(await instant(storage, 'sum by (g) (x)', {}, 0)).toEqual(['{g="a"} 2', '{g="b"} 4']);
    expect(await instant(storage, 'avg without (i) (x)', {}, 0)).toEqual(['{g="a"} 1', '{g="b"} 2']);
    expect(await instant(storage, 'count by (nope, g) (x)', {}, 0)).toEqual(['{g="a"} 2', '{g="b"} 2']);
    expect(await instant(storage, 'stdvar(x)', {}, 0)).toEqual(['{} 1.25']);
    expect(await instant(storage, 'quantile(0.5, x)', {}, 0)).toEqual(['{} 1.5']);
    expect(await instant(storage, 'group(x)', {}, 0)).toEqual(['{} 1']);
  });

  it('give the same group by group, when there are too many to hold at once', async () => {
    const storage = storageOf(names, 200);
    const steps = 1_100_000;
    const query = (op: string): string => `sum(sum_over_time((${op} by (g) (x))[${steps}ms:1ms]))`;
    for (const [op, sum] of [
      ['sum', 2 + 4],
      ['max', 2 + 3],
    ] as const) {
      // At time 0 and the millisecond after: two steps with the first values.
      const result = await instant(storage, query(op), { maxSamples: 1e9 }, 1);
      expect(result).toEqual([`{} ${2 * sum}`]);
    }
  });

  it('keep the best k, best first, NaN last', async () => {
    const storage = storageOf(names, 1, (s) => [3, NaN, 1, 2][s]!);
    expect(await instant(storage, 'topk(2, x)', {}, 0)).toEqual([
      '{__name__="x", g="a", i="1"} 3',
      '{__name__="x", g="b", i="4"} 2',
    ]);
    expect(await instant(storage, 'bottomk(4, x)', {}, 0)).toEqual([
      '{__name__="x", g="a", i="3"} 1',
      '{__name__="x", g="b", i="4"} 2',
      '{__name__="x", g="a", i="1"} 3',
      '{__name__="x", g="b", i="2"} NaN',
    ]);
    expect(await instant(storage, 'topk by (g) (1, x)', {}, 0)).toEqual([
      '{__name__="x", g="a", i="1"} 3',
      '{__name__="x", g="b", i="4"} 2',
    ]);
    expect(await instant(storage, 'topk(0, x)', {}, 0)).toEqual([]);
    await expect(instant(storage, 'topk(NaN, x)', {}, 0)).rejects.toThrow('Parameter value is NaN');
    await expect(instant(storage, 'topk(1e20, x)', {}, 0)).rejects.toThrow('Scalar value 1e+20 overflows int64');
  });

  it('choose k anew at every step', async () => {
    const storage = storageOf(['x{i="1"}', 'x{i="2"}'], 9, (s, i) => (s === 0 ? 5 : i));
    expect(await range(storage, 'topk(1, x)')).toEqual(['{__name__="x", i="1"} 5 5 _', '{__name__="x", i="2"} _ _ 8']);
    expect(await range(storage, 'topk(scalar(x{i="2"}) > bool 3, x)')).toEqual([
      '{__name__="x", i="1"} _ 5 _',
      '{__name__="x", i="2"} _ _ 8',
    ]);
  });

  it('count equal values, zeros of either sign apart', async () => {
    const storage = storageOf(names, 1, (s) => [0, -0, 1e25, 0][s]!);
    expect((await instant(storage, 'count_values("v", x)', {}, 0)).sort()).toEqual([
      '{v="-0"} 1',
      '{v="0"} 2',
      '{v="10000000000000000000000000"} 1',
    ]);
    await expect(instant(storage, 'count_values("", x)', {}, 0)).rejects.toThrow('invalid label name ""');
  });

  it('have no result where floats and histograms meet, and say so', async () => {
    const storage = storageOf(['x{i="1"}'], 1);
    storage.append(Labels.from({ __name__: 'x', i: '2' }), 0, floatHistogram({ count: 1 }));
    const result = await createEngine().instant(storage, 'sum(x)', 0);
    expect(result).toMatchObject({ type: 'vector', labels: [] });
    expect(result.warnings).toEqual([
      'PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)',
    ]);
    expect(await instant(storage, 'max(x)', {}, 0)).toEqual(['{} 0']);
    expect(await instant(storage, 'count(x)', {}, 0)).toEqual(['{} 2']);
  });

  it('overflow as Prometheus does: the sum to infinity, the average not', async () => {
    const storage = storageOf(names, 1, () => 1.7e308);
    expect(await instant(storage, 'sum(x)', {}, 0)).toEqual(['{} Infinity']);
    const [average] = await instant(storage, 'avg(x)', {}, 0);
    expect(Number(average!.slice(3)) / 1.7e308).toBeCloseTo(1, 12);
  });

  it('lose nothing to rounding', async () => {
    const storage = storageOf(names, 1, (s) => [1e100, 1, -1e100, 1][s]!);
    expect(await instant(storage, 'sum(x)', {}, 0)).toEqual(['{} 2']);
    expect(await instant(storage, 'avg(x)', {}, 0)).toEqual(['{} 0.5']);
  });
});

describe('reading', () => {
  const storage = storageOf(['x_total{i="1"}', 'x_total{i="2"}'], 41);

  it('decodes a series once for selectors that walk in step', async () => {
    const { queryable, reads, selects } = counting(storage);
    await range(queryable, 'rate(x_total[5m]) / rate(x_total[4m])');
    expect(selects).toHaveLength(1);
    expect([...reads.values()]).toEqual([1, 1]);
  });

  it('evaluates a part that stands twice once', async () => {
    const { queryable, reads } = counting(storage);
    await range(queryable, 'sum(rate(x_total[5m])) / (1 + sum(rate(x_total[5m])))');
    expect([...reads.values()]).toEqual([1, 1]);
  });

  it('evaluates what does not depend on the step once', async () => {
    const { queryable, reads } = counting(storage);
    expect(await range(queryable, 'sum(x_total @ 60) + 0 * time()')).toEqual(['{} 9 9 9']);
    expect([...reads.values()]).toEqual([1, 1]);
  });

  it('leaves series alone that limitk does not need', async () => {
    const { queryable, reads } = counting(storage);
    const language = { enableExperimentalFunctions: true };
    expect(await range(queryable, 'limitk(1, x_total)', 2, MINUTE, { language })).toHaveLength(1);
    expect(reads.size).toBe(1);
  });

  it("tells of the failure of a select in the engine's words", async () => {
    const failing: Queryable = {
      querier: (mint, maxt) => ({
        ...storage.querier(mint, maxt),
        select: () => Promise.reject(new Error('disk gone')),
      }),
    };
    await expect(instant(failing, 'x')).rejects.toMatchObject({
      code: 'execution',
      message: 'expanding series: disk gone',
    });
  });

  it('passes warnings of the storage on as they are, and closes the querier', async () => {
    const warned = storageOf(['x'], 1);
    warned.warnings = ['a block is missing'];
    let closed = 0;
    const queryable: Queryable = {
      querier: (mint, maxt) => ({
        ...warned.querier(mint, maxt),
        close: () => {
          closed++;
        },
      }),
    };
    expect((await createEngine().instant(queryable, 'x', 0)).warnings).toEqual(['a block is missing']);
    await expect(instant(queryable, 'topk(NaN, x)')).rejects.toThrow('NaN');
    expect(closed).toBe(2);
  });
});

describe('limits', () => {
  const storage = storageOf(['x{i="1"}', 'x{i="2"}'], 400);

  it('stop a query that was cancelled, by signal or by flag', async () => {
    const stopped: QueryOptions[] = [
      { cancellation: { signal: AbortSignal.abort() } },
      { cancellation: { flag: Int32Array.of(1) } },
    ];
    for (const options of stopped) {
      await expect(createEngine().instant(storage, 'x', 0, options)).rejects.toMatchObject({
        code: 'canceled',
        message: 'query was canceled in expression evaluation',
      });
    }
  });

  it('stop a query that is cancelled while it runs', async () => {
    const flag = new Int32Array(1);
    const engine = createEngine({ sliceMs: Infinity });
    let seen = 0;
    const query = engine.range(
      storageOf(
        Array.from({ length: 100 }, (_, i) => `x{i="${i}"}`),
        4,
      ),
      'x',
      0,
      MINUTE,
      MINUTE,
      {
        cancellation: { flag },
        onSeries: () => {
          if (++seen === 10) flag[0] = 1;
        },
      },
    );
    await expect(query).rejects.toMatchObject({ code: 'canceled' });
    expect(seen).toBeLessThan(40);
  });

  it('end a query that takes too long', async () => {
    let now = 0;
    const clock: Clock = { now: () => now, monotonic: () => (now += 10), after: () => () => {} };
    const engine = createEngine({ clock, timeoutMs: 200 });
    const wide = storageOf(
      Array.from({ length: 2000 }, (_, i) => `x{i="${i}"}`),
      1,
    );
    await expect(engine.instant(wide, 'sum(x)', 0)).rejects.toMatchObject({
      code: 'timeout',
      message: 'query timed out in expression evaluation',
    });
  });

  it('give other work its turn', async () => {
    const engine = createEngine({ sliceMs: 0 });
    const wide = storageOf(
      Array.from({ length: 500 }, (_, i) => `x{i="${i}"}`),
      1,
    );
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await engine.instant(wide, 'sum(x) + count(topk(5, x))', 0);
    running = false;
    expect(turns).toBeGreaterThan(20);
  });

  it('count samples in memory as Prometheus does', async () => {
    const message = 'query processing would load too many samples into memory in query execution';
    const cases: [string, number][] = [
      ['x', 6],
      ['sum(x)', 6],
      ['x + x', 3 * 6 + 4],
      ['count_over_time(x[1m])', 3 + 4 + 3],
      ['1', 3],
    ];
    for (const [query, peak] of cases) {
      const ask = (maxSamples: number): Promise<unknown> =>
        createEngine({ maxSamples }).range(storage, query, 0, 2 * MINUTE, MINUTE);
      await expect(ask(peak)).resolves.toMatchObject({ stats: { samples: { peakSamples: peak } } });
      await expect(ask(peak - 1)).rejects.toMatchObject({ code: 'execution', message });
      const smaller = createEngine().range(storage, query, 0, 2 * MINUTE, MINUTE, { maxSamples: peak - 1 });
      await expect(smaller).rejects.toMatchObject({ message });
    }
  });

  it('refuse a resolution nobody can want before they allocate anything', async () => {
    await expect(instant(storage, 'count_over_time(x[10y:1ms])')).rejects.toThrow('too many samples');
    await expect(instant(storage, 'sum_over_time(vector(1)[1y:1ms])', { maxSamples: 1e12 })).rejects.toThrow(
      /bytes of memory/,
    );
  });

  it('bound the memory a query keeps', async () => {
    const engine = createEngine({ maxMemoryBytes: 100_000 });
    await expect(engine.range(storage, 'x', 0, 99 * MINUTE, 1000)).rejects.toThrow(
      /query needs more than 100000 bytes of memory/,
    );
  });
});

describe('statistics', () => {
  it('tell samples by step when asked and allowed', async () => {
    const storage = storageOf(['x{i="1"}', 'x{i="2"}'], 9);
    const ask = async (query: string): Promise<unknown> => {
      const engine = createEngine({ perStepStats: true });
      return (await engine.range(storage, query, 0, 2 * MINUTE, MINUTE, { perStepStats: true })).stats.samples;
    };
    expect(await ask('count_over_time(x[90s])')).toEqual({
      totalQueryableSamples: 2 * (1 + 5 + 6),
      samplesRead: 2 * (1 + 4 + 4),
      peakSamples: 3 + 3 + 6,
      totalQueryableSamplesPerStep: [
        [0, 2],
        [MINUTE, 10],
        [2 * MINUTE, 12],
      ],
      samplesReadPerStep: [
        [0, 2],
        [MINUTE, 8],
        [2 * MINUTE, 8],
      ],
    });
    expect(await ask('x @ 60')).toMatchObject({
      totalQueryableSamples: 6,
      samplesRead: 2,
      samplesReadPerStep: [
        [0, 2],
        [MINUTE, 0],
        [2 * MINUTE, 0],
      ],
    });
    expect(await ask('sum_over_time(x[1m:30s])')).toMatchObject({
      totalQueryableSamples: 2 * (1 + 2 + 2),
      samplesReadPerStep: [
        [0, 2],
        [MINUTE, 4],
        [2 * MINUTE, 4],
      ],
    });
  });
});

describe('the storage', () => {
  it('is asked within the bounds of the query', async () => {
    const bounds: number[][] = [];
    const storage = storageOf(['x'], 9);
    const queryable: Queryable = {
      querier: (mint, maxt) => {
        bounds.push([mint, maxt]);
        return storage.querier(mint, maxt);
      },
    };
    await instant(queryable, 'x offset 1m + on () rate(y[10m] @ 1000)', {}, 500_000);
    expect(bounds).toEqual([[140_001, 1_000_000]]);
    await createEngine().instant(queryable, '1', 5);
    expect(bounds[1]).toEqual([0, 0]);
  });

  it('may answer at once or later, and matchers reach it whole', async () => {
    const storage = storageOf(['x{a="1"}'], 9);
    const asked: string[] = [];
    const queryable: Queryable = {
      querier: (mint, maxt) => ({
        ...storage.querier(mint, maxt),
        select: (matchers) => {
          asked.push(...matchers.map((matcher: Matcher) => matcher.toString()));
          return { series: [], warnings: [] };
        },
      }),
    };
    await instant(queryable, 'x{a=~"1|2", b!="", c=~".*"}');
    expect(asked.sort()).toEqual(['__name__="x"', 'a=~"1|2"', 'b!=""']);
  });
});

import { describe, expect, it } from 'vitest';
import { Labels, Matcher, SampleColumn } from '../model/index.ts';
import { mergeQueryables, restrict, restrictExemplars, type LabelScope, type Queryable, type Series } from './index.ts';

type Sample = readonly [t: number, v: number | 'stale'];

/** A store over literals. */
function store(
  content: readonly (readonly [labels: Record<string, string>, samples: readonly Sample[]])[],
): Queryable & {
  exemplars: (
    mint: number,
    maxt: number,
    matchers: readonly (readonly Matcher[])[],
  ) => { labels: Labels; exemplars: [] }[];
} {
  const all = content.map(([record, samples]) => ({ labels: Labels.from(record), samples }));
  const matching = (matchers: readonly Matcher[]) =>
    all.filter(({ labels }) => matchers.every((matcher) => matcher.matches(labels.get(matcher.name))));
  return {
    exemplars: (_mint, _maxt, lists) =>
      all
        .filter(({ labels }) => lists.some((list) => list.every((m) => m.matches(labels.get(m.name)))))
        .map(({ labels }) => ({ labels, exemplars: [] })),
    querier: (mint, maxt) => ({
      mint,
      maxt,
      select: (matchers) => ({
        warnings: [],
        series: matching(matchers).map(({ labels, samples }): Series => ({
          labels,
          read: (column, from, to) => {
            for (const [t, v] of samples) {
              if (t < from || t > to) continue;
              if (v === 'stale') column.pushStale(t);
              else column.pushFloat(t, v);
            }
          },
        })),
      }),
      labelNames: (matchers) => ({
        values: [...new Set(matching(matchers).flatMap(({ labels }) => [...labels].map(([name]) => name)))],
        warnings: [],
      }),
      labelValues: (name, matchers) => ({
        values: [...new Set(matching(matchers).map(({ labels }) => labels.get(name)))].filter((value) => value !== ''),
        warnings: [],
      }),
      close: () => {},
    }),
  };
}

async function read(queryable: Queryable, ...matchers: Matcher[]): Promise<Record<string, Sample[]>> {
  const { series } = await queryable.querier(0, 1000).select(matchers, { sorted: true });
  const found: Record<string, Sample[]> = {};
  for (const one of series) {
    const column = new SampleColumn(2);
    column.pushStale(-5);
    one.read(column, 0, 1000);
    expect(column.staleCount).toBe(column.stale.subarray(0, column.length).reduce((sum, mark) => sum + mark, 0));
    found[one.labels.toString()] = Array.from({ length: column.length - 1 }, (_, i) => [
      column.t[i + 1],
      column.stale[i + 1] === 1 ? 'stale' : column.v[i + 1],
    ]);
  }
  return found;
}

describe('mergeQueryables', () => {
  it('makes one series of what several stores hold of it, each time once', async () => {
    const merged = mergeQueryables([
      store([
        [
          { a: '1' },
          [
            [1, 1],
            [3, 3],
            [5, 'stale'],
          ],
        ],
      ]),
      store([
        [
          { a: '1' },
          [
            [2, 2],
            [3, 33],
            [5, 5],
            [6, 6],
          ],
        ],
        [{ a: '0' }, [[9, 9]]],
      ]),
      store([[{ a: '1' }, [[7, 7]]]]),
    ]);
    expect(await read(merged)).toEqual({
      '{a="0"}': [[9, 9]],
      '{a="1"}': [
        [1, 1],
        [2, 2],
        [3, 3],
        [5, 'stale'],
        [6, 6],
        [7, 7],
      ],
    });
    expect(await merged.querier(0, 9).labelValues('a', [])).toEqual({ values: ['0', '1'], warnings: [] });
  });
});

describe('restrict', () => {
  const inner = store([
    [{ __name__: 'm', team: 'a', env: 'prod', secret: 'x' }, [[1, 1]]],
    [{ __name__: 'm', team: 'b', env: 'prod' }, [[1, 2]]],
    [{ __name__: 'm', team: 'c', env: 'dev', hidden: 'y' }, [[1, 3]]],
  ]);
  const scope: LabelScope = [
    [new Matcher('=', 'team', 'a')],
    [new Matcher('=~', 'team', 'a|b'), new Matcher('=', 'env', 'prod')],
  ];
  const view = restrict(inner, scope);

  it('shows the union of the alternatives, each series once', async () => {
    expect(Object.values(await read(view))).toEqual([[[1, 1]], [[1, 2]]]);
  });

  it('cannot be widened by what is asked', async () => {
    expect(await read(view, new Matcher('=', 'team', 'c'))).toEqual({});
    expect(Object.keys(await read(view, new Matcher('=~', 'team', '.*')))).toHaveLength(2);
  });

  it('hides names and values that only other series have', async () => {
    expect(await view.querier(0, 1).labelNames([])).toMatchObject({ values: ['__name__', 'env', 'secret', 'team'] });
    expect(await view.querier(0, 1).labelValues('team', [])).toMatchObject({ values: ['a', 'b'] });
    expect(await view.querier(0, 1).labelValues('hidden', [])).toMatchObject({ values: [] });
    expect(await view.querier(0, 1).labelValues('env', [new Matcher('=', 'team', 'c')])).toMatchObject({ values: [] });
  });

  it('holds for exemplars too', () => {
    const teams = restrictExemplars(inner, scope)
      .exemplars(0, 1, [[], [new Matcher('=', 'team', 'c')]])
      .map(({ labels }) => labels.get('team'));
    expect(teams).toEqual(['a', 'b']);
  });

  it('shows nothing without an alternative, and all with an empty one', async () => {
    expect(await read(restrict(inner, []))).toEqual({});
    expect(restrictExemplars(inner, []).exemplars(0, 1, [[]])).toEqual([]);
    expect(await restrict(inner, []).querier(0, 1).labelNames([])).toMatchObject({ values: [] });
    expect(Object.keys(await read(restrict(inner, [[]])))).toHaveLength(3);
  });
});

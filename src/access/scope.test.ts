import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../test/memory-store.ts';
import { selector } from '../../test/selector.ts';
import { Labels, Matcher, type MatchType } from '../model/index.ts';
import { Scope } from './scope.ts';

const scopeOf = (...texts: string[]) => new Scope(texts.map(selector));
const store = MemoryStore.of([
  { __name__: 'up', team: 'a', env: 'prod' },
  { __name__: 'up', team: 'b', env: 'prod' },
  { __name__: 'up', env: 'secret' },
  { __name__: 'down', team: 'a', hidden: 'x' },
]);

async function select(scope: Scope, matchers: string, hints = {}) {
  const set = await scope
    .view(store)
    .querier(-1, 1)
    .select(selector(matchers), { sorted: true, hints: { mint: -1, maxt: 1, ...hints } });
  return set.series.map((series) => String(series.labels));
}

describe('a scope', () => {
  it('leaves the storage alone where everything is visible', () => {
    expect(new Scope(undefined).view(store)).toBe(store);
    expect(new Scope(undefined).viewExemplars(store)).toBe(store);
  });

  it("applies its matchers beside the asker's", async () => {
    expect(await select(scopeOf('{team="a"}'), '{__name__="up"}')).toEqual(['{__name__="up", env="prod", team="a"}']);
    expect(await select(scopeOf('{team="a"}'), '{team="b"}')).toEqual([]);
    expect(await select(scopeOf('{team="a"}'), '{team=~".*"}')).toHaveLength(2);
    expect(await select(scopeOf('{team="a"}'), '{}')).toHaveLength(2);
  });

  it('shows a series of several alternatives once', async () => {
    const scope = scopeOf('{team="a"}', '{env="prod"}');
    expect(await select(scope, '{}')).toEqual([
      '{__name__="down", hidden="x", team="a"}',
      '{__name__="up", env="prod", team="a"}',
      '{__name__="up", env="prod", team="b"}',
    ]);
    expect(await select(scope, '{}', { limit: 2 })).toHaveLength(2);
  });

  it('lists names and values of visible series only', async () => {
    const querier = scopeOf('{team="b"}', '{env="secret"}').view(store).querier(-1, 1);
    expect((await querier.labelNames([])).values).toEqual(['__name__', 'env', 'team']);
    expect((await querier.labelValues('team', [])).values).toEqual(['b']);
    expect((await querier.labelValues('env', [])).values).toEqual(['prod', 'secret']);
    expect((await querier.labelValues('env', [], { limit: 1 })).values).toEqual(['prod']);
  });

  it('shows exemplars of visible series only', () => {
    const exemplar = { labels: Labels.from({ trace: '1' }), t: 0, v: 1 };
    const traced = new MemoryStore(
      ['a', 'b'].map((team) => ({ labels: Labels.from({ team }), samples: [], exemplars: [exemplar] })),
    );
    const seen = scopeOf('{team="a"}')
      .viewExemplars(traced)
      .exemplars(-1, 1, [selector('{}'), selector('{team="b"}')]);
    expect(seen.map(({ labels }) => String(labels))).toEqual(['{team="a"}']);
  });

  it('contains a scope that says at least as much', () => {
    const scope = scopeOf('{team="a"}', '{shared="yes"}');
    expect(scope.contains([selector('{team="a",env="x"}')])).toBe(true);
    expect(scope.contains([selector('{team="a"}'), selector('{shared="yes"}')])).toBe(true);
    expect(scope.contains([selector('{team="b"}')])).toBe(false);
    expect(scope.contains([selector('{team="a"}'), selector('{team="b"}')])).toBe(false);
    expect(scope.contains(undefined)).toBe(false);
    expect(new Scope(undefined).contains(undefined)).toBe(true);
  });

  it('answers for any series, policy and question as a store that holds the visible series alone', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const value = fc.constantFrom('1', '2', '');
    const labels = fc.dictionary(name, value, { maxKeys: 3 }).map((record) => Labels.from({ id: 'x', ...record }));
    const matcher = fc
      .tuple(fc.constantFrom<MatchType>('=', '!=', '=~', '!~'), name, fc.constantFrom('1', '2', '', '1|2', '.*', '.+'))
      .map(([type, n, v]) => new Matcher(type, n, v));
    const matchers = fc.array(matcher, { maxLength: 3 });
    const seriesList = fc.uniqueArray(labels, { selector: (l) => l.key(), maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        seriesList,
        fc.array(matchers, { minLength: 1, maxLength: 3 }),
        matchers,
        async (all, alternatives, asked) => {
          const scope = new Scope(alternatives);
          const storeOf = (list: readonly Labels[]) =>
            new MemoryStore(list.map((l) => ({ labels: l, samples: [[0, 1]] })));
          const ask = async (querier: ReturnType<MemoryStore['querier']>) => {
            const set = await querier.select(asked, { sorted: true });
            return {
              series: set.series.map((series) => String(series.labels)),
              names: (await querier.labelNames(asked)).values,
              values: (await querier.labelValues('a', asked)).values,
            };
          };
          const scoped = await ask(scope.view(storeOf(all)).querier(-1, 1));
          const filtered = await ask(storeOf(all.filter((l) => scope.sees(l))).querier(-1, 1));
          expect(scoped).toEqual(filtered);
        },
      ),
    );
  });
});

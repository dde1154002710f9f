import { expect, it } from 'vitest';
import { newPanel } from './panel-state.ts';
import { loadPanels, panelsReducer } from './panels.ts';

const two = loadPanels(
  [
    { ...newPanel, expr: 'a' },
    { ...newPanel, expr: 'b', rangeMs: 60_000 },
  ],
  1000,
);

it('always has a panel', () => {
  expect(loadPanels([], 0).list).toHaveLength(1);
  const one = loadPanels([newPanel], 0);
  const after = panelsReducer(one, { type: 'remove', id: 0 });
  expect(after.list.map((p) => p.id)).toEqual([1]);
});

it('keeps what is typed apart from what ran', () => {
  const typed = panelsReducer(two, { type: 'type', id: 0, text: 'a + 1' });
  expect(typed.list[0]).toMatchObject({ draft: 'a + 1', state: { expr: 'a' }, ranAtMs: 1000 });
  const ran = panelsReducer(typed, { type: 'run', id: 0, expr: 'a + 1', nowMs: 2000 });
  expect(ran.list[0]).toMatchObject({ draft: 'a + 1', state: { expr: 'a + 1' }, ranAtMs: 2000 });
  expect(ran.list[1]).toBe(two.list[1]);
});

it('asks again when a setting changes, but not for another tab', () => {
  const range = panelsReducer(two, { type: 'change', id: 1, change: { rangeMs: 5 }, nowMs: 3000 });
  expect(range.list[1]).toMatchObject({ state: { rangeMs: 5 }, ranAtMs: 3000 });
  const tab = panelsReducer(two, { type: 'change', id: 1, change: { tab: 'graph' }, nowMs: 3000 });
  expect(tab.list[1]).toMatchObject({ state: { tab: 'graph' }, ranAtMs: 1000 });
});

it('gives a new panel the time of the one above, and ids that were never used', () => {
  const more = panelsReducer(two, { type: 'add', nowMs: 4000 });
  expect(more.list[2]).toMatchObject({ id: 2, draft: '', state: { expr: '', rangeMs: 60_000 } });
  const loaded = panelsReducer(more, { type: 'load', states: [newPanel], nowMs: 5000 });
  expect(loaded.list.map((p) => p.id)).toEqual([3]);
});

import { expect, it } from 'vitest';
import { maxEntries, maxLength, parseHistory, remember } from './history.ts';

it('puts the newest query first, once', () => {
  expect(remember(['b', 'a'], ' a ')).toEqual(['a', 'b']);
  expect(remember([], '  ')).toEqual([]);
});

it('forgets the oldest, and does not keep giants', () => {
  const full = Array.from({ length: maxEntries }, (_, i) => `q${i}`);
  const next = remember(full, 'new');
  expect(next).toHaveLength(maxEntries);
  expect(next.at(-1)).toBe(`q${maxEntries - 2}`);
  expect(remember(full, 'x'.repeat(maxLength + 1))).toBe(full);
});

it('takes damaged storage as no history', () => {
  expect(parseHistory(null)).toEqual([]);
  expect(parseHistory('{')).toEqual([]);
  expect(parseHistory('{"a":1}')).toEqual([]);
  expect(parseHistory('["up",1,null,"down"]')).toEqual(['up', 'down']);
});

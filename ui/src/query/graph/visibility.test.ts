import { expect, it } from 'vitest';
import { isolate, toggle } from './visibility.ts';

it('toggles one line', () => {
  expect([...toggle(new Set(['a']), 'b')]).toEqual(['a', 'b']);
  expect([...toggle(new Set(['a', 'b']), 'b')]).toEqual(['a']);
});

it('shows one line alone, then all again', () => {
  const names = ['a', 'b', 'c'];
  const alone = isolate(new Set(), names, 'b');
  expect([...alone]).toEqual(['a', 'c']);
  expect([...isolate(alone, names, 'c')]).toEqual(['a', 'b']);
  expect([...isolate(alone, names, 'b')]).toEqual([]);
});

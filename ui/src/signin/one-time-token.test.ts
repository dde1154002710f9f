import { expect, it } from 'vitest';
import { oneTimeToken } from './one-time-token.ts';

it.each([
  ['#ygr_link_abc', '', 'ygr_link_abc'],
  ['', '?token=abc&next=%2Fquery', 'abc'],
  ['#new', '?token=old', 'new'],
  ['', '?next=%2Fquery', undefined],
  ['#', '?token=', undefined],
])('finds in %j and %j the token %j', (hash, search, token) => {
  expect(oneTimeToken({ hash, search })).toBe(token);
});

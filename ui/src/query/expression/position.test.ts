import { expect, it } from 'vitest';
import { indexOf, placeOf } from './position.ts';

it.each([
  ['invalid parameter "query": 1:5: parse error: unexpected end of input', { line: 1, column: 5 }],
  ['1:10: parse error: unknown function with name "foo"', { line: 1, column: 10 }],
  ['3:2: parse error: unclosed left parenthesis', { line: 3, column: 2 }],
  ['PromQL info: metric might not be a counter, name does not end in _total: "up" (1:6)', { line: 1, column: 6 }],
])('finds the place in %j', (message, place) => {
  expect(placeOf(message)).toEqual(place);
});

it.each([
  'query timed out',
  'results truncated due to limit',
  'bad time "12:30:05"',
  'dial tcp 127.0.0.1:9090: refused',
  '0:0: nothing',
  '',
])('finds none in %j', (message) => {
  expect(placeOf(message)).toBeUndefined();
});

it.each([
  ['up + ', { line: 1, column: 6 }, 5],
  ['sum(\n  foo(up)\n)', { line: 2, column: 3 }, 7],
  ['{"é"} + x', { line: 1, column: 10 }, 8],
  ['"😀" + x', { line: 1, column: 10 }, 7],
  ['up', { line: 1, column: 99 }, 2],
  ['up', { line: 7, column: 1 }, 2],
])('finds the index in %j of %j', (expression, place, index) => {
  expect(indexOf(expression, place)).toBe(index);
});

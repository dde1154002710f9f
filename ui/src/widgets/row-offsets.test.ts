import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowOffsets } from './row-offsets.ts';

it('starts from the estimate', () => {
  const rows = new RowOffsets(3, 10);
  expect([0, 1, 2].map((i) => rows.top(i))).toEqual([0, 10, 20]);
  expect(rows.total()).toBe(30);
});

it('moves the rows below a measured one', () => {
  const rows = new RowOffsets(3, 10);
  expect(rows.measure(1, 25)).toBe(true);
  expect(rows.measure(1, 25.2)).toBe(false);
  expect(rows.measure(7, 25)).toBe(false);
  expect([0, 1, 2].map((i) => rows.top(i))).toEqual([0, 10, 35]);
  expect(rows.total()).toBe(45);
});

it('finds the row at a distance as a linear walk does', () => {
  const heights = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(heights, fc.integer({ min: -50, max: 4000 }), (list, distance) => {
      const rows = new RowOffsets(list.length, 20);
      list.forEach((h, i) => rows.measure(i, h));
      let expected = 0;
      for (let i = 1, top = 0; i < list.length; i++) {
        top += list[i - 1]!;
        if (top <= distance) expected = i;
      }
      expect(rows.rowAt(distance)).toBe(expected);
    }),
  );
});

it('has no rows and no height when empty', () => {
  const rows = new RowOffsets(0, 20);
  expect(rows.total()).toBe(0);
  expect(rows.rowAt(100)).toBe(0);
});

import { describe, expect, it } from 'vitest';
import { isNaturallyBefore } from './sorted-vector.ts';

describe('natural order', () => {
  it('compares runs of digits as numbers and the rest as text', () => {
    const names = ['node10', 'node2', 'node2a', 'node1', 'a9b10', 'a9b9', 'node', ''];
    const sorted = names.sort((a, b) => (a === b ? 0 : isNaturallyBefore(a, b) ? -1 : 1));
    expect(sorted.filter((name) => name !== '')).toEqual([
      'a9b9',
      'a9b10',
      'node',
      'node1',
      'node2',
      'node2a',
      'node10',
    ]);
  });

  it('takes numbers no int64 holds as text', () => {
    expect(isNaturallyBefore('99999999999999999999', '100000000000000000000')).toBe(false);
    expect(isNaturallyBefore('9223372036854775806', '9223372036854775807')).toBe(true);
  });
});

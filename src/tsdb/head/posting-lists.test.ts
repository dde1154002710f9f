import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PostingLists } from './posting-lists.ts';

describe('PostingLists', () => {
  it('keep what was appended to each, whatever comes and goes between', () => {
    const step = fc.oneof(
      { weight: 10, arbitrary: fc.record({ list: fc.nat(5), count: fc.nat(700) }) },
      { weight: 2, arbitrary: fc.record({ list: fc.nat(5), keep: fc.integer({ min: 1, max: 5 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const lists = new PostingLists();
        const table = new Uint32Array(6 * 3);
        const model: number[][] = [[], [], [], [], [], []];
        let ref = 0;
        for (const one of steps) {
          const { list } = one;
          if ('count' in one) {
            for (let i = 0; i < one.count; i++) {
              lists.append(table, list * 3, ++ref);
              model[list].push(ref);
            }
          } else {
            model[list] = model[list].filter((r) => r % one.keep === 0);
            expect(lists.filter(table, list * 3, (r) => r % one.keep === 0)).toBe(model[list].length);
          }
        }
        model.forEach((expected, list) => {
          expect([...lists.view(table, list * 3)]).toEqual(expected);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('take little more than the refs themselves, however they grew', () => {
    const lists = new PostingLists();
    const table = new Uint32Array(40 * 3);
    let count = 0;
    for (let ref = 1; ref <= 200_000; ref++) {
      for (const list of [0, 1 + (ref % 2), 3 + (ref % 37)]) {
        lists.append(table, list * 3, ref);
        count++;
      }
    }
    expect(lists.usedBytes).toBeLessThan(count * 4 * 1.15);
  });

  it('can be put in order', () => {
    const lists = new PostingLists();
    const table = new Uint32Array(3);
    const refs = Array.from({ length: 2000 }, (_, i) => (i * 7919) % 2003);
    for (const ref of refs) lists.append(table, 0, ref);
    lists.sort(table, 0);
    expect([...lists.view(table, 0)]).toEqual([...refs].sort((a, b) => a - b));
  });
});

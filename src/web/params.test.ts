import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormError, formText, Params, parseForm } from './params.ts';

describe('a form', () => {
  it.each<[form: string, pairs: [string, string][]]>([
    ['', []],
    [
      'a=1&b=2&a=3',
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
    ],
    [
      'match[]=up&match%5B%5D=down',
      [
        ['match[]', 'up'],
        ['match[]', 'down'],
      ],
    ],
    ['a=x+y%2Bz', [['a', 'x y+z']]],
    ['a', [['a', '']]],
    ['a=b=c', [['a', 'b=c']]],
    ['&&a=1&', [['a', '1']]],
    ['a=1%zz&b=2', [['b', '2']]],
    ['a=1;b=2&c=3', [['c', '3']]],
    ['__proto__=x', [['__proto__', 'x']]],
  ])('%j reads as Go reads it', (form, pairs) => {
    expect(parseForm(form)).toEqual(pairs);
  });

  it('is refused when it is not UTF-8, in the URL or in the body', () => {
    expect(() => parseForm('a=%ff')).toThrow(FormError);
    expect(() => formText(Uint8Array.of(0x61, 0xff))).toThrow(FormError);
  });

  it('is refused when it has absurdly many parameters', () => {
    expect(() => parseForm('a&'.repeat(30_000))).toThrow('more than 20000 parameters');
  });

  it('reads back what URLSearchParams writes', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string({ unit: 'grapheme' }))), (pairs) => {
        expect(parseForm(new URLSearchParams(pairs).toString())).toEqual(pairs);
      }),
    );
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('%', '&', '=', ';', '+', 'a', '2', 'f', 'é', '\u0000') }),
        (text) => {
          try {
            parseForm(text);
          } catch (error) {
            expect(error).toBeInstanceOf(FormError);
          }
        },
      ),
    );
  });
});

describe('parameters', () => {
  it('give the first of several, and nothing for what is absent', () => {
    const params = new Params([
      ['a', '1'],
      ['a', '2'],
    ]);
    expect([params.get('a'), params.get('b'), params.get('toString')]).toEqual(['1', '', '']);
    expect([params.all('a'), params.all('b')]).toEqual([['1', '2'], []]);
    expect([...params]).toEqual([
      ['a', '1'],
      ['a', '2'],
    ]);
  });
});

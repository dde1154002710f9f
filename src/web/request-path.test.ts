import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanonicalPath } from './request-path.ts';

describe('a canonical path', () => {
  it.each([
    '/',
    '/api/v1/query',
    '/api/v1/label/U__a_2e_b/values',
    '/a%20b',
    '/%C3%A9',
    '/a/',
    '/a.b/..c',
    '/~x',
    '/a:b@c',
  ])('is %s', (path) => {
    expect(isCanonicalPath(path)).toBe(true);
  });

  it.each([
    '',
    'api',
    '*',
    'http://evil/api/v1/query',
    '//api/v1/query',
    '/api//v1/query',
    '/api/v1/query//',
    '/./api',
    '/api/../admin',
    '/api/..',
    '/api/%2e%2e/admin',
    '/api/.%2E/admin',
    '/api%2fv1/query',
    '/api%2Fv1/query',
    '/api%5cv1',
    '/api\\v1',
    '/api/v1/%71uery',
    '/a%00b',
    '/a%0d%0ab',
    '/a%7fb',
    '/a%zz',
    '/a%',
    '/a%C3',
    '/a b',
    '/a\tb',
    '/é',
    '/a\u0000',
  ])('is not %s', (path) => {
    expect(isCanonicalPath(path)).toBe(false);
  });

  it('is the only one with its meaning', () => {
    const segment = fc.string({
      unit: fc.constantFrom('a', '.', '/', '%', '2', 'e', 'f', 'F', 'E', '5', 'c', '\\', 'é', '7', '1'),
    });
    const meaning = (path: string): string | undefined => {
      try {
        // What a lenient reader would make of it.
        const decoded = decodeURIComponent(path)
          .replaceAll('\\', '/')
          .replaceAll(/\/{2,}/g, '/');
        return new URL(decoded, 'http://x').pathname;
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(segment, segment, (a, b) => {
        const [p, q] = [`/${a}`, `/${b}`];
        fc.pre(p !== q && isCanonicalPath(p) && isCanonicalPath(q));
        expect(meaning(p)).not.toBe(meaning(q));
      }),
    );
  });
});

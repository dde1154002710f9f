import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basePath, hrefOf, routeOf, safeNext } from './route.ts';

it.each([
  ['http://y.example/', '/'],
  ['http://y.example/prefix/', '/prefix/'],
  ['http://y.example/a/b/query?x=/y/', '/a/b/'],
])('takes the base path of %s as %s', (uri, base) => {
  expect(basePath(uri)).toBe(base);
});

describe('routeOf', () => {
  it.each([
    ['/', '/', '/query'],
    ['/', '/query', '/query'],
    ['/', '/graph', '/query'],
    ['/', '/targets/', '/targets'],
    ['/', '/signin', '/signin'],
    ['/', '/nowhere', undefined],
    ['/prefix/', '/prefix/', '/query'],
    ['/prefix/', '/prefix', '/query'],
    ['/prefix/', '/prefix/rules', '/rules'],
    ['/prefix/', '/rules', undefined],
    ['/prefix/', '/prefixed/rules', undefined],
  ])('below %s, %s is %s', (base, pathname, route) => {
    expect(routeOf(base, pathname)).toBe(route);
  });
});

it('puts addresses below the base', () => {
  expect(hrefOf('/prefix/', '/query', '?g0.expr=up')).toBe('/prefix/query?g0.expr=up');
});

describe('safeNext', () => {
  const origin = 'https://y.example';

  it.each([
    ['/prefix/query?g0.expr=up', '/prefix/query?g0.expr=up'],
    ['/prefix/targets#x', '/prefix/targets#x'],
    [null, '/prefix/query'],
    ['', '/prefix/query'],
    ['/other', '/prefix/query'],
    ['/prefix/signin?next=/prefix/signin', '/prefix/query'],
    ['//evil.example/prefix/query', '/prefix/query'],
    ['/\\evil.example/prefix/query', '/prefix/query'],
    ['/\t/evil.example/prefix/query', '/prefix/query'],
    ['https://evil.example/prefix/query', '/prefix/query'],
    ['javascript:alert(1)', '/prefix/query'],
    ['/prefix/../api/v1/session', '/prefix/query'],
    ['https://y.example/prefix/query', '/prefix/query'],
  ])('goes from %j to %s', (next, to) => {
    expect(safeNext(next, '/prefix/', origin)).toBe(to);
  });

  it('stays on the origin and below the base, whatever next says', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '//',
      '.',
      '..',
      '@',
      'evil.example',
      'prefix',
      'query',
      ':',
      'http',
      '\t',
      '%2f',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((p) => p.join('')),
        ),
        (next) => {
          const url = new URL(safeNext(next, '/prefix/', origin), origin);
          expect(url.origin).toBe(origin);
          expect(url.pathname.startsWith('/prefix/')).toBe(true);
        },
      ),
    );
  });
});

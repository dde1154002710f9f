import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { LabelRegexp, RegexpError } from './regexp.ts';
import { shapeOf } from './regexp-shape.ts';
import { Expansion, Regexp } from './submatch.ts';

const messageOf = (compile: () => unknown): string => {
  try {
    compile();
  } catch (error) {
    expect(error).toBeInstanceOf(RegexpError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('LabelRegexp', () => {
  it.each([
    ['foo', ['foo']],
    ['', ['']],
    ['a|b|c', ['a', 'b', 'c']],
    ['a|a', ['a']],
    ['fo(o|x)', ['foo', 'fox']],
    ['(api|web)-[01]', ['api-0', 'api-1', 'web-0', 'web-1']],
    ['colou?r', ['color', 'colour']],
    ['10\\.0\\.0\\.1:9090', ['10.0.0.1:9090']],
    ['^foo$', ['foo']],
    ['(?:a|(b|c))d', ['ad', 'bd', 'cd']],
    ['x\\d', [...'0123456789'].map((d) => `x${d}`)],
  ])('reads %s as a choice', (source, expected) => {
    expect(LabelRegexp.compile(source).setMatches).toEqual(expected);
  });

  it.each(['foo.*', 'a+', '(?i)foo', '[^a]', 'a.', '\\w', 'a{2}'])('knows no finite set for %s', (source) => {
    expect(LabelRegexp.compile(source).setMatches).toBeUndefined();
  });

  it.each([
    ['foo.*', 'foo'],
    ['prod-(eu|us)-.*', 'prod-'],
    ['(eu|us).*', ''],
    ['api-\\w+', 'api-'],
    ['abc+', 'ab'],
    ['ab|\\w', ''],
    ['(?i)foo.*', ''],
    ['a😀*\\w', 'a'],
  ])('%s begins with %j', (source, expected) => {
    expect(LabelRegexp.compile(source).prefix).toBe(expected);
  });

  it('lets the dot match a newline', () => {
    expect(LabelRegexp.compile('a.*').matches('a\nb')).toBe(true);
    expect(LabelRegexp.compile('a.b').matches('a\nb')).toBe(true);
  });

  it('ignores case as RE2 folds it, beyond ASCII too', () => {
    const pattern = LabelRegexp.compile('(?i)Kiss|fuß');
    expect([pattern.matches('KISS'), pattern.matches('\u212aiss'), pattern.matches('ki\u017fs')]).toEqual([
      true,
      true,
      true,
    ]);
    expect(LabelRegexp.compile('(?i)kiss').matches('\u212ai\u017fs')).toBe(true);
    expect(LabelRegexp.compile('(?i)prod-.*').matches('PROD-é')).toBe(true);
  });

  it('words errors as Go does', () => {
    expect(messageOf(() => LabelRegexp.compile('(foo'))).toBe('error parsing regexp: missing closing ): `(foo`');
    expect(messageOf(() => LabelRegexp.compile('a)'))).toBe('error parsing regexp: unexpected ): `a)`');
    expect(messageOf(() => LabelRegexp.compile('a**'))).toBe(
      'error parsing regexp: invalid nested repetition operator: `**`',
    );
    expect(messageOf(() => LabelRegexp.compile('*'))).toBe(
      'error parsing regexp: missing argument to repetition operator: `*`',
    );
    expect(messageOf(() => LabelRegexp.compile('[a'))).toBe('error parsing regexp: missing closing ]: `[a`');
    expect(messageOf(() => LabelRegexp.compile('\\8'))).toBe('error parsing regexp: invalid escape sequence: `\\8`');
    expect(messageOf(() => LabelRegexp.compile('x{1001}'))).toBe(
      'error parsing regexp: invalid repeat count: `{1001}`',
    );
    expect(messageOf(() => Regexp.anchored('(foo'))).toBe('error parsing regexp: missing closing ): `^(?s:(foo)$`');
  });

  it('refuses patterns that are too long or too deep, and takes long choices', () => {
    expect(messageOf(() => LabelRegexp.compile(`${'a'.repeat(40_000)}\\w`))).toMatch(/expression too large/);
    expect(messageOf(() => LabelRegexp.compile('('.repeat(20_000) + ')'.repeat(10)))).toMatch(/error parsing regexp/);
    const hosts = Array.from({ length: 20_000 }, (_, i) => `host-${i}\\.example`);
    const pattern = LabelRegexp.compile(hosts.join('|'));
    expect(pattern.setMatches).toHaveLength(20_000);
    expect([pattern.matches('host-77.example'), pattern.matches('host-77xexample')]).toEqual([true, false]);
  });

  it('does not multiply choices out without bound', () => {
    const source = '(a|b|c|d)'.repeat(12);
    const pattern = LabelRegexp.compile(source);
    expect(pattern.setMatches).toBeUndefined();
    expect([pattern.matches('abcdabcdabcd'), pattern.matches('abcdabcdabce')]).toEqual([true, false]);
  });

  it('agrees with the automaton on random patterns and values', () => {
    const token = fc.constantFrom(
      ...[
        'a',
        'b',
        'ab',
        'B',
        '.*',
        '.+',
        '.*?',
        '|',
        '|',
        '(',
        ')',
        '(?:',
        '?',
        '*',
        '+',
        '[ab]',
        '[a-c]',
        '[^a]',
        '[',
        ']',
      ],
      ...['\\.', '\\d', '\\w', '\\', '^', '$', '{', '}', '{2}', '.', '-', 'é', '😀', '\n', 'k', 's', 'K'],
    );
    const source = fc
      .tuple(fc.constantFrom('', '', '(?i)'), fc.array(token, { maxLength: 9 }))
      .map(([flags, tokens]) => flags + tokens.join(''));
    const value = fc
      .array(
        fc.constantFrom(
          'a',
          'b',
          'c',
          'A',
          'B',
          '.',
          '1',
          '-',
          'é',
          'É',
          '😀',
          '\n',
          'k',
          'K',
          '\u212a',
          's',
          '\u017f',
        ),
        {
          maxLength: 6,
        },
      )
      .map((chars) => chars.join(''));
    let shaped = 0;
    fc.assert(
      fc.property(source, fc.array(value, { minLength: 5, maxLength: 12 }), (text, values) => {
        if (shapeOf(text) !== undefined) shaped++;
        let engine: RE2JS;
        try {
          engine = RE2JS.compile(text, RE2JS.DOTALL);
        } catch {
          expect(() => LabelRegexp.compile(text)).toThrow(RegexpError);
          return;
        }
        const pattern = LabelRegexp.compile(text);
        for (const candidate of [...values, ...(pattern.setMatches ?? [])]) {
          const verdict = engine.testExact(candidate);
          expect({ candidate, verdict: pattern.matches(candidate) }).toEqual({ candidate, verdict });
          if (verdict) expect(candidate.startsWith(pattern.prefix)).toBe(true);
          if (pattern.setMatches) expect(pattern.setMatches.includes(candidate)).toBe(verdict);
        }
      }),
      { numRuns: 6000 },
    );
    // The comparison means something only while a good part of the patterns takes the short way.
    expect(shaped).toBeGreaterThan(1000);
  });
});

describe('Regexp', () => {
  const expand = (pattern: string, template: string, value: string) => {
    const match = Regexp.anchored(pattern).find(value);
    return match && new Expansion(template).expand(match);
  };

  it.each([
    ['(.*)', '$1', 'a b', 'a b'],
    ['(.*)-(.*)', '$2-$1', 'a-b', 'b-a'],
    ['(.*)-(.*)', '${2}x', 'a-b', 'bx'],
    ['(.*)-(.*)', '$2x', 'a-b', ''],
    ['(?P<one>a)(?P<two>b)?', '$two|${one}', 'a', '|a'],
    ['a', '$$1', 'a', '$1'],
    ['a', '$', 'a', '$'],
    ['a', '${', 'a', '${'],
    ['a', '${}', 'a', '${}'],
    ['a', '${1', 'a', '${1'],
    ['a', '$0$00', 'a', 'a'],
    ['a', '$ü', 'a', ''],
    ['a', '$-', 'a', '$-'],
    ['(a)', '$1é', 'a', ''],
    ['(a', undefined, 'a', undefined],
    ['b', '$1', 'a', undefined],
  ])('%s with %s on %j gives %j', (pattern, template, value, expected) => {
    if (template === undefined) expect(() => Regexp.anchored(pattern)).toThrow(RegexpError);
    else expect(expand(pattern, template, value)).toBe(expected);
  });

  it('replaces every match as Go does', () => {
    const replace = (pattern: string, template: string, value: string) =>
      Regexp.compile(pattern).replaceAll(value, new Expansion(template));
    expect(replace('a*', 'x', 'baaac')).toBe('xbxcx');
    expect(replace('', '-', 'a😀b')).toBe('-a-😀-b-');
    expect(replace('(\\w)(\\w)', '$2$1', 'abcde')).toBe('badce');
    expect(replace('z', 'x', 'abc')).toBe('abc');
    expect(replace('^(?s:a)|(b)$', 'x', 'aXb')).toBe('xXx');
  });

  it('matches anywhere unless anchored, and lets the dot stop at newlines', () => {
    expect(Regexp.compile('b.c').matches('ab1cd')).toBe(true);
    expect(Regexp.compile('b.c').matches('ab\ncd')).toBe(false);
    expect(Regexp.anchored('b.c').matches('ab1cd')).toBe(false);
    expect(Regexp.anchored('b.c').matches('b\nc')).toBe(true);
  });
});

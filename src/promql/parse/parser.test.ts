import { describe, expect, it } from 'vitest';
import { functions } from './functions.ts';
import { ParseError } from './parse-error.ts';
import { parseExpr, parseMetricSelector } from './parser.ts';
import { printExpr } from './print.ts';
import { MAX_DEPTH, type ParseOptions } from './token-reader.ts';
import { selectorsOf } from './walk.ts';

const everything: ParseOptions = {
  enableExperimentalFunctions: true,
  enableExtendedRangeSelectors: true,
  enableBinopFillModifiers: true,
};

function problem(query: string, options: ParseOptions = {}): string {
  try {
    parseExpr(query, options);
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
  return 'none';
}

describe('error messages', () => {
  it('count lines from 1 and columns in bytes', () => {
    expect(problem('sum(\n  foo{a="ä",\n  b="é" c}\n)')).toBe(
      '3:10: parse error: unexpected identifier "c" in label matching, expected "," or "}"',
    );
  });

  it('say that there is no query', () => {
    expect(problem('')).toBe('unknown position: parse error: no expression found in input');
    expect(problem(' # nothing')).toBe('1:1: parse error: no expression found in input');
  });

  it('quote what is wrong with a pattern as Go does', () => {
    expect(problem('foo{a=~"["}')).toBe('1:5: parse error: error parsing regexp: missing closing ]: `[`');
  });

  it('name tokens by what they are and shorten long ones', () => {
    expect(problem('foo by')).toBe('1:5: parse error: unexpected <by>');
    expect(problem('foo sum')).toBe('1:5: parse error: unexpected <aggr:sum>');
    expect(problem('foo == *')).toBe('1:8: parse error: unexpected <op:*>');
    expect(problem('foo "0123456789abc"')).toBe(String.raw`1:5: parse error: unexpected string "\"012345678"...`);
    expect(problem('foo 123456789012')).toBe('1:5: parse error: unexpected number "1234567890"...');
  });

  it('come in the order of the text, type errors from the inside out', () => {
    expect.assertions(1);
    try {
      parseExpr('nope(1) + also_not(2)');
    } catch (error) {
      expect((error as ParseError).faults.map(({ message }) => message)).toEqual([
        'unknown function with name "nope"',
        'unknown function with name "also_not"',
      ]);
    }
  });
});

describe('what must be switched on', () => {
  it('experimental functions', () => {
    expect(problem('max_of(1, 2)')).toBe('1:1: parse error: function "max_of" is not enabled');
    expect(problem('limitk(1, foo)')).toBe(
      '1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    );
    expect(problem('max_of(1, 2) + scalar(limitk(1, foo))', everything)).toBe('none');
  });

  it('anchored and smoothed', () => {
    expect(problem('rate(foo[5m] anchored)')).toBe(
      '1:6: parse error: anchored modifier is experimental and not enabled',
    );
    expect(problem('foo smoothed')).toBe('1:1: parse error: smoothed modifier is experimental and not enabled');
    expect(problem('rate(foo[5m] anchored) + foo smoothed', everything)).toBe('none');
  });

  it('fill modifiers', () => {
    expect(problem('foo + fill(0) bar')).toBe(
      '1:1: parse error: binop fill modifiers are experimental and not enabled',
    );
    expect(problem('foo + fill(0) bar', everything)).toBe('none');
  });

  it('parameters', () => {
    expect(problem('foo > $x')).toBe("1:7: parse error: unexpected character: '$'");
    expect(problem('foo{a=$x}')).toBe("1:7: parse error: unexpected character inside braces: '$'");
    expect(problem('foo[$x]')).toBe("1:5: parse error: unexpected character in duration expression: '$'");
  });
});

describe('precedence', () => {
  it.each([
    ['-1^2', '-(1 ^ 2)'],
    ['2^3^2', '2 ^ (3 ^ 2)'],
    ['2^-1*3', '(2 ^ -1) * 3'],
    ['a - b - c', '(a - b) - c'],
    ['a * b atan2 c', '(a * b) atan2 c'],
    ['a + b * c', 'a + (b * c)'],
    ['a </ b + c', 'a </ (b + c)'],
    ['a == b >/ c', '(a == b) >/ c'],
    ['a or b and c unless d', 'a or ((b and c) unless d)'],
    ['-foo offset 5m', '-(foo offset 5m)'],
    ['foo offset 5m * 2', '(foo offset 5m) * 2'],
  ])('%s means %s', (query, grouped) => {
    const ungroup = (text: string): string => text.replace(/[() ]/g, '');
    expect(ungroup(grouped)).toBe(ungroup(query));
    // Without the parentheses the trees are the same.
    const strip = (text: string): string =>
      JSON.stringify(parseExpr(text), (key, value: unknown) => {
        let node = value as { kind?: string; expr?: unknown } | null;
        while (node?.kind === 'ParenExpr') node = node.expr as typeof node;
        return key === 'pos' ? undefined : node;
      });
    expect(strip(query)).toBe(strip(grouped));
  });
});

describe('literals', () => {
  it.each([
    ['0x1F', 31],
    ['0755', 493],
    ['089', 89],
    ['1_000', 1000],
    ['1_0.5e1_0', 105e9],
    ['0x_ff', 255],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1h30m', 5400],
    ['1s1ms', 1.001],
    ['NaN', NaN],
    ['+iNf', Infinity],
  ])('%s is %d', (query, value) => {
    expect(parseExpr(query)).toMatchObject({ kind: 'NumberLiteral', value });
  });

  it.each([
    ['1_', '1:1: parse error: bad number or duration syntax: "1_"'],
    ['1__0', '1:1: parse error: bad number or duration syntax: "1__"'],
    ['0x', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax'],
    ['1e999', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e999": value out of range'],
    ['5hs', '1:1: parse error: unknown unit "hs" in duration "5hs"'],
    ['5m1h', '1:1: parse error: not a valid duration string: "5m1h"'],
    ['300y', '1:1: parse error: duration out of range'],
    ['foo[0s]', '1:5: parse error: duration must be greater than 0'],
    ['foo offset 1e10', '1:12: parse error: duration out of range'],
    ['foo offset NaN', '1:12: parse error: duration out of range'],
  ])('%s is refused', (query, message) => {
    expect(problem(query)).toBe(message);
  });

  it('strings may be quoted in three ways, with the escapes of Go', () => {
    const value = (query: string): unknown => parseExpr(query);
    expect(value(String.raw`"\u00e4\x41\101\t\""`)).toMatchObject({ value: 'äAA\t"' });
    expect(value(String.raw`'it\'s'`)).toMatchObject({ value: "it's" });
    expect(value('`\\n\n`')).toMatchObject({ value: '\\n\n' });
    expect(value(String.raw`"\xe2\x82\xac \U0001F600"`)).toMatchObject({ value: '€ 😀' });
  });

  it('bytes that are no UTF-8 stay distinct and print as they were written', () => {
    const text = String.raw`"\xff\xe2\x82 ä \xac"`;
    expect(printExpr(parseExpr(text))).toBe(text);
    expect(problem(String.raw`sum by ("\xff") (foo)`)).toContain('invalid label name for grouping');
  });
});

describe('selectors', () => {
  it('put the name before the braces last among the matchers', () => {
    expect(parseMetricSelector('foo{b="1",a!="2",}')).toEqual([
      { type: '=', name: 'b', value: '1' },
      { type: '!=', name: 'a', value: '2' },
      { type: '=', name: '__name__', value: 'foo' },
    ]);
  });

  it('take quoted names for metric and labels', () => {
    expect(parseMetricSelector('{"my.metric","l.x"=~"v.*"}')).toEqual([
      { type: '=', name: '__name__', value: 'my.metric' },
      { type: '=~', name: 'l.x', value: 'v.*' },
    ]);
  });

  it('may be named like most keywords', () => {
    for (const name of 'and or unless by without offset sum topk fill start step max_of anchored a:b'.split(' ')) {
      expect(
        selectorsOf(parseExpr(`${name} + ${name}{${name.replace(':', '')}="x"}`)).map((selector) => selector.name),
      ).toEqual([name, name]);
    }
    expect(problem('bool')).toBe('1:1: parse error: unexpected <bool>');
  });

  it('are all that a metric selector may hold', () => {
    expect(() => parseMetricSelector('foo[5m]')).toThrow('1:4: parse error: unexpected "["');
    expect(() => parseMetricSelector('1')).toThrow('1:1: parse error: unexpected number "1"');
    expect(() => parseMetricSelector('')).toThrow(ParseError);
    expect(parseMetricSelector('{}')).toEqual([]);
  });

  it('keep offsets and times in whole milliseconds', () => {
    expect(parseExpr('foo offset -1h30m @ 1609746000.1235')).toMatchObject({
      offsetMs: -5_400_000,
      timestampMs: 1609746000124,
    });
    expect(parseExpr('foo[0.29]')).toMatchObject({ rangeMs: 290 });
    expect(parseExpr('foo @ -0.0005')).toMatchObject({ timestampMs: -1 });
  });
});

describe('functions', () => {
  it('are the ninety of Prometheus 3.14', () => {
    expect(functions.size).toBe(90);
    expect([...functions.values()].filter(({ experimental }) => experimental)).toHaveLength(17);
  });

  it.each([
    ['rate(foo)', 'expected type range vector in call to function "rate", got instant vector'],
    ['round()', 'expected at least 1 argument(s) in call to "round", got 0'],
    ['round(foo, 1, 2)', 'expected at most 2 argument(s) in call to "round", got 3'],
    ['abs(foo, bar)', 'expected 1 argument(s) in call to "abs", got 2'],
    ['label_join(foo)', 'expected at least 3 argument(s) in call to "label_join", got 1'],
    ['count_values(1, foo)', 'expected type string in aggregation parameter, got scalar'],
    ['abs(foo,)', 'trailing commas not allowed in function call args'],
  ])('%s is called wrongly', (query, message) => {
    expect(problem(query)).toMatch(message);
  });
});

describe('hostile input ends in an error, soon', () => {
  const hostile: Record<string, string> = {
    'ten thousand parentheses': '('.repeat(10_000) + '1' + ')'.repeat(10_000),
    'unbalanced parentheses': '('.repeat(200_000),
    'ten thousand signs': `${'-'.repeat(10_000)}foo`,
    'ten thousand operators': `foo${' + foo'.repeat(10_000)}`,
    'ten thousand powers': `2${'^2'.repeat(10_000)}`,
    'ten thousand subqueries': `foo${'[1m:]'.repeat(10_000)}`,
    'nested calls': 'abs('.repeat(50_000),
    'nested durations': `foo[${'('.repeat(10_000)}1${')'.repeat(10_000)}]`,
    'long duration': `foo[${'1m+'.repeat(10_000)}1m]`,
    'signed duration': `foo offset ${'- '.repeat(10_000)}5m`,
    'many faults': `label_join(${'1 == 1, '.repeat(1500)}1)`,
    'a long string': `"${'a'.repeat(1_000_000)}`,
    'a long comment': `#${'ä'.repeat(1_000_000)}`,
    'a long number': '9'.repeat(1_000_000),
    'zero bytes': '\0'.repeat(100_000),
    'lone surrogates': '\ud800'.repeat(100_000),
  };

  it.each(Object.entries(hostile))('%s', (_, query) => {
    // CPU time: other work on the machine must not fail the test.
    const start = process.cpuUsage();
    expect(problem(query)).toContain('parse error: ');
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(100);
  });

  it('but a thousand levels are read', () => {
    const depth = MAX_DEPTH - 2;
    const nested = parseExpr('('.repeat(depth) + '1' + ')'.repeat(depth));
    expect(printExpr(nested)).toHaveLength(2 * depth + 1);
    expect(printExpr(parseExpr(`foo${' + foo'.repeat(depth)}`))).toHaveLength(3 + 6 * depth);
  });

  it('and wide queries have no such limit', () => {
    const wide = `label_join(foo, "a", ",", ${Array.from({ length: 20_000 }, (_, i) => `"l${i}"`).join(', ')})`;
    expect(parseExpr(wide)).toMatchObject({ kind: 'Call' });
    expect(parseMetricSelector(`{${Array.from({ length: 20_000 }, (_, i) => `l${i}="v"`).join(',')}}`)).toHaveLength(
      20_000,
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParseError } from './parse-error.ts';
import { parseExpr } from './parser.ts';
import { toParseQueryJson } from './parse-query-json.ts';
import { prettify } from './prettify.ts';
import { printExpr } from './print.ts';
import { type ParseOptions } from './token-reader.ts';

const everything: ParseOptions = {
  enableExperimentalFunctions: true,
  enableExtendedRangeSelectors: true,
  enableBinopFillModifiers: true,
  parameters: true,
};

/** Reads what can be read; anything thrown but a ParseError inside the text fails the test. */
function check(query: string): void {
  let expr;
  try {
    expr = parseExpr(query, everything);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const bytes = Buffer.byteLength(query);
    expect(error.pos.start).toBeGreaterThanOrEqual(0);
    expect(error.pos.start).toBeLessThanOrEqual(bytes);
    expect(error.message).toMatch(/^(\d+:\d+|unknown position): parse error: ./);
    return;
  }
  const printed = printExpr(expr);
  const again = parseExpr(printed, everything);
  expect(unsigned(printExpr(again))).toBe(unsigned(printed));
  expect(unsigned(printExpr(parseExpr(prettify(expr, 10), everything)))).toBe(unsigned(printed));
  expect(JSON.stringify(toParseQueryJson(again))).toBe(
    JSON.stringify(toParseQueryJson(parseExpr(printed, everything))),
  );
}

/** Prometheus prints `Inf ^ 2` as `+Inf ^ 2`, which gets another sign when it is read again. */
function unsigned(text: string): string {
  return text.replaceAll(/\++Inf/g, 'Inf');
}

const words = [
  ...'sum by without topk count_values limit_ratio ( ) [ ] { } , + - * / % ^ atan2 == != < <= > >= </ >/ and or unless'.split(
    ' ',
  ),
  ...'bool on ignoring group_left group_right fill fill_left fill_right offset @ anchored smoothed start end step range'.split(
    ' ',
  ),
  ...'max_of min_of foo bar a:b rate abs info vector label_replace 5m 1 0 .5 0x1F 1e3 1h30m 9y NaN inf = =~ !~ : . _ $x $'.split(
    ' ',
  ),
  ...[
    '"s"',
    "'\\x41'",
    '`r`',
    '"ä"',
    '"["',
    '"',
    '#',
    '\n',
    '\\',
    'foo[5m]',
    '{a="b"}',
    '(',
    ')',
    'step()',
    'end()',
    'é',
    '\ud800',
  ],
];

/** Valid more often than not. */
const { expression } = fc.letrec<{ expression: string; duration: string }>((tie) => {
  const expr = tie('expression');
  const duration = tie('duration');
  const join = (...parts: (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> =>
    fc
      .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
      .map((texts) => texts.join(''));
  const oneOf = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
  return {
    expression: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      oneOf(
        'foo',
        'bar{a="b"}',
        '{"x.y",c!~"d|e"}',
        '1',
        '2.5',
        '5m',
        '"s"',
        '-3',
        'sum',
        'offset',
        '$x',
        '1e-7',
        '0755',
      ),
      join(
        expr,
        oneOf(' + ', ' - ', ' * ', ' ^ ', ' atan2 ', ' == bool ', ' > ', ' </ ', ' and ', ' or on (a) '),
        expr,
      ),
      join(expr, oneOf(' / on (a) group_left (b) ', ' * ignoring (c, "d e") fill (0) ', ' - fill_left (1) '), expr),
      join('(', expr, ')'),
      join(oneOf('-', '+'), expr),
      join(oneOf('sum', 'avg by (a)', 'max without ()'), '(', expr, ')'),
      join('topk(', expr, ', ', expr, ') by (a, "b c")'),
      join(oneOf('rate(', 'abs(', 'scalar(', 'vector('), expr, ')'),
      join(expr, '[', duration, oneOf(']', ':]', ':1m]')),
      join(expr, oneOf(' offset 5m', ' offset -1h', ' @ 12.5', ' @ start()', ' anchored', ' smoothed')),
      join(expr, ' offset ', duration),
    ),
    duration: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      oneOf('5m', '1', '1h30m', 'step()', 'range()', '0.5', '$d'),
      join(duration, oneOf('+', '-', '*', '/', '%', '^'), duration),
      join('(', duration, ')'),
      join(oneOf('-', '+'), duration),
      join(oneOf('max_of(', 'min_of('), duration, ', ', duration, ')'),
    ),
  };
});

describe('whatever is parsed, only ParseErrors come out, and what prints parses to the same', () => {
  it('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), check), { numRuns: 1000 });
  });

  it('for any words of the language', () => {
    const text = fc.array(fc.constantFrom(...words), { maxLength: 15 }).map((parts) => parts.join(' '));
    fc.assert(fc.property(text, check), { numRuns: 2500 });
  });

  it('for expressions', () => {
    fc.assert(fc.property(expression, check), { numRuns: 1500 });
  });

  it('for damaged expressions', () => {
    const damaged = fc
      .tuple(expression, fc.nat(), fc.nat(3), fc.constantFrom('', ...words))
      .map(([text, at, length, word]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + word + text.slice(from + length);
      });
    fc.assert(fc.property(damaged, check), { numRuns: 2500 });
  });
});

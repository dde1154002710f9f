import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParameterValue, bindParameters } from './parameters.ts';
import { ParseError } from './parse-error.ts';
import { parseExpr } from './parser.ts';
import { printExpr } from './print.ts';

const options = { parameters: true, enableBinopFillModifiers: true };

function bound(query: string, values: Readonly<Record<string, ParameterValue>>): string {
  return printExpr(bindParameters(parseExpr(query, options), values, query));
}

function problem(query: string, values: Readonly<Record<string, ParameterValue>>): string {
  try {
    return `bound: ${bound(query, values)}`;
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
}

describe('bindParameters', () => {
  it.each<[string, Record<string, ParameterValue>, string]>([
    ['up{job=$job} > $min', { job: 'api', min: 0.5 }, 'up{job="api"} > 0.5'],
    ['up{job=$job}', { job: 'a"} or foo{' }, 'up{job="a\\"} or foo{"}'],
    ['up{job=~$jobs}', { jobs: ['a.b', 'c|d'] }, 'up{job=~"a\\\\.b|c\\\\|d"}'],
    ['up{job!~$job}', { job: '.*' }, 'up{job!~"\\\\.\\\\*"}'],
    ['{$label="x"}', { label: 'my.label' }, '{"my.label"="x"}'],
    ['rate(foo[$window])', { window: '5m' }, 'rate(foo[5m])'],
    ['rate(foo[$window])', { window: 90 }, 'rate(foo[1m30s])'],
    ['foo[$window + 1m:$step] offset $by', { window: '5m', step: '10s', by: '-1h' }, 'foo[5m + 1m:10s] offset -1h'],
    ['foo[-$x:1m]', { x: '-5m' }, 'foo[-(-5m):1m]'],
    ['foo @ $time', { time: '1609746000' }, 'foo @ 1609746000.000'],
    ['sum by (a, $more) (foo)', { more: ['b', 'c d'] }, 'sum by (a, b, "c d") (foo)'],
    ['a * on ($on) group_left ($take) b', { on: 'x', take: ['y'] }, 'a * on (x) group_left (y) b'],
    ['a + fill ($v) b', { v: '-1' }, 'a + fill (-1) b'],
    ['topk($k, foo)', { k: '3' }, 'topk(3, foo)'],
    ['count_values($name, foo)', { name: 'v' }, 'count_values("v", foo)'],
    ['label_replace(foo, ($dst), "$1", "a", ".*")', { dst: 'b' }, 'label_replace(foo, ("b"), "$1", "a", ".*")'],
    ['vector($x ^ 2)', { x: -3 }, 'vector((-3) ^ 2)'],
    ['vector(-$x)', { x: '-3' }, 'vector(-(-3))'],
    ['$x + 1', { x: '1h' }, '1h + 1'],
  ])('binds %s with %j to %s', (query, values, text) => {
    expect(bound(query, values)).toBe(text);
    expect(printExpr(parseExpr(text, options))).toBe(text);
  });

  it.each<[string, Record<string, ParameterValue>, string]>([
    ['up{job=$job}', {}, '1:8: parse error: parameter $job has no value'],
    ['up', { job: 'x' }, '1:1: parse error: the expression has no parameter $job'],
    ['up > $min', { min: '1 or vector(1)' }, '1:6: parse error: parameter $min must be a number or a duration'],
    ['up > $min', { min: '1#' }, '1:6: parse error: parameter $min must be a number or a duration'],
    ['up > $min', { min: ['1'] }, '1:6: parse error: parameter $min must be a number or a duration'],
    ['up{job=$job}', { job: ['a', 'b'] }, '1:8: parse error: parameter $job must be a string'],
    ['up{job=$job}', { job: 1 }, '1:8: parse error: parameter $job must be a string'],
    [
      'up{job=~$job}',
      { job: [] },
      '1:9: parse error: parameter $job must be a string or a list of at least one string',
    ],
    ['foo[$w]', { w: 'step()' }, '1:5: parse error: parameter $w must be a duration'],
    ['foo[$w]', { w: '0s' }, '1:5: parse error: duration must be greater than 0'],
    ['foo[$w]', { w: 1e300 }, '1:5: parse error: duration out of range'],
    ['foo @ $t', { t: Infinity }, '1:7: parse error: parameter $t must be a time in seconds'],
    [
      'sum by ($l) (foo)',
      { l: ['a', ''] },
      '1:9: parse error: parameter $l must be a label name or a list of label names',
    ],
    ['{a=$a}', { a: '' }, '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['foo{$l="bar"}', { l: '__name__' }, '1:1: parse error: metric name must not be set twice: "foo" or "bar"'],
  ])('refuses %s with %j', (query, values, message) => {
    expect(problem(query, values)).toBe(message);
  });

  it('stands where a literal may stand, and nowhere else', () => {
    for (const query of [
      '$metric{a="b"}',
      '$f(1)',
      'foo $op bar',
      'foo{a $op "b"}',
      'foo{$all}',
      'rate($sel)',
      'sum($x)',
    ]) {
      expect(() => parseExpr(query, options)).toThrow(ParseError);
    }
  });

  it('leaves the parsed expression as it was', () => {
    const expr = parseExpr('up{job=$job} > $min', options);
    const before = JSON.stringify(expr);
    bindParameters(expr, { job: 'a', min: 1 });
    bindParameters(expr, { job: 'b', min: 2 });
    expect(JSON.stringify(expr)).toBe(before);
  });

  it('lets no string be more than itself', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }),
        (text, texts) => {
          const expr = bindParameters(
            parseExpr('foo{a=$a,b=~$b} and on () label_replace(x, $a, "", "", "")', options),
            {
              a: text,
              b: texts,
            },
          );
          expect(expr).toMatchObject({
            lhs: { matchers: [{ value: text }, {}, {}] },
            rhs: { args: [{}, { kind: 'StringLiteral', value: text }, {}, {}, {}] },
          });
          expect(printExpr(parseExpr(printExpr(expr)))).toBe(printExpr(expr));
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpositionError } from '../error.ts';
import { familyCardinalities, lintPage } from './index.ts';

const lint = (page: string) => lintPage(Buffer.from(page));
const problems = (page: string) => lint(page).problems.map(({ metric, text }) => `${metric}: ${text}`);

describe('a strict reading of the text format', () => {
  it.each([
    ['no line feed at the end', 'a 1', 'line 1, column 4: unexpected end of the page'],
    ['no value', 'a\n', 'line 1, column 2: expected a number as value, got ""'],
    ['a value with an underscore', 'a 1_0\n', 'line 1, column 3: expected a number as value, got "1_0"'],
    ['a hexadecimal value', 'a 0x1p-3\n', 'expected a number as value, got "0x1p-3"'],
    ['a timestamp that is no integer', 'a 1 1.5\n', 'line 1, column 5: expected an integer as timestamp, got "1.5"'],
    ['text behind the timestamp', 'a 1 1 x\n', 'expected the end of the line after the timestamp'],
    ['a label given twice', 'a{b="1",b="2"} 1\n', 'label "b" is given twice'],
    ['the reserved label', 'a{__name__="b"} 1\n', 'label name "__name__" is reserved'],
    ['no quotes', 'a{b=1} 1\n', 'line 1, column 5: expected a double quote'],
    ['an escape without a meaning', 'a{b="\\x"} 1\n', 'invalid escape sequence "\\\\x"'],
    ['a quote that is never closed', 'a{b="1} 1\n', 'a quote is opened and never closed'],
    ['a second name', '{"a","b"} 1\n', 'a second metric name'],
    ['no name', '{b="c"} 1\n', 'the line has no metric name'],
    ['a second help', '# HELP a x\n# HELP a y\n', 'line 2, column 10: a second HELP line for "a"'],
    ['a second type', '# TYPE a gauge\n# TYPE a gauge\n', 'a second TYPE line for "a"'],
    ['a type after samples', 'a 1\n# TYPE a gauge\n', 'TYPE after samples'],
    ['an unknown type', '# TYPE a meter\n', 'unknown metric type "meter"'],
    ['a bound that is no number', '# TYPE a histogram\na_bucket{le="x"} 1\n', 'label "le" is not a number: "x"'],
  ])('refuses %s', (_, page, message) => {
    expect(() => lint(page)).toThrow(message);
  });

  it('takes what client libraries write, blanks and other comments included', () => {
    const page =
      '# a comment\n\n  # HELP a It is\\nthere\n# TYPE a SUMMARY\na { quantile = "0.5" , b = "c" , } 1 -7\na_sum{b="c"} +Inf\n{"d.e", f="g"} 1e3\n';
    expect(lint(page).families.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['a', 'summary', 2],
      ['d.e', 'unknown', 1],
    ]);
  });

  it('never fails but with an error of the format', () => {
    const piece = fc.constantFrom(
      '# TYPE a summary\n',
      '# HELP ',
      'a',
      'a_sum',
      '{',
      '}',
      '"',
      '=',
      ',',
      ' ',
      '\n',
      '1',
      'NaN',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          lint(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('lint', () => {
  const described = (name: string, type: string, line = `${name} 1`) =>
    `# HELP ${name} h\n# TYPE ${name} ${type}\n${line}\n`;

  it.each([
    ['a 1\n', 'a: no help text'],
    [described('a', 'counter'), 'a: counter metrics should have "_total" suffix'],
    [described('a_total', 'gauge'), 'a_total: non-counter metrics should not have "_total" suffix'],
    [
      described('a_timestamp_seconds', 'counter'),
      'a_timestamp_seconds: non-gauge metrics should not have "_timestamp_seconds" suffix',
    ],
    [described('a_bucket', 'gauge'), 'a_bucket: non-histogram metrics should not have "_bucket" suffix'],
    [described('a_count', 'gauge'), 'a_count: non-histogram and non-summary metrics should not have "_count" suffix'],
    [described('a', 'gauge', 'a{le="1"} 1'), 'a: non-histogram metrics should not have "le" label'],
    [described('a', 'gauge', 'a{quantile="1"} 1'), 'a: non-summary metrics should not have "quantile" label'],
    [described('a_gauge', 'gauge'), "a_gauge: metric name should not include type 'gauge'"],
    [described('a:b', 'gauge'), "a:b: metric names should not contain ':'"],
    [described('aB', 'gauge'), "aB: metric names should be written in 'snake_case' not 'camelCase'"],
    [described('a', 'gauge', 'a{bC="1"} 1'), "a: label names should be written in 'snake_case' not 'camelCase'"],
    [described('a_ms', 'gauge'), 'a_ms: metric names should not contain abbreviated units'],
    [described('a_milliseconds_x', 'gauge'), 'a_milliseconds_x: use base unit "seconds" instead of "milliseconds"'],
    [described('a_hours', 'gauge'), 'a_hours: use base unit "seconds" instead of "hours"'],
    [described('a', 'gauge', 'a 1\na 2'), 'a: metric not unique'],
  ])('of %j finds %s', (page, problem) => {
    expect(problems(page)).toContain(problem);
  });

  it('finds nothing on a page that follows the conventions', () => {
    const page =
      described('a_seconds_total', 'counter') +
      described('thermometers', 'gauge') +
      described('b_bytes', 'histogram', 'b_bytes_bucket{le="+Inf"} 1\nb_bytes_sum 1\nb_bytes_count 1');
    expect(problems(page)).toEqual([]);
  });

  it('tells OpenMetrics by its end, where the families of counters have no suffix', () => {
    const page = '# TYPE a counter\n# HELP a h\na_total{__b="c"} 1\n# EOF\n';
    expect(lint(page).format).toBe('openmetrics');
    expect(problems(page)).toEqual(['a: label names should not begin with "__"']);
  });

  it('counts the series of families, most first', () => {
    const page = 'a 1\na 2\n# TYPE b histogram\nb_bucket{le="1"} 1\nb_bucket{le="+Inf"} 1\nb_sum 1\nb_count 1\n';
    expect(familyCardinalities(lint(page).families)).toEqual([
      { name: 'b', series: 4 },
      { name: 'a', series: 1 },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTestHistogram } from '../../model/index.ts';
import { ParseError } from '../parse/parse-error.ts';
import { type SequenceValue } from './sequence.ts';
import { parseMetric, parseSeriesDescription } from './series-description.ts';

function show(value: SequenceValue): string {
  switch (value.kind) {
    case 'omitted':
      return '_';
    case 'stale':
      return 'stale';
    case 'float':
      return String(value.value);
    case 'histogram':
      return formatTestHistogram(value.histogram) + (value.hintGiven ? '!' : '');
  }
}

function read(text: string): string {
  const { labels, values } = parseSeriesDescription(text);
  return [labels.toString(), ...values.map(show)].join(' ');
}

function problem(text: string): string {
  try {
    return `read: ${read(text)}`;
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
}

describe('a series description', () => {
  it.each([
    ['', '{}'],
    ['{} 1 2 3', '{} 1 2 3'],
    ['{a="b"} -1 2 3', '{a="b"} -1 2 3'],
    ['my_metric 1 2 3', '{__name__="my_metric"} 1 2 3'],
    ['my_metric{} 1 2 3   ', '{__name__="my_metric"} 1 2 3'],
    ['sum{by="x",}\t1', '{__name__="sum", by="x"} 1'],
    [
      '{"http.requests", "service.name"="api", a="0"}  0+50x2',
      '{__name__="http.requests", a="0", "service.name"="api"} 0 50 100',
    ],
    [String.raw`m{a="\u70ac = torch"} 1`, '{__name__="m", a="炬 = torch"} 1'],
    ['{} 1 2 3-10x4', '{} 1 2 3 -7 -17 -27 -37'],
    ['{} 3-0x2', '{} 3 3 3'],
    ['{} 1x0', '{} 1'],
    ['{} 1+1x0', '{} 1'],
    ['{} 1 3 _ 5 _x4', '{} 1 3 _ 5 _ _ _ _'],
    ['{} 1 -1 -3-10x2 7 +5', '{} 1 -1 -3 -13 -23 7 5'],
    ['{} 1e3 .5 Inf -inf NaN 0.1+0.1x2', '{} 1000 0.5 Infinity -Infinity NaN 0.1 0.2 0.30000000000000004'],
    ['{} stale 1 stale', '{} stale 1 stale'],
    ['{} {{}}', '{} {{}}'],
    ['{} {{ }}', '{} {{}}'],
    [
      '{} {{schema:1 sum:-0.3 count:3.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7] offset:-3 n_buckets:[4.1 5] n_offset:5 counter_reset_hint:gauge}}',
      '{} {{schema:1 count:3.1 sum:-0.3 z_bucket:7.1 z_bucket_w:0.05 counter_reset_hint:gauge offset:-3 buckets:[5.1 10 7] n_offset:5 n_buckets:[4.1 5]}}!',
    ],
    ['{} {{sum:1  buckets:[5 10  7  ]  }}', '{} {{sum:1 buckets:[5 10 7]}}'],
    [
      '{} {{schema:-53 sum:NaN count:2 custom_values:[5 10] buckets:[1 1]}}',
      '{} {{schema:-53 count:2 sum:NaN custom_values:[5 10] buckets:[1 1]}}',
    ],
    ['{} {{sum:1}}x2', '{} {{sum:1}} {{sum:1}} {{sum:1}}'],
    ['{} {{sum:1}}+{{sum:2}}x2 {{sum:2}}', '{} {{sum:1}} {{sum:3}} {{sum:5}} {{sum:2}}'],
    ['{} {{buckets:[5 10 7]}}-{{buckets:[1 2 3]}}x1', '{} {{buckets:[5 10 7]}} {{buckets:[4 8 4]}}'],
    ['{} {{buckets:[5] schema:0}}+{{buckets:[1 2] schema:1}}x1', '{} {{buckets:[5]}} {{buckets:[6 2]}}'],
    ['{} {{counter_reset_hint:unknown}}', '{} {{}}!'],
    ['{} {{counter_reset_hint:not_reset}}', '{} {{counter_reset_hint:not_reset}}!'],
  ])('%s stands for %s', (text, meaning) => {
    expect(read(text)).toBe(meaning);
  });

  it.each([
    ['{"http.requests"xx} 0', 'unexpected identifier "xx" in label set, expected "," or "}"'],
    ['{"http.requests"=, x="y"} 0', 'unexpected "," in label set, expected string'],
    ['{"http.requests} 0', 'unterminated quoted string'],
    ['{a!="b"} 0', 'unexpected <op:!=> in label set, expected "="'],
    ['{} 1+1', 'unexpected end of input in series values, expected "x"'],
    ['{} 1 _a4', 'unexpected "a" in series values'],
    ['{} -3-3 -3', 'unexpected " " in series values, expected "x"'],
    ['{} -3 _-2', 'unexpected "-" in series values'],
    ['{} 3+3x4-4', 'unexpected "-" in series values'],
    ['{} 1x1.5', 'invalid repetition in series values: parsing "1.5": invalid syntax'],
    ['{} 5m', 'bad number syntax: "5m"'],
    ['{} foo', 'unexpected identifier "foo" in series values, expected number or "stale"'],
    ['{} {{schema:1 schema:1}}', '1:1: parse error: duplicate key "schema" in histogram'],
    ['{} {{foo:1}}', '1:6: parse error: bad histogram descriptor found: "foo"'],
    ['{} {{schema :1}}', '1:6: parse error: missing `:` for histogram descriptor'],
    ['{} {{schema: 1}}', '1:13: parse error: unexpected " " in series values'],
    ['{} {{buckets:[ 1]}}', '1:15: parse error: unexpected " " in series values'],
    ['{} {{ schema:1}}', 'in series values'],
    ['{} {{counter_reset_hint:foo}}', '1:25: parse error: bad histogram descriptor found: "foo"'],
    ['{} {{schema:1}', 'in histogram description'],
    ['{} {{schema:99999999999}}', 'expected whole number'],
    [
      '{} {{buckets:[1] schema:1}}+{{buckets:[1] schema:0}}x2',
      'error combining histograms: cannot merge from schema 0 to 1',
    ],
    ['{} {{schema:0 buckets:[1]}}+{{schema:1}}x99999999999', 'more than 10000000 values'],
    ['{} 1x99999999999', 'more than 10000000 values in one series'],
    ['{} _x99999999999', 'more than 10000000 values in one series'],
  ])('%s is refused: %s', (text, message) => {
    expect(problem(text)).toContain(message);
  });

  it('never throws anything but a ParseError', () => {
    const words = [
      '{} ',
      'm',
      '{a="b"}',
      ' ',
      '1',
      '+',
      '-',
      'x',
      '_',
      '3',
      'stale',
      '{{',
      '}}',
      'sum:',
      'buckets:[',
      ']',
      'NaN',
      '"',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (parts) => void problem(parts.join(''))),
      {
        numRuns: 3000,
      },
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void problem(`{} ${text}`)));
  });
});

describe('a metric', () => {
  it('is read without values', () => {
    expect(parseMetric('foo{a="b"}').toString()).toBe('{__name__="foo", a="b"}');
    expect(() => parseMetric('foo{a="b"} 1')).toThrow(ParseError);
  });
});

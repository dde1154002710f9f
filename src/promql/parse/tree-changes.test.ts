import { describe, expect, it } from 'vitest';
import { deleteMatchers, setMatcher } from './label-matchers.ts';
import { toParseQueryJson } from './parse-query-json.ts';
import { parseExpr } from './parser.ts';
import { printExpr } from './print.ts';
import { rewrite, selectorsOf, walk } from './walk.ts';

describe('label matchers', () => {
  it('are set in every selector, replacing those of the same label', () => {
    const expr = parseExpr('rate(foo{a="1"}[5m]) / on () {b=~"x"} + max_over_time((bar offset 5m)[5m:1m])');
    expect(printExpr(setMatcher(expr, { type: '!=', name: 'a', value: '2' }))).toBe(
      'rate(foo{a!="2"}[5m]) / on () {a!="2",b=~"x"} + max_over_time((bar{a!="2"} offset 5m)[5m:1m])',
    );
    expect(printExpr(expr)).toBe('rate(foo{a="1"}[5m]) / on () {b=~"x"} + max_over_time((bar offset 5m)[5m:1m])');
  });

  it('are deleted from every selector', () => {
    expect(printExpr(deleteMatchers(parseExpr('foo{a="1",a!="2",b="3"} or bar{b="3"}'), 'a'))).toBe(
      'foo{b="3"} or bar{b="3"}',
    );
  });
});

describe('walking', () => {
  it('visits parents first and gives the path', () => {
    const seen: string[] = [];
    walk(parseExpr('sum(topk(2, foo)) + 1'), (node, path) => {
      seen.push([...path, node].map(({ kind }) => kind).join('/'));
    });
    expect(seen).toEqual([
      'BinaryExpr',
      'BinaryExpr/AggregateExpr',
      'BinaryExpr/AggregateExpr/AggregateExpr',
      'BinaryExpr/AggregateExpr/AggregateExpr/VectorSelector',
      'BinaryExpr/AggregateExpr/AggregateExpr/NumberLiteral',
      'BinaryExpr/NumberLiteral',
    ]);
  });

  it('finds selectors in the order of the text', () => {
    expect(selectorsOf(parseExpr('rate(a[5m]) + sum(b) * -delta(c[5m:1m])', {})).map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('rewrites from the leaves up and shares the rest', () => {
    const expr = parseExpr('abs(a) + (b)');
    const changed = rewrite(expr, (node) => (node.kind === 'VectorSelector' && node.name === 'a' ? node : node));
    expect(changed).toBe(expr);
  });
});

describe('toParseQueryJson', () => {
  it('writes the keys as Prometheus does', () => {
    const text = JSON.stringify(
      toParseQueryJson(parseExpr('-topk by (a) (2, rate(foo{b=~"c"}[5m] @ end())) > bool (1)')),
    );
    expect(text).toBe(
      '{"bool":true,"lhs":{"expr":{"expr":{"args":[{"anchored":false,"matchers":[{"name":"b","type":"=~","value":"c"},' +
        '{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"range":300000,"rangeExpr":null,' +
        '"smoothed":false,"startOrEnd":"end","timestamp":null,"type":"matrixSelector"}],"func":{"argTypes":["matrix"],"name":"rate",' +
        '"returnType":"vector","variadic":0},"type":"call"},"grouping":["a"],"op":"topk","param":{"type":"numberLiteral","val":"2"},' +
        '"type":"aggregation","without":false},"op":"-","type":"unaryExpr"},"matching":null,"op":">",' +
        '"rhs":{"expr":{"type":"numberLiteral","val":"1"},"type":"parenExpr"},"type":"binaryExpr"}'.replace(
          '}],"grouping"',
          '},"grouping"',
        ),
    );
  });

  it('shows matching, subqueries and duration arithmetic', () => {
    expect(toParseQueryJson(parseExpr('a * on (x) group_left (y) b'))).toMatchObject({
      matching: { card: 'many-to-one', labels: ['x'], on: true, include: ['y'], fillValues: { lhs: null, rhs: null } },
    });
    expect(toParseQueryJson(parseExpr('a[5m:step() * 2] offset -1m @ 3'))).toMatchObject({
      type: 'subquery',
      range: 300_000,
      step: 0,
      stepExpr: { op: '*', lhs: { op: 'step' }, rhs: { type: 'numberLiteral', val: '2', duration: false } },
      offset: -60_000,
      timestamp: 3000,
    });
  });
});

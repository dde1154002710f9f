import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  StringMap,
  Template,
  TemplateError,
  formatFloat,
  sprintf,
  type TemplateFunction,
  type Value,
} from './index.ts';

const functions = new Map<string, TemplateFunction>([
  ['add', (a, b) => (a as number) + (b as number)],
  [
    'fails',
    () => {
      throw new Error('boom');
    },
  ],
  ['later', async (v) => Promise.resolve(v)],
]);

const render = async (source: string, data: Value = undefined, html = false) =>
  new Template('t', source, { functions, html }).execute(data);

const data = {
  Name: 'yagura',
  Count: 3n,
  Ratio: 0.5,
  Empty: '',
  List: ['a', 'b', 'c'],
  Labels: new StringMap([
    ['job', 'node'],
    ['a', '1'],
  ]),
  Any: new Map<string, Value>([['x', 1n]]),
  Nested: { Deep: { Value: 'v' } },
  Greet: (who: Value) => `hello ${String(who)}`,
  Zero: () => 'called',
};

describe('templates print as Go prints them', () => {
  it.each<[source: string, expected: string]>([
    ['plain', 'plain'],
    ['{{ .Name }}', 'yagura'],
    ['{{.Count}} {{.Ratio}}', '3 0.5'],
    ['a {{- .Name -}} b', 'ayagurab'],
    ['a {{/* note */ -}} b', 'a b'],
    ['{{ "x" }}{{ `r\\n` }}{{ \'a\' }}', 'xr\\n97'],
    ['{{ "\\u00e9\\x41\\n" }}', 'éA\n'],
    ['{{ 1.5 }} {{ 1e3 }} {{ 0x10 }} {{ 1_000 }} {{ 123456789.0 }}', '1.5 1000 16 1000 1.23456789e+08'],
    ['{{ .Labels.job }}|{{ .Labels.none }}|{{ .Any.none }}', 'node||<no value>'],
    ['{{ .Labels }} {{ .List }}', 'map[a:1 job:node] [a b c]'],
    ['{{ .Nested.Deep.Value }}', 'v'],
    ['{{ .Zero }} {{ .Greet "you" }} {{ "me" | .Greet }}', 'called hello you hello me'],
    ['{{ if .Empty }}a{{ else if .Name }}b{{ else }}c{{ end }}', 'b'],
    ['{{ with .Nested.Deep }}{{ .Value }}{{ end }}{{ with .Empty }}x{{ else }}y{{ end }}', 'vy'],
    ['{{ with .Empty }}x{{ else with .Name }}{{ . }}{{ end }}', 'yagura'],
    ['{{ range .List }}[{{ . }}]{{ else }}none{{ end }}', '[a][b][c]'],
    ['{{ range $i, $e := .List }}{{ $i }}={{ $e }},{{ end }}', '0=a,1=b,2=c,'],
    ['{{ range $k, $v := .Labels }}{{ $k }}={{ $v }};{{ end }}', 'a=1;job=node;'],
    ['{{ range 3 }}{{ . }}{{ end }}{{ range .Empty | len }}x{{ else }}none{{ end }}', '012none'],
    [
      '{{ range .List }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ if eq . "c" }}{{ break }}{{ end }}{{ end }}',
      'ac',
    ],
    ['{{ $x := 1 }}{{ range .List }}{{ $x = . }}{{ end }}{{ $x }}', 'c'],
    ['{{ $x := "o" }}{{ if true }}{{ $x := "i" }}{{ $x }}{{ end }}{{ $x }}', 'io'],
    ['{{ define "d" }}<{{ . }}>{{ end }}{{ template "d" .Name }}', '<yagura>'],
    ['{{ block "b" .Count }}[{{ . }}]{{ end }}', '[3]'],
    ['{{ and 1 0 }} {{ or 0 "x" }} {{ not "" }} {{ and true .Name }}', '0 x true yagura'],
    ['{{ or true (fails) }}', 'true'],
    [
      '{{ len "é" }} {{ len .List }} {{ index .List 1 }} {{ index .Labels "job" }} {{ slice "abcd" 1 3 }}',
      '2 3 b node bc',
    ],
    ['{{ eq 1 2 1 }} {{ ne "a" "b" }} {{ lt 1.5 2.5 }} {{ ge "b" "a" }}', 'true true true true'],
    ['{{ print "a" 1 2 "b" }} {{ println "a" 1 }}', 'a1 2b a 1\n'],
    [
      '{{ html "<a href=\'x\'>" }} {{ js "it\'s <b>" }} {{ urlquery "a b&c/d" }}',
      "&lt;a href=&#39;x&#39;&gt; it\\'s \\u003Cb\\u003E a+b%26c%2Fd",
    ],
    ['{{ add 1.5 2.5 }} {{ later "x" }} {{ (index .List 0) | printf "%s-%s" "p" }}', '4 x p-a'],
    ['{{ ($.Nested).Deep.Value }}', 'v'],
  ])('%s', async (source, expected) => {
    expect(await render(source, data)).toBe(expected);
  });

  it('escapes what it prints as HTML when asked to', async () => {
    expect(await render('<b>{{ .Name }}</b>', { Name: '<script>"&' }, true)).toBe('<b>&lt;script&gt;&#34;&amp;</b>');
  });
});

describe('sprintf', () => {
  it.each<[format: string, args: Value[], expected: string]>([
    ['%d %5d|%-5d|%05d|%+d|% d', [1n, 2n, 3n, 4n, 5n, 6n], '1     2|3    |00004|+5| 6'],
    ['%x %X %#x %o %b %c %U %q', [255n, 255n, 255n, 8n, 5n, 65n, 0x1f600n, 65n], "ff FF 0xff 10 101 A U+1F600 'A'"],
    [
      '%f %.2f %8.3f|%-8.1f|%08.2f %+.1f',
      [1.5, 2.345, 3.14159, 2.25, -3.5, 1],
      '1.500000 2.35    3.142|2.2     |-0003.50 +1.0',
    ],
    ['%e %.0e %g %G %.3g', [123456.789, 2.5, 1e21, 1e-7, 100000], '1.234568e+05 2e+00 1e+21 1E-07 1e+05'],
    ['%v %v %v %v', [1000000, 123456, 0.00001, -0], '1e+06 123456 1e-05 -0'],
    ['%s %10s|%-10s|%.2s %q', ['a', 'b', 'c', 'défg', 'x"y'], 'a          b|c         |dé "x\\"y"'],
    ['%t %v %T %T %T', [true, false, 1n, 1.5, 'x'], 'true false int float64 string'],
    ['%d %s', ['x', 1n], '%!d(string=x) %!s(int=1)'],
    ['%d', [], '%!d(MISSING)'],
    ['%d', [1n, 2n], '1%!(EXTRA int=2)'],
    ['%', [], '%!(NOVERB)'],
    ['%[2]d %[1]d', [1n, 2n], '2 1'],
    ['%*d', [5n, 42n], '   42'],
    ['%[5]d', [1n], '%!d(BADINDEX)'],
    ['100%%', [], '100%'],
    ['%.0f %.0f %.0f %.1f', [0.5, 1.5, 2.5, 0.25], '0 2 2 0.2'],
  ])('%s', (format, args, expected) => {
    expect(sprintf(format, args)).toBe(expected);
  });

  it('reads back every float it prints with the shortest digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.constantFrom<'e' | 'f' | 'g'>('e', 'f', 'g'), (value, verb) => {
        const text = formatFloat(value, verb, -1);
        expect(Number(text.replace('+Inf', 'Infinity').replace('-Inf', '-Infinity'))).toBe(value);
      }),
    );
  });

  it('rounds as toPrecision does wherever the digits are not a tie', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-300 }),
        fc.integer({ min: 1, max: 17 }),
        (value, precision) => {
          const shortest = value.toExponential().replace(/e.*/, '').replace('.', '');
          fc.pre(!(shortest.length === precision + 1 && shortest.endsWith('5')));
          expect(Number(formatFloat(value, 'e', precision - 1))).toBe(Number(value.toPrecision(precision)));
        },
      ),
    );
  });
});

describe('mistakes', () => {
  it.each<[source: string, message: string]>([
    ['{{', 'template: t:1: unclosed action'],
    ['{{ .Name', 'template: t:1: unclosed action'],
    ['a\n{{ nope }}', 'template: t:2: function "nope" not defined'],
    ['{{ if true }}x', 'template: t:1: unexpected EOF'],
    ['{{ end }}', 'template: t:1: unexpected {{end}}'],
    ['{{ $x }}', 'template: t:1: undefined variable "$x"'],
    ['{{ break }}', 'template: t:1: {{break}} outside {{range}}'],
    ['{{ "a }}', 'template: t:1: unterminated quoted string'],
    ['{{ (1 }}', 'template: t:1: unclosed left paren'],
    ['{{ /* }}', 'template: t:1: unexpected "/" in action'],
    ['{{/* }}', 'template: t:1: unclosed comment'],
    ['{{ }}', 'template: t:1: missing value for command'],
    ['{{ 1 | 2 }}', 'template: t:1: non executable command in pipeline stage 2'],
  ])('%s does not parse', (source, message) => {
    expect(() => new Template('t', source)).toThrow(new TemplateError(message));
  });

  it.each<[source: string, message: string]>([
    ['{{ .Nope }}', `template: t:1:3: executing "t" at <.Nope>: can't evaluate field Nope in type struct {}`],
    ['{{ .Name.x }}', `template: t:1:3: executing "t" at <.Name.x>: can't evaluate field x in type string`],
    ['{{ fails }}', 'template: t:1:3: executing "t" at <fails>: error calling fails: boom'],
    [
      '{{ index .List 9 }}',
      'template: t:1:3: executing "t" at <index .List 9>: error calling index: index out of range: 9',
    ],
    ['{{ template "x" }}', 'template: t:1:0: executing "t" at <{{template "x"}}>: template "x" not defined'],
    [
      '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
      'template: t:1:16: executing "x" at <{{template "x"}}>: exceeded maximum template depth (200)',
    ],
    [
      '{{ lt 1 "a" }}',
      'template: t:1:3: executing "t" at <lt 1 "a">: error calling lt: incompatible types for comparison',
    ],
    [
      '{{ .constructor }}',
      `template: t:1:3: executing "t" at <.constructor>: can't evaluate field constructor in type struct {}`,
    ],
    [
      '{{ .__proto__ }}',
      `template: t:1:3: executing "t" at <.__proto__>: can't evaluate field __proto__ in type struct {}`,
    ],
    [
      '{{ range 1000000000000 }}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{ end }}',
      'template: t: output is longer than 1048576 characters',
    ],
  ])('%s fails when it is executed', async (source, message) => {
    await expect(render(source, data)).rejects.toThrow(message);
  });

  it('never throws anything but a TemplateError, whatever the source', async () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{{-',
      '-}}',
      ' ',
      '.',
      '.Name',
      '$',
      '$x',
      ':=',
      '|',
      '(',
      ')',
      '"a"',
      'if',
      'end',
      'range',
      'else',
      'with',
      'define',
      'template',
      '1',
      'printf',
      '%d',
      'nil',
      '\n',
      '/*',
      '*/',
      'é',
      '`',
      "'",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        try {
          await render(pieces.join(''), data);
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses nesting that would exhaust the stack', () => {
    expect(() => new Template('t', '{{ if 1 }}'.repeat(20_000))).toThrow(TemplateError);
    expect(() => new Template('t', `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`)).toThrow(TemplateError);
  });
});

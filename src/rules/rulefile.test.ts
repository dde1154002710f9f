import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../test/shared.ts';
import { groupDefinitions, parseRuleFile, type RuleFile, type RuleFileOptions } from './rulefile.ts';

/** Knows just enough of both languages to tell good from bad. */
const options: RuleFileOptions = {
  nameValidationScheme: 'utf8',
  parseExpr: (expr) => {
    if (/[+*(]\s*$|^\s*[)]/.test(expr)) throw new Error(`unexpected end of ${expr}`);
  },
  checkTemplate: (alert, text) => {
    if ((text.match(/\{\{/g) ?? []).length !== (text.match(/\}\}/g) ?? []).length)
      throw new Error(`unclosed action in ${alert}`);
  },
};

function parse(text: string, more: Partial<RuleFileOptions> = {}): RuleFile {
  return parseRuleFile(text, 'r.yml', { ...options, ...more });
}

function problems(text: string, more: Partial<RuleFileOptions> = {}): string {
  return parse(text, more).errors.map(String).join('\n');
}

const rule = (yaml: string): string => `groups:\n- name: g\n  rules:\n  - ${yaml}\n`;

describe('rule files', () => {
  it.each([
    [
      rule('{record: a, alert: b, expr: x}'),
      'r.yml:4:24: groups[0].rules[0].alert: group "g", rule 1, "b": only one of \'record\' and \'alert\' must be set',
    ],
    [
      rule('{expr: x}'),
      'r.yml:4:5: groups[0].rules[0]: group "g", rule 1, "": one of \'record\' or \'alert\' must be set',
    ],
    [rule('{record: a}'), "field 'expr' must be set in rule"],
    [
      rule('{record: a, expr: "x +"}'),
      'groups[0].rules[0].expr: group "g", rule 1, "a": could not parse expression: unexpected end of x +',
    ],
    [rule('{record: a, expr: x, for: 1m}'), "invalid field 'for' in recording rule"],
    [rule('{record: a, expr: x, keep_firing_for: 1m}'), "invalid field 'keep_firing_for' in recording rule"],
    [rule('{record: a, expr: x, annotations: {a: b}}'), "invalid field 'annotations' in recording rule"],
    [rule('{record: "a{b}", expr: x}'), 'braces present in the recording rule name; should it be in expr?: a{b}'],
    [rule('{record: a, expr: x, labels: {__name__: b}}'), 'invalid label name: __name__'],
    [rule('{alert: a, expr: x, labels: {b: "{{ x"}}'), 'label "b": unclosed action in a'],
    [rule('{alert: a, expr: x, annotations: {b: "x }}"}}'), 'annotation "b": unclosed action in a'],
    [rule('{alert: a, expr: x, for: 1x}'), 'groups[0].rules[0].for: unknown unit "x" in duration "1x"'],
    [rule('{alert: a, expr: x, fro: 1m}'), 'field fro not found in rule, did you mean for?'],
    [rule('{alert: a, alert: b, expr: x}'), 'field alert already set in rule'],
    ['groups:\n- name: ""\n', 'r.yml:2:9: groups[0].name: Groupname must not be empty'],
    ['groups:\n- rules: []\n', 'r.yml:2:3: groups[0]: Groupname must not be empty'],
    ['groups:\n- name: a\n- name: a\n', 'r.yml:3:9: groups[1].name: groupname: "a" is repeated in the same file'],
    ['groups:\n- name: a\n  labels: {__name__: x}\n', 'invalid label name: __name__'],
    ['group: []', 'field group not found in rule file, did you mean groups?'],
    ['groups: {}', 'cannot use a map as a list'],
  ])('%j is refused', (text, expected) => {
    expect(problems(text)).toContain(expected);
  });

  it('check names by the scheme', () => {
    const text = rule('{record: "a b", expr: x, labels: {"ü": x}}');
    expect(problems(text)).toBe('');
    expect(problems(text, { nameValidationScheme: 'legacy' })).toContain('invalid recording rule name: a b');
    expect(problems(text, { nameValidationScheme: 'legacy' })).toContain('invalid label name: ü');
  });

  it('may be empty, and pass over what is null', () => {
    for (const text of ['', 'groups:', 'groups: []', 'groups:\n-\n', 'groups:\n- name: a\n  rules:\n  -\n'])
      expect(problems(text)).toBe('');
  });

  it('pass over unknown fields when asked', () => {
    expect(problems('groups:\n- {name: a, owner: b}', { ignoreUnknownFields: true })).toBe('');
  });

  it('warn when there is more than one document', () => {
    expect(parse('groups: []\n---\ngroups: []').warnings).toEqual([
      'r.yml: only the first of its YAML documents is read',
    ]);
  });

  it('become groups with defaults and the labels of the group', () => {
    const file = parse(
      'groups:\n- name: g\n  query_offset: 5s\n  labels: {team: a, env: p}\n  rules:\n  - {record: r, expr: x, labels: {env: q}}\n  - {alert: A, expr: y, for: 1m, annotations: {s: t}}\n- {name: h, interval: 10s, limit: 3}\n',
    );
    expect(file.errors).toEqual([]);
    const groups = groupDefinitions('r.yml', file, { evaluationIntervalMs: 60_000, ruleQueryOffsetMs: 1000 });
    expect(
      groups.map(({ name, intervalMs, queryOffsetMs, limit }) => [name, intervalMs, queryOffsetMs, limit]),
    ).toEqual([
      ['g', 60_000, 5000, 0],
      ['h', 10_000, 1000, 3],
    ]);
    const [recording, alerting] = groups[0].rules;
    expect(String(recording.labels)).toBe('{env="q", team="a"}');
    expect(alerting).toMatchObject({ kind: 'alert', alert: 'A', forMs: 60_000, keepFiringForMs: 0 });
  });

  it('never throw, whatever they hold', () => {
    const part = fc.constantFrom(
      'groups:',
      '\n',
      '  ',
      '- ',
      'name: ',
      'a',
      'rules:',
      'expr: ',
      'alert: ',
      '{',
      '}',
      ': ',
      '&a ',
      '*a',
      '<<: ',
      'labels: ',
      '1m',
      '"',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 50 }), (parts) => {
        parse(parts.join(''));
      }),
    );
  });
});

const rulefmt = sharedDir('rulefmt');

describe.skipIf(rulefmt === undefined)("Prometheus's rule files", () => {
  const directory = rulefmt ?? '';
  const names = rulefmt === undefined ? [] : readdirSync(directory).filter((name) => name.endsWith('.yaml'));
  // Whether names have to be legacy ones is the test's choice in upstream, too.
  const legacy = ['legacy_validation_annotation.bad.yaml', 'legacy_validation_annotation.good.yaml'];

  it.each(names)('%s', (name) => {
    const file = parse(readFileSync(path.join(directory, name), 'utf8'), {
      nameValidationScheme: legacy.includes(name) ? 'legacy' : 'utf8',
      parseExpr: (expr) => {
        if (expr.includes(')()')) throw new Error('bad');
      },
    });
    expect([name, file.errors.map(String), file.errors.length > 0]).toEqual([
      name,
      expect.any(Array),
      name.includes('.bad.'),
    ]);
  });
});

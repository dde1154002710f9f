import { describe, expect, it } from 'vitest';
import { Labels } from './labels.ts';
import { toLowerGo, toUpperGo } from './letter-case.ts';
import type { RelabelConfig } from './relabel-config.ts';
import { Relabeling } from './relabel.ts';

const step = (fields: Partial<RelabelConfig>): RelabelConfig => ({
  sourceLabels: [],
  separator: ';',
  regex: '(.*)',
  modulus: 0,
  targetLabel: '',
  replacement: '$1',
  action: 'replace',
  ...fields,
});

const run = (input: Record<string, string>, ...steps: Partial<RelabelConfig>[]) =>
  new Relabeling(steps.map(step), 'utf8').relabel(Labels.from(input))?.toJSON();

describe('Relabeling', () => {
  it.each<[string, Record<string, string>, Partial<RelabelConfig>, Record<string, string> | undefined]>([
    [
      'replaces with groups',
      { a: 'foo' },
      { sourceLabels: ['a'], regex: 'f(.*)', targetLabel: 'd', replacement: 'ch${1}-ch${1}' },
      { a: 'foo', d: 'choo-choo' },
    ],
    [
      'joins its sources',
      { a: 'foo', b: 'bar' },
      { sourceLabels: ['a', 'none', 'b'], separator: '-', targetLabel: 'd' },
      { a: 'foo', b: 'bar', d: 'foo--bar' },
    ],
    [
      'leaves labels alone where nothing matches',
      { a: 'boo' },
      { sourceLabels: ['a'], regex: 'f', targetLabel: 'b' },
      { a: 'boo' },
    ],
    [
      'deletes a label whose replacement is empty',
      { a: 'foo', f: 'baz' },
      { sourceLabels: ['a'], regex: '(f).*', targetLabel: '$1', replacement: '$2' },
      { a: 'foo' },
    ],
    [
      'expands the target',
      { a: 'some-name-value' },
      { sourceLabels: ['a'], regex: 'some-([^-]+)-([^,]+)', targetLabel: '${1}', replacement: '${2}' },
      { a: 'some-name-value', name: 'value' },
    ],
    [
      'skips a target that expands to no name',
      { a: 'some-name-0' },
      { sourceLabels: ['a'], regex: 'some-([^-]+)-([^,]+)', targetLabel: '${3}', replacement: '${1}' },
      { a: 'some-name-0' },
    ],
    ['sets a constant', { a: 'b' }, { targetLabel: 'c', replacement: 'd' }, { a: 'b', c: 'd' }],
    ['deletes with an empty constant', { a: 'b' }, { targetLabel: 'a', replacement: '' }, {}],
    ['drops what matches', { a: 'foo' }, { sourceLabels: ['a'], regex: '.*o.*', action: 'drop' }, undefined],
    ['anchors its pattern', { a: 'foo' }, { sourceLabels: ['a'], regex: 'f|o', action: 'drop' }, { a: 'foo' }],
    ['keeps only what matches', { a: 'foo' }, { sourceLabels: ['a'], regex: 'no', action: 'keep' }, undefined],
    [
      'lets the dot match newlines',
      { a: 'x\ny' },
      { sourceLabels: ['a'], regex: 'x.y', action: 'keep' },
      { a: 'x\ny' },
    ],
    [
      'hashes as Prometheus does',
      { c: 'baz' },
      { sourceLabels: ['c'], targetLabel: 'd', action: 'hashmod', modulus: 1000 },
      { c: 'baz', d: '976' },
    ],
    [
      'hashes newlines as Prometheus does',
      { a: 'foo\nbar' },
      { sourceLabels: ['a'], targetLabel: 'b', action: 'hashmod', modulus: 1000 },
      { a: 'foo\nbar', b: '734' },
    ],
    [
      'maps label names',
      { a: 'foo', b1: 'bar', b2: 'baz' },
      { regex: '(b.*)', replacement: 'bar_${1}', action: 'labelmap' },
      { a: 'foo', b1: 'bar', b2: 'baz', bar_b1: 'bar', bar_b2: 'baz' },
    ],
    ['drops labels', { a: '1', b1: '2', b2: '3' }, { regex: 'b.*', action: 'labeldrop' }, { a: '1' }],
    ['keeps labels', { a: '1', b1: '2', b2: '3' }, { regex: 'b.*', action: 'labelkeep' }, { b1: '2', b2: '3' }],
    [
      'keeps equals',
      { x: '1', y: '1' },
      { sourceLabels: ['x'], targetLabel: 'y', action: 'keepequal' },
      { x: '1', y: '1' },
    ],
    [
      'keeps equals only',
      { x: '1', y: '2' },
      { sourceLabels: ['x'], targetLabel: 'y', action: 'keepequal' },
      undefined,
    ],
    ['drops equals', { x: '1', y: '1' }, { sourceLabels: ['x'], targetLabel: 'y', action: 'dropequal' }, undefined],
    ['lowers', { x: 'bAr1' }, { sourceLabels: ['x'], targetLabel: 'y', action: 'lowercase' }, { x: 'bAr1', y: 'bar1' }],
    ['raises', { x: 'bAr1' }, { sourceLabels: ['x'], targetLabel: 'y', action: 'uppercase' }, { x: 'bAr1', y: 'BAR1' }],
    [
      'takes UTF-8 names',
      { 'utf-8.label': 'v' },
      { sourceLabels: ['utf-8.label'], targetLabel: 'other.label', replacement: '$1!' },
      { 'utf-8.label': 'v', 'other.label': 'v!' },
    ],
  ])('%s', (_, input, config, expected) => {
    expect(run(input, config)).toEqual(expected);
  });

  it('passes the labels from step to step', () => {
    expect(
      run(
        { __meta_sd_tags: 'path:/secret,job:some-job,label:foo=bar' },
        { sourceLabels: ['__meta_sd_tags'], regex: '(?:.+,|^)job:([^,]+).*', targetLabel: 'job' },
        {
          sourceLabels: ['__meta_sd_tags'],
          regex: '(?:.+,|^)label:([^=]+)=([^,]+).*',
          targetLabel: '${1}',
          replacement: '${2}',
        },
        { regex: '__meta_.*', action: 'labeldrop' },
      ),
    ).toEqual({ job: 'some-job', foo: 'bar' });
  });

  it('holds target names to the legacy rules where those are asked for', () => {
    const config = step({ sourceLabels: ['a'], targetLabel: '$1', replacement: 'x' });
    const labels = Labels.from({ a: 'not-legacy' });
    expect(new Relabeling([config], 'legacy').relabel(labels)?.toJSON()).toEqual({ a: 'not-legacy' });
    expect(new Relabeling([config], 'utf8').relabel(labels)?.toJSON()).toEqual({ a: 'not-legacy', 'not-legacy': 'x' });
  });

  it('traces every step, also those after the drop', () => {
    const relabeling = new Relabeling(
      [
        step({ targetLabel: 'b', replacement: '1' }),
        step({ sourceLabels: ['b'], regex: '1', action: 'drop' }),
        step({ targetLabel: 'c', replacement: '1' }),
      ],
      'utf8',
    );
    const trace = relabeling.trace(Labels.from({ a: '0' }));
    expect(trace.map(({ output, keep }) => `${output.toString()} ${keep}`)).toEqual([
      '{a="0", b="1"} true',
      '{} false',
      '{} false',
    ]);
  });
});

describe('letter case', () => {
  it('maps one character to one, as Go does', () => {
    expect(toLowerGo('ΑΣ ÀÉ İ')).toBe('ας'.replace('ς', 'σ') + ' àé i');
    expect(toUpperGo('straße ﬁ àé ᾳ ᾀ')).toBe('STRAßE ﬁ ÀÉ ᾼ ᾈ');
    expect(toUpperGo('𐐨')).toBe('𐐀');
  });
});

import { describe, expect, it } from 'vitest';
import { Labels } from '../../model/index.ts';
import { labelJoin, labelReplace } from './label.ts';
import { functionCall } from './sample-call.ts';

const grid = { startMs: 0, stepMs: 1, steps: 1 };

function replace(labels: Record<string, string>, ...args: string[]): string {
  return labelReplace
    .compile(functionCall({ grid, args: [undefined, ...args] }))
    .map(Labels.from(labels))
    .toString();
}

function join(labels: Record<string, string>, ...args: string[]): string {
  return labelJoin
    .compile(functionCall({ grid, args: [undefined, ...args] }))
    .map(Labels.from(labels))
    .toString();
}

describe('label_replace', () => {
  const labels = { src: 'host-17.example', dst: 'old' };

  it('fills groups into the replacement', () => {
    expect(replace(labels, 'dst', '$2 of $1', 'src', '(.*)-(\\d+).*')).toBe(
      '{dst="17 of host", src="host-17.example"}',
    );
    expect(replace(labels, 'dst', '${name}x', 'src', '(?P<name>[a-z]+).*')).toBe(
      '{dst="hostx", src="host-17.example"}',
    );
  });

  it('reads $1x as the group called 1x, $$ as a dollar, and leaves out groups there are none of', () => {
    expect(replace(labels, 'dst', 'a$1x-$$-$9', 'src', '(.*)')).toBe('{dst="a-$-", src="host-17.example"}');
    expect(replace(labels, 'dst', '$-${', 'src', '(.*)')).toBe('{dst="$-${", src="host-17.example"}');
  });

  it('must match all of the value, newlines included', () => {
    expect(replace(labels, 'dst', 'new', 'src', 'host')).toBe('{dst="old", src="host-17.example"}');
    expect(replace({ src: 'a\nb' }, 'dst', '$1', 'src', 'a(.*)')).toBe('{dst="\\nb", src="a\\nb"}');
  });

  it('removes the label where the result is empty, and takes an absent source for an empty one', () => {
    expect(replace(labels, 'dst', '', 'src', '.*')).toBe('{src="host-17.example"}');
    expect(replace(labels, 'dst', 'none', 'absent', '')).toBe('{dst="none", src="host-17.example"}');
  });

  it('takes any text for a label name but the empty one', () => {
    expect(replace(labels, '~ü', 'x', 'src', '.*')).toBe('{dst="old", src="host-17.example", "~ü"="x"}');
    for (const name of ['', 'a\udcff']) {
      expect(() => replace(labels, name, 'x', 'src', '.*')).toThrow(
        'invalid destination label name in label_replace(): ',
      );
    }
  });

  it('refuses a pattern that is none', () => {
    expect(() => replace(labels, 'dst', 'x', 'src', '(.*')).toThrow(
      'invalid regular expression in label_replace(): (.*',
    );
  });
});

describe('label_join', () => {
  it('joins values with the separator, absent ones being empty', () => {
    expect(join({ a: '1', b: '2' }, 'dst', '-', 'a', 'none', 'b')).toBe('{a="1", b="2", dst="1--2"}');
    expect(join({ a: '1', dst: 'x' }, 'dst', '-', 'none')).toBe('{a="1"}');
    expect(join({ a: '1', dst: 'x' }, 'dst', '-')).toBe('{a="1"}');
  });

  it('refuses empty label names', () => {
    expect(() => join({}, '', '-', 'a')).toThrow('invalid destination label name in label_join(): ');
    expect(() => join({}, 'dst', '-', 'a', '')).toThrow('invalid source label name in label_join(): ');
  });
});

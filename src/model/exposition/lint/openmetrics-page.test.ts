import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../../../test/shared.ts';
import { ExpositionError } from '../error.ts';
import { readOpenMetricsPage } from './openmetrics-page.ts';

const read = (page: string) => readOpenMetricsPage(Buffer.from(page));

const vectors = sharedDir('openmetrics-parsers');

describe.skipIf(vectors === undefined)("the specification's own pages", () => {
  const names =
    vectors === undefined
      ? []
      : readdirSync(vectors, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

  it.each(names)('%s gets the verdict it is published with', (name) => {
    const verdict = JSON.parse(readFileSync(path.join(vectors!, name, 'test.json'), 'utf8')) as {
      shouldParse: boolean;
    };
    const page = readFileSync(path.join(vectors!, name, 'metrics.txt'));
    if (verdict.shouldParse) expect(() => readOpenMetricsPage(page)).not.toThrow();
    else expect(() => readOpenMetricsPage(page)).toThrow(ExpositionError);
  });
});

describe('a strict reading of OpenMetrics', () => {
  it.each([
    ['text after the end', '# EOF\na 1\n', 'line 2, column 1: text after # EOF'],
    ['a blank line', 'a 1\n\n# EOF\n', 'line 2, column 1: blank line'],
    ['another comment', '# hello\n# EOF\n', 'line 1, column 1: expected "# TYPE "'],
    ['two blanks', 'a  1\n# EOF\n', 'line 1, column 3: expected a value'],
    ['a blank at the end', 'a 1 \n# EOF\n', 'line 1, column 5: expected a timestamp'],
    ['a carriage return', 'a 1\r\n# EOF\n', 'does not belong to a value'],
    ['a comma behind the last label', 'a{b="1",} 1\n# EOF\n', 'line 1, column 9: expected a label name'],
    ['a label given twice', 'a{b="1",b="2"} 1\n# EOF\n', 'label "b" is given twice'],
    ['a series given twice', 'a 1\na 2\n# EOF\n', 'line 2, column 1: the series was on the page before'],
    ['a family in two places', '# TYPE a gauge\na 1\nb 1\na{c="d"} 1\n# EOF\n', 'do not stand together'],
    [
      'a fraction that counts',
      '# TYPE a histogram\na_bucket{le="+Inf"} 1.5\n# EOF\n',
      '_bucket is an integer, not 1.5',
    ],
    ['a negative counter', '# TYPE a counter\na_total -1\n# EOF\n', '_total is not negative: -1'],
    ['a state that is no state', '# TYPE a stateset\na{a="x"} 2\n# EOF\n', 'a state is 0 or 1, not 2'],
    ['a unit on a stateset', '# TYPE a_u stateset\n# UNIT a_u u\n# EOF\n', 'which has no unit'],
    ['an exemplar of a gauge', '# TYPE a gauge\na 1 # {b="c"} 1\n# EOF\n', 'have exemplars'],
  ])('refuses %s', (_, page, message) => {
    expect(() => read(page)).toThrow(message);
  });

  it('refuses bytes that are not UTF-8 and says in which line', () => {
    const page = Buffer.concat([Buffer.from('a 1\nb{c="'), Buffer.from([0xff]), Buffer.from('"} 1\n# EOF\n')]);
    expect(() => readOpenMetricsPage(page)).toThrow('line 2, column 1: the line is not valid UTF-8');
  });

  it('takes quoted names, NUL in a label value and a page without a last line feed', () => {
    const [family] = read('{"a.b",c="\0"} 1\n# EOF');
    expect(family).toMatchObject({ name: 'a.b', type: 'unknown', help: undefined });
    expect(family?.samples[0]?.labels.get('c')).toBe('\0');
  });

  it('gives the families with what is known of them', () => {
    const page = '# TYPE a counter\n# HELP a It counts\na_total{b="c"} 3 7\na_created{b="c"} 1 7\nd NaN\n# EOF\n';
    expect(read(page)).toEqual([
      {
        name: 'a',
        type: 'counter',
        help: 'It counts',
        unit: undefined,
        samples: [
          { name: 'a_total', labels: new Map([['b', 'c']]), value: 3, timestamp: 7, line: 3 },
          { name: 'a_created', labels: new Map([['b', 'c']]), value: 1, timestamp: 7, line: 4 },
        ],
      },
      {
        name: 'd',
        type: 'unknown',
        help: undefined,
        unit: undefined,
        samples: [{ name: 'd', labels: new Map(), value: NaN, timestamp: undefined, line: 5 }],
      },
    ]);
  });

  it('never fails but with an error of the format', () => {
    const piece = fc.constantFrom(
      '# TYPE ',
      '# HELP ',
      '# UNIT ',
      '# EOF',
      'a',
      'a_total',
      'a_bucket',
      '{',
      '}',
      '"',
      '=',
      ',',
    );
    const more = fc.constantFrom(
      ' ',
      '\n',
      '1',
      '-1',
      'NaN',
      'le="+Inf"',
      'histogram',
      'counter',
      ' # {} 1',
      '\\',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, more), { maxLength: 40 }), (pieces) => {
        try {
          read(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../../test/shared.ts';
import type { FamilySample, FamilyType, MetricFamily } from '../../runtime/index.ts';
import {
  END_OF_PAGE,
  escapeName,
  formatOfPage,
  HELP_ENTRY,
  negotiateFormat,
  OpenMetricsParser,
  SERIES_ENTRY,
  TextParser,
} from './index.ts';
import { unescapeValues, writeFamilies, writeFederated } from './index.ts';

const plain = { format: 'text-0.0.4', escaping: 'allow-utf-8' } as const;
const openMetrics = { format: 'openmetrics-1.0.0', escaping: 'allow-utf-8' } as const;

const counter: MetricFamily = {
  name: 'a_total',
  help: 'line\nand "quote" \\',
  type: 'counter',
  samples: [{ suffix: '', labels: ['code', 'x"\\\n'], value: 1234567 }],
};
const histogram: MetricFamily = {
  name: 'h',
  help: 'h',
  type: 'histogram',
  samples: [
    { suffix: '_bucket', labels: ['le', '1'], value: 3 },
    { suffix: '_bucket', labels: ['le', '+Inf'], value: 3 },
    { suffix: '_sum', labels: [], value: 4 },
    { suffix: '_count', labels: [], value: 3 },
  ],
};

describe('writeFamilies', () => {
  it('writes the text format', () => {
    expect(writeFamilies([counter, histogram], plain)).toBe(
      '# HELP a_total line\\nand "quote" \\\\\n# TYPE a_total counter\na_total{code="x\\"\\\\\\n"} 1.234567e+06\n' +
        '# HELP h h\n# TYPE h histogram\nh_bucket{le="1"} 3\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n',
    );
  });

  it('writes OpenMetrics', () => {
    expect(writeFamilies([counter, histogram], openMetrics)).toBe(
      '# HELP a line\\nand \\"quote\\" \\\\\n# TYPE a counter\na_total{code="x\\"\\\\\\n"} 1.234567e+06\n' +
        '# HELP h h\n# TYPE h histogram\nh_bucket{le="1.0"} 3\nh_bucket{le="+Inf"} 3\nh_sum 4.0\nh_count 3\n# EOF\n',
    );
  });

  it('quotes or escapes names beyond the legacy characters', () => {
    const family: MetricFamily = {
      name: 'my.metric',
      help: '',
      type: 'gauge',
      samples: [{ suffix: '', labels: ['l.x', 'v'], value: 1 }],
    };
    expect(writeFamilies([family], plain)).toContain('{"my.metric","l.x"="v"} 1\n');
    expect(writeFamilies([family], { ...plain, escaping: 'underscores' })).toContain('my_metric{l_x="v"} 1\n');
    expect(writeFamilies([family], { ...plain, escaping: 'values' })).toContain('U__my_2e_metric{U__l_2e_x="v"} 1\n');
  });

  it('writes pages that our own parsers read', () => {
    const text = new TextParser(Buffer.from(writeFamilies([counter, histogram], plain)));
    const om = new OpenMetricsParser(Buffer.from(writeFamilies([counter, histogram], openMetrics)));
    for (const parser of [text, om]) {
      let series = 0;
      for (let entry = parser.next(); entry !== END_OF_PAGE; entry = parser.next())
        if (entry === SERIES_ENTRY) series++;
      expect(series).toBe(5);
    }
  });

  const live = sharedDir('live-metrics');
  it.skipIf(live === undefined).each(['pushgateway', 'blackbox_exporter', 'prometheus-3.5.3'])(
    'writes the page of %s byte for byte',
    (program) => {
      const page = readFileSync(path.join(live!, `${program}.text-0.0.4.prom`));
      expect(writeFamilies(familiesOf(page), plain)).toBe(page.toString());
    },
  );
});

/** The families of a text page, labels as written. */
function familiesOf(page: Buffer): MetricFamily[] {
  const parser = new TextParser(page);
  const families: { name: string; help: string; type: FamilyType; samples: FamilySample[] }[] = [];
  for (let entry = parser.next(); entry !== END_OF_PAGE; entry = parser.next()) {
    const family = families.at(-1)!;
    if (entry === HELP_ENTRY)
      families.push({ name: parser.familyName, help: parser.text, type: 'untyped', samples: [] });
    else if (entry === SERIES_ENTRY) {
      // The type would make `le` a float: the bytes have it as it was.
      parser.type = 'unknown';
      const [, name, ...labels] = parser.labelPairs() as [string, string, ...string[]];
      family.samples.push({ suffix: name.slice(family.name.length), labels, value: parser.value });
    } else if (family.samples.length === 0)
      family.type = parser.type === 'unknown' ? 'untyped' : (parser.type as FamilyType);
  }
  return families;
}

describe('writeFederated', () => {
  it('writes untyped families with timestamps', () => {
    expect(
      writeFederated(
        [
          { name: 'up', labels: ['instance', 'a', 'job', 'j'], value: 1, t: 1700 },
          { name: 'up', labels: ['instance', ''], value: 0, t: 1700 },
          { name: 'x.y', labels: [], value: NaN, t: 5 },
        ],
        'allow-utf-8',
      ),
    ).toBe(
      '# TYPE up untyped\nup{instance="a",job="j"} 1 1700\nup{instance=""} 0 1700\n# TYPE "x.y" untyped\n{"x.y"} NaN 5\n',
    );
  });
});

describe('name escaping', () => {
  it.each([
    ['no:escaping_required', 'no:escaping_required', 'no:escaping__required', 'no:escaping_required'],
    [
      'mysystem.prod.west.cpu.load',
      'mysystem_prod_west_cpu_load',
      'mysystem_dot_prod_dot_west_dot_cpu_dot_load',
      'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load',
    ],
    ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
    ['a_b.c', 'a_b_c', 'a__b_dot_c', 'U__a__b_2e_c'],
    ['花火', '__', '____', 'U___82b1__706b_'],
    ['0x', '_x', '__x', 'U___30_x'],
  ])('escapes %s', (name, underscores, dots, values) => {
    expect([escapeName(name, 'underscores'), escapeName(name, 'dots'), escapeName(name, 'values')]).toEqual([
      underscores,
      dots,
      values,
    ]);
    expect(unescapeValues(values)).toBe(name);
  });

  it.each(['U__broken_', 'U__a_110000_', 'U__a_zz_', 'U__a_d800_', 'plain'])('leaves %s alone', (name) => {
    expect(unescapeValues(name)).toBe(name);
  });
});

describe('negotiateFormat', () => {
  it.each([
    ['', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
    ['text/plain;version=1.0.0;escaping=allow-utf-8', 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8'],
    [
      'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.5',
      'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
    ],
    [
      'application/openmetrics-text;version=1.0.0;q=0.4,text/plain;q=0.5',
      'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    ],
    ['application/json', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
    ['text/plain;escaping=nonsense', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ])('answers %j', (accept, contentType) => {
    expect(negotiateFormat(accept, true).contentType).toBe(contentType);
  });
});

describe('formatOfPage', () => {
  it('knows the formats by media type alone', () => {
    expect(formatOfPage('Text/Plain; version=9; charset="utf-8"', undefined).mediaType).toBe('text/plain');
    expect(formatOfPage('application/openmetrics-text', undefined).mediaType).toBe('application/openmetrics-text');
  });

  it('refuses without a fallback and warns with one', () => {
    expect(() => formatOfPage('', undefined)).toThrow(/blank Content-Type and no fallback_scrape_protocol specified/);
    expect(() => formatOfPage('text/html', undefined)).toThrow(
      'received unsupported Content-Type "text/html" and no fallback',
    );
    expect(() => formatOfPage('text/plain; =', undefined)).toThrow(/mime: invalid media parameter/);
    expect(formatOfPage('text/html', 'text/plain')).toEqual({
      mediaType: 'text/plain',
      warning: 'received unsupported Content-Type "text/html", using fallback_scrape_protocol "text/plain"',
    });
  });
});

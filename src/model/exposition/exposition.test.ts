import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedDir } from '../../../test/shared.ts';
import {
  createParser,
  END_OF_PAGE,
  type ExpositionParser,
  ExpositionError,
  HELP_ENTRY,
  HISTOGRAM_ENTRY,
  OpenMetricsParser,
  ProtobufParser,
  readFloat,
  SERIES_ENTRY,
  TextParser,
  TYPE_ENTRY,
  UNIT_ENTRY,
} from './index.ts';

const testdata = (name: string) =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, 'testdata', name), 'utf8')) as unknown;

/** The page as lines of what the parser says. */
function print(parser: ExpositionParser): string[] {
  const lines: string[] = [];
  for (;;) {
    const entry = parser.next();
    if (entry === END_OF_PAGE) return lines;
    if (entry === TYPE_ENTRY) lines.push(`type ${parser.familyName} ${parser.type}`);
    else if (entry === HELP_ENTRY) lines.push(`help ${parser.familyName} ${parser.text}`);
    else if (entry === UNIT_ENTRY) lines.push(`unit ${parser.familyName} ${parser.text}`);
    else if (entry === SERIES_ENTRY || entry === HISTOGRAM_ENTRY) lines.push(printSeries(parser));
  }
}

function printSeries(parser: ExpositionParser): string {
  const h = parser.histogram;
  const shown = h ? `${h.kind}[${h.count} ${h.sum} schema ${h.schema}]` : String(parser.value);
  let line = `${parser.labelPairs().join('|')} = ${shown}`;
  if (parser.hasTimestamp) line += ` @${parser.timestamp}`;
  for (let e = parser.nextExemplar(); e !== undefined; e = parser.nextExemplar()) {
    line += ` # ${e.labels.join('|')} ${e.value}${e.t === undefined ? '' : ` @${e.t}`}`;
  }
  return line;
}

const text = (page: string) => print(new TextParser(Buffer.from(page)));
const openMetrics = (page: string) => print(new OpenMetricsParser(Buffer.from(page)));

/** The error of a page, `''` where there is none. */
function errorOf(parser: ExpositionParser): string {
  try {
    print(parser);
    return '';
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    return error.message;
  }
}

/** Prometheus finds a label that stands twice only when it stores the series. */
function repeatsLabel(parser: ExpositionParser): boolean {
  for (let entry = parser.next(); entry !== END_OF_PAGE; entry = parser.next()) {
    if (entry !== SERIES_ENTRY) continue;
    const names = parser.labelPairs().filter((_, i) => i % 2 === 0);
    if (new Set(names).size < names.length) return true;
  }
  return false;
}

describe('the text formats beside Prometheus 3.5.3', () => {
  const verdicts = testdata('prometheus-verdicts.json') as [type: 'text' | 'om', page: string, error: string][];

  it('accept and refuse the same pages with the same words', () => {
    const different = verdicts.filter(([type, page, error]) => {
      const bytes = Buffer.from(page, 'latin1');
      return errorOf(type === 'om' ? new OpenMetricsParser(bytes) : new TextParser(bytes)) !== error;
    });
    expect(different).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(300);
  });

  const vectors = sharedDir('openmetrics-parsers');
  it.skipIf(vectors === undefined)('are as lax with the vectors of the OpenMetrics suite', () => {
    const rejected = new Set(testdata('openmetrics-rejected.json') as string[]);
    let read = 0;
    for (const name of readdirSync(vectors!)) {
      const file = path.join(vectors!, name, 'metrics.txt');
      if (!existsSync(file)) continue;
      const page = readFileSync(file);
      // An empty body is a scrape without samples: no parser sees it.
      if (page.length === 0) continue;
      const parser = new OpenMetricsParser(page);
      const isRejected = errorOf(parser) !== '' || repeatsLabel(new OpenMetricsParser(page));
      expect({ name, isRejected }).toEqual({ name, isRejected: rejected.has(name) });
      read++;
    }
    expect(read).toBeGreaterThan(100);
  });
});

describe('TextParser', () => {
  it('reads metadata, labels, values and timestamps', () => {
    expect(
      text('# HELP a Some \\\\ help\\n.\n# TYPE a counter\na{b="x\\n\\"\\\\",c=""} 1.5e3 1700\n\n# a comment\nd -0\n'),
    ).toEqual(['help a Some \\ help\n.', 'type a counter', '__name__|a|b|x\n"\\|c| = 1500 @1700', '__name__|d = 0']);
  });

  it('reads quoted names', () => {
    expect(text('# TYPE "my.metric" gauge\n{"my.metric","l.x"="1",y="2"} 3')).toEqual([
      'type my.metric gauge',
      '__name__|my.metric|l.x|1|y|2 = 3',
    ]);
  });

  it('writes bounds of buckets and quantiles as floats', () => {
    expect(
      text('# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nx{le="1"} 1\n# TYPE g gauge\ng{le="1"} 1\n'),
    ).toEqual([
      'type h histogram',
      '__name__|h_bucket|le|1.0 = 1',
      '__name__|h_bucket|le|+Inf = 1',
      '__name__|x|le|1.0 = 1',
      'type g gauge',
      '__name__|g|le|1 = 1',
    ]);
  });

  it('quotes at most a thousand bytes of a page in an error', () => {
    expect(errorOf(new TextParser(Buffer.from(`a{b="${'x'.repeat(1_000_000)}`))).length).toBeLessThan(5000);
  });
});

describe('OpenMetricsParser', () => {
  it('reads units, timestamps in seconds and exemplars', () => {
    expect(
      openMetrics(
        '# TYPE a_s counter\n# UNIT a_s s\n# HELP a_s h\na_s_total{x="y"} 1 1.5 # {trace="t\\n"} 0.5 2\na_s_total 2 # {} 1\n# EOF\n',
      ),
    ).toEqual([
      'type a_s counter',
      'unit a_s s',
      'help a_s h',
      '__name__|a_s_total|x|y = 1 @1500 # trace|t\\n 0.5 @2000',
      '__name__|a_s_total = 2 #  1',
    ]);
  });

  it('finds when counting began, behind the samples of the series', () => {
    const page = '# TYPE a counter\na_total{x="1"} 5\na_created{x="1"} 1.5\na_total{x="2"} 6\nb 1\n# EOF\n';
    const parser = new OpenMetricsParser(Buffer.from(page), { readsCreated: true });
    const seen: string[] = [];
    for (let entry = parser.next(); entry !== END_OF_PAGE; entry = parser.next()) {
      if (entry === SERIES_ENTRY) seen.push(`${parser.labelPairs().join('|')} ${parser.startTimestamp()}`);
    }
    expect(seen).toEqual(['__name__|a_total|x|1 1500', '__name__|a_total|x|2 0', '__name__|b 0']);
  });

  it('does not search a family without created lines again for each of its series', () => {
    const page = `# TYPE a counter\n${Array.from({ length: 20_000 }, (_, i) => `a_total{x="${i}"} 1\n`).join('')}# EOF\n`;
    const parser = new OpenMetricsParser(Buffer.from(page), { readsCreated: true });
    let sum = 0;
    while (parser.next() !== END_OF_PAGE) sum += parser.startTimestamp();
    expect(sum).toBe(0);
  });
});

describe('reading values from known places', () => {
  it('gives the same values as reading the lines', () => {
    const page = Buffer.from('a 1\nb{x="y"} 2.5e-3 17\nc NaN\nd -Inf\ne 123456789012345678\n');
    const whole = new TextParser(page);
    const known = new TextParser(page);
    for (let entry = whole.next(); entry !== END_OF_PAGE; entry = whole.next()) {
      known.valueAt(whole.seriesStart, whole.valueStart);
      expect([known.value, known.hasTimestamp, known.at]).toEqual([whole.value, whole.hasTimestamp, whole.at]);
    }
  });
});

describe('the same page in each format', () => {
  const live = sharedDir('live-metrics');
  const decoded = (name: string) => Buffer.from(readFileSync(path.join(live!, name), 'utf8'), 'base64');

  it.skipIf(live === undefined).each(['prometheus-3.5.3', 'pushgateway', 'blackbox_exporter'])(
    'names the same series for %s',
    (program) => {
      const series = (parser: ExpositionParser) =>
        new Set(
          print(parser)
            .filter((line) => line.startsWith('__name__'))
            .map((line) => line.slice(0, line.lastIndexOf(' = ')))
            .map((line) => sortedPairs(line.split('|'))),
        );
      const fromText = series(new TextParser(readFileSync(path.join(live!, `${program}.text-0.0.4.prom`))));
      const page = decoded(`${program}.protobuf-delimited.base64.txt`);
      const fromProtobuf = series(new ProtobufParser(page, { ignoresNative: true }));
      // The pages were taken one after another: a counter by status code can be new in the later one.
      const missing = [...fromText].filter((line) => !fromProtobuf.has(line));
      expect(fromText.size).toBeGreaterThan(40);
      expect(missing.filter((line) => !line.includes('code|'))).toEqual([]);
    },
  );

  it.skipIf(live === undefined)('shows native histograms of the protobuf page', () => {
    const page = decoded('prometheus-3.5.3.protobuf-delimited.base64.txt');
    const native = print(new ProtobufParser(page)).filter((line) => /(int|float)\[/.test(line));
    expect(native.length).toBeGreaterThan(0);
    const both = print(new ProtobufParser(page, { keepsClassic: true }));
    expect(both.length).toBeGreaterThan(print(new ProtobufParser(page)).length);
  });

  const textparse = sharedDir('textparse');
  it.skipIf(textparse === undefined)('reads the benchmark pages of upstream whole', () => {
    const read = (name: string) => readFileSync(path.join(textparse!, name));
    expect(print(new TextParser(read('alltypes.237mfs.prom.txt'))).length).toBeGreaterThan(1500);
    expect(print(new OpenMetricsParser(read('alltypes.5mfs.om.txt'))).length).toBeGreaterThan(10);
    expect(print(new OpenMetricsParser(read('1histogram.om.txt'))).length).toBeGreaterThan(10);
  });

  const node = sharedDir('node_exporter');
  it.skipIf(node === undefined)('reads the pages of node_exporter whole', () => {
    for (const name of readdirSync(node!).filter((file) => /output.*\.txt$/.test(file))) {
      const page = readFileSync(path.join(node!, name));
      const samples = page
        .toString()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#')).length;
      expect({ name, n: print(new TextParser(page)).filter((l) => l.startsWith('__name__')).length }).toEqual({
        name,
        n: samples,
      });
    }
  });
});

describe('classic histograms made native', () => {
  const convert = (page: string, keepsClassic = false) =>
    print(createParser(Buffer.from(page), 'text/plain', { convertsClassic: true, keepsClassic }).parser);
  const page =
    '# TYPE h histogram\nh_bucket{x="1",le="1"} 1\nh_bucket{x="1",le="+Inf"} 3\nh_sum{x="1"} 4\nh_count{x="1"} 3\nz 1\n';

  it('yield one histogram for their samples, before what follows', () => {
    expect(convert(page)).toEqual(['type h histogram', '__name__|h|x|1 = int[3 4 schema -53]', '__name__|z = 1']);
  });

  it('keep their samples where asked', () => {
    expect(convert(page, true)).toHaveLength(7);
  });

  it('yield nothing where the counts do not add up', () => {
    expect(convert('# TYPE h histogram\nh_bucket{le="1"} 5\nh_bucket{le="+Inf"} 3\n')).toEqual(['type h histogram']);
  });

  it('end with the page', () => {
    expect(convert('# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_count 3')).toEqual([
      'type h histogram',
      '__name__|h = int[3 0 schema -53]',
    ]);
  });
});

describe('readFloat', () => {
  it('gives what Number gives, or leaves the number alone', () => {
    const cursor = { end: 0 };
    let taken = 0;
    const check = (digits: string) => {
      const value = readFloat(Buffer.from(`${digits}\n`), 0, cursor);
      if (Number.isNaN(value)) return;
      taken++;
      expect([digits, value, cursor.end]).toEqual([digits, Number(digits), digits.length]);
    };
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (v) => void check(String(v))),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.nat(), fc.nat(9_999_999), fc.integer({ min: -30, max: 30 }), (a, b, e) => {
        check(`${a}`);
        check(`-${a}.${b}`);
        check(`${a}.${b}e${e}`);
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(5000);
  });

  it('rounds numbers of up to 19 digits as Number does', () => {
    const cursor = { end: 0 };
    let taken = 0;
    const digits = fc.bigInt({ min: 2n ** 53n, max: 10n ** 19n - 1n });
    const check = (text: string) => {
      const value = readFloat(Buffer.from(`${text}\n`), 0, cursor);
      if (Number.isNaN(value)) return;
      taken++;
      expect([text, value, cursor.end]).toEqual([text, Number(text), text.length]);
    };
    fc.assert(
      fc.property(digits, fc.nat(19), fc.integer({ min: -25, max: 25 }), (number, point, exponent) => {
        const text = String(number);
        check(`-${text}`);
        check(`0.000${text}`);
        check(`${text.slice(0, point)}.${text.slice(point)}`);
        check(`${text.slice(0, 1)}.${text.slice(1)}e${exponent}`);
      }),
      { numRuns: 20_000 },
    );
    // Midways between doubles, and one off: the cases where rounding goes wrong first.
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 62n }), fc.integer({ min: -2, max: 2 }), (number, off) => {
        const unit = 2n ** BigInt(number.toString(2).length - 53);
        check(String((number / unit) * unit + unit / 2n + BigInt(off)));
      }),
      { numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(60_000);
  });
});

describe('no page, however broken,', () => {
  const pieces = [
    'a',
    '{',
    '}',
    '"',
    '\\',
    '\n',
    ' ',
    '\t',
    '#',
    ',',
    '=',
    '# HELP ',
    '# TYPE ',
    '# EOF',
    ' # {',
    '1',
    '\0',
    '\xff',
    'histogram',
  ];
  const broken = fc
    .array(fc.constantFrom(...pieces), { maxLength: 40 })
    .map((parts) => Buffer.from(parts.join(''), 'latin1'));

  /** Entries are bounded by bytes, so a parser that stands still is found. */
  function consume(parser: ExpositionParser, size: number): void {
    try {
      for (let entries = 0; parser.next() !== END_OF_PAGE; entries++) {
        if (entries > size + 10) throw new Error('the parser does not move');
        if (parser.seriesEnd > 0) parser.startTimestamp();
      }
    } catch (error) {
      if (!(error instanceof ExpositionError)) throw error;
    }
  }

  it('makes the text parsers throw anything but an exposition error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          broken,
          fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b)),
        ),
        (page) => {
          for (const type of ['text/plain', 'application/openmetrics-text']) {
            for (const convertsClassic of [false, true]) {
              consume(createParser(page, type, { convertsClassic, readsCreated: true }).parser, page.length);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  const live = sharedDir('live-metrics');
  it.skipIf(live === undefined)('makes the protobuf parser throw anything but an exposition error', () => {
    const file = path.join(live!, 'prometheus-3.5.3.protobuf-delimited.base64.txt');
    const page = Buffer.from(readFileSync(file, 'utf8'), 'base64').subarray(0, 6000);
    const damage = fc.array(fc.tuple(fc.nat(page.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(page.length), (changes, length) => {
        const damaged = Buffer.from(page);
        for (const [at, byte] of changes) damaged[at] = byte;
        consume(new ProtobufParser(damaged.subarray(0, length), { keepsClassic: true }), page.length * 4);
        consume(new ProtobufParser(damaged, { convertsClassic: true }), page.length * 4);
      }),
      { numRuns: 400 },
    );
  });
});

function sortedPairs(flat: string[]): string {
  const pairs: string[] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push(`${flat[i]}|${flat[i + 1]}`);
  return pairs.sort().join('|');
}

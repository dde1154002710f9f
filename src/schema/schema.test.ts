import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anything,
  boolean,
  decodeYaml,
  duration,
  encodeYaml,
  field,
  filePath,
  float,
  inline,
  int,
  list,
  mapOf,
  object,
  oneOf,
  optional,
  secretOf,
  size,
  string,
} from './index.ts';

interface Limits {
  readonly samples: number;
  readonly timeoutMs: number;
}

interface Job {
  readonly name: string;
  readonly honor: boolean;
  readonly ratio: number;
  readonly action: string;
  readonly limits: Limits;
  readonly bodyBytes: number;
  readonly params: Map<string, string[]>;
  readonly extra: Limits | undefined;
  readonly file: string;
  readonly token: { reveal(): string };
}

const limits = object<Limits>({
  name: 'limits',
  fields: {
    samples: field('sample_limit', int({ min: 0 })),
    timeoutMs: field('timeout', duration(), { default: 10_000 }),
  },
  refine(value, check) {
    if (value.samples === 13) check.fail('thirteen is unlucky', 'samples');
  },
});

const job = object<Job>({
  name: 'job',
  fields: {
    name: field('job_name', string(), { required: 'job_name is empty', isAlwaysPrinted: true }),
    honor: field('honor_labels', boolean(), { default: true, isAlwaysPrinted: true }),
    ratio: field('ratio', float()),
    action: field('action', oneOf(['keep', 'drop'], undefined, { ignoreCase: true }), { default: 'keep' }),
    limits: inline(limits),
    bodyBytes: field('body_size_limit', size()),
    params: field('params', mapOf(list(string()))),
    extra: field('extra', optional(limits)),
    file: field('file', filePath()),
    token: field(
      'token',
      secretOf((text) => ({ reveal: () => text })),
    ),
  },
});

const jobs = object<{ jobs: Job[] }>({
  name: 'the file',
  fields: { jobs: field('jobs', list(job, { nullItem: 'empty job' })) },
});

function errorsOf(text: string): string[] {
  return decodeYaml(jobs, text, 'f.yml').errors.map(String);
}

function first(text: string): Job {
  const { value, errors } = decodeYaml(jobs, `jobs:\n- ${text.replaceAll('\n', '\n  ')}`, 'f.yml', {
    directory: '/etc/p',
  });
  expect(errors.map(String)).toEqual([]);
  return value.jobs[0];
}

describe('the decoder', () => {
  it('decodes every kind of field and fills in defaults', () => {
    const value = first(
      'job_name: a\nhonor_labels: no\nratio: 1e-2\naction: DROP\nsample_limit: 0x10\nbody_size_limit: 1.5KB\nparams: {x: [1, yes]}\nextra: {timeout: 1h30m}\nfile: rules/../a.yml',
    );
    expect(value).toMatchObject({
      name: 'a',
      honor: false,
      ratio: 0.01,
      action: 'drop',
      limits: { samples: 16, timeoutMs: 10_000 },
      bodyBytes: 1536,
      extra: { samples: 0, timeoutMs: 5_400_000 },
      file: '/etc/p/a.yml',
    });
    expect(value.params.get('x')).toEqual(['1', 'yes']);
  });

  it('lets null stand for the zero value, which need not be the default', () => {
    const value = first('job_name: a\nhonor_labels:\ntimeout: ~\nextra: null');
    expect(value.honor).toBe(false);
    expect(value.limits.timeoutMs).toBe(0);
    expect(value.extra).toBeUndefined();
  });

  it.each([
    ['jobs: 3', 'f.yml:1:7: jobs: cannot use "3" as a list (expected a list)'],
    ['jobs:\n- job_nme: a', 'f.yml:2:3: jobs[0].job_nme: field job_nme not found in job, did you mean job_name?'],
    ['jobs:\n- {job_name: a, zzzzz: 1}', 'f.yml:2:17: jobs[0].zzzzz: field zzzzz not found in job'],
    ['jobs:\n- job_name:', 'f.yml:2:12: jobs[0].job_name: job_name is empty'],
    ['jobs:\n- honor_labels: true', 'f.yml:2:3: jobs[0]: job_name is empty'],
    [
      'jobs:\n- {job_name: a, honor_labels: "yes"}',
      'f.yml:2:31: jobs[0].honor_labels: cannot use "yes" as a boolean (expected true or false)',
    ],
    [
      'jobs:\n- {job_name: a, sample_limit: -1}',
      'f.yml:2:31: jobs[0].sample_limit: "-1" is out of range (expected an integer that is not negative)',
    ],
    [
      'jobs:\n- {job_name: a, timeout: 5x}',
      'f.yml:2:26: jobs[0].timeout: unknown unit "x" in duration "5x" (expected a duration such as 30s or 1h30m)',
    ],
    ['jobs:\n- {job_name: a, job_name: b}', 'f.yml:2:17: jobs[0].job_name: field job_name already set in job'],
    ['jobs:\n- {job_name: a, params: {"a b": [], "a b": []}}', 'key "a b" already set in map'],
    [
      'jobs:\n- {job_name: a, extra: {sample_limit: 13}}',
      'f.yml:2:39: jobs[0].extra.sample_limit: thirteen is unlucky',
    ],
    ['jobs:\n- {job_name: a, sample_limit: 13}', 'f.yml:2:31: jobs[0].sample_limit: thirteen is unlucky'],
    ['jobs:\n- {job_name: a, params: {"ü.ö": 4}}', 'f.yml:2:33: jobs[0].params."ü.ö": cannot use "4" as a list'],
    ['jobs:\n- {job_name: 🜁🜁, ratio: x}', 'f.yml:2:25: jobs[0].ratio: cannot use "x" as a number'],
    ['jobs:\n-', 'f.yml:2:2: jobs[0]: empty job'],
    ['jobs: [*no]', "unknown anchor 'no' referenced"],
    ['jobs: &a [*a]', "anchor 'a' value contains itself"],
    ['jobs: [a', 'f.yml:1:9'],
    ['\tjobs: []', 'f.yml:1:'],
    ['jobs: "\u0001"', 'f.yml:1:8: control character U+0001 is not allowed'],
    ['jobs:\n- {job_name: a, token: {a: hunter2}}', 'f.yml:2:24: jobs[0].token: cannot use a map as a secret'],
    ['jobs: "\\ud800"', 'f.yml:1:7: invalid Unicode character escape code'],
    ['jobs:\n- {job_name: a, ratio: !!null x}', 'cannot decode "x" as !!null'],
    ['jobs:\n- {job_name: !!int x}', 'cannot decode "x" as !!int'],
    ['jobs:\n- {job_name: !!binary "/w=="}', '!!binary value is not valid UTF-8 text'],
  ])('reports %j', (text, expected) => {
    expect(errorsOf(text).join('\n')).toContain(expected);
  });

  it('collects all errors and keeps going', () => {
    const text = 'jobs:\n- {job_name: a, ratio: x, honor_labels: 3}\n- {job_name: b, action: zap}\nmore: 1';
    expect(errorsOf(text)).toHaveLength(4);
  });

  it('stops listing errors at a bound but goes on counting', () => {
    const { errors, decoder } = decodeYaml(jobs, `jobs: [${'{a: 1}, '.repeat(300)}]`, 'f', { maxErrors: 5 });
    expect(errors).toHaveLength(5);
    expect(decoder.errorCount).toBe(300 * 2 - 300 + 0);
  });

  it('passes over unknown keys when asked', () => {
    expect(decodeYaml(jobs, 'jobz: 3', 'f', { ignoreUnknown: true }).errors).toEqual([]);
  });

  it('reads an empty text as the value of no document', () => {
    for (const text of ['', '\n', '# only a comment\n', '---\n', '\ufeff']) {
      const result = decodeYaml(jobs, text, 'f', { empty: () => ({ jobs: [first('job_name: z')] }) });
      expect(result.errors.map(String)).toEqual([]);
      expect(result.value.jobs[0].name).toBe('z');
    }
  });

  it('takes a comment right behind a closing bracket', () => {
    expect(errorsOf('jobs: [{job_name: a}]# all of them\n')).toEqual([]);
  });

  it('reads only the first of several documents', () => {
    const { value, errors } = decodeYaml(jobs, 'jobs: [{job_name: a}]\n---\nfoo: bar\n', 'f');
    expect(errors).toEqual([]);
    expect(value.jobs).toHaveLength(1);
  });
});

describe('JSON', () => {
  it('is read as the YAML it is', () => {
    const json = fc.json({
      maxDepth: 4,
      stringUnit: fc.constantFrom('a', '"', '\\\\', '\\n', '\u2028', ' ', ':', '#', 'é', '🜁', '\\t', '/', '1'),
    });
    const wrapped = fc.tuple(json, fc.constantFrom('', ' ', '\n')).map(([text, space]) => `[${space}${text}${space}]`);
    fc.assert(
      fc.property(wrapped, (text) => {
        // A comment is no JSON, so that the second text takes the other way.
        const fast = decodeYaml(anything(), text, 'f');
        const slow = decodeYaml(anything(), `${text} # YAML`, 'f');
        expect(fast.errors.map(String)).toEqual(slow.errors.map(String));
        expect(fast.value).toEqual(slow.value);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps its places in errors', () => {
    expect(errorsOf('{"jobs": [\n {"job_name": "a",\n  "ratio": "x"}]}')).toEqual([
      'f.yml:3:12: jobs[0].ratio: cannot use "x" as a number (expected a number)',
    ]);
  });
});

describe('anchors and merges', () => {
  it('follow aliases, the latest definition of an anchor before them', () => {
    const { value, errors } = decodeYaml(
      jobs,
      'jobs:\n- &j {job_name: &n a}\n- *j\n- {job_name: *n}\n- {job_name: &n b}\n- {job_name: *n}',
      'f',
    );
    expect(errors).toEqual([]);
    expect(value.jobs.map((j) => j.name)).toEqual(['a', 'a', 'a', 'b', 'b']);
  });

  it('merge maps where they stand in the v2 dialect, and below written keys in v3', () => {
    const text =
      'jobs:\n- &base {job_name: a, ratio: 1}\n- {job_name: b, <<: *base}\n- {<<: *base, job_name: c}\n- {<<: [{ratio: 5}, *base]}';
    const v2 = decodeYaml(jobs, text, 'f');
    expect(v2.errors).toEqual([]);
    expect(v2.value.jobs.map((j) => [j.name, j.ratio])).toEqual([
      ['a', 1],
      ['a', 1],
      ['c', 1],
      ['a', 5],
    ]);
    const v3 = decodeYaml(jobs, text, 'f', { dialect: 'go-yaml-3' });
    expect(v3.value.jobs.map((j) => j.name)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('refuse a merge of something that is no map', () => {
    expect(errorsOf('jobs:\n- {job_name: a, <<: [1]}')[0]).toContain('map merge requires map or sequence of maps');
  });

  it('bound the work aliases can cause', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    const started = performance.now();
    const { errors } = decodeYaml(anything(), lines.join('\n'), 'f');
    expect(errors.map(String).join()).toContain('excessive aliasing');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('bounds', () => {
  it.each([
    ['flow lists', '['.repeat(100_000)],
    ['closed flow lists', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['flow maps', '{a: '.repeat(50_000)],
    ['block lists', '- '.repeat(50_000)],
    ['block maps', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['explicit keys', '? '.repeat(20_000)],
  ])('refuse deeply nested %s without overflowing', (_, text) => {
    const started = performance.now();
    const { errors } = decodeYaml(anything(), text, 'f');
    expect(errors.length).toBeGreaterThan(0);
    expect(String(errors[0])).toContain('nesting is deeper');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('never throws and always places errors inside the text, whatever the text', () => {
    const fragment = fc.constantFrom(
      'jobs:',
      '\n',
      '  ',
      '- ',
      'job_name: ',
      'a',
      '*b',
      '&b ',
      '<<: ',
      '{',
      '}',
      '[',
      ']',
      ',',
      ': ',
      '"',
      "'",
      '|',
      '>',
      '#',
      '!!int ',
      '!!binary ',
      '? ',
      '~',
      '1h',
      '\t',
      '---\n',
      '%YAML 1.1\n',
      'é',
      '🜁',
      '0x',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        for (const error of decodeYaml(jobs, text, 'f').errors) {
          expect(error.line).toBeGreaterThan(0);
          expect(error.line).toBeLessThanOrEqual(text.split('\n').length);
          expect(error.column).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 600 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        decodeYaml(anything(), text, 'f');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        decodeYaml(anything(), bytes, 'f');
      }),
    );
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(String(decodeYaml(jobs, Buffer.from([0x61, 0xff]), 'f').errors[0])).toBe(
      'f:1:1: document is not valid UTF-8',
    );
  });
});

describe('printing', () => {
  it('leaves out what is empty, keeps what is always printed, and hides secrets', () => {
    const { value } = decodeYaml(
      jobs,
      'jobs:\n- {job_name: a, token: hunter2, timeout: 90s, extra: {}, params: {b: [x], a10: [], a9: []}}',
      'f',
    );
    expect(encodeYaml(jobs, value)).toBe(
      'jobs:\n- job_name: a\n  honor_labels: true\n  action: keep\n  timeout: 1m30s\n  params:\n    a9: []\n    a10: []\n    b:\n    - x\n  extra:\n    timeout: 10s\n  token: <secret>\n',
    );
  });

  it('prints what reads back as the same value', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({
        unit: fc.constantFrom(
          'a',
          ' ',
          '\n',
          ':',
          '#',
          '-',
          "'",
          '"',
          '0',
          '1',
          '.',
          'e',
          '<',
          '[',
          ',',
          '\\',
          '\t',
          '|',
          '!',
          '\u2028',
          '\x85',
          '🜁',
        ),
      }),
    );
    const text = scalar.filter((s) => !/\r|[\ud800-\udfff](?![\udc00-\udfff])/.test(s));
    const value = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.boolean(),
        fc.double({ noNaN: true }),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 4 }).map((o) => new Map(Object.entries(o))),
      ),
    })).tree;
    fc.assert(
      fc.property(value, (v) => {
        const printed = encodeYaml(anything(), v);
        const back = decodeYaml(anything(), printed, 'f', { empty: () => '' });
        expect(back.errors.map(String)).toEqual([]);
        expect(normal(back.value)).toEqual(normal(v));
      }),
      { numRuns: 600 },
    );
  });

  it('describes its fields with their defaults', () => {
    const described = job.describe();
    expect(described.fields?.find((f) => f.key === 'timeout')).toMatchObject({ default: '10s', isRequired: false });
    expect(described.fields?.find((f) => f.key === 'job_name')).toMatchObject({ isRequired: true });
  });
});

/** Empty strings and nothing are printed alike. */
function normal(value: unknown): unknown {
  if (value === undefined || value === '') return '';
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Map) return new Map(Array.from(value, ([k, v]) => [k, normal(v)]));
  return value;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOUNDS_RECONCILED,
  COUNTER_RESET_COLLISION,
  CUSTOM_BUCKETS_SCHEMA,
  INCOMPATIBLE_SCHEMAS,
  addHistogram,
  allBuckets,
  apiBuckets,
  bucketBound,
  compactHistogram,
  compensatedAddHistogram,
  copyAtSchema,
  copyHistogram,
  detectReset,
  divHistogram,
  equalHistograms,
  errorsFor,
  exponentialBound,
  floatHistogram,
  foldErrors,
  formatHistogram,
  formatTestHistogram,
  hasOverflow,
  histogramSize,
  mulHistogram,
  reduceResolution,
  subHistogram,
  toFloatHistogram,
  toIntHistogram,
  trimHistogram,
  validateHistogram,
  type FloatHistogram,
  type Span,
} from './index.ts';
import { sideOf, spansOf } from './side.ts';

type Counts = Record<number, number>;

/** A histogram with the given buckets by index; count and sum follow from them. */
function exponential(schema: number, positive: Counts, negative: Counts = {}, zeroCount = 0, zeroThreshold = 0.001) {
  const histogram = floatHistogram({ schema, zeroCount, zeroThreshold });
  [histogram.positiveSpans, histogram.positiveBuckets] = columns(positive);
  [histogram.negativeSpans, histogram.negativeBuckets] = columns(negative);
  histogram.count = zeroCount + total(positive) + total(negative);
  histogram.sum = 3 * histogram.count;
  return histogram;
}

function custom(bounds: number[], counts: Counts): FloatHistogram {
  const histogram = exponential(CUSTOM_BUCKETS_SCHEMA, counts, {}, 0, 0);
  histogram.customValues = Float64Array.from(bounds);
  return histogram;
}

function columns(counts: Counts): [readonly Span[], Float64Array] {
  const index = Object.keys(counts)
    .map(Number)
    .sort((a, b) => a - b);
  return [spansOf(Int32Array.from(index)), Float64Array.from(index, (i) => counts[i]!)];
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}

/** The populated buckets of a side, by index. */
function countsOf(spans: readonly Span[], buckets: Float64Array): Counts {
  const { index } = sideOf(spans, buckets);
  const counts: Counts = {};
  index.forEach((bucket, i) => {
    if (buckets[i] !== 0) counts[bucket] = buckets[i]!;
  });
  return counts;
}

const anyCounts = fc
  .array(fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 0, max: 20 })), { maxLength: 12 })
  .map((entries) => Object.fromEntries(entries) as Counts);

// No bucket of schema -1 … 2 with index -40 or above ends below 2^-81: nothing collides with this zero bucket.
const anyExponential = fc
  .tuple(fc.integer({ min: -1, max: 2 }), anyCounts, anyCounts, fc.integer({ min: 0, max: 9 }))
  .map(([schema, positive, negative, zero]) => exponential(schema, positive, negative, zero, 2 ** -90));

describe('exponential bounds', () => {
  it('are powers of two at schema 0 and below', () => {
    expect([-1, 0, 1, 2].map((index) => exponentialBound(index, 0))).toEqual([0.5, 1, 2, 4]);
    expect([-1, 0, 1, 2].map((index) => exponentialBound(index, -2))).toEqual([1 / 16, 1, 16, 256]);
  });

  it('divide each power of two evenly on a logarithmic scale above', () => {
    expect(exponentialBound(1, 1)).toBeCloseTo(Math.SQRT2, 14);
    expect(exponentialBound(5, 8) / exponentialBound(4, 8)).toBeCloseTo(2 ** (1 / 256), 14);
    for (let schema = 1; schema <= 8; schema++) expect(exponentialBound(1 << schema, schema)).toBe(2);
  });

  it('end at the largest float, and then at infinity', () => {
    expect(exponentialBound(1024, 0)).toBe(Number.MAX_VALUE);
    expect(exponentialBound(1025, 0)).toBe(Infinity);
    expect(exponentialBound(64, -4)).toBe(Number.MAX_VALUE);
    expect(exponentialBound(1024 * 8 - 1, 3)).toBeLessThan(Number.MAX_VALUE);
    expect(exponentialBound(1024 * 8, 3)).toBe(Number.MAX_VALUE);
    expect(exponentialBound(2 ** 31 - 1, -4)).toBe(Infinity);
  });

  it('reach down through the subnormal floats to zero', () => {
    expect(exponentialBound(-1073, 0)).toBe(2 ** -1073);
    expect(exponentialBound(-1074, 0)).toBe(2 ** -1074);
    expect(exponentialBound(-1080, 0)).toBe(0);
    expect(exponentialBound(-(2 ** 31), 8)).toBe(0);
  });

  it('of custom buckets begin at -Inf and end at +Inf', () => {
    const bounds = Float64Array.of(1, 5);
    expect([-1, 0, 1, 2].map((index) => bucketBound(index, CUSTOM_BUCKETS_SCHEMA, bounds))).toEqual([
      -Infinity,
      1,
      5,
      Infinity,
    ]);
    expect(() => bucketBound(3, CUSTOM_BUCKETS_SCHEMA, bounds)).toThrow('Bucket 3 lies outside the 2 custom bounds');
  });
});

describe('adding histograms', () => {
  it('sums buckets by index, at the coarser schema of the two', () => {
    fc.assert(
      fc.property(anyExponential, anyExponential, (a, b) => {
        const schema = Math.min(a.schema, b.schema);
        const expected: Counts = {};
        for (const h of [copyAtSchema(a, schema), copyAtSchema(b, schema)]) {
          for (const [index, count] of Object.entries(countsOf(h.positiveSpans, h.positiveBuckets))) {
            expected[Number(index)] = (expected[Number(index)] ?? 0) + count;
          }
        }
        const before = structuredClone(b);
        const sum = copyHistogram(a);
        expect(addHistogram(sum, b)).toBe(0);
        expect(sum.schema).toBe(schema);
        expect(sum.count).toBe(a.count + b.count);
        expect(sum.zeroCount).toBe(a.zeroCount + b.zeroCount);
        expect(countsOf(sum.positiveSpans, sum.positiveBuckets)).toEqual(expected);
        expect(b).toEqual(before);
      }),
    );
  });

  it('is undone by subtraction, whole counts losing nothing', () => {
    fc.assert(
      fc.property(anyExponential, anyExponential, (a, b) => {
        const sum = copyHistogram(a);
        addHistogram(sum, b);
        subHistogram(sum, b);
        compactHistogram(sum);
        const expected = copyAtSchema(a, sum.schema);
        compactHistogram(expected);
        expect(formatHistogram(sum)).toBe(formatHistogram(expected));
      }),
    );
  });

  it('gives the same with compensation where counts are whole', () => {
    fc.assert(
      fc.property(fc.array(anyExponential, { minLength: 2, maxLength: 5 }), ([first, ...others]) => {
        const plain = copyHistogram(first!);
        const compensated = copyHistogram(first!);
        const errors = errorsFor(compensated);
        for (const other of others) {
          addHistogram(plain, other);
          compensatedAddHistogram(compensated, errors, other);
        }
        foldErrors(compensated, errors);
        expect(formatHistogram(compensated)).toBe(formatHistogram(plain));
      }),
    );
  });

  it('with compensation keeps what a plain sum rounds away', () => {
    const sum = exponential(0, { 0: 1e16 });
    const errors = errorsFor(sum);
    for (let i = 0; i < 10; i++) compensatedAddHistogram(sum, errors, exponential(0, { 0: 1 }));
    foldErrors(sum, errors);
    expect(sum.positiveBuckets[0]).toBe(1e16 + 10);
    expect(sum.count).toBe(1e16 + 10);
  });

  it('keeps errors in step with buckets that come in and schemas that fall', () => {
    const parts = [
      exponential(1, { 0: 0.1, 5: 0.2 }, { 3: 0.7 }),
      exponential(1, { 2: 1e9 + 0.3 }),
      exponential(0, { 1: 1e-7, 9: 3 }, { 1: 1e8 }),
      exponential(1, { 1: 0.1, 4: 0.3 }),
    ];
    const sum = copyHistogram(parts[0]!);
    const errors = errorsFor(sum);
    for (const part of parts.slice(1)) compensatedAddHistogram(sum, errors, part);
    expect(errors.positiveBuckets.length).toBe(sum.positiveBuckets.length);
    foldErrors(sum, errors);
    expect(countsOf(sum.positiveSpans, sum.positiveBuckets)).toEqual({
      0: 0.1,
      1: 1e9 + 0.3 + 0.1 + 1e-7,
      2: 0.3,
      3: 0.2,
      9: 3,
    });
    expect(countsOf(sum.negativeSpans, sum.negativeBuckets)).toEqual({ 1: 1e8, 2: 0.7 });
  });

  it('widens the narrower zero bucket, up to the outer bound of a populated bucket it cuts', () => {
    const wide = exponential(0, { 3: 1 }, {}, 2, 1.5);
    const narrow = exponential(0, { 0: 1, 1: 5, 3: 1 }, { 1: 7 }, 1, 0.5);
    for (const [a, b] of [
      [wide, narrow],
      [narrow, wide],
    ] as const) {
      const sum = copyHistogram(a);
      addHistogram(sum, b);
      expect(formatHistogram(sum)).toBe('{count:18, sum:54, [-2,2]:16, (4,8]:2}');
      expect(sum.zeroThreshold).toBe(2);
    }
  });

  it('leaves the target alone when one has custom buckets', () => {
    const a = exponential(0, { 0: 1 });
    const before = structuredClone(a);
    expect(addHistogram(a, custom([1], { 0: 1 }))).toBe(INCOMPATIBLE_SCHEMAS);
    expect(a).toEqual(before);
  });

  it('brings custom buckets to the bounds both have', () => {
    const a = custom([1, 2, 3], { 0: 1, 1: 2, 2: 3, 3: 4 });
    expect(addHistogram(a, custom([2, 3, 5], { 0: 10, 2: 20, 3: 30 }))).toBe(BOUNDS_RECONCILED);
    expect(formatHistogram(a)).toBe('{count:70, sum:210, [-Inf,2]:13, (2,3]:3, (3,+Inf]:54}');
    const disjoint = custom([1], { 0: 1, 1: 2 });
    expect(addHistogram(disjoint, custom([4], { 0: 1 }))).toBe(BOUNDS_RECONCILED);
    expect(formatHistogram(disjoint)).toBe('{count:4, sum:12, [-Inf,+Inf]:4}');
  });

  it('settles what is known of counter resets', () => {
    const outcomes = (['unknown', 'reset', 'no_reset', 'gauge'] as const).map((ours) =>
      (['unknown', 'reset', 'no_reset', 'gauge'] as const).map((theirs) => {
        const a = floatHistogram({ counterResetHint: ours });
        const outcome = addHistogram(a, floatHistogram({ counterResetHint: theirs }));
        return outcome === COUNTER_RESET_COLLISION ? `${a.counterResetHint}!` : a.counterResetHint;
      }),
    );
    expect(outcomes).toEqual([
      ['unknown', 'unknown', 'unknown', 'gauge'],
      ['unknown', 'reset', 'unknown!', 'gauge'],
      ['unknown', 'unknown!', 'no_reset', 'gauge'],
      ['gauge', 'gauge', 'gauge', 'gauge'],
    ]);
  });

  it('does not change the histogram a copy was made of', () => {
    const a = exponential(0, { 0: 1, 4: 2 });
    const before = structuredClone(a);
    const copy = copyHistogram(a);
    addHistogram(copy, exponential(0, { 0: 5, 2: 1, 4: 1 }));
    mulHistogram(copy, 3);
    expect(a).toEqual(before);
  });
});

describe('scaling', () => {
  it('by a negative factor makes a gauge', () => {
    const h = exponential(0, { 0: 1 }, { 0: 2 }, 3);
    mulHistogram(h, -2);
    expect(formatHistogram(h)).toBe('{count:-12, sum:-36, [-1,-0.5):-4, [-0.001,0.001]:-6, (0.5,1]:-2}');
    expect(h.counterResetHint).toBe('gauge');
  });

  it('by division by zero leaves no buckets', () => {
    const h = exponential(0, { 0: 1 });
    divHistogram(h, 0);
    expect(formatHistogram(h)).toBe('{count:+Inf, sum:+Inf, [-0.001,0.001]:NaN}');
    expect(hasOverflow(h)).toBe(true);
  });
});

describe('compaction', () => {
  const anySpans = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 5 })), { maxLength: 6 })
    .chain((spans) =>
      fc.tuple(
        fc.constant(spans.map(([offset, length]) => ({ offset, length }))),
        fc.array(fc.integer({ min: 0, max: 2 }), {
          minLength: spans.reduce((n, [, length]) => n + length, 0),
          maxLength: spans.reduce((n, [, length]) => n + length, 0),
        }),
      ),
    );

  it('keeps every populated bucket and leaves no run of empty ones longer than allowed', () => {
    fc.assert(
      fc.property(anySpans, fc.integer({ min: 0, max: 3 }), ([spans, counts], maxEmpty) => {
        const h = floatHistogram({ positiveSpans: spans, positiveBuckets: Float64Array.from(counts) });
        const int = toIntHistogram(h)!;
        const before = countsOf(h.positiveSpans, h.positiveBuckets);
        compactHistogram(h, maxEmpty);
        expect(countsOf(h.positiveSpans, h.positiveBuckets)).toEqual(before);
        let start = 0;
        h.positiveSpans.forEach(({ offset, length }, i) => {
          const run = [...h.positiveBuckets.subarray(start, start + length)];
          expect(run[0]).not.toBe(0);
          expect(run.at(-1)).not.toBe(0);
          expect(run.join('')).not.toContain('0'.repeat(maxEmpty + 1));
          if (i > 0) expect(offset).toBeGreaterThan(maxEmpty);
          start += length;
        });
        compactHistogram(int, maxEmpty);
        expect(toFloatHistogram(int)).toEqual(h);
      }),
    );
  });

  it('merges buckets when the resolution falls, the same for integer counts', () => {
    const h = exponential(2, { '-3': 1, 0: 2, 1: 3, 4: 4, 5: 5 }, { 2: 6 });
    const int = toIntHistogram(h)!;
    reduceResolution(h, 0);
    expect(countsOf(h.positiveSpans, h.positiveBuckets)).toEqual({ 0: 3, 1: 7, 2: 5 });
    expect(countsOf(h.negativeSpans, h.negativeBuckets)).toEqual({ 1: 6 });
    reduceResolution(int, 0);
    expect(toFloatHistogram(int)).toEqual(h);
    expect(() => {
      reduceResolution(h, 0);
    }).toThrow('Cannot reduce resolution from schema 0 to 0');
    expect(() => {
      reduceResolution(custom([1], {}), -60);
    }).toThrow('Custom buckets have no resolution to reduce');
  });
});

describe('reset detection', () => {
  it('agrees with a comparison bucket by bucket', () => {
    fc.assert(
      fc.property(anyExponential, anyExponential, fc.boolean(), (a, b, grows) => {
        const current = copyHistogram(a);
        if (grows) addHistogram(current, b);
        const previous = grows ? a : b;
        let expected =
          current.count < previous.count || current.zeroCount < previous.zeroCount || current.schema > previous.schema;
        if (!expected) {
          const coarse = copyAtSchema(previous, current.schema);
          for (const positive of [true, false]) {
            const now = positive
              ? countsOf(current.positiveSpans, current.positiveBuckets)
              : countsOf(current.negativeSpans, current.negativeBuckets);
            const then = positive
              ? countsOf(coarse.positiveSpans, coarse.positiveBuckets)
              : countsOf(coarse.negativeSpans, coarse.negativeBuckets);
            for (const [index, count] of Object.entries(then)) if ((now[Number(index)] ?? 0) < count) expected = true;
          }
        }
        expect(detectReset(current, previous)).toBe(expected);
      }),
    );
  });

  it('believes the hint of the later histogram', () => {
    const lower = exponential(0, { 0: 1 });
    const higher = exponential(0, { 0: 2 });
    expect(detectReset({ ...lower, counterResetHint: 'no_reset' }, higher)).toBe(false);
    expect(detectReset({ ...higher, counterResetHint: 'reset' }, lower)).toBe(true);
    expect(detectReset({ ...lower, counterResetHint: 'gauge' }, higher)).toBe(true);
  });

  it('sees a narrower zero bucket, or one that cuts a populated bucket, as a reset', () => {
    const before = exponential(0, { 1: 2 }, {}, 1, 0.5);
    expect(detectReset(exponential(0, { 1: 2 }, {}, 9, 0.25), before)).toBe(true);
    expect(detectReset(exponential(0, {}, {}, 9, 1.5), before)).toBe(true);
    expect(detectReset(exponential(0, {}, {}, 3, 2), before)).toBe(false);
    expect(detectReset(exponential(0, { 5: 9 }, {}, 2, 2), before)).toBe(true);
  });

  it('compares different custom bounds at those both have', () => {
    const before = custom([1, 2, 3], { 0: 1, 1: 1, 2: 1 });
    expect(detectReset(custom([2, 3], { 0: 2, 1: 1 }), before)).toBe(false);
    expect(detectReset(custom([2, 3], { 0: 1, 1: 5 }), before)).toBe(true);
    expect(detectReset(custom([7], { 0: 1, 1: 2 }), before)).toBe(false);
    expect(detectReset(custom([1, 2, 3], { 0: 1, 1: 1, 3: 9 }), before)).toBe(true);
    expect(detectReset(exponential(0, { 0: 9 }), before)).toBe(true);
    expect(detectReset(custom([1], { 0: 99 }), exponential(0, { 0: 9 }))).toBe(true);
  });
});

describe('equality', () => {
  it('is of bits, and of layouts however spans cut them up', () => {
    const h = exponential(0, { 0: 1, 1: 2 });
    expect(equalHistograms(h, copyHistogram(h))).toBe(true);
    const cut = {
      ...h,
      positiveSpans: [
        { offset: -3, length: 0 },
        { offset: 3, length: 2 },
      ],
    };
    expect(equalHistograms(h, cut)).toBe(true);
    expect(equalHistograms({ ...h, sum: NaN }, { ...h, sum: NaN })).toBe(true);
    expect(equalHistograms({ ...h, sum: 0 }, { ...h, sum: -0 })).toBe(false);
    expect(equalHistograms(h, exponential(0, { 0: 1, 1: 2, 2: 0 }))).toBe(false);
    expect(equalHistograms(custom([1], { 0: 1 }), custom([2], { 0: 1 }))).toBe(false);
    expect(equalHistograms(h, { ...h, counterResetHint: 'gauge' })).toBe(true);
  });

  it('and size count every element', () => {
    expect(histogramSize(floatHistogram())).toBe(168);
    expect(histogramSize(exponential(0, { 0: 1, 1: 2, 5: 1 }, { 0: 1 }))).toBe(168 + 8 * (3 + 4));
  });
});

describe('trimming', () => {
  it('keeps whole buckets on the side asked for and splits the one in between', () => {
    const h = exponential(-1, { 1: 4, 2: 8 }, { 1: 3 });
    const below = copyHistogram(h);
    trimHistogram(below, 2, 'below');
    expect(formatHistogram(below)).toBe(`{count:5, sum:${2 * Math.SQRT2 - 6}, [-4,-1):3, (1,4]:2}`);
    const above = copyHistogram(h);
    trimHistogram(above, 4, 'above');
    expect(formatHistogram(above)).toBe('{count:8, sum:64, (4,16]:8}');
  });

  it('changes nothing where nothing is cut, the sum included', () => {
    const h = exponential(0, { 1: 4 });
    trimHistogram(h, 2, 'below');
    expect(h).toEqual(exponential(0, { 1: 4 }));
  });

  it('splits custom buckets and the zero bucket evenly', () => {
    const h = custom([0, 10], { 0: 1, 1: 10, 2: 5 });
    trimHistogram(h, 4, 'below');
    expect(formatHistogram(h)).toBe('{count:5, sum:8, [-Inf,0]:1, (0,10]:4}');
    const zero = exponential(0, {}, {}, 8, 2);
    trimHistogram(zero, 1, 'above');
    expect(formatHistogram(zero)).toBe('{count:2, sum:3, [-2,2]:2}');
    const positive = exponential(0, { 3: 1 }, {}, 8, 2);
    trimHistogram(positive, 1, 'below');
    expect(formatHistogram(positive)).toBe('{count:4, sum:2, [-2,2]:4}');
  });
});

describe('printing', () => {
  it('lists populated buckets from the lowest, brackets telling which ends belong to them', () => {
    const h = exponential(0, { 0: 1, 1: 0, 2: 2.5 }, { 0: 3, 2: 1 }, 4);
    expect(formatHistogram(h)).toBe(
      '{count:11.5, sum:34.5, [-4,-2):1, [-1,-0.5):3, [-0.001,0.001]:4, (0.5,1]:1, (2,4]:2.5}',
    );
    expect(apiBuckets(h)).toEqual([
      [1, -4, -2, 1],
      [1, -1, -0.5, 3],
      [3, -0.001, 0.001, 4],
      [0, 0.5, 1, 1],
      [0, 2, 4, 2.5],
    ]);
    expect(apiBuckets(custom([1], { 0: 2, 1: 3 }))).toEqual([
      [3, -Infinity, 1, 2],
      [0, 1, Infinity, 3],
    ]);
  });

  it('cuts buckets that overlap the zero bucket', () => {
    const buckets = allBuckets(exponential(0, { 0: 1 }, { 0: 1 }, 1, 0.75));
    expect(buckets.map(({ lower, upper }) => [lower, upper])).toEqual([
      [-1, -0.75],
      [-0.75, 0.75],
      [0.75, 1],
    ]);
  });

  it('writes the notation of test scripts', () => {
    const h = { ...exponential(1, { 2: 1, 4: 2 }, { 1: 3 }, 5, 0.5), counterResetHint: 'no_reset' as const };
    expect(formatTestHistogram(h)).toBe(
      '{{schema:1 count:11 sum:33 z_bucket:5 z_bucket_w:0.5 counter_reset_hint:not_reset offset:2 buckets:[1 0 2] n_offset:1 n_buckets:[3]}}',
    );
    expect(formatTestHistogram(custom([5, 10], { 0: 1, 1: 4 }))).toBe(
      '{{schema:-53 count:5 sum:15 custom_values:[5 10] buckets:[1 4]}}',
    );
    expect(formatTestHistogram(floatHistogram())).toBe('{{}}');
  });
});

describe('validation', () => {
  const int = (h: FloatHistogram) => toIntHistogram(h)!;

  it('accepts what the algebra produces', () => {
    fc.assert(
      fc.property(anyExponential, (h) => {
        expect(validateHistogram(h)).toBeUndefined();
        expect(validateHistogram(int(h))).toBeUndefined();
      }),
    );
    expect(validateHistogram(custom([1, 2], { 0: 1, 2: 3 }))).toBeUndefined();
  });

  it('names what is wrong', () => {
    const h = exponential(0, { 0: 1, 1: 2 });
    const cases: [FloatHistogram | ReturnType<typeof int>, string][] = [
      [{ ...h, positiveSpans: [{ offset: 0, length: 3 }] }, 'positive side: spans need 3 buckets, have 2 buckets'],
      [{ ...h, negativeSpans: [{ offset: 0, length: 1 }] }, 'negative side: spans need 1 buckets, have 0 buckets'],
      [
        {
          ...h,
          positiveSpans: [
            { offset: 0, length: 1 },
            { offset: -1, length: 1 },
          ],
        },
        'positive side: span number 2 with offset -1',
      ],
      [{ ...h, positiveBuckets: Float64Array.of(1, -2) }, 'positive side: bucket number 2 has observation count of -2'],
      [{ ...h, zeroCount: -1 }, 'zero bucket has observation count of -1'],
      [{ ...h, count: -1 }, 'observation count is -1'],
      [{ ...h, schema: 9 }, 'invalid schema, which must be between -4 and 8'],
      [{ ...h, customValues: Float64Array.of(1) }, 'must not have custom bounds'],
      [{ ...int(h), count: 9 }, '3 observations found in buckets, but the Count field is 9'],
      [{ ...int(h), count: 2, sum: NaN }, 'should be at least the number of observations'],
      [custom([2, 1], {}), 'previous bound is 2 and current is 1'],
      [custom([1, NaN], {}), 'custom bounds must not be NaN'],
      [custom([1, Infinity], {}), 'last +Inf bound must not be explicitly defined'],
      [custom([1], { 2: 1 }), 'only 1 custom bounds defined which is insufficient to cover total span length of 3'],
      [{ ...custom([1], {}), zeroCount: 1 }, 'must have zero count of 0'],
      [{ ...custom([1], {}), zeroThreshold: 1 }, 'must have zero threshold of 0'],
    ];
    for (const [histogram, message] of cases) expect(validateHistogram(histogram)).toContain(message);
    expect(validateHistogram({ ...int(h), count: 4, sum: NaN })).toBeUndefined();
  });

  it('of a declared length costs nothing by itself', () => {
    const h = floatHistogram({ positiveSpans: [{ offset: 0, length: 2 ** 31 }] });
    expect(validateHistogram(h)).toContain('spans need 2147483648 buckets, have 0');
    expect(allBuckets(h)).toEqual([]);
    expect(formatHistogram(h)).toBe('{count:0, sum:0}');
  });
});

describe('integer counts', () => {
  it('go to floats and back', () => {
    fc.assert(
      fc.property(anyExponential, (h) => {
        expect(toFloatHistogram(toIntHistogram(h)!)).toEqual(h);
      }),
    );
    expect(toIntHistogram(exponential(0, { 0: 1.5 }))).toBeUndefined();
    expect(toIntHistogram(exponential(0, { 0: -1 }))).toBeUndefined();
  });
});

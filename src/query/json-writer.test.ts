import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatHistogram, formatFloat, Labels } from '../model/index.ts';
import { JsonBuffer, writeTimestamp } from './json-buffer.ts';
import { writeFloat } from './json-float.ts';
import { encodeAnswer, encodeLabelSets, type QueryValue, type StepColumn } from './json-writer.ts';

const noExtras = { warnings: [], infos: [] };
const answer = (value: QueryValue, extras: Parameters<typeof encodeAnswer>[1] = noExtras, limit = 0) =>
  Buffer.concat([...encodeAnswer(value, extras, limit)]).toString();
const resultOf = (text: string) => (JSON.parse(text) as { data: { result: unknown } }).data.result;

const vector = (tsMs: number, labelSets: Labels[], values: number[]) =>
  ({ type: 'vector', tsMs, labels: labelSets, values: Float64Array.from(values), histograms: undefined }) as const;

const scratch = Buffer.alloc(64);
const floatText = (value: number) => scratch.toString('latin1', 0, writeFloat(scratch, 0, value));
const timeText = (tMs: number) => scratch.toString('latin1', 0, writeTimestamp(scratch, 0, tMs));

const anyDouble = fc
  .tuple(fc.integer({ min: -0x80000000, max: 0x7fffffff }), fc.integer({ min: -0x80000000, max: 0x7fffffff }))
  .map(([high, low]) => new Float64Array(new Int32Array([high, low]).buffer)[0]!);
const sampleValue = fc.oneof(
  anyDouble,
  fc.double(),
  fc.integer(),
  fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 100),
  fc.integer({ min: -1e15, max: 1e15 }).map((n) => n / 1e6),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    -(2 ** 53),
    1e21,
    1e-7,
    1e-6,
    9.999999999e-7,
    5e-324,
    999999999.9999999,
  ),
);
const label = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
const labels = fc
  .dictionary(label, label, { maxKeys: 4, noNullPrototype: true })
  .map((record) => Labels.fromPairs(Object.entries(record)));
const time = fc.integer({ min: -1e12, max: 4e12 });

describe('a sample value as JSON', () => {
  it('is what formatFloat prints, for any double', () => {
    fc.assert(
      fc.property(sampleValue, (value) => {
        expect(floatText(value)).toBe(formatFloat(value));
      }),
      { numRuns: 20_000 },
    );
  });

  it('is what formatFloat prints for decimals of any length and their neighbours', () => {
    const digits = fc.tuple(fc.double({ min: 1e-7, max: 1e17, noNaN: true }), fc.integer({ min: 1, max: 17 }));
    const [float, words] = [new Float64Array(1), new Uint32Array(2)];
    const neighbour = (value: number, distance: number): number => {
      float[0] = value;
      words.set(new Uint32Array(float.buffer));
      words[0] = words[0]! + distance;
      return new Float64Array(words.buffer)[0]!;
    };
    fc.assert(
      fc.property(digits, fc.integer({ min: -3, max: 3 }), ([value, precision], distance) => {
        for (const base of [Number(value.toPrecision(precision)), 2 ** Math.floor(Math.log2(value))]) {
          const near = neighbour(base, distance);
          expect(floatText(near)).toBe(formatFloat(near));
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('is what formatFloat prints for every power of ten and its neighbours', () => {
    for (let e = -324; e <= 308; e++) {
      for (const digits of ['1', '9.999999999999999', '1.0000000000000002', '1.5', '123456.789']) {
        for (const sign of ['', '-']) {
          const value = Number(`${sign}${digits}e${e}`);
          expect(floatText(value)).toBe(formatFloat(value));
        }
      }
    }
  });
});

describe('a sample time as JSON', () => {
  it.each([
    [0, '0'],
    [1, '0.001'],
    [1_500_000_000_500, '1500000000.500'],
    [1_500_000_000_050, '1500000000.050'],
    [1_500_000_000_000, '1500000000'],
    [-1500, '-1.500'],
  ])('%d ms is %s', (tMs, text) => {
    expect(timeText(tMs)).toBe(text);
  });
});

describe('an answer', () => {
  it('has the bytes Prometheus sends', () => {
    const up = Labels.from({ __name__: 'up', job: 'prom' });
    expect(answer(vector(1_795_250_167_547, [up], [1]))).toBe(
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"prom"},"value":[1795250167.547,"1"]}]}}',
    );
    expect(answer({ type: 'scalar', tsMs: 1_500_000_000_500, value: 1 })).toBe(
      '{"status":"success","data":{"resultType":"scalar","result":[1500000000.5,"1"]}}',
    );
    for (const [value, text] of [
      [1e-7, '0.0000001'],
      [1e25, '10000000000000000000000000'],
      [-0, '-0'],
      [NaN, 'NaN'],
      [-Infinity, '-Inf'],
    ] as const) {
      expect(resultOf(answer({ type: 'scalar', tsMs: 1000, value }))).toEqual([1, text]);
    }
    expect(answer({ type: 'string', tsMs: 1_795_250_223_130, value: 'a"b<&>' })).toBe(
      '{"status":"success","data":{"resultType":"string","result":[1795250223.13,"a\\"b\\u003c\\u0026\\u003e"]}}',
    );
    expect(answer(vector(0, [], []), { warnings: ['w'], infos: ['i'], stats: { samples: 1 } })).toBe(
      '{"status":"success","data":{"resultType":"vector","result":[],"stats":{"samples":1}},"warnings":["w"],"infos":["i"]}',
    );
  });

  it('writes a native histogram with its populated buckets', () => {
    const histogram = floatHistogram({
      schema: 0,
      count: 21,
      sum: 34593.34,
      zeroThreshold: 0.001,
      zeroCount: 3,
      positiveSpans: [{ offset: 0, length: 3 }],
      positiveBuckets: new Float64Array([12, 0, 2]),
      negativeSpans: [{ offset: 1, length: 1 }],
      negativeBuckets: new Float64Array([4]),
    });
    expect(resultOf(answer({ ...vector(1500, [Labels.EMPTY], [0]), histograms: [histogram] }))).toEqual([
      {
        metric: {},
        histogram: [
          1.5,
          {
            count: '21',
            sum: '34593.34',
            buckets: [
              [1, '-2', '-1', '4'],
              [3, '-0.001', '0.001', '3'],
              [0, '0.5', '1', '12'],
              [0, '2', '4', '2'],
            ],
          },
        ],
      },
    ]);
  });

  it('is the same JSON for columns as stringifying plain objects', () => {
    const histogram = floatHistogram({ count: 1, sum: 2 });
    const step = fc.tuple(fc.constantFrom(0, 1, 1, 1, 2), sampleValue);
    const seriesList = fc.array(fc.tuple(labels, fc.array(step, { minLength: 1, maxLength: 40 })), { maxLength: 6 });
    fc.assert(
      fc.property(
        seriesList,
        time,
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 0, max: 3 }),
        (list, startMs, stepMs, limit) => {
          const steps = Math.max(0, ...list.map(([, points]) => points.length));
          const columns = list.map(([, points]): StepColumn => {
            const kinds = new Uint8Array(steps);
            const values = new Float64Array(steps);
            points.forEach(([kind, value], i) => {
              kinds[i] = kind;
              values[i] = value;
            });
            return { kinds, values, histograms: points.map(([kind]) => (kind === 2 ? histogram : undefined)) };
          });
          const stamp = (i: number) => (startMs + i * stepMs) / 1000;
          const expected = list.slice(0, limit === 0 ? undefined : limit).map(([metric, points]) => {
            const at = (kind: number) => points.flatMap(([k, v], i) => (k === kind ? [[i, v] as const] : []));
            return {
              metric: { ...metric.toJSON() },
              ...(at(1).length > 0 ? { values: at(1).map(([i, v]) => [stamp(i), formatFloat(v)]) } : {}),
              ...(at(2).length > 0 ? { histograms: at(2).map(([i]) => [stamp(i), { count: '1', sum: '2' }]) } : {}),
            };
          });
          const text = answer(
            {
              type: 'matrix',
              grid: { startMs, stepMs, steps },
              series: list.map(([metric], i) => ({ labels: metric, column: columns[i]! })),
            },
            noExtras,
            limit,
          );
          expect(resultOf(text)).toEqual(JSON.parse(JSON.stringify(expected)));
          const warned = (JSON.parse(text) as { warnings?: string[] }).warnings;
          expect(warned).toEqual(limit > 0 && list.length > limit ? ['results truncated due to limit'] : undefined);
        },
      ),
    );
  });

  it('writes the samples of a range selector at their own times', () => {
    const points = fc.array(fc.tuple(fc.boolean(), sampleValue), { maxLength: 30 });
    fc.assert(
      fc.property(labels, points, time, (metric, list, startMs) => {
        const of = (isHistogram: boolean) =>
          list.flatMap(([h, v], i) => (h === isHistogram ? [[(startMs + i) / 1000, v] as const] : []));
        const expected = {
          metric: { ...metric.toJSON() },
          ...(of(false).length > 0 ? { values: of(false).map(([t, v]) => [t, formatFloat(v)]) } : {}),
          ...(of(true).length > 0
            ? { histograms: of(true).map(([t, v]) => [t, { count: formatFloat(v), sum: '0' }]) }
            : {}),
        };
        const series = {
          labels: metric,
          t: Float64Array.from(list, (_, i) => startMs + i),
          values: Float64Array.from(list, ([, v]) => v),
          histograms: list.map(([h, v]) => (h ? floatHistogram({ count: v, sum: 0 }) : undefined)),
        };
        expect(resultOf(answer({ type: 'samples', series: [series] }))).toEqual([JSON.parse(JSON.stringify(expected))]);
      }),
    );
  });

  it('comes in pieces of bounded size, made when they are asked for', () => {
    const steps = 11_000;
    const column: StepColumn = {
      kinds: new Uint8Array(steps).fill(1),
      values: Float64Array.from({ length: steps }, (_, i) => i / 7),
      histograms: undefined,
    };
    const series = Array.from({ length: 100 }, () => ({ labels: Labels.EMPTY, column }));
    let read = 0;
    const watched = new Proxy(series, { get: (list, key) => (read++, Reflect.get(list, key) as unknown) });
    const pieces = encodeAnswer(
      { type: 'matrix', grid: { startMs: 0, stepMs: 1000, steps }, series: watched },
      noExtras,
    );
    const first = pieces.next().value as Buffer;
    expect(read).toBeLessThan(5);
    let bytes = first.length;
    for (const piece of pieces) {
      bytes += piece.length;
      expect(piece.length).toBeLessThanOrEqual(64 * 1024);
    }
    expect(bytes).toBeGreaterThan(20_000_000);
  });

  it('lists label sets', () => {
    fc.assert(
      fc.property(fc.array(labels), (sets) => {
        const text = Buffer.concat([...encodeLabelSets(sets, [])]).toString();
        expect(JSON.parse(text)).toEqual({ status: 'success', data: sets.map((set) => ({ ...set.toJSON() })) });
      }),
    );
  });
});

describe('a JSON buffer', () => {
  it('counts every byte once, taken or not', () => {
    const out = new JsonBuffer(16);
    for (let i = 0; i < 10; i++) out.string('é"x'.repeat(i));
    const before = out.size;
    const pieces = out.take();
    expect(out.size).toBe(before);
    pieces.push(...out.take(true));
    expect(Buffer.concat(pieces).length).toBe(before);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSharedMemory, writeVarint } from '../bytes/index.ts';
import {
  SHARED_LEFT,
  SHARED_LEFT_LIST,
  SHARED_SLOT_SIZES,
  SHARED_STACK_BYTES,
  SHARED_STACKS,
  SHARED_UNKNOWN,
  headKernels,
} from './head-kernels.ts';
import { MAX_SAMPLE_BYTES, RECORD_F64, RECORD_I32, appendXor, beginXor, xorBytes } from './xor-encode.ts';

const SHARED = 1024;
const RECORDS = 65_536;
const COLUMNS = 2 * 65_536;
const CHUNKS = 4 * 65_536;
const SLOTS = [48, 96, 1040];
const OPEN = 0x100;
const STALE = 0x800;
const PENDING = 0x1000;

const memory = makeSharedMemory(16);
const kernels = headKernels(memory);
const bytes = new Uint8Array(memory.buffer);
const i32 = new Int32Array(memory.buffer);
const f64 = new Float64Array(memory.buffer);
const records = new Int32Array(memory.buffer, RECORDS, 16_384);
const recordFloats = new Float64Array(memory.buffer, RECORDS, 8192);
new Uint16Array(memory.buffer, SHARED + SHARED_SLOT_SIZES, SLOTS.length).set(SLOTS);

type Sample = readonly [t: number, high: number, low: number];

/** A series whose first two samples are in its chunk, in a slot of the given class at a unit address. */
function begin(slot: number, [a, b]: readonly Sample[], sizeClass: number, address: number): void {
  beginXor(records, slot);
  for (const [t, high, low] of [a, b]) appendXor(recordFloats, records, slot, bytes, address * 16, t, high, low);
  const w = slot * RECORD_I32;
  records[w + 7] = address;
  recordFloats[slot * RECORD_F64 + 4] = Infinity;
  recordFloats[slot * RECORD_F64 + 5] = a[0];
  records[w + 15] = OPEN | PENDING | sizeClass;
}

function columns(samples: readonly (readonly [slot: number, sample: Sample])[]) {
  const at = { slots: COLUMNS, ts: COLUMNS + 16_384, values: COLUMNS + 32_768 };
  samples.forEach(([slot, [t, high, low]], i) => {
    i32[at.slots / 4 + i] = slot;
    f64[at.ts / 8 + i] = t;
    i32[at.values / 4 + 2 * i] = low;
    i32[at.values / 4 + 2 * i + 1] = high;
  });
  return { ...at, count: samples.length };
}

function append(samples: readonly (readonly [slot: number, sample: Sample])[], from = 0): number {
  const { slots, ts, values, count } = columns(samples);
  return kernels.appendFloats(RECORDS, slots, ts, values, from, count, SHARED);
}

const word = fc.integer();
const value = fc.oneof(
  fc.tuple(word, word),
  fc.tuple(fc.constant(0x40590000), fc.constantFrom(0, 1, -1, 0x10000)),
  fc.constant([0x7ff00000, 2] as [number, number]),
  fc.tuple(fc.constantFrom(0, 0x3ff00000), fc.constant(0)),
);
const step = fc.oneof(
  fc.constant(15_000),
  fc.integer({ min: 14_000, max: 16_000 }),
  fc.integer({ min: 8000, max: 22_000 }),
);
const series = fc
  .tuple(fc.integer({ min: -1e12, max: 2e12 }), fc.array(fc.tuple(step, value), { minLength: 3, maxLength: 29 }))
  .map(([start, steps]) => {
    let t = start;
    return steps.map(([by, [high, low]]): Sample => [(t += by), high, low]);
  });

describe('appendFloats', () => {
  it('writes the bits that the plain encoder writes', () => {
    fc.assert(
      fc.property(series, (samples) => {
        bytes.fill(0xa5, CHUNKS, CHUNKS + 2048);
        begin(1, samples, 2, CHUNKS / 16);
        const rest = samples.slice(2).map((sample) => [1, sample] as const);
        let done = 0;
        while ((done = append(rest, done)) < rest.length) {
          // Steps that change by more than eight seconds are left to the plain encoder.
          const [t, high, low] = rest[done][1];
          appendXor(recordFloats, records, 1, bytes, CHUNKS, t, high, low);
          done++;
        }
        const plain = new Float64Array(RECORD_F64);
        const plainWords = new Int32Array(plain.buffer);
        const expected = new Uint8Array((samples.length + 1) * MAX_SAMPLE_BYTES);
        beginXor(plainWords, 0);
        for (const [t, high, low] of samples) appendXor(plain, plainWords, 0, expected, 0, t, high, low);
        expect([...records.subarray(RECORD_I32, RECORD_I32 + 7)]).toEqual([...plainWords.subarray(0, 7)]);
        const length = xorBytes(plainWords, 0);
        expect(Buffer.from(bytes.subarray(CHUNKS + 2, CHUNKS + length)).toString('hex')).toBe(
          Buffer.from(expected.subarray(2, length)).toString('hex'),
        );
      }),
      { numRuns: 1000 },
    );
  });

  const two: Sample[] = [
    [1000, 0, 0],
    [2000, 0, 0],
  ];
  const at = (t: number): Sample => [t, 0, 0];

  it('leaves what is out of the ordinary, having done all before it', () => {
    begin(1, two, 2, CHUNKS / 16);
    begin(2, two, 2, CHUNKS / 16 + 100);
    records[3 * RECORD_I32 + 15] = 0;
    expect(
      append([
        [1, at(3000)],
        [2, at(3000)],
        [2, at(3000)],
        [1, at(4000)],
      ]),
    ).toBe(2);
    expect(
      append([
        [1, at(4000)],
        [3, at(4000)],
      ]),
    ).toBe(1);
    recordFloats[RECORD_F64 + 4] = 5000;
    expect(append([[1, at(5000)]])).toBe(0);
    expect(append([[2, at(14_000_000)]])).toBe(0);
    expect(append([[2, [4000, NaN, 0]]])).toBe(1);
  });

  it('notes markers, takes the pending mark away, and the bounds of what it appended', () => {
    begin(1, two, 2, CHUNKS / 16);
    f64.set([3500, 3600], SHARED / 8);
    append([[1, [3000, 0x7ff00000, 2]]]);
    expect(records[RECORD_I32 + 15]).toBe(OPEN | STALE | 2);
    append([[1, at(4000)]]);
    expect(records[RECORD_I32 + 15]).toBe(OPEN | 2);
    expect([...f64.subarray(SHARED / 8, SHARED / 8 + 2)]).toEqual([3000, 4000]);
  });

  it('moves a chunk that has grown to a slot it was given, and stops where there is none', () => {
    begin(1, two, 0, CHUNKS / 16);
    const stack = (SHARED + SHARED_STACKS + SHARED_STACK_BYTES) / 4;
    i32.set([1, CHUNKS / 16 + 20], stack);
    i32[(SHARED + SHARED_LEFT) / 4] = 0;
    const samples = Array.from(
      { length: 40 },
      (_, i) => [1, [3000 + i * 1000, i * 7919, i * 104_729] as Sample] as const,
    );
    const done = append(samples);
    expect(done).toBeGreaterThan(2);
    expect(done).toBeLessThan(40);
    expect(records[RECORD_I32 + 7]).toBe(CHUNKS / 16 + 20);
    expect(records[RECORD_I32 + 15] & 0xff).toBe(1);
    expect(i32[stack]).toBe(0);
    expect(i32[(SHARED + SHARED_LEFT) / 4]).toBe(1);
    expect([...i32.subarray((SHARED + SHARED_LEFT_LIST) / 4, (SHARED + SHARED_LEFT_LIST) / 4 + 2)]).toEqual([
      CHUNKS / 16,
      0,
    ]);
  });

  it('foretells the end of a chunk at thirty samples', () => {
    begin(1, two, 2, CHUNKS / 16);
    recordFloats[RECORD_F64 + 4] = 7_200_000;
    append(Array.from({ length: 29 }, (_, i) => [1, at(3000 + i * 1000)] as const));
    // 7,199 s are left for chunks of four times the 29 s that 30 samples took: 62 of them.
    expect(recordFloats[RECORD_F64 + 4]).toBe(Math.trunc(1000 + 7_199_000 / 62));
  });
});

describe('decodeSamples', () => {
  const RECORD = CHUNKS + 65_536;
  const DIRECTORY = CHUNKS + 2 * 65_536;
  const PAGE = CHUNKS + 8 * 65_536;
  const out = { slots: COLUMNS, ts: COLUMNS + 16_384, values: COLUMNS + 32_768, refs: COLUMNS + 49_152 };
  // Page 0 of the refs: slot = ref + 1 for refs below 1000; no other page.
  i32.fill(0, DIRECTORY / 4, DIRECTORY / 4 + 65_536);
  i32[DIRECTORY / 4] = PAGE;
  i32.fill(0, PAGE / 4, PAGE / 4 + 65_536);
  for (let ref = 0; ref < 1000; ref++) i32[PAGE / 4 + ref] = ref + 1;

  function encode(samples: readonly (readonly [ref: number, t: number, high: number, low: number])[]): number {
    const view = new DataView(memory.buffer);
    let at = RECORD;
    view.setBigUint64(at, BigInt(samples[0][0]));
    view.setBigInt64(at + 8, BigInt(samples[0][1]));
    at += 16;
    for (const [ref, t, high, low] of samples) {
      at = writeVarint(bytes, at, ref - samples[0][0]);
      at = writeVarint(bytes, at, t - samples[0][1]);
      view.setInt32(at, high);
      view.setInt32(at + 4, low);
      at += 8;
    }
    return at;
  }

  const decode = (to: number, minT = -Infinity) =>
    kernels.decodeSamples(RECORD, to, DIRECTORY, minT, out.slots, out.ts, out.values, out.refs, SHARED);

  it('finds slots, times and bits', () => {
    const sample = fc.tuple(
      fc.oneof(fc.nat(1200), fc.nat(2 ** 40)),
      fc.oneof(fc.integer({ min: 1e12, max: 1e12 + 300_000 }), fc.integer({ min: -1e14, max: 1e14 })),
      fc.integer(),
      fc.integer(),
    );
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 100 }), (samples) => {
        expect(decode(encode(samples))).toBe(samples.length);
        samples.forEach(([ref, t, high, low], i) => {
          expect(i32[out.slots / 4 + i]).toBe(ref < 1000 ? ref + 1 : 0);
          expect(f64[out.ts / 8 + i]).toBe(t === 0 ? 0 : t);
          expect([i32[out.values / 4 + 2 * i + 1], i32[out.values / 4 + 2 * i]]).toEqual([high, low]);
          expect((i32[out.refs / 4 + 2 * i + 1] >>> 0) * 2 ** 32 + (i32[out.refs / 4 + 2 * i] >>> 0)).toBe(ref);
        });
        expect(i32[(SHARED + SHARED_UNKNOWN) / 4]).toBe(samples.filter(([ref]) => ref >= 1000).length);
      }),
    );
  });

  it('leaves out what is too old', () => {
    expect(
      decode(
        encode([
          [1, 10, 0, 0],
          [2, 20, 0, 0],
          [3, 5, 0, 0],
        ]),
        10,
      ),
    ).toBe(2);
    expect([...i32.subarray(out.slots / 4, out.slots / 4 + 2)]).toEqual([2, 3]);
  });

  it('refuses records that are cut short, and varints without end', () => {
    const to = encode([
      [1, 10, 0, 0],
      [900, 20, 0, 0],
    ]);
    for (let cut = RECORD; cut < to; cut++) {
      const count = decode(cut);
      if (cut !== RECORD + 16 && cut !== RECORD + 26) expect(count).toBe(-1);
    }
    bytes.fill(0xff, RECORD + 16, RECORD + 40);
    expect(decode(RECORD + 40)).toBe(-1);
  });
});

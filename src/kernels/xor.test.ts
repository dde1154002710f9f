import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitWriter, CorruptionError, writeUvarint, writeVarint } from '../bytes/index.ts';
import { STALE_HIGH, STALE_LOW } from './column.ts';
import { decodeXor2 } from './xor2-decode.ts';
import { decodeXor } from './xor-decode.ts';
import { MAX_SAMPLE_BYTES, RECORD_F64, appendXor, beginXor, finishXor, xorBytes, xorSamples } from './xor-encode.ts';
import { TestColumn, shapes } from './xor-samples.ts';

const words = new Uint32Array(2);
const float = new Float64Array(words.buffer);

type Sample = readonly [t: number, v: number | 'stale'];

function encode(samples: readonly Sample[]): Uint8Array {
  const f64 = new Float64Array(RECORD_F64);
  const i32 = new Int32Array(f64.buffer);
  // Rubbish behind the chunk must not show: slots are reused without being cleared.
  const bytes = new Uint8Array(2 + (samples.length + 1) * MAX_SAMPLE_BYTES).fill(0xa5);
  beginXor(i32, 0);
  for (const [t, v] of samples) {
    if (v === 'stale') appendXor(f64, i32, 0, bytes, 0, t, STALE_HIGH, STALE_LOW);
    else {
      float[0] = v;
      appendXor(f64, i32, 0, bytes, 0, t, words[1], words[0]);
    }
  }
  finishXor(i32, 0, bytes, 0);
  expect(xorSamples(i32, 0)).toBe(samples.length);
  return bytes.slice(0, xorBytes(i32, 0));
}

function decode(bytes: Uint8Array, mint = -Infinity, maxt = Infinity, kernel = decodeXor): Sample[] {
  const column = new TestColumn();
  kernel(bytes, 0, bytes.length, (bytes[0] << 8) | bytes[1], column, mint, maxt);
  return rows(column);
}

function rows(column: TestColumn): Sample[] {
  return Array.from({ length: column.length }, (_, i) => [column.t[i], column.stale[i] === 1 ? 'stale' : column.v[i]]);
}

/** The encoder again, the slow and plain way: 64-bit integers and one bit at a time. */
function reference(samples: readonly Sample[]): Uint8Array {
  const out = new BitWriter();
  out.writeBits(samples.length, 16);
  const put = (value: bigint, n: number) => {
    for (let bit = BigInt(n) - 1n; bit >= 0n; bit--) out.writeBit(Number((value >> bit) & 1n));
  };
  const varint = (write: typeof writeVarint, value: number) => {
    const scratch = new Uint8Array(10);
    for (const byte of scratch.subarray(0, write(scratch, 0, value))) out.writeByte(byte);
  };
  const bits = (v: number | 'stale') => {
    float[0] = v === 'stale' ? 0 : v;
    return v === 'stale' ? 0x7ff0000000000002n : (BigInt(words[1]) << 32n) | BigInt(words[0]);
  };
  let leading = 255;
  let trailing = 0;
  samples.forEach(([t, v], i) => {
    if (i === 0) {
      varint(writeVarint, t);
      put(bits(v), 64);
      return;
    }
    const [previousT, previousV] = samples[i - 1];
    const delta = t - previousT;
    if (i === 1) varint(writeUvarint, delta);
    else {
      const dod = delta - (previousT - samples[i - 2][0]);
      if (dod === 0) put(0n, 1);
      else if (dod > -8192 && dod <= 8192) put((0b10n << 14n) | BigInt.asUintN(14, BigInt(dod)), 16);
      else if (dod > -65536 && dod <= 65536) put((0b110n << 17n) | BigInt.asUintN(17, BigInt(dod)), 20);
      else if (dod > -524288 && dod <= 524288) put((0b1110n << 20n) | BigInt.asUintN(20, BigInt(dod)), 24);
      else put((0b1111n << 64n) | BigInt.asUintN(64, BigInt(dod)), 68);
    }
    const xor = bits(v) ^ bits(previousV);
    if (xor === 0n) {
      put(0n, 1);
      return;
    }
    const digits = xor.toString(2);
    const newLeading = Math.min(31, 64 - digits.length);
    const newTrailing = digits.length - digits.replace(/0+$/, '').length;
    if (leading !== 255 && newLeading >= leading && newTrailing >= trailing) put(0b10n, 2);
    else {
      [leading, trailing] = [newLeading, newTrailing];
      put(0b11n, 2);
      put(BigInt(leading), 5);
      put(BigInt((64 - leading - trailing) & 63), 6);
    }
    put(xor >> BigInt(trailing), 64 - leading - trailing);
  });
  return out.bytes().slice();
}

const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constant('stale' as const),
  fc.constantFrom(0, -0, Infinity, 1, 2 ** 53, 5e-324),
);
const step = fc.oneof(
  fc.constant(15_000),
  fc.integer({ min: 14_990, max: 15_010 }),
  fc.integer({ min: 1, max: 4_000_000_000 }),
  fc.integer({ min: 1, max: 600_000 }),
);
const series = fc
  .tuple(fc.integer({ min: -1e13, max: 1e13 }), fc.array(fc.tuple(step, value), { minLength: 1, maxLength: 60 }))
  .map(([start, steps]) => {
    let t = start;
    return steps.map(([by, v]): Sample => [(t += by), v]);
  });

describe('XOR chunks', () => {
  it('are bit for bit what the plain encoder writes', () => {
    fc.assert(
      fc.property(series, (samples) => {
        expect(Buffer.from(encode(samples)).toString('hex')).toBe(Buffer.from(reference(samples)).toString('hex'));
      }),
      { numRuns: 500 },
    );
  });

  it('give back every sample, stale markers included', () => {
    fc.assert(
      fc.property(series, (samples) => {
        expect(decode(encode(samples))).toEqual(samples);
      }),
      { numRuns: 500 },
    );
  });

  it('give back only what lies between the bounds', () => {
    fc.assert(
      fc.property(series, fc.nat(60), fc.nat(60), (samples, a, b) => {
        const mint = samples[a % samples.length][0];
        const maxt = samples[b % samples.length][0] + 1;
        expect(decode(encode(samples), mint, maxt)).toEqual(samples.filter(([t]) => t >= mint && t <= maxt));
      }),
    );
  });

  it('can be read as they were while they go on growing', () => {
    fc.assert(
      fc.property(series, fc.nat(60), (samples, cut) => {
        const whole = encode(samples);
        const seen = Math.min(samples.length, cut);
        const column = new TestColumn();
        decodeXor(whole, 0, whole.length, seen, column, -Infinity, Infinity);
        expect(rows(column)).toEqual(samples.slice(0, seen));
      }),
    );
  });

  it('append behind what a column already holds', () => {
    const column = new TestColumn(1);
    for (const start of [0, 100]) {
      const bytes = encode([
        [start, 1],
        [start + 1, 'stale'],
      ]);
      decodeXor(bytes, 0, bytes.length, 2, column, -Infinity, Infinity);
    }
    expect(rows(column)).toEqual([
      [0, 1],
      [1, 'stale'],
      [100, 1],
      [101, 'stale'],
    ]);
    expect(column.staleCount).toBe(2);
  });

  it('of typical series take about as many bytes as published', () => {
    const perSample = Object.entries(shapes).map(([name, shape]) => {
      const { t, v } = shape(1, 120);
      return [name, encode(Array.from(t, (at, i): Sample => [at, v[i]])).length / 120];
    });
    expect(Object.fromEntries(perSample)).toMatchObject({ constant: expect.closeTo(0.4, 1) as number });
  });

  it('that are cut short, changed or invented end in CorruptionError or in whole samples', () => {
    fc.assert(
      fc.property(series, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), (samples, at, flip, cut) => {
        const bytes = encode(samples);
        bytes[at % bytes.length] ^= flip;
        for (const kernel of [decodeXor, decodeXor2]) {
          for (const input of [bytes, bytes.subarray(0, cut % bytes.length)]) {
            try {
              expect(decode(input, -Infinity, Infinity, kernel).length).toBeLessThanOrEqual(65535);
            } catch (error) {
              expect(error).toBeInstanceOf(CorruptionError);
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Writes the joint encoding of XOR2, start timestamps included, one bit at a time. */
function encodeXor2(samples: readonly Sample[], starts?: readonly number[]): Uint8Array {
  const out = new BitWriter();
  const startOn = starts === undefined ? 0 : starts.findIndex((s, i) => i > 0 && (s !== starts[i - 1] || i === 127));
  out.writeBits(samples.length, 16);
  out.writeByte((starts !== undefined && starts[0] !== 0 ? 0x80 : 0) | Math.max(0, startOn));
  const put = (n: bigint, width: number) => {
    for (let bit = BigInt(width) - 1n; bit >= 0n; bit--) out.writeBit(Number((n >> bit) & 1n));
  };
  const varint = (write: typeof writeVarint, n: number) => {
    const scratch = new Uint8Array(10);
    for (const byte of scratch.subarray(0, write(scratch, 0, n))) out.writeByte(byte);
  };
  const varbit = (n: number) => {
    const classes: [number, number, bigint][] = [
      [3, 2, 0b10n],
      [6, 3, 0b110n],
      [9, 4, 0b1110n],
      [12, 5, 0b11110n],
      [18, 6, 0b111110n],
      [25, 7, 0b1111110n],
      [56, 8, 0b11111110n],
    ];
    if (n === 0) return put(0n, 1);
    for (const [width, prefixWidth, prefix] of classes) {
      if (n > -(2 ** (width - 1)) && n <= 2 ** (width - 1)) {
        put(prefix, prefixWidth);
        return put(BigInt(n), width);
      }
    }
  };
  const bits = (v: number) => {
    float[0] = v;
    return (BigInt(words[1]) << 32n) | BigInt(words[0]);
  };
  let baseline = 0n;
  let leading = 255;
  let trailing = 0;
  let startDiff = 0;
  const changed = (xor: bigint, reuse: bigint, reuseWidth: number, fresh: bigint, freshWidth: number) => {
    const digits = xor.toString(2);
    const newLeading = Math.min(31, 64 - digits.length);
    const newTrailing = digits.length - digits.replace(/0+$/, '').length;
    if (leading !== 255 && newLeading >= leading && newTrailing >= trailing) put(reuse, reuseWidth);
    else {
      [leading, trailing] = [newLeading, newTrailing];
      put(fresh, freshWidth);
      put(BigInt(leading), 5);
      put(BigInt((64 - leading - trailing) & 63), 6);
    }
    put(xor >> BigInt(trailing), 64 - leading - trailing);
  };
  const valueDelta = (v: number | 'stale') => {
    if (v === 'stale') return put(0b111n, 3);
    const xor = bits(v) ^ baseline;
    if (xor === 0n) put(0n, 1);
    else changed(xor, 0b10n, 2, 0b110n, 3);
  };
  samples.forEach(([t, v], i) => {
    const previousT = i > 0 ? samples[i - 1][0] : 0;
    if (i === 0) {
      varint(writeVarint, t);
      put(v === 'stale' ? 0x7ff0000000000002n : bits(v), 64);
      if (starts !== undefined && starts[0] !== 0) varint(writeVarint, t - starts[0]);
    } else if (i === 1) {
      varint(writeUvarint, t - previousT);
      valueDelta(v);
    } else {
      const dod = t - previousT - (previousT - samples[i - 2][0]);
      if (dod === 0) {
        if (v === 'stale') put(0b11111n, 5);
        else if ((bits(v) ^ baseline) === 0n) put(0n, 1);
        else {
          put(0b10n, 2);
          changed(bits(v) ^ baseline, 0n, 1, 1n, 1);
        }
      } else {
        if (dod >= -4096 && dod <= 4095) put((0b110n << 13n) | BigInt.asUintN(13, BigInt(dod)), 16);
        else if (dod >= -524288 && dod <= 524287) put((0b1110n << 20n) | BigInt.asUintN(20, BigInt(dod)), 24);
        else put((0b11110n << 64n) | BigInt.asUintN(64, BigInt(dod)), 69);
        valueDelta(v);
      }
    }
    if (v !== 'stale') baseline = bits(v);
    if (starts !== undefined && startOn > 0 && i >= startOn) {
      const diff = previousT - starts[i];
      varbit(i === startOn ? diff : diff - startDiff);
      startDiff = diff;
    }
  });
  return out.bytes().slice();
}

describe('XOR2 chunks', () => {
  it('give back every sample', () => {
    fc.assert(
      fc.property(series, (samples) => {
        expect(decode(encodeXor2(samples), -Infinity, Infinity, decodeXor2)).toEqual(samples);
      }),
      { numRuns: 500 },
    );
  });

  it('give back every sample from between start timestamps', () => {
    const start = fc.constantFrom(0, 1_000, 5_000_000, 5_000_001);
    fc.assert(
      fc.property(series, fc.array(start, { minLength: 60, maxLength: 60 }), (samples, starts) => {
        const bytes = encodeXor2(samples, starts.slice(0, samples.length));
        expect(decode(bytes, -Infinity, Infinity, decodeXor2)).toEqual(samples);
      }),
      { numRuns: 500 },
    );
  });
});

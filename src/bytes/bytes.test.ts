import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BitReader,
  BitWriter,
  CorruptionError,
  Decbuf,
  Encbuf,
  VarintReader,
  crc32c,
  decodeText,
  isUlid,
  loadZstd,
  makeUlid,
  snappyCompress,
  snappyDecode,
  ulidTime,
  uvarintBytes,
  writeUvarint,
  writeVarint,
} from './index.ts';

const text = (value: string) => new TextEncoder().encode(value);

describe('varint', () => {
  it('agrees with BigInt arithmetic over the whole safe range, both signs', () => {
    const reader = new VarintReader();
    const bytes = new Uint8Array(10);
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        const value = Math.trunc(n / 2);
        const end = writeVarint(bytes, 0, value);
        expect(reader.varint(bytes, 0, end)).toBe(value === 0 ? 0 : value);
        expect(reader.at).toBe(end);
        const unsigned = Math.abs(n);
        const unsignedEnd = writeUvarint(bytes, 0, unsigned);
        expect(uvarintBytes(unsigned)).toBe(unsignedEnd);
        let expected = BigInt(unsigned);
        for (let i = 0; i < unsignedEnd; i++) {
          expect(bytes[i]).toBe(Number(expected & 0x7fn) | (i < unsignedEnd - 1 ? 0x80 : 0));
          expected >>= 7n;
        }
        expect(reader.uvarint(bytes, 0, unsignedEnd)).toBe(unsigned);
      }),
    );
  });

  it('gives all 64 bits in two words', () => {
    const reader = new VarintReader();
    const bytes = Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    reader.uvarint(bytes, 0, 10);
    expect([reader.hi, reader.lo, reader.at]).toEqual([0xffffffff, 0xffffffff, 10]);
    // The smallest int64, as Go writes it.
    expect(reader.varint(bytes, 0, 10)).toBe(-(2 ** 63));
  });

  it('refuses a varint that is cut off, has eleven bytes or more than 64 bits', () => {
    const reader = new VarintReader();
    reader.uvarint(Uint8Array.from([0x80, 0x80]), 0, 2);
    expect(reader.at).toBe(-1);
    reader.uvarint(new Uint8Array(11).fill(0x80), 0, 11);
    expect(reader.at).toBe(-1);
    reader.uvarint(Uint8Array.from([...new Array<number>(9).fill(0xff), 0x02]), 0, 10);
    expect(reader.at).toBe(-1);
  });
});

describe('crc32c', () => {
  it('gives the check value of the catalogue', () => {
    expect(crc32c(text('123456789'))).toBe(0xe3069283);
  });

  it('is the same piece by piece', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
        const at = Math.min(cut, bytes.length);
        expect(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at))).toBe(crc32c(bytes));
      }),
    );
  });
});

describe('Encbuf and Decbuf', () => {
  it('read back what was put', () => {
    const out = new Encbuf(4);
    out.putByte(7);
    out.putBe16(0xabcd);
    out.putBe32(0xdeadbeef);
    out.putBe64(2 ** 52 + 3);
    out.putBe64(-5);
    out.putBeFloat64(-1.5);
    out.putUvarint(300);
    out.putVarint(-300);
    out.putUvarintString('naïve');
    out.putUvarintString('x'.repeat(500));
    const dec = new Decbuf(out.toBytes());
    expect([dec.byte(), dec.be16(), dec.be32(), dec.be64(), dec.be64Signed(), dec.beFloat64()]).toEqual([
      7,
      0xabcd,
      0xdeadbeef,
      2 ** 52 + 3,
      -5,
      -1.5,
    ]);
    expect([dec.uvarint(), dec.varint(), dec.uvarintString(), dec.uvarintString()]).toEqual([
      300,
      -300,
      'naïve',
      'x'.repeat(500),
    ]);
    expect(dec.remaining).toBe(0);
  });

  it('names file and offset when bytes run out', () => {
    const dec = new Decbuf(new Uint8Array(6), { file: 'index', base: 100 });
    dec.be32();
    expect(() => dec.be32()).toThrow(/index at byte 104: Expected 4 more bytes, found 2/);
  });

  it('refuses a count that the rest cannot hold', () => {
    const out = new Encbuf();
    out.putUvarint(1e12);
    expect(() => new Decbuf(out.bytes()).uvarintString()).toThrow(CorruptionError);
  });

  it('checks a trailing checksum', () => {
    const out = new Encbuf();
    out.putUvarintString('payload');
    out.putCrc32c(0);
    const bytes = out.toBytes();
    expect(Decbuf.checked(bytes).uvarintString()).toBe('payload');
    bytes[3] ^= 1;
    expect(() => Decbuf.checked(bytes, { file: 'meta' })).toThrow(/meta at byte 0: Checksum is [0-9a-f]{8}, expected/);
  });

  it('decodes text of every length and script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (value) => {
        const out = new Encbuf(1);
        out.putUvarintString(value);
        expect(new Decbuf(out.bytes()).uvarintString()).toBe(value);
        const bytes = text(value);
        expect(decodeText(bytes, 0, bytes.length)).toBe(value);
      }),
    );
  });
});

describe('BitWriter and BitReader', () => {
  it('read back any sequence of widths', () => {
    const field = fc.tuple(fc.integer({ min: 1, max: 32 }), fc.nat(0xffffffff));
    fc.assert(
      fc.property(fc.array(field, { maxLength: 50 }), (fields) => {
        const writer = new BitWriter(1);
        for (const [width, value] of fields) writer.writeBits(value, width);
        const reader = new BitReader(writer.bytes());
        for (const [width, value] of fields) {
          expect(reader.readBits(width)).toBe(width === 32 ? value : value % 2 ** width);
        }
        expect(reader.remaining).toBeLessThan(8);
      }),
    );
  });

  it('carries 64 bits in two words and stops at the end', () => {
    const writer = new BitWriter();
    writer.writeBit(1);
    writer.writeBits64(0x12345678, 0x9abcdef0, 64);
    writer.writeBits64(0x3, 0x9abcdef0, 34);
    const reader = new BitReader(writer.bytes());
    expect(reader.readBit()).toBe(1);
    expect([reader.readBits64(64), reader.high]).toEqual([0x9abcdef0, 0x12345678]);
    expect([reader.readBits64(34), reader.high]).toEqual([0x9abcdef0, 0x3]);
    expect(() => reader.readBits(32)).toThrow(CorruptionError);
  });
});

describe('snappy', () => {
  const patterned = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(200)), { maxLength: 20 })
    .map((parts) =>
      Uint8Array.from(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())),
    );

  it('gives back what went in, whatever it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), patterned), (input) => {
        expect(Buffer.compare(snappyDecode(snappyCompress(input), 1e7), input)).toBe(0);
      }),
    );
  });

  it('goes beyond one fragment', () => {
    const input = new Uint8Array(300_000).map((_, i) => (i % 1000) * (i % 7));
    const packed = snappyCompress(input);
    expect(packed.length).toBeLessThan(60_000);
    expect(Buffer.compare(snappyDecode(packed, 1e7), input)).toBe(0);
  });

  it('decodes the published example forms: literal, one-, two- and four-byte copies', () => {
    expect([...snappyDecode(Uint8Array.from([6, 0x04, 1, 2, 0x01, 2]), 10)]).toEqual([1, 2, 1, 2, 1, 2]);
    expect([...snappyDecode(Uint8Array.from([5, 0x00, 9, 0x0e, 1, 0]), 10)]).toEqual([9, 9, 9, 9, 9]);
    expect([...snappyDecode(Uint8Array.from([5, 0x00, 9, 0x0f, 1, 0, 0, 0]), 10)]).toEqual([9, 9, 9, 9, 9]);
  });

  it('refuses a declared length beyond the limit or beyond what the input can hold', () => {
    expect(() => snappyDecode(snappyCompress(new Uint8Array(1000)), 999)).toThrow(/declares 1000 bytes, at most 999/);
    expect(() => snappyDecode(Uint8Array.from([0xff, 0xff, 0xff, 0x7f, 0]), 1e9)).toThrow(/cannot hold/);
  });

  it('answers damaged input with CorruptionError, or decodes to no more than it declares', () => {
    const good = snappyCompress(text('the quick brown fox jumps over the lazy dog, the quick brown fox'.repeat(20)));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(good.length), (at, flip, cut) => {
        const bad = good.slice();
        bad[at] ^= flip;
        for (const input of [bad, bad.subarray(0, cut)]) {
          try {
            expect(snappyDecode(input, 1e5).length).toBeLessThanOrEqual(1e5);
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptionError);
          }
        }
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        try {
          snappyDecode(input, 1e5);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptionError);
        }
      }),
    );
  });
});

describe('zstd', () => {
  it('gives back what went in and bounds what it makes', async () => {
    const zstd = await loadZstd();
    const input = text('abc'.repeat(1000));
    const packed = zstd.compress(input);
    expect(Buffer.compare(zstd.decompress(packed, 1e5), input)).toBe(0);
    expect(() => zstd.decompress(packed, 2999)).toThrow(/declares 3000 bytes, at most 2999/);
    expect(() => zstd.decompress(packed.subarray(0, packed.length - 3), 1e5)).toThrow(CorruptionError);
    expect(() => zstd.decompress(text('no frame at all'), 1e5)).toThrow(/magic/);
  });
});

describe('ulid', () => {
  it('carries its time and sorts by it', () => {
    const ulid = makeUlid(1_469_918_176_385, new Uint8Array(10));
    expect(ulid).toBe('01ARYZ6S410000000000000000');
    expect(ulidTime(ulid)).toBe(1_469_918_176_385);
    expect(makeUlid(1_469_918_176_386, new Uint8Array(10)) > ulid).toBe(true);
    expect(makeUlid(0, new Uint8Array(10).fill(255))).toBe('0000000000ZZZZZZZZZZZZZZZZ');
  });

  it('knows what is not one', () => {
    expect(isUlid('01ARYZ6S41000000000000000')).toBe(false);
    expect(isUlid('81ARYZ6S410000000000000000')).toBe(false);
    expect(isUlid('01aryz6s410000000000000000')).toBe(false);
  });
});

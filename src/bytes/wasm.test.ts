import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { blockCodecsWat } from './block-codecs.wat.ts';
import { BlockCodecs } from './block-codecs.ts';
import { crc32cByTable } from './crc32c.ts';
import { snappyDecodePlain, snappyEncodePlain, snappyMaxLength } from './snappy.ts';
import { assembleWat } from './wat.ts';

describe('block-codecs.wasm', () => {
  it('is what its text says; `vitest -u` writes it anew', async () => {
    const base64 = Buffer.from(assembleWat(blockCodecsWat)).toString('base64');
    const lines = (base64.match(/.{1,110}/g) ?? []).map((line) => `  '${line}'`).join(' +\n');
    await expect(
      `/** Assembled from block-codecs.wat.ts, with which a test compares it. */\nexport const blockCodecsWasm =\n${lines};\n`,
    ).toMatchFileSnapshot('./block-codecs.wasm.ts');
  });
});

const input = fc.oneof(
  fc.uint8Array({ maxLength: 500 }),
  fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(60)), { maxLength: 20 })
    .map((parts) =>
      Uint8Array.from(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())),
    ),
  fc
    .tuple(fc.nat(200_000), fc.nat(6))
    .map(([length, shift]) => new Uint8Array(length).map((_, i) => Math.imul(i, 2654435761) >>> (12 + shift))),
);

describe('BlockCodecs', () => {
  let codecs: BlockCodecs;

  beforeAll(() => {
    codecs = new BlockCodecs();
  });

  it('computes the checksum of the plain version', () => {
    fc.assert(
      fc.property(input, fc.nat(20), fc.integer(), (bytes, from, seed) => {
        const start = Math.min(from, bytes.length);
        expect(codecs.crc32c(bytes, start, bytes.length, seed)).toBe(crc32cByTable(bytes, start, bytes.length, seed));
      }),
    );
  });

  it('compresses to what the plain version decompresses, and decompresses what that compresses', () => {
    fc.assert(
      fc.property(input, (bytes) => {
        const bound = snappyMaxLength(bytes.length);
        const packed = new Uint8Array(bound + 3);
        const end = codecs.snappyEncode(bytes, 0, bytes.length, bound, packed, 3);
        const unpacked = new Uint8Array(bytes.length);
        snappyDecodePlain(packed, 3, end, unpacked, 0);
        expect(Buffer.compare(unpacked, bytes)).toBe(0);

        const plainEnd = snappyEncodePlain(bytes, 0, bytes.length, packed, 0);
        let prefix = 1;
        while (packed[prefix - 1] >= 0x80) prefix++;
        unpacked.fill(0);
        expect(codecs.snappyDecode(packed, prefix, plainEnd, unpacked, 0, bytes.length)).toBe(-1);
        expect(Buffer.compare(unpacked, bytes)).toBe(0);
      }),
    );
  });

  it('finds the same blocks damaged as the plain version', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(300), (elements, length) => {
        const plain = new Uint8Array(length);
        const packed = Uint8Array.of(
          length >= 128 ? (length & 127) | 128 : length,
          ...(length >= 128 ? [length >> 7] : []),
          ...elements,
        );
        let isGood = true;
        try {
          snappyDecodePlain(packed, 0, packed.length, plain, 0);
        } catch {
          isGood = false;
        }
        const output = new Uint8Array(length);
        const wrong = codecs.snappyDecode(elements, 0, elements.length, output, 0, length);
        expect(wrong === -1).toBe(isGood);
        if (isGood) expect(Buffer.compare(output, plain)).toBe(0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('assembleWat', () => {
  it('refuses what it does not know', () => {
    expect(() => assembleWat('(func $f (i32.rotl 1 2))')).toThrow('Unknown instruction i32.rotl');
    expect(() => assembleWat('(func $f (br $nowhere))')).toThrow('Unknown label $nowhere');
    expect(() => assembleWat('(func $f (drop $x))')).toThrow('Unknown name $x');
    expect(() => assembleWat('(func $f')).toThrow('Unbalanced parentheses');
    expect(() => assembleWat('(table 1)')).toThrow('Unknown part of a module: ["table","1"]');
  });
});

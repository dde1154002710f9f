import { describe, expect, it } from 'vitest';
import { Labels } from '../../model/index.ts';
import { hashLabels, xxHash64 } from './label-hash.ts';

describe('xxHash64', () => {
  it('gives the published values', () => {
    expect(xxHash64(Buffer.from(''))).toBe(0xef46db3751d8e999n);
    expect(xxHash64(Buffer.from('a'))).toBe(0xd24ec4f1a98c6e5bn);
    expect(xxHash64(Buffer.from('abc'))).toBe(0x44bc2cf5ad770999n);
    expect(xxHash64(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xfbcea83c8a378bf1n);
  });
});

describe('the hash of labels', () => {
  it('is that of names and values after their lengths', () => {
    const long = 'v'.repeat(300);
    const encoded = Buffer.concat([
      Buffer.from([1, 0x61, 2]),
      Buffer.from('é'),
      Buffer.from([1, 0x62, 255, 300 & 0xff, 300 >> 8, 0]),
      Buffer.from(long),
    ]);
    expect(hashLabels(Labels.from({ a: 'é', b: long }))).toBe(xxHash64(encoded));
  });
});

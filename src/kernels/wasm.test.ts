import { describe, expect, it } from 'vitest';
import { assembleWat } from '../bytes/index.ts';
import { floatAppendWat } from './float-append.wat.ts';

describe('float-append.wasm', () => {
  it('is what its text says; `vitest -u` writes it anew', async () => {
    const base64 = Buffer.from(assembleWat(floatAppendWat)).toString('base64');
    const lines = (base64.match(/.{1,110}/g) ?? []).map((line) => `  '${line}'`).join(' +\n');
    await expect(
      `/** Assembled from float-append.wat.ts, with which a test compares it. */\nexport const floatAppendWasm =\n${lines};\n`,
    ).toMatchFileSnapshot('./float-append.wasm.ts');
  });
});

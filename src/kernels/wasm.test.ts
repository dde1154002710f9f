import { describe, expect, it } from 'vitest';
import { assembleWat } from '../bytes/index.ts';
import { headKernelsWat } from './head-kernels.wat.ts';

describe('head-kernels.wasm', () => {
  it('is what its text says; `vitest -u` writes it anew', async () => {
    const base64 = Buffer.from(assembleWat(headKernelsWat)).toString('base64');
    const lines = (base64.match(/.{1,110}/g) ?? []).map((line) => `  '${line}'`).join(' +\n');
    await expect(
      `/** Assembled from head-kernels.wat.ts, with which a test compares it. */\nexport const headKernelsWasm =\n${lines};\n`,
    ).toMatchFileSnapshot('./head-kernels.wasm.ts');
  });
});

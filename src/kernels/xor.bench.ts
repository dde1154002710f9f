import type { BenchCase } from '../../bench/case.ts';
import { MAX_SAMPLE_BYTES, RECORD_F64, appendXor, beginXor, decodeXor, xorBytes } from './index.ts';
import { shapes, TestColumn } from './xor-samples.ts';

const CHUNKS = 500;
const SAMPLES = 120;

const f64 = new Float64Array(RECORD_F64 * CHUNKS);
const i32 = new Int32Array(f64.buffer);
const stride = SAMPLES * MAX_SAMPLE_BYTES;
const bytes = new Uint8Array(CHUNKS * stride);
const column = new TestColumn(SAMPLES);

function encode(t: Float64Array, words: Int32Array): void {
  for (let c = 0; c < CHUNKS; c++) beginXor(i32, c);
  // Sample by sample over all chunks, as a scrape does.
  for (let i = 0; i < SAMPLES; i++) {
    for (let c = 0; c < CHUNKS; c++) {
      appendXor(f64, i32, c, bytes, c * stride, t[i], words[2 * (c * SAMPLES + i) + 1], words[2 * (c * SAMPLES + i)]);
    }
  }
}

function decode(): void {
  for (let c = 0; c < CHUNKS; c++) {
    column.length = 0;
    const at = c * stride;
    decodeXor(bytes, at, at + xorBytes(i32, c), SAMPLES, column, -Infinity, Infinity);
  }
}

export default Object.entries(shapes).flatMap(([name, shape]) => {
  const { t, v } = shape(CHUNKS, SAMPLES);
  const words = new Int32Array(v.buffer);
  return [
    { name: `xor append, ${name}`, unit: 'sample', ops: CHUNKS * SAMPLES, run: () => encode(t, words) },
    {
      name: `xor decode, ${name}`,
      unit: 'sample',
      ops: CHUNKS * SAMPLES,
      setup: () => encode(t, words),
      run: decode,
    },
  ] satisfies BenchCase[];
});

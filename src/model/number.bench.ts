import type { BenchCase } from '../../bench/case.ts';
import { formatFloat } from './number.ts';

const integers = Array.from({ length: 1000 }, (_, i) => i * 7919);
const floats = Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 1000);

const all = (values: readonly number[]) => () => {
  let length = 0;
  for (const value of values) length += formatFloat(value).length;
  return length;
};

export default [
  { name: 'format integers', run: all(integers), ops: 1000, unit: 'value' },
  { name: 'format floats', run: all(floats), ops: 1000, unit: 'value' },
] satisfies BenchCase[];

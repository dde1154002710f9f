import type { BenchCase } from '../../bench/case.ts';
import { Labels } from '../model/index.ts';
import { encodeAnswer, type QueryValue } from './json-writer.ts';

const SERIES = 100;
const STEPS = 1000;
const grid = { startMs: 1_700_000_000_000, stepMs: 15_000, steps: STEPS };

function matrix(value: (i: number) => number): QueryValue {
  const columns = Array.from({ length: SERIES }, (_, s) => ({
    labels: Labels.from({ __name__: 'http_requests_total', instance: `host-${s}:9100`, job: 'node', code: '200' }),
    column: {
      kinds: new Uint8Array(STEPS).fill(1),
      values: Float64Array.from({ length: STEPS }, (_, i) => value(s * STEPS + i)),
      histograms: undefined,
    },
  }));
  return { type: 'matrix', grid, series: columns };
}

function encode(value: QueryValue) {
  return () => {
    let bytes = 0;
    for (const piece of encodeAnswer(value, { warnings: [], infos: [] })) bytes += piece.length;
    return bytes;
  };
}

const points = { ops: SERIES * STEPS, unit: 'point' };

export default [
  { name: 'random floats', run: encode(matrix((i) => Math.sin(i) * 1000)), ...points },
  { name: 'two decimals', run: encode(matrix((i) => Math.round(Math.sin(i) * 100_000) / 100)), ...points },
  { name: 'integers', run: encode(matrix((i) => i * 7919)), ...points },
] satisfies BenchCase[];

import type { FloatColumn } from './column.ts';

/** A column for tests and benchmarks of the kernels, which cannot see the model's. */
export class TestColumn implements FloatColumn {
  length = 0;
  staleCount = 0;
  t: Float64Array;
  v: Float64Array;
  stale: Uint8Array;

  constructor(capacity = 16) {
    this.t = new Float64Array(capacity);
    this.v = new Float64Array(capacity);
    this.stale = new Uint8Array(capacity);
  }

  reserve(extra: number): void {
    const capacity = this.length + extra;
    if (capacity <= this.t.length) return;
    const { t, v, stale } = this;
    this.t = new Float64Array(capacity);
    this.v = new Float64Array(capacity);
    this.stale = new Uint8Array(capacity);
    this.t.set(t);
    this.v.set(v);
    this.stale.set(stale);
  }
}

type Shape = (series: number, samples: number) => { t: Float64Array; v: Float64Array };

/** Pseudo-random, the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

function shape(next: (previous: number, rand: () => number) => number): Shape {
  return (series, samples) => {
    const rand = random(7);
    const t = new Float64Array(samples).map((_, i) => 1_700_000_000_000 + i * 15_000);
    const v = new Float64Array(series * samples);
    for (let s = 0; s < series; s++) {
      let value = Math.floor(rand() * 1e6);
      for (let i = 0; i < samples; i++) v[s * samples + i] = value = next(value, rand);
    }
    return { t, v };
  };
}

/** Series as they occur: values of `series` streams one after another, all at the same times. */
export const shapes: Record<string, Shape> = {
  'integer counter': shape((v, rand) => v + Math.floor(rand() * 50)),
  'random gauge': shape((_, rand) => rand() * 100),
  'float counter': shape((v, rand) => v + rand()),
  constant: shape((v) => v),
};

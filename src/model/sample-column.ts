import type { FloatHistogram } from './histogram/index.ts';

/** The payload that marks a series as gone; compare bits, never values. */
export const STALE_NAN_HIGH = 0x7ff00000;
export const STALE_NAN_LOW = 0x00000002;

/**
 * The samples of one series as columns: `t[i]` (ms, strictly ascending), `v[i]`, `stale[i]` (1 where the sample is a staleness
 * marker; `v[i]` is then NaN), for `0 ≤ i < length`. `histograms`, where present, holds a native histogram at the positions that are
 * histogram samples and `undefined` elsewhere.
 *
 * The arrays are owned by the column and reused: read them before the next `reset`, and take them from the column anew after
 * anything that may have grown it.
 */
export class SampleColumn {
  length = 0;
  t: Float64Array;
  v: Float64Array;
  stale: Uint8Array;
  /** Number of staleness markers among the samples: most series have none, and then the mask need not be looked at. */
  staleCount = 0;
  histograms: (FloatHistogram | undefined)[] | undefined = undefined;
  /** When what each sample counts began (ms, 0 where unknown); present only when some sample has a start timestamp. */
  startT: Float64Array | undefined = undefined;

  constructor(capacity = 256) {
    this.t = new Float64Array(capacity);
    this.v = new Float64Array(capacity);
    this.stale = new Uint8Array(capacity);
  }

  reset(): void {
    this.length = 0;
    this.staleCount = 0;
    this.histograms = undefined;
    this.startT = undefined;
  }

  /** Makes room for `extra` further samples. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.t.length) return;
    const capacity = Math.max(needed, this.t.length * 2);
    const { t, v, stale, startT } = this;
    this.t = new Float64Array(capacity);
    this.t.set(t);
    this.v = new Float64Array(capacity);
    this.v.set(v);
    this.stale = new Uint8Array(capacity);
    this.stale.set(stale);
    if (startT === undefined) return;
    this.startT = new Float64Array(capacity);
    this.startT.set(startT);
  }

  pushFloat(t: number, v: number): void {
    if (this.length === this.t.length) this.reserve(1);
    const i = this.length++;
    this.t[i] = t;
    this.v[i] = v;
    this.stale[i] = 0;
  }

  pushStale(t: number): void {
    if (this.length === this.t.length) this.reserve(1);
    const i = this.length++;
    this.t[i] = t;
    this.v[i] = NaN;
    this.stale[i] = 1;
    this.staleCount++;
  }

  pushHistogram(t: number, histogram: FloatHistogram): void {
    if (this.length === this.t.length) this.reserve(1);
    const i = this.length++;
    this.t[i] = t;
    this.v[i] = NaN;
    this.stale[i] = 0;
    this.histograms ??= [];
    this.histograms[i] = histogram;
  }

  /** Gives the sample added last its start timestamp. */
  setStart(startMs: number): void {
    // Samples before it have none: the array comes with zeros.
    this.startT ??= new Float64Array(this.t.length);
    this.startT[this.length - 1] = startMs;
  }
}

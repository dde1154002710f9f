import type { Exemplar, Histogram, Labels, Metadata, MetricType } from '../../model/index.ts';

/** The first byte of a record. @see Prometheus `tsdb/record/record.go` */
export const SERIES = 1;
export const SAMPLES = 2;
export const TOMBSTONES = 3;
export const EXEMPLARS = 4;
/** Only in the out-of-order log: samples of a series up to here lie in a chunk on disk. */
export const MMAP_MARKERS = 5;
export const METADATA = 6;
export const HISTOGRAMS = 7;
export const FLOAT_HISTOGRAMS = 8;
export const CUSTOM_BUCKET_HISTOGRAMS = 9;
export const CUSTOM_BUCKET_FLOAT_HISTOGRAMS = 10;
/** With start timestamps: read, not written. */
export const SAMPLES_V2 = 11;
export const HISTOGRAMS_V2 = 12;
export const FLOAT_HISTOGRAMS_V2 = 13;
/** Only in checkpoints: nothing before this time is in them. */
export const MIN_VALID_TIME = 14;

/** The byte that stands for a metric's type, by its index. */
export const metricTypes: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/** The byte that stands for a counter reset hint, by its index. */
export const counterResetHints = ['unknown', 'reset', 'no_reset', 'gauge'] as const;

/**
 * Float samples as columns, `length` of them. `bits` is the same memory as `v`, two words a value, low word first: the staleness
 * marker is told apart there, for a NaN's payload does not survive being a number.
 */
export class SampleBatch {
  length = 0;
  refs: Float64Array;
  t: Float64Array;
  v: Float64Array;
  bits: Uint32Array;

  constructor(capacity = 1024) {
    this.refs = new Float64Array(capacity);
    this.t = new Float64Array(capacity);
    this.v = new Float64Array(capacity);
    this.bits = new Uint32Array(this.v.buffer);
  }

  /** Makes room for `extra` further samples; the arrays may be others afterwards. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.t.length) return;
    const capacity = Math.max(needed, this.t.length * 2);
    const { refs, t, v } = this;
    this.refs = new Float64Array(capacity);
    this.refs.set(refs);
    this.t = new Float64Array(capacity);
    this.t.set(t);
    this.v = new Float64Array(capacity);
    this.v.set(v);
    this.bits = new Uint32Array(this.v.buffer);
  }
}

/** Takes what a log says, in its order. References are the log's own. */
export interface LogHandler {
  series(ref: number, labels: Labels): void;
  /** The batch is reused: take what is wanted during the call. */
  samples(batch: SampleBatch): void;
  /** @param isStale the sample is a staleness marker of a series of histograms */
  histogram(ref: number, t: number, histogram: Histogram, isStale: boolean): void;
  exemplar(ref: number, exemplar: Exemplar): void;
  metadata(ref: number, metadata: Metadata): void;
  /** Samples of the series between mint and maxt (ms, inclusive) are deleted. */
  tombstone(ref: number, mint: number, maxt: number): void;
  mmapMarker?(ref: number, chunkRef: number): void;
  minValidTime?(t: number): void;
}

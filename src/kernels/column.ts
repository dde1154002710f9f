/**
 * Where float decoders put their samples: `SampleColumn` of the model has this shape.
 *
 * `t`, `v` and `stale` are parallel; `length` of them count. `reserve` may replace the arrays.
 */
export interface FloatColumn {
  length: number;
  staleCount: number;
  t: Float64Array;
  v: Float64Array;
  stale: Uint8Array;
  reserve(extra: number): void;
}

/** The bit pattern that marks a series as gone; the same as in the model, which kernels cannot see. */
export const STALE_HIGH = 0x7ff00000;
export const STALE_LOW = 0x00000002;

/** The bit pattern of an ordinary NaN as Go writes it. */
export const NAN_HIGH = 0x7ff80000;
export const NAN_LOW = 0x00000001;

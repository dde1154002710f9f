export {
  CUSTOM_BUCKETS_SCHEMA,
  copyHistogram,
  floatHistogram,
  toFloatHistogram,
  toIntHistogram,
  usesCustomBuckets,
  type CounterResetHint,
  type FloatHistogram,
  type Histogram,
  type IntHistogram,
  type Span,
} from './histogram.ts';
export {
  MAX_EXPONENTIAL_SCHEMA,
  MIN_EXPONENTIAL_SCHEMA,
  bucketBound,
  exponentialBound,
  isExponentialSchema,
  isKnownSchema,
} from './bounds.ts';
export {
  BOUNDS_RECONCILED,
  COUNTER_RESET_COLLISION,
  INCOMPATIBLE_SCHEMAS,
  addHistogram,
  compensatedAddHistogram,
  copyAtSchema,
  divHistogram,
  errorsFor,
  foldErrors,
  hasOverflow,
  mulHistogram,
  subHistogram,
} from './add.ts';
export { compactHistogram, reduceResolution } from './compact.ts';
export { allBuckets, bucketIndexAt, negativeBuckets, positiveBuckets, type Bucket } from './buckets.ts';
export { detectReset } from './reset.ts';
export { equalHistograms, histogramSize } from './equal.ts';
export { trimHistogram, fractionBelow } from './trim.ts';
export { apiBuckets, formatHistogram, formatTestHistogram, type BoundaryRule } from './format.ts';
export { validateHistogram, wrongSchema } from './validate.ts';
export { ClassicHistogram, ClassicHistogramError, toClassicBuckets } from './classic.ts';

export { NAN_HIGH, NAN_LOW, STALE_HIGH, STALE_LOW, type FloatColumn } from './column.ts';
export {
  ENCODING_FLOAT_HISTOGRAM,
  ENCODING_FLOAT_HISTOGRAM_ST,
  ENCODING_HISTOGRAM,
  ENCODING_HISTOGRAM_ST,
  ENCODING_XOR,
  ENCODING_XOR2,
  XOR_HEADER_BYTES,
} from './encoding.ts';
export { decodeXor } from './xor-decode.ts';
export { decodeXor2 } from './xor2-decode.ts';
export {
  EMPTY_WINDOW,
  F64_LAST_T,
  MAX_SAMPLE_BYTES,
  RECORD_F64,
  RECORD_I32,
  I32_BITS,
  I32_DELTA,
  I32_LAST_HIGH,
  I32_LAST_LOW,
  I32_WINDOW,
  appendXor,
  beginXor,
  finishXor,
  xorBytes,
  xorSamples,
} from './xor-encode.ts';
export { floatAppendKernel, type FloatAppendKernel } from './float-append.ts';
